"""What protection needs to know of an EPUB: which entries stay readable, and what the rest are."""

import posixpath
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from ebook_pipeline.foundation.errors import BookError, LimitExceeded

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
LICENSE = "META-INF/license.lcpl"
MIMETYPE = "mimetype"
NCX = "application/x-dtbncx+xml"

_XML_BYTES = 32 << 20
_NAMES = {
    "ocf": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
}
_STREAMED = ("image/", "audio/", "video/")


@dataclass(frozen=True)
class EpubContainer:
    """The container's entries in order; `plain` are those that LCP forbids to encrypt."""

    entries: tuple[ZipInfo, ...]
    plain: frozenset[str]
    media_types: dict[str, str]

    def may_encrypt(self, path: str) -> bool:
        """LCP 1.0 §2.1, https://readium.org/lcp-specs/releases/lcp/latest#21-encrypted-resources"""
        name = composed(path)
        reserved = name == MIMETYPE or name.startswith("META-INF/") or name.endswith("/")
        return not reserved and name not in self.plain

    def media_type(self, path: str) -> str:
        """What the manifest says of the entry; empty where it says nothing."""
        return self.media_types.get(composed(path), "")

    def compresses(self, path: str) -> bool:
        """Whether the resource is deflated before it is encrypted: all but codecs, LCP 1.0 §2.2."""
        media_type = self.media_type(path)
        if media_type == "image/svg+xml":
            return True
        return not media_type.startswith(_STREAMED) and media_type != "application/pdf"


def read_container(archive: ZipFile) -> EpubContainer:
    """`BookError` where the archive is no EPUB container that one can protect."""
    entries = tuple(archive.infolist())
    names = [composed(entry.filename) for entry in entries]
    if len(set(names)) < len(names):
        raise BookError("lcp.duplicate-entry", "Two entries of the container have one name.")
    for entry in entries:
        _check(entry)
    plain: set[str] = set()
    media_types: dict[str, str] = {}
    for package in _package_paths(archive):
        items = list(_items(archive, package))
        plain.add(composed(package))
        plain.update(path for path, _, readable in items if readable)
        media_types.update((path, media_type) for path, media_type, _ in items)
    return EpubContainer(entries, frozenset(plain), media_types)


def xml(stream: IO[bytes], place: str) -> etree._Element:
    """The document's root; no entity is expanded, nothing is fetched. `BookError` if ill-formed."""
    text = stream.read(_XML_BYTES + 1)
    if len(text) > _XML_BYTES:
        raise LimitExceeded("lcp.xml-too-large", "An XML file of the container is too large.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise BookError("lcp.ill-formed", f"Not well-formed XML: {error}", place=place) from error


def xml_document(archive: ZipFile, path: str) -> etree._Element:
    """The XML document at `path`; `BookError` where it is missing or ill-formed."""
    try:
        with archive.open(path) as stream:
            return xml(stream, path)
    except KeyError as error:
        raise BookError("lcp.missing", "The container lacks this file.", place=path) from error


def package_path(archive: ZipFile) -> str:
    """The package document that reading systems open: the first that the container names."""
    return _package_paths(archive)[0]


def _check(entry: ZipInfo) -> None:
    """OCF ZIP §4.3, https://www.w3.org/TR/epub-33/#sec-zip-container-zipreqs"""
    if entry.flag_bits & 0x1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BookError(
            "lcp.odd-entry",
            "The entry has a ZIP password, or a compression that EPUB does not know.",
            place=entry.filename,
        )


def _package_paths(archive: ZipFile) -> list[str]:
    root = xml_document(archive, CONTAINER)
    rootfiles = root.findall("ocf:rootfiles/ocf:rootfile", _NAMES)
    paths = [path for rootfile in rootfiles if (path := rootfile.get("full-path"))]
    if not paths:
        raise BookError("lcp.no-package", "The container names no package document.")
    return paths


def _items(archive: ZipFile, package: str) -> Iterator[tuple[str, str, bool]]:
    """Path, media type, and whether LCP keeps it readable, of each manifest item."""
    root = xml_document(archive, package)
    covers = {
        meta.get("content")
        for meta in root.findall("opf:metadata//opf:meta[@name='cover']", _NAMES)
    }
    for item in root.findall("opf:manifest/opf:item", _NAMES):
        path = resolved(package, item.get("href", ""))
        media_type = item.get("media-type", "").partition(";")[0].strip().lower()
        properties = set(item.get("properties", "").split())
        readable = bool(properties & {"nav", "cover-image"}) or media_type == NCX
        if path is not None:
            yield path, media_type, readable or item.get("id") in covers


def resolved(package: str, href: str) -> str | None:
    """The entry that `href` in the package document at `package` names; None for a remote one."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    joined = posixpath.join(posixpath.dirname(package), unquote(parts.path))
    return composed(posixpath.normpath(joined))


def composed(path: str) -> str:
    """Names of entries are compared composed: archivers differ in how they write an accent."""
    return unicodedata.normalize("NFC", path)
