"""Tables of contents and page lists, from the navigation document or EPUB 2's NCX.

EPUB 3.3 §7, https://www.w3.org/TR/epub-33/#sec-nav; OPF 2.0.1 §2.4.1 for the NCX.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import archive, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.content import plain_text
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import with_fragment
from ebook_pipeline.books.records import TocEntry

_XHTML = "{http://www.w3.org/1999/xhtml}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_DEEPEST = 50
"""Levels of a contents list; deeper ones are built to exhaust the stack."""


def toc(path: Path, package: PackageDocument) -> tuple[TocEntry, ...]:
    """The table of contents, outermost entries at level 1; empty where the book has none.

    Raises BookError where the document that holds it is missing or malformed.
    """
    with archive.opened(path) as container:
        if package.nav:
            return tuple(_nav_entries(container, package.nav, "toc"))
        return tuple(_ncx_toc(container, package.ncx)) if package.ncx else ()


def page_list(path: Path, package: PackageDocument) -> tuple[TocEntry, ...]:
    """The pages of the printed book, as the publication maps them; empty where it does not."""
    with archive.opened(path) as container:
        if package.nav:
            return tuple(_nav_entries(container, package.nav, "page-list"))
        return tuple(_ncx_pages(container, package.ncx)) if package.ncx else ()


def landmarks(path: Path, package: PackageDocument) -> tuple[TocEntry, ...]:
    """The landmarks of the navigation document."""
    with archive.opened(path) as container:
        nav = package.nav
        return tuple(_nav_entries(container, nav, "landmarks")) if nav else ()


def _nav_entries(container: Archive, name: str, kind: str) -> Iterator[TocEntry]:
    root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name)
    for nav in root.iter(f"{_XHTML}nav"):
        if kind in nav.get(_TYPE, "").split():
            for listed in nav.iterchildren(f"{_XHTML}ol"):
                yield from _list_entries(listed, name, 1)
            return


def _list_entries(listed: etree._Element, name: str, level: int) -> Iterator[TocEntry]:
    if level > _DEEPEST:
        return
    for item in listed.iterchildren(f"{_XHTML}li"):
        yield from _label(item, name, level)
        for inner in item.iterchildren(f"{_XHTML}ol"):
            yield from _list_entries(inner, name, level + 1)


def _label(item: etree._Element, name: str, level: int) -> Iterator[TocEntry]:
    for label in item.iterchildren(f"{_XHTML}a", f"{_XHTML}span"):
        href = label.get("href")
        yield TocEntry(
            title=" ".join(plain_text(label).split()),
            href=with_fragment(name, href) if href else "",
            level=level,
        )
        return


def _ncx_toc(container: Archive, name: str) -> Iterator[TocEntry]:
    root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name)
    for nav_map in root.iterchildren(f"{_NCX}navMap"):
        yield from _points(nav_map, name, 1)


def _points(parent: etree._Element, name: str, level: int) -> Iterator[TocEntry]:
    if level > _DEEPEST:
        return
    for point in parent.iterchildren(f"{_NCX}navPoint"):
        yield _ncx_entry(point, name, level)
        yield from _points(point, name, level + 1)


def _ncx_pages(container: Archive, name: str) -> Iterator[TocEntry]:
    root = xml.parse(container.read(name, xml.LARGEST_DOCUMENT), place=name)
    for target in root.iter(f"{_NCX}pageTarget"):
        yield _ncx_entry(target, name, 1)


def _ncx_entry(point: etree._Element, name: str, level: int) -> TocEntry:
    label = point.find(f"{_NCX}navLabel/{_NCX}text")
    content = point.find(f"{_NCX}content")
    source = "" if content is None else content.get("src", "")
    return TocEntry(
        title="" if label is None else " ".join(plain_text(label).split()),
        href=with_fragment(name, source) if source else "",
        level=level,
    )
