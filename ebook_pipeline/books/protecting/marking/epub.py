"""An EPUB as one buyer's copy: an ex-libris page, a line under each chapter, unseen marks."""

import posixpath
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lxml import etree

from ebook_pipeline.books.protecting.lcp import (
    ciphers,
    containers,
    encryption_document,
    publication,
)
from ebook_pipeline.books.protecting.lcp.publication import ENCRYPTION, MIMETYPE
from ebook_pipeline.books.protecting.marking import xhtml
from ebook_pipeline.books.protecting.marking.token import Buyer, token_of
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.secrets import Secret

OPF = "http://www.idpf.org/2007/opf"
_DOCUMENT = "application/xhtml+xml"
_LARGEST_DOCUMENT = 32 << 20
_LARGEST_BOOK = 1 << 30
_EX_LIBRIS = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">
<head><title>Ex libris</title></head>
<body>
<h1 style="margin-top: 30%; text-align: center">Ex libris</h1>
<p id="m-{mark}" style="text-align: center">{said}</p>
</body>
</html>
"""


def mark_epub(source: Path, target: Path, buyer: Buyer, secret: Secret) -> None:
    """Write the plain EPUB `source` as this buyer's copy `target`, an entry at a time.

    Lines are left out of pages with a fixed layout. The same buyer and secret give the same bytes.
    Raises `BookError` for what is no EPUB, or is encrypted.
    """
    token = token_of(buyer.hidden, secret)
    with _opened(source) as archive, containers.create_container(target) as out:
        container = publication.read_container(archive)
        place = publication.package_path(archive)
        package = _Package(publication.xml_document(archive, place), place)
        _refuse_encrypted(archive)
        names = {entry.filename for entry in container.entries}
        page = package.add_page(names)
        for entry in sorted(container.entries, key=lambda item: item.filename != MIMETYPE):
            if entry.filename == place:
                containers.write_entry(out, place, package.to_bytes())
            elif container.media_type(entry.filename) == _DOCUMENT:
                footer = buyer.said if package.has_footer(entry.filename) else ""
                containers.write_entry(
                    out, entry.filename, xhtml.marked(_small(archive, entry), token, footer)
                )
            else:
                _copy(archive, entry, out)
        ex_libris = _EX_LIBRIS.format(mark=token.hex(), said=xhtml.escaped(buyer.said))
        containers.write_entry(out, page, ex_libris.encode("ascii"))


def tokens_in_epub(source: Path) -> Counter[bytes]:
    """Every mark in the file's content documents, whatever they are called, and how often.

    Raises `BookError` for what can't be read as a ZIP, or is too large.
    """
    marks: Counter[bytes] = Counter()
    length = 0
    with _opened(source) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xhtml", ".html", ".htm", ".xml")):
                body = _small(archive, entry)
                length += len(body)
                if length > _LARGEST_BOOK:
                    raise BookError("marking.too-large", "The file has too much text.")
                marks.update(xhtml.tokens(body))
    return marks


class _Package:
    """The package document, which lists one page more."""

    def __init__(self, root: etree._Element, place: str) -> None:
        self._root, self._folder = root, posixpath.dirname(place)
        self._fixed = any(
            (meta.text or "").strip() == "pre-paginated"
            for meta in root.iter(f"{{{OPF}}}meta")
            if meta.get("property") == "rendition:layout"
        )
        self._readable = {
            publication.resolved(place, item.get("href", ""))
            for item in root.iter(f"{{{OPF}}}item")
            if item.get("media-type") == _DOCUMENT
            and "nav" not in item.get("properties", "").split()
        }

    def has_footer(self, path: str) -> bool:
        """Whether a line under this document stands in nobody's way."""
        return not self._fixed and publication.composed(path) in self._readable

    def add_page(self, names: set[str]) -> str:
        """List the ex-libris page, behind the first page or a picture book's last; its path."""
        manifest, spine = self._part("manifest"), self._part("spine")
        ids = {item.get("id") for item in self._root.iter() if isinstance(item.tag, str)}
        name = _free("ex-libris", ids)
        file = _free(
            "ex-libris", {posixpath.splitext(posixpath.basename(taken))[0] for taken in names}
        )
        href = f"{file}.xhtml"
        etree.SubElement(
            manifest, f"{{{OPF}}}item", {"id": name, "href": quote(href), "media-type": _DOCUMENT}
        )
        itemref = etree.Element(f"{{{OPF}}}itemref", {"idref": name})
        if self._fixed:
            itemref.set("properties", "rendition:layout-reflowable")
        spine.insert(len(spine) if self._fixed else 1, itemref)
        return posixpath.join(self._folder, href)

    def to_bytes(self) -> bytes:
        return etree.tostring(self._root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def _part(self, name: str) -> etree._Element:
        part = self._root.find(f"{{{OPF}}}{name}")
        if part is None:
            raise BookError("marking.no-spine", f"The package document has no {name}.")
        return part


def _free(name: str, taken: set[str | None] | set[str]) -> str:
    """`name`, or it with the first number that nobody has."""
    names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _opened(source: Path) -> "ZipFile":
    try:
        return ZipFile(source)
    except containers.UNREADABLE as error:
        raise BookError("marking.damaged-container", f"The file can't be read: {error}") from error


def _refuse_encrypted(archive: ZipFile) -> None:
    """Obfuscated fonts may stay; what else is encrypted can't be marked."""
    if ENCRYPTION in archive.namelist():
        document = publication.xml_document(archive, ENCRYPTION)
        if encryption_document.encrypted_resources(document):
            raise BookError("marking.encrypted", "The book is under LCP: mark the plain book.")
        encryption_document.obfuscated(document)


def _small(archive: ZipFile, entry: ZipInfo) -> bytes:
    try:
        with archive.open(entry) as stream:
            body = stream.read(_LARGEST_DOCUMENT + 1)
    except (*containers.UNREADABLE, RuntimeError) as error:
        raise BookError(
            "marking.damaged-container", f"It can't be read: {error}", place=entry.filename
        ) from error
    if len(body) > _LARGEST_DOCUMENT:
        raise BookError(
            "marking.too-large", "A content document is too large.", place=entry.filename
        )
    return body


def _copy(archive: ZipFile, entry: ZipInfo, out: ZipFile) -> None:
    stored = entry.compress_type == ZIP_STORED or entry.filename == MIMETYPE
    kind = ZIP_STORED if stored else ZIP_DEFLATED
    made = containers.entry_info(entry.filename, kind, entry.file_size)
    with archive.open(entry) as body, out.open(made, "w") as stream:
        shutil.copyfileobj(body, stream, ciphers.CHUNK)
