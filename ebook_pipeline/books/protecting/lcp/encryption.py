"""Books encrypted under one content key each, and back. Licences are minted elsewhere.

Readium LCP 1.0 §2, https://readium.org/lcp-specs/releases/lcp/latest#2-publication
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from ebook_pipeline.books.protecting.lcp import (
    ciphers,
    containers,
    encryption_document,
    profiles,
    publication,
)
from ebook_pipeline.books.protecting.lcp.encryption_document import EncryptedResource
from ebook_pipeline.books.protecting.lcp.publication import (
    ENCRYPTION,
    LICENSE,
    MIMETYPE,
    EpubContainer,
)
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import BookError, Damaged
from ebook_pipeline.foundation.secrets import Secret

_IN_MEMORY = 8 << 20


class EncryptionResult(Record):
    """What was encrypted: the paths inside the container, in its order."""

    profile: str
    encrypted_resources: int
    resources: tuple[str, ...]


def protect(source: Path, target: Path, key: Secret, profile: str) -> EncryptionResult:
    """Write the plain EPUB `source` as the protected publication `target`.

    The same source and key give the same bytes (with the same release of zlib): IVs come from the
    content, see `ciphers.synthetic_iv`, entries keep their order, times are fixed. Obfuscated
    fonts stay as they are. Raises `BookError` for what is no EPUB or is encrypted already,
    `ValueError` for an unknown profile or a key that has not 32 bytes.
    """
    profiles.known(profile)
    with _book(source) as archive, containers.create_container(target) as out:
        container = publication.read_container(archive)
        document = _encryption_document(archive)
        secret = _to_encrypt(container, encryption_document.obfuscated(document))
        resources = []
        for entry in _mimetype_first(container.entries):
            if entry.filename in secret:
                resource = _encrypt(archive, entry, out, key, container.compresses(entry.filename))
                encryption_document.append(document, resource)
                resources.append(resource.path)
            elif entry.filename != ENCRYPTION:
                _copy(archive, entry, out)
        containers.write_entry(out, ENCRYPTION, encryption_document.to_bytes(document))
    return EncryptionResult(
        profile=profile, encrypted_resources=len(resources), resources=tuple(resources)
    )


def decrypt(source: Path, target: Path, key: Secret) -> None:
    """Write the protected publication `source` as the plain EPUB that it was made of.

    Raises `Damaged` where key or bytes are others than those it was protected with.
    """
    with (
        containers.open_own_container(source) as archive,
        containers.create_container(target) as out,
    ):
        document = _encryption_document(archive)
        listed = encryption_document.encrypted_resources(document)
        for entry in archive.infolist():
            if entry.filename in listed:
                _decrypt(archive, entry, out, key, listed[entry.filename])
            elif entry.filename not in (ENCRYPTION, LICENSE):
                _copy(archive, entry, out)
        if len(encryption_document.without_ours(document)):
            containers.write_entry(out, ENCRYPTION, encryption_document.to_bytes(document))


def same_resources(plain: Path, protected: Path, key: Secret) -> tuple[str, ...]:
    """Paths whose bytes in `protected`, decrypted again, differ from `plain`; none if all is well.

    Resources that only one of the two has are named too, and so is ``META-INF/encryption.xml``
    where the entries of obfuscated fonts are not the same.
    """
    with _book(plain) as before, containers.open_own_container(protected) as after:
        document = _encryption_document(after)
        listed = encryption_document.encrypted_resources(document)
        here, there = _resource_names(before), _resource_names(after)
        differ = set(here) ^ set(there)
        for path in here.keys() & there.keys():
            if _digest(_plain(before, here[path])) != _decrypted_digest(
                after, there[path], key, listed.get(path)
            ):
                differ.add(path)
        if encryption_document.obfuscated(document) != encryption_document.obfuscated(
            _encryption_document(before)
        ):
            differ.add(ENCRYPTION)
    return tuple(sorted(differ))


@contextmanager
def _book(path: Path) -> Iterator[ZipFile]:
    """The author's container: what can't be read there is the book's fault."""
    try:
        with ZipFile(path) as archive:
            yield archive
    except containers.UNREADABLE as error:
        raise BookError("lcp.damaged-container", f"The container can't be read: {error}") from error


