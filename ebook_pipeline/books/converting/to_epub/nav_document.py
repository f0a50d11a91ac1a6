"""Navigation documents written: EPUB 3.3 §7, https://www.w3.org/TR/epub-33/#sec-nav"""

import posixpath
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from lxml import etree

from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.books.text_direction import RIGHT_TO_LEFT, text_direction

XHTML = "http://www.w3.org/1999/xhtml"
EPUB = "http://www.idpf.org/2007/ops"
_H = f"{{{XHTML}}}"
_TYPE = f"{{{EPUB}}}type"
_SPACES: dict[str | None, str] = {None: XHTML, "epub": EPUB}


def nav_document(
    name: str,
    entries: Sequence[TocEntry],
    *,
    title: str,
    language: str | None = None,
    landmarks: Iterable[tuple[str, TocEntry]] = (),
    pages: Sequence[TocEntry] = (),
) -> bytes:
    """The navigation document that lies at `name`; at least one entry must lead somewhere.

    Entries' ``href`` are names in the container; `landmarks` are (epub:type, entry),
    `pages` those of the book as it was printed.
    """
    root = etree.Element(f"{_H}html", nsmap=_SPACES)  # type: ignore[arg-type]
    if language:
        root.set("lang", language)
        root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    if text_direction(entry.title for entry in entries) == RIGHT_TO_LEFT:
        root.set("dir", RIGHT_TO_LEFT)
    head = etree.SubElement(root, f"{_H}head")
    etree.SubElement(head, f"{_H}title").text = title
    body = etree.SubElement(root, f"{_H}body")
    nav = _nav(body, "toc")
    etree.SubElement(nav, f"{_H}h1").text = title
    _fill(nav, name, _useful(entries))
    marks = list(landmarks)
    if marks:
        listed = etree.SubElement(_nav(body, "landmarks", hidden=True), f"{_H}ol")
        for kind, entry in marks:
            link = _link(etree.SubElement(listed, f"{_H}li"), name, entry)
            link.set(_TYPE, kind)
    if pages:
        _fill(_nav(body, "page-list", hidden=True), name, pages)
    return serialize_xhtml(root)


def serialize_xhtml(root: etree._Element) -> bytes:
    """An XHTML document as bytes, with HTML's doctype."""
    text: bytes = etree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n' + text + b"\n"


def _nav(body: etree._Element, kind: str, *, hidden: bool = False) -> etree._Element:
    nav = etree.SubElement(body, f"{_H}nav", {_TYPE: kind, "id": kind})
    if hidden:
        nav.set("hidden", "hidden")
    return nav


def _fill(nav: etree._Element, name: str, entries: Sequence[TocEntry]) -> None:
    """Nested lists; a level that is skipped is closed up."""
    stack: list[tuple[int, etree._Element]] = [(0, nav)]
    for entry in entries:
        while stack[-1][0] >= entry.level:
            stack.pop()
        parent = stack[-1][1]
        listed = parent.find(f"{_H}ol")
        if listed is None:
            listed = etree.SubElement(parent, f"{_H}ol")
        item = etree.SubElement(listed, f"{_H}li")
        _link(item, name, entry)
        stack.append((entry.level, item))


def _link(item: etree._Element, name: str, entry: TocEntry) -> etree._Element:
    if entry.href:
        link = etree.SubElement(item, f"{_H}a", {"href": relative_href(name, entry.href)})
    else:
        link = etree.SubElement(item, f"{_H}span")
    link.text = entry.title
    return link


def relative_href(base: str, href: str) -> str:
    """`href`, a name in the container with its fragment, as seen from the document `base`."""
    path, mark, fragment = href.partition("#")
    way = posixpath.relpath(path, posixpath.dirname(base) or ".")
    return f"{quote(way)}{mark}{fragment}"


def _useful(entries: Sequence[TocEntry]) -> list[TocEntry]:
    """Entries with a title; a heading that leads nowhere stays only above other entries."""
    titled = [entry for entry in entries if entry.title.strip()]
    return [
        entry
        for number, entry in enumerate(titled)
        if entry.href or (number + 1 < len(titled) and titled[number + 1].level > entry.level)
    ]
