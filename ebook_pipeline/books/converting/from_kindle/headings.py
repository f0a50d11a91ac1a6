"""Headings that old programs wrote as large paragraphs, recognised by the table of contents.

Thresholds were chosen by trial on the corpus' Kindle books; `benchmarks/formats.py --only mobi`
compares what comes back.
"""

from collections.abc import Sequence

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.documents import document_name
from ebook_pipeline.books.converting.from_kindle.markup import element_text
from ebook_pipeline.books.converting.to_epub.conforming import XHTML, local_name
from ebook_pipeline.books.records import TocEntry

_BLOCKS = ("p", "div", "blockquote")
_FARTHEST = 8
"""Blocks behind an entry's place, among which its title is looked for."""
_LONGEST = 300
"""Characters of a block that may be a title."""


def mark_headings(bodies: Sequence[etree._Element], toc: Sequence[TocEntry]) -> None:
    """Make a heading of the block that says an entry's title, at the entry's place and level."""
    by_name = {document_name(number): body for number, body in enumerate(bodies)}
    for entry in toc:
        name, _, identifier = entry.href.partition("#")
        body = by_name.get(name)
        if body is not None:
            _name(body, identifier, entry)


def titles_by_document(toc: Sequence[TocEntry]) -> dict[str, str]:
    """The first entry's title for each document."""
    by_document: dict[str, str] = {}
    for entry in toc:
        by_document.setdefault(entry.href.partition("#")[0], entry.title)
    return by_document


def _name(body: etree._Element, identifier: str, entry: TocEntry) -> None:
    wanted = _letters(entry.title)
    for number, block in enumerate(_blocks(body, identifier)):
        text = element_text(block)
        if number >= _FARTHEST or local_name(block).startswith("h"):
            return
        if len(text) <= _LONGEST and _is_title(_letters(text), wanted):
            block.tag = f"{XHTML}h{min(entry.level + 1, 6)}"
            _add_class(block, "titled")
            if _is_small_caps(block, text):
                _as_written(block, entry.title)
            return


def _is_small_caps(block: etree._Element, text: str) -> bool:
    """Whether it writes its title in capitals of several sizes, which stood for small capitals."""
    classes = {span.get("class") for span in block.iter(f"{XHTML}span")}
    shows = any(local_name(inner) in ("img", "a", "br") for inner in block.iter(f"{XHTML}*"))
    return len(classes) > 1 and text.isupper() and not shows


def _as_written(block: etree._Element, title: str) -> None:
    """Give the title its lower case again, in the style of its first letter, as small capitals."""
    if _letters(title) != _letters(element_text(block)):
        return
    for mark in list(block.iter(f"{XHTML}span")):
        if mark.get("id") and not block.get("id"):
            block.set("id", mark.get("id", ""))
    first = next((child for child in block if len(element_text(child)) == 1), None)
    block.text = None
    for child in list(block):
        child.tail = None
        if child is not first:
            block.remove(child)
    inner = block if first is None else first
    while len(inner):
        inner = inner[0]
    inner.text = title
    _add_class(block, "caps")


def _add_class(element: etree._Element, name: str) -> None:
    element.set("class", " ".join(filter(None, [name, element.get("class")])))


def _blocks(body: etree._Element, identifier: str) -> list[etree._Element]:
    """The blocks of text from the place on: those that hold no other block."""
    blocks: list[etree._Element] = []
    begun = not identifier
    for element in body.iter(f"{XHTML}*"):
        begun = begun or element.get("id") == identifier
        name = local_name(element)
        if name in _BLOCKS or (len(name) == 2 and name[0] == "h" and name != "hr"):
            if (
                begun
                and element_text(element)
                and not any(local_name(child) in _BLOCKS for child in element)
            ):
                blocks.append(element)
            elif not begun and _holds(element, identifier):
                begun = True
                if not any(local_name(child) in _BLOCKS for child in element):
                    blocks.append(element)
        if len(blocks) > _FARTHEST:
            break
    return blocks


def _holds(element: etree._Element, identifier: str) -> bool:
    return any(inner.get("id") == identifier for inner in element.iter("*"))


def _is_title(letters: str, wanted: str) -> bool:
    """Whether the letters are the title's, or its number or name alone."""
    if not letters or not wanted:
        return False
    return letters == wanted or (
        len(letters) >= 1 and (wanted.startswith(letters) or wanted.endswith(letters))
    )


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
