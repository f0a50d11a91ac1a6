"""Small secrets that the vault did not make: sealed under a data key that it did.

A sealed value is the length of the wrapped key (two bytes), that key, a nonce (12) and the value
under AES-256-GCM. Only the wrapped key changes when master keys rotate.
"""

import secrets
from collections.abc import Mapping

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.key_vault import KeyVault

_LENGTH_BYTES = 2
_NONCE_BYTES = 12


def seal(vault: KeyVault, context: Mapping[str, str], value: Secret) -> bytes:
    """`value` for the database; it opens with this vault and `context` only."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = vault.new_data_key(context)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    body = AESGCM(key.plaintext.reveal()).encrypt(nonce, value.reveal(), None)
    return _joined(key.wrapped, nonce + body)


def unseal(vault: KeyVault, context: Mapping[str, str], sealed: bytes) -> Secret:
    """What was sealed; `Denied` with another context, or where it was tampered with."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    wrapped, body = _parts(sealed)
    key = vault.unwrap(wrapped, context)
    try:
        plain = AESGCM(key.reveal()).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], None)
    except InvalidTag as error:
        raise Denied("what was sealed is damaged") from error
    return Secret(plain)


def reseal(vault: KeyVault, context: Mapping[str, str], sealed: bytes) -> bytes:
    """The same under the master key that is current now."""
    wrapped, body = _parts(sealed)
    return _joined(vault.rewrap(wrapped, context), body)


def _joined(wrapped: bytes, body: bytes) -> bytes:
    return len(wrapped).to_bytes(_LENGTH_BYTES) + wrapped + body


def _parts(sealed: bytes) -> tuple[bytes, bytes]:
    end = _LENGTH_BYTES + int.from_bytes(sealed[:_LENGTH_BYTES])
    if len(sealed) < end + _NONCE_BYTES:
        raise Denied("this is nothing that was sealed")
    return sealed[_LENGTH_BYTES:end], sealed[end:]
