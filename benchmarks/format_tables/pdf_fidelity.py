"""What of an EPUB is in a PDF made of it, whoever made it: words, links, outline, tags.

The judge is pdfium's text and pikepdf's objects; nothing here knows our own converter.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from lxml import etree

from ebook_pipeline.books.formats.epub import content, xml
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.formats.epub.paths import resolve

_XHTML = "{http://www.w3.org/1999/xhtml}"
_UNSEEN = re.compile("[\u00ad\ufffe\u200b-\u200d\u2060\ufeff]")
# Where lines break without spaces, every letter counts as a word.
_SINGLE = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SINGLE}]|[^\W{_SINGLE}]+")
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Fidelity:
    """Shares from 0 to 1 of what the book has; None where it has none."""

    words: float | None
    links: float | None
    outline: float | None
    pages: int
    tagged: bool


def fidelity(epub: Path, pdf: Path) -> Fidelity:
    """`pdf` against the EPUB that it was made of."""
    package = read_package(epub)
    text = "\n".join(text for _, text in content.texts(epub, package))
    with pikepdf.open(pdf) as opened:
        titles = Counter((entry.level, _plain(entry.title)) for entry in toc(epub, package))
        kept = Counter(_outline(opened.open_outline().root, 1))
        links = sum(1 for _ in _book_links(epub, package))
        working = sum(1 for _ in _working_links(opened))
        return Fidelity(
            words_found(text, pdf_text(pdf)),
            min(1.0, working / links) if links else None,
            _share(titles, kept),
            len(opened.pages),
            "/StructTreeRoot" in opened.Root,
        )


def words_found(book: str, pdf: str) -> float | None:
    """The share of the words of `book` that are among those of `pdf`, each as often.

    Where letters are spaced or a line is broken, a reader of PDF sees other words than a person: a
    word also counts where its letters stand in order, between those of its neighbours.
    """
    wanted, text = words(book), _folded(pdf)
    left, squeezed = Counter(_WORD.findall(text)), _BETWEEN.sub("", text)
    found = 0
    for before, word, after in zip(["", *wanted], wanted, [*wanted[1:], ""], strict=False):
        if left[word] > 0:
            left[word] -= 1
            found += 1
        else:
            found += f"{before}{word}{after}" in squeezed
    return found / len(wanted) if wanted else None


def words(text: str) -> list[str]:
    """The words of a text without regard to case and form."""
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


def pdf_text(pdf: Path) -> str:
    """The text of all pages as pdfium reads it."""
    document = pdfium.PdfDocument(pdf)
    parts = []
    for number in range(len(document)):
        page = document[number]
        parts.append(page.get_textpage().get_text_range())
        page.close()
    document.close()
    return "\n".join(parts)


def _share(wanted: Counter[Any], found: Counter[Any]) -> float | None:
    return (wanted & found).total() / wanted.total() if wanted else None


def _book_links(epub: Path, package: PackageDocument) -> Iterator[str]:
    """The links of the spine's documents that lead into the spine, if there is text to press."""
    names = {item.path for item in package.spine_items}
    for document in content.spine_documents(epub, package):
        root = xml.parse(document.data, recover=True)
        for link in root.iter(f"{_XHTML}a"):
            href = link.get("href", "")
            shown = content.plain_text(link).strip() or link.find(f".//{_XHTML}img") is not None
            if href and shown and not _hidden(link) and resolve(document.name, href) in names:
                yield href


def _hidden(element: etree._Element) -> bool:
    return any("hidden" in one.attrib for one in (element, *element.iterancestors()))


def _working_links(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Link annotations that lead to a page of the document."""
    names = _destinations(pdf)
    pages = {page.objgen for page in pdf.pages}
    for page in pdf.pages:
        annotations: Any = page.obj.get("/Annots", [])
        for note in annotations:
            place = note.get("/Dest")
            if place is None and note.get("/A", {}).get("/S") == "/GoTo":
                place = note.A.get("/D")
            if isinstance(place, (pikepdf.Name, pikepdf.String)):
                place = names.get(str(place).lstrip("/"))
            if isinstance(place, pikepdf.Dictionary):
                place = place.get("/D")
            if place is not None and place[0].objgen in pages:
                yield note


def _destinations(pdf: pikepdf.Pdf) -> dict[str, Any]:
    old: Any = pdf.Root.get("/Dests", {})
    named = {key.lstrip("/"): value for key, value in old.items()}
    trees: Any = pdf.Root.get("/Names", {})
    tree = trees.get("/Dests")
    if tree is not None:
        named.update(pikepdf.NameTree(tree).items())
    return named


def _outline(items: Any, level: int) -> Iterator[tuple[int, str]]:
    for item in items:
        yield level, _plain(item.title)
        yield from _outline(item.children, level + 1)


def _plain(title: str) -> str:
    return " ".join(title.split())