def _encryption_document(archive: ZipFile) -> etree._Element:
    if ENCRYPTION in archive.namelist():
        return publication.xml_document(archive, ENCRYPTION)
    return encryption_document.empty()


def _to_encrypt(container: EpubContainer, obfuscated: frozenset[str]) -> set[str]:
    names = {entry.filename for entry in container.entries}
    if LICENSE in names:
        raise BookError("lcp.already-encrypted", "The book carries a licence already.")
    return {name for name in names - obfuscated if container.may_encrypt(name)}


def _mimetype_first(entries: Iterable[ZipInfo]) -> list[ZipInfo]:
    return sorted(entries, key=lambda entry: entry.filename != MIMETYPE)


def _encrypt(
    archive: ZipFile, entry: ZipInfo, out: ZipFile, key: Secret, compress: bool
) -> EncryptedResource:
    """Two passes: the IV depends on all of the bytes that it starts."""
    body = _plain(archive, entry)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        digest, length = _spool(ciphers.deflated(body) if compress else body, spool)
        iv = ciphers.synthetic_iv(key, entry.filename, digest)
        made = containers.entry_info(entry.filename, ZIP_STORED, ciphers.encrypted_length(length))
        with out.open(made, "w") as stream:
            stream.writelines(ciphers.encrypted(ciphers.chunks(spool), key, iv))
    return EncryptedResource(entry.filename, compress, entry.file_size)


def _spool(body: Iterable[bytes], spool: IO[bytes]) -> tuple[bytes, int]:
    digest = hashlib.sha256()
    for chunk in body:
        digest.update(chunk)
        spool.write(chunk)
    length = spool.tell()
    spool.seek(0)
    return digest.digest(), length


def _decrypt(
    archive: ZipFile, entry: ZipInfo, out: ZipFile, key: Secret, resource: EncryptedResource
) -> None:
    compression = ZIP_DEFLATED if resource.compressed else ZIP_STORED
    with out.open(
        containers.entry_info(entry.filename, compression, resource.length), "w"
    ) as stream:
        stream.writelines(_decrypted(archive, entry, key, resource))


def _decrypted(
    archive: ZipFile, entry: ZipInfo, key: Secret, resource: EncryptedResource
) -> Iterator[bytes]:
    length = 0
    with archive.open(entry) as stream:
        body = ciphers.decrypted(stream, key)
        for chunk in ciphers.inflated(body) if resource.compressed else body:
            length += len(chunk)
            if length > resource.length:
                break
            yield chunk
    if length != resource.length:
        raise Damaged(f"{resource.path} has not the length that encryption.xml says")


def _plain(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as stream:
        yield from ciphers.chunks(stream)


def _digest(body: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for chunk in body:
        digest.update(chunk)
    return digest.digest()


def _decrypted_digest(
    archive: ZipFile, entry: ZipInfo, key: Secret, resource: EncryptedResource | None
) -> bytes | None:
    """None where the bytes can't be decrypted: that is a difference, not a reason to stop."""
    try:
        if resource is None:
            return _digest(_plain(archive, entry))
        return _digest(_decrypted(archive, entry, key, resource))
    except (Damaged, *containers.UNREADABLE):
        return None


def _resource_names(archive: ZipFile) -> dict[str, ZipInfo]:
    return {
        entry.filename: entry
        for entry in archive.infolist()
        if entry.filename not in (ENCRYPTION, LICENSE)
    }


def _copy(archive: ZipFile, entry: ZipInfo, out: ZipFile) -> None:
    stored = entry.compress_type == ZIP_STORED or entry.filename == MIMETYPE
    made = containers.entry_info(
        entry.filename, ZIP_STORED if stored else ZIP_DEFLATED, entry.file_size
    )
    with archive.open(entry) as body, out.open(made, "w") as stream:
        shutil.copyfileobj(body, stream, ciphers.CHUNK)
