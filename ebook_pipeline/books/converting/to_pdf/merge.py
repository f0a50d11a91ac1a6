"""The whole spine as one XHTML document that a browser can print.

Every spine document keeps its ``html`` and ``body`` elements, inside the one body; ids get a
prefix, links lead to the prefixed ids, style sheets are scoped to the documents that name them.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from lxml import etree

from ebook_pipeline.books.converting.to_pdf import page_boxes
from ebook_pipeline.books.converting.to_pdf.bookmarks import Bookmark
from ebook_pipeline.books.converting.to_pdf.hyphenation import Hyphenator
from ebook_pipeline.books.converting.to_pdf.spine_part import (
    XHTML,
    XLINK,
    PrintLosses,
    SpinePart,
    anchor_name,
)
from ebook_pipeline.books.converting.to_pdf.style_sheets import BookStyleSheets
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.content import SpineDocument
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.fitting import FIXED, HYPHENATED

Element = etree._Element

_H = f"{{{XHTML}}}"
_SVG = "{http://www.w3.org/2000/svg}"
_EPUB = "http://www.idpf.org/2007/ops"
_XML = "{http://www.w3.org/XML/1998/namespace}"


@dataclass
class MergedDocument:
    """The one document, where its table of contents leads, and what had to be left out of it."""

    root: Element
    bookmarks: list[Bookmark] = field(default_factory=list)
    vertical: bool = False
    losses: PrintLosses = field(default_factory=PrintLosses)


def merge(epub: Path, package: PackageDocument, folder: Path) -> MergedDocument:
    """The spine of `epub`, whose files lie unpacked in `folder`, as one document.

    Malformed documents are read as far as they go and named in its losses.
    """
    documents = list(content.spine_documents(epub, package))
    if not documents:
        raise BookError("convert.empty", "The book has no document to read in its spine.")
    head = etree.Element(f"{_H}head")
    namespaces: dict[str | None, str] = {None: XHTML, "epub": _EPUB}
    root = etree.Element(f"{_H}html", nsmap=namespaces)  # type: ignore[arg-type]
    root.append(head)
    body = etree.SubElement(root, f"{_H}body")
    merged = MergedDocument(root)
    styles = BookStyleSheets(folder)
    numbers = {document.name: number for number, document in reversed(list(enumerate(documents)))}
    pages, hyphens = page_boxes.PageLayout(package), Hyphenator()
    modes: list[str | None] = []
    for number, document in enumerate(documents):
        part = SpinePart(number, document, numbers, merged.losses, styles)
        page = part.root_element()
        modes.append(part.vertical)
        if not pages.mark_fixed(page, document) and package.page_progression != "rtl":
            # A PDF that reads from the right would give a broken word's halves in the wrong order.
            hyphens.hyphenate(page, next(iter(package.languages), None))
            page.set(HYPHENATED, "")
        body.append(page)
    _cover(package, documents, body, pages)
    _connect(merged, body, _contents(epub, package, numbers))
    mode = _majority(modes)
    merged.vertical = mode is not None
    _head(head, package, pages.css(mode), styles)
    for sheet in styles.sheets:
        merged.losses.remote |= sheet.remote
    return merged


def _contents(epub: Path, package: PackageDocument, numbers: dict[str, int]) -> list[Bookmark]:
    bookmarks = []
    for entry in toc(epub, package):
        path, _, fragment = entry.href.partition("#")
        number = numbers.get(path)
        name = None if number is None else anchor_name(number, unquote(fragment))
        bookmarks.append(Bookmark(entry.title, entry.level, name))
    return bookmarks


def _connect(merged: MergedDocument, body: Element, contents: list[Bookmark]) -> None:
    """Links to ids that are nowhere lead to their document's start; so does the contents list.

    The browser names the places that links lead to: hidden ones make it name the list's too.
    """
    names = {element.get("id") for element in body.iter()}
    hidden = etree.SubElement(body, f"{_H}div", {"style": "display: none"})
    for bookmark in contents:
        name = bookmark.name
        if name is not None and name not in names:
            bookmark = Bookmark(bookmark.title, bookmark.level, name.partition("-")[0])
        merged.bookmarks.append(bookmark)
        if bookmark.name is not None:
            etree.SubElement(hidden, f"{_H}a", {"href": f"#{bookmark.name}"})
    for start in sorted(name for name in names if name and re.fullmatch(r"s\d+", name)):
        etree.SubElement(hidden, f"{_H}a", {"href": f"#{start}"})
    for element in body.iter(f"{_H}a", f"{_H}area", f"{_SVG}a"):
        for attribute in ("href", XLINK):
            href = element.get(attribute, "")
            if href.startswith("#") and href[1:] not in names:
                element.set(attribute, href.partition("-")[0])
                merged.losses.dangling += 1


def _majority(modes: list[str | None]) -> str | None:
    """The writing mode of the whole: where documents differ, that of most."""
    vertical = [mode for mode in modes if mode]
    return max(set(vertical), key=vertical.count) if len(vertical) * 2 > len(modes) else None


def _head(head: Element, package: PackageDocument, page_css: str, styles: BookStyleSheets) -> None:
    etree.SubElement(head, f"{_H}title").text = package.title or "Untitled"
    etree.SubElement(head, f"{_H}style").text = page_css
    for number, sheet in enumerate(styles.sheets):
        etree.SubElement(head, f"{_H}style").text = sheet.text(f".ebook-c{number}")
    root = head.getparent()
    if root is not None and package.languages:
        root.set("lang", package.languages[0])
        root.set(f"{_XML}lang", package.languages[0])


def _cover(
    package: PackageDocument,
    documents: list[SpineDocument],
    body: Element,
    pages: page_boxes.PageLayout,
) -> None:
    """The cover image fills the first page: that of the first document where it shows no more.

    A first document that shows the cover among other things stays as it is.
    """
    cover = package.cover
    if cover is None or cover.path is None:
        return
    url, first = f"/{quote(cover.path)}", body[0]
    page = etree.Element(f"{_H}div", {"class": "ebook-cover", FIXED: ""})
    picture = etree.SubElement(page, f"{_H}img", {"src": url, "alt": "Cover"})
    shown = [
        element
        for element in first.iter()
        if url in (element.get("src"), element.get("href"), element.get(XLINK))
    ]
    if cover.path == documents[0].name:
        return  # a drawing that is a page of the spine itself
    if not shown:
        if package.layout == "pre-paginated":
            pages.mark_fixed(page, documents[0])
        body.insert(0, page)
    elif FIXED not in first.attrib and _shows_one_picture(first):
        picture.set("alt", shown[0].get("alt") or "Cover")
        for child in list(first):
            first.remove(child)
        first.append(page)
        first.set(FIXED, "")


def _shows_one_picture(page: Element) -> bool:
    pictures = list(page.iter(f"{_H}img", f"{_SVG}image", f"{_H}object"))
    return len(pictures) == 1 and not content.plain_text(page).strip()
