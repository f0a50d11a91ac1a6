"""Headings that old programs wrote as large paragraphs, recognised by the table of contents."""

from collections.abc import Sequence

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.markup import text_of
from ebook_pipeline.books.converting.from_kindle.pages import document
from ebook_pipeline.books.converting.to_epub.conforming import H, local
from ebook_pipeline.books.records import TocEntry

_BLOCKS = ("p", "div", "blockquote")
_FARTHEST = 8
_LONGEST = 300


def name_headings(bodies: Sequence[etree._Element], toc: Sequence[TocEntry]) -> None:
    """Make a heading of the block that says an entry's title, at the entry's place and level."""
    by_name = {document(number): body for number, body in enumerate(bodies)}
    for entry in toc:
        name, _, identifier = entry.href.partition("#")
        body = by_name.get(name)
        if body is not None:
            _name(body, identifier, entry)


def titles(toc: Sequence[TocEntry]) -> dict[str, str]:
    """The first entry's title for each document."""
    found: dict[str, str] = {}
    for entry in toc:
        found.setdefault(entry.href.partition("#")[0], entry.title)
    return found


def _name(body: etree._Element, identifier: str, entry: TocEntry) -> None:
    wanted = _letters(entry.title)
    for number, block in enumerate(_blocks(body, identifier)):
        said = text_of(block)
        if number >= _FARTHEST or local(block).startswith("h"):
            return
        if len(said) <= _LONGEST and _says(_letters(said), wanted):
            block.tag = f"{H}h{min(entry.level + 1, 6)}"
            _add_class(block, "titled")
            if _is_small_caps(block, said):
                _as_written(block, entry.title)
            return


def _is_small_caps(block: etree._Element, said: str) -> bool:
    """Whether it says its title in capitals of several sizes, as old programs wrote small ones."""
    looks = {one.get("class") for one in block.iter(f"{H}span")}
    shows = any(local(one) in ("img", "a", "br") for one in block.iter(f"{H}*"))
    return len(looks) > 1 and said.isupper() and not shows


def _as_written(block: etree._Element, title: str) -> None:
    """The title with its small letters again, in the look of its first one, as small capitals."""
    if _letters(title) != _letters(text_of(block)):
        return
    for mark in list(block.iter(f"{H}span")):
        if mark.get("id") and not block.get("id"):
            block.set("id", mark.get("id", ""))
    first = next((one for one in block if len(text_of(one)) == 1), None)
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
    found: list[etree._Element] = []
    begun = not identifier
    for element in body.iter(f"{H}*"):
        begun = begun or element.get("id") == identifier
        name = local(element)
        if name in _BLOCKS or (len(name) == 2 and name[0] == "h" and name != "hr"):
            if begun and text_of(element) and not any(local(one) in _BLOCKS for one in element):
                found.append(element)
            elif not begun and _holds(element, identifier):
                begun = True
                if not any(local(one) in _BLOCKS for one in element):
                    found.append(element)
        if len(found) > _FARTHEST:
            break
    return found


def _holds(element: etree._Element, identifier: str) -> bool:
    return any(one.get("id") == identifier for one in element.iter("*"))


def _says(said: str, wanted: str) -> bool:
    """Whether the letters are the title's, or its number or name alone."""
    if not said or not wanted:
        return False
    return said == wanted or (len(said) >= 1 and (wanted.startswith(said) or wanted.endswith(said)))


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
