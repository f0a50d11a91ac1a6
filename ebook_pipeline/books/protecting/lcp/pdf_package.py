"""A PDF as LCP publication: a package of the encrypted PDF and a manifest that says so.

Readium LCP for PDF, https://readium.org/lcp-specs/releases/lcp-for-pdf
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from ebook_pipeline.books.protecting.lcp import ciphers, containers, profiles
from ebook_pipeline.foundation.errors import BookError, Damaged
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.secrets import Secret

MEDIA_TYPE = "application/pdf+lcp"
ENDING = ".lcpdf"
MANIFEST = "manifest.json"
PUBLICATION = "publication.pdf"
COVER = "cover.jpg"
SCHEME = "http://readium.org/2014/01/lcp"

_LARGEST_MANIFEST = 1 << 20
_HEADER_BYTES = 1024


class PackageDescription(Record):
    """What the package says of its book; the cover stays readable, as LCP asks."""

    identifier: str
    title: str
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    cover: bytes | None = None


def protect_pdf(
    source: Path, target: Path, key: Secret, profile: str, description: PackageDescription
) -> None:
    """Write the PDF `source` as the protected package `target`, streaming.

    The same source, key and description give the same bytes. Raises `BookError` for what is no
    PDF, ValueError for an unknown profile or a key that has not 32 bytes.
    """
    profiles.known(profile)
    _check(source)
    digest, length = _digest(source)
    iv = ciphers.synthetic_iv(key, PUBLICATION, digest)
    with containers.create_container(target) as out, source.open("rb") as plain:
        containers.write_entry(out, MANIFEST, _manifest(description, profile, length))
        made = containers.entry_info(PUBLICATION, ZIP_STORED, ciphers.encrypted_length(length))
        with out.open(made, "w") as stream:
            stream.writelines(ciphers.encrypted(ciphers.chunks(plain), key, iv))
        if description.cover is not None:
            containers.write_entry(out, COVER, description.cover)


def decrypt_pdf(source: Path, target: Path, key: Secret) -> None:
    """Write the PDF in the package `source` as `target`; `Damaged` where key or bytes are others.

    CBC notices only some damage: whether it is the same PDF, `same_pdf` says.
    """
    partial = target.with_name(f"{target.name}.part")
    try:
        with containers.open_own_container(source) as archive, partial.open("wb") as out:
            out.writelines(_plain(archive, key))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def same_pdf(plain: Path, package: Path, key: Secret) -> bool:
    """Whether the PDF in `package`, decrypted again, is `plain` byte for byte."""
    digest = hashlib.sha256()
    try:
        with containers.open_own_container(package) as archive:
            for chunk in _plain(archive, key):
                digest.update(chunk)
    except Damaged:
        return False
    return digest.digest() == _digest(plain)[0]


def _plain(archive: ZipFile, key: Secret) -> Iterator[bytes]:
    length = _said_length(archive)
    try:
        with archive.open(PUBLICATION) as stream:
            yield from _exactly(ciphers.decrypted(stream, key), length)
    except KeyError as error:
        raise Damaged(f"the package has no {PUBLICATION}") from error


def _exactly(body: Iterator[bytes], length: int) -> Iterator[bytes]:
    for chunk in body:
        length -= len(chunk)
        if length < 0:
            break
        yield chunk
    if length != 0:
        raise Damaged("the PDF has not the length that its manifest says")


def _said_length(archive: ZipFile) -> int:
    try:
        with archive.open(MANIFEST) as stream:
            manifest = parse_json(stream.read(_LARGEST_MANIFEST))
        encrypted = manifest["readingOrder"][0]["properties"]["encrypted"]
        return int(encrypted["originalLength"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Damaged("the package has no manifest that can be read") from error


def _manifest(description: PackageDescription, profile: str, length: int) -> bytes:
    """A Readium Web Publication Manifest, https://readium.org/webpub-manifest/"""
    encrypted = {
        "scheme": SCHEME,
        "profile": profile,
        "algorithm": profiles.CONTENT_ALGORITHM,
        "originalLength": length,
    }
    document: dict[str, object] = {
        "@context": "https://readium.org/webpub-manifest/context.jsonld",
        "metadata": _metadata(description),
        "readingOrder": [
            {
                "href": PUBLICATION,
                "type": "application/pdf",
                "title": description.title,
                "properties": {"encrypted": encrypted},
            }
        ],
    }
    if description.cover is not None:
        document["resources"] = [{"href": COVER, "type": "image/jpeg", "rel": "cover"}]
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _metadata(description: PackageDescription) -> dict[str, object]:
    conforms = "https://readium.org/webpub-manifest/profiles/pdf"
    facts: dict[str, object] = {
        "@type": "http://schema.org/Book",
        "conformsTo": conforms,
        "identifier": description.identifier,
        "title": description.title,
    }
    lists = {
        "author": description.authors,
        "language": description.languages,
        "publisher": description.publishers,
    }
    return facts | {name: list(values) for name, values in lists.items() if values}


def _check(source: Path) -> None:
    """PDF 32000-2 §7.5.2: the header stands in the first 1024 bytes of what readers accept."""
    with source.open("rb") as stream:
        if b"%PDF-" not in stream.read(_HEADER_BYTES):
            raise BookError("lcp.no-pdf", "The file is no PDF.")


def _digest(path: Path) -> tuple[bytes, int]:
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as stream:
        for chunk in ciphers.chunks(stream):
            digest.update(chunk)
            length += len(chunk)
    return digest.digest(), length
