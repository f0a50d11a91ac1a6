"""Streams through AES-256-CBC and raw deflate, a chunk at a time: memory stays flat at any size.

XML Encryption §5.2, https://www.w3.org/TR/xmlenc-core1/#sec-AES: the IV stands before the
ciphertext, the last byte of the padding says its length (PKCS#7 is such a padding).
"""

import hashlib
import hmac
import zlib
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from ebook_pipeline.books.protecting.lcp.profiles import CONTENT_KEY_BYTES
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.foundation.secrets import Secret

CHUNK = 1 << 16
BLOCK = 16
_RAW_DEFLATE = -15


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """What is left of `stream`, in chunks of at most 64 KiB."""
    while chunk := stream.read(CHUNK):
        yield chunk


def synthetic_iv(key: Secret, path: str, digest: bytes) -> bytes:
    """The IV of the resource at `path` whose bytes to encrypt have this SHA-256 `digest`.

    CBC needs an IV that nobody can predict and that no two different plaintexts share under one
    key. A keyed PRF of path and content is both: without the key it looks random, and it repeats
    only where the same bytes stand at the same path, which then give the same ciphertext. That
    equality is all an observer learns, and it is what we want: the same edition under the same
    key is the same file, byte for byte. (The reasoning of SIV, RFC 5297 §1.3.2,
    https://www.rfc-editor.org/rfc/rfc5297.) The label keeps this use of the key apart from others.
    """
    message = b"ebook_pipeline/lcp/iv\0" + path.encode() + b"\0" + digest
    return hmac.digest(key.reveal(), message, hashlib.sha256)[:BLOCK]


def encrypted(plain: Iterable[bytes], key: Secret, iv: bytes) -> Iterator[bytes]:
    """IV and ciphertext of `plain`, padded to whole blocks."""
    encryptor = Cipher(AES(_aes_key(key)), CBC(iv)).encryptor()
    padder = PKCS7(BLOCK * 8).padder()
    yield iv
    for chunk in plain:
        yield encryptor.update(padder.update(chunk))
    yield encryptor.update(padder.finalize()) + encryptor.finalize()


def encrypted_length(plain_length: int) -> int:
    """Bytes that `encrypted` makes of so many: IV, whole blocks, and one to sixteen of padding."""
    return BLOCK + plain_length + BLOCK - plain_length % BLOCK


def decrypted(stream: IO[bytes], key: Secret) -> Iterator[bytes]:
    """The bytes that `encrypted` took; `Damaged` where padding shows another key or other bytes.

    CBC notices only some of the damage: whoever needs certainty compares a SHA-256.
    """
    decryptor = Cipher(AES(_aes_key(key)), CBC(_iv(stream))).decryptor()
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        for chunk in chunks(stream):
            yield unpadder.update(decryptor.update(chunk))
        yield unpadder.update(decryptor.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise Damaged("another key, or bytes that are not those encrypted") from error


def deflated(plain: Iterable[bytes]) -> Iterator[bytes]:
    """`plain` as a raw deflate stream: no zlib header, as OCF §4.2.6.3.1.3 wants it.

    https://www.w3.org/TR/epub-33/#sec-enc-compression
    """
    compressor = zlib.compressobj(level=9, wbits=_RAW_DEFLATE)
    for chunk in plain:
        yield compressor.compress(chunk)
    yield compressor.flush()


def inflated(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """What `deflated` took, a chunk at a time; `Damaged` where it is no such stream."""
    inflater = zlib.decompressobj(wbits=_RAW_DEFLATE)
    try:
        for chunk in compressed:
            data = chunk
            while data and not inflater.eof:
                yield inflater.decompress(data, CHUNK)
                data = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise Damaged("another key, or no deflate stream") from error
    if not inflater.eof:
        raise Damaged("the deflate stream ends too early")


def _aes_key(key: Secret) -> bytes:
    if len(key) != CONTENT_KEY_BYTES:
        raise ValueError(f"an LCP content key has {CONTENT_KEY_BYTES} bytes, this one {len(key)}")
    return key.reveal()


def _iv(stream: IO[bytes]) -> bytes:
    iv = stream.read(BLOCK)
    if len(iv) != BLOCK:
        raise Damaged("too short for a ciphertext")
    return iv
