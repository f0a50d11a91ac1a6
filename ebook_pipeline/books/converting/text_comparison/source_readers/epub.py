"""EPUB as it is compared: the spine in its order; what we put in front of a text is optional."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from ebook_pipeline.books.converting.text_comparison.source_readers import xhtml
from ebook_pipeline.books.converting.text_comparison.source_text import SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.content import SpineDocument, spine_documents
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.foundation.errors import BookError

_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def read(path: Path) -> SourceText:
    """The EPUB at `path`, submitted as a book. Raises BookError, LimitExceeded."""
    return _read(path, made=False)


def read_made(path: Path) -> SourceText:
    """The EPUB that was made of another file: its contents list and title page are ours."""
    return _read(path, made=True)


def _read(path: Path, *, made: bool) -> SourceText:
    collector = TextCollector()
    links = _Links(collector)
    for document in spine_documents(path, read_package(path)):
        root = _parsed(document)
        collector.place = document.name
        collector.optional = made and _is_added(document, root)
        xhtml.read_document(root, collector)
        links.see(document.name, root)
    links.count()
    return collector.text()


def _is_added(document: SpineDocument, root: etree._Element) -> bool:
    """Whether a document is a contents list or nothing but a title page."""
    if "nav" in document.item.properties:
        return True
    body = root.find("{*}body")
    inside = list(body) if body is not None else []
    return len(inside) == 1 and inside[0].get(_EPUB_TYPE) == "titlepage"


def _parsed(document: SpineDocument) -> etree._Element:
    try:
        return xml.parse(document.data, place=document.name)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        return xml.parse(document.data, place=document.name, recover=True)


class _Links:
    """Links of all documents; those within the book count when their target is there."""

    def __init__(self, collector: TextCollector) -> None:
        self._to = collector
        self._ids: set[tuple[str, str]] = set()
        self._inner: list[tuple[str, str]] = []

    def see(self, name: str, root: etree._Element) -> None:
        self._ids.add((name, ""))
        self._ids.update((name, id_) for id_ in _ids(root))
        for href in xhtml.links(root):
            scheme = _scheme(href)
            if scheme in ("http", "https", "mailto", "tel", "ftp"):
                self._to.addresses.add(href)
            elif href and not scheme:
                path, _, fragment = href.partition("#")
                self._inner.append((resolve(name, path) or "" if path else name, fragment))

    def count(self) -> None:
        self._to.counts["inner_links"] = sum(target in self._ids for target in self._inner)


def _ids(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        if id_ := element.get("id") or element.get("name"):
            yield id_


def _scheme(href: str) -> str:
    try:
        return urlsplit(href.strip()).scheme.lower()
    except ValueError:
        return ""
