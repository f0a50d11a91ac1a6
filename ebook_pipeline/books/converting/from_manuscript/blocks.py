"""Anybody's markup as one flat stream of blocks; nothing of it is lost, ids and directions neither.

Wrappers that only group go, and hand what they say of all that is in them to their blocks. Words
that stand loose between blocks get a paragraph, with the phrases among them.
"""

import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.converting.to_epub.conforming import (
    XHTML,
    is_flow,
    local_name,
)

_WRAPPERS = frozenset(
    ["address", "article", "div", "footer", "header", "hgroup", "main", "section", "span"]
)
_HANDED_DOWN = ("dir", "lang")
_HOLDS_TEXT = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "blockquote", "pre"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BROKEN_UP = _HEADINGS | {"p"}
"""What can hold no block: one that does was left open, and ends where its first block begins."""
_WORDS = re.compile(r"\S")


def flat_blocks(wrapper: etree._Element) -> Iterator[etree._Element]:
    """The blocks in `wrapper`, an XHTML element, in order and without their tails."""
    loose = _Loose()
    loose.add_text(wrapper.text)
    for element in list(wrapper):
        tail, element.tail = element.tail, None
        if _is_inline(element):
            loose.add(element)
        else:
            yield from loose.paragraph()
            yield from _blocks_of(element)
        loose.add_text(tail)
    yield from loose.paragraph()


def with_id(block: etree._Element, identifier: str) -> etree._Element:
    """`block` so that `identifier` leads to it too; a block that wraps it where it must be."""
    if not block.get("id"):
        block.set("id", identifier)
        return block
    if local_name(block) in _HOLDS_TEXT:
        mark = etree.Element(f"{XHTML}span", {"id": identifier})
        mark.tail, block.text = block.text, None
        block.insert(0, mark)
        return block
    wrapper = etree.Element(f"{XHTML}div", {"id": identifier})
    wrapper.append(block)
    return wrapper


def ids_in(block: etree._Element) -> list[str]:
    """The ids of the block and of all that is in it."""
    return [element.get("id", "") for element in block.iter(etree.Element) if element.get("id")]


class _Loose:
    """Words and phrases between blocks, until the next block comes."""

    def __init__(self) -> None:
        self._paragraph = etree.Element(f"{XHTML}p")

    def add_text(self, text: str | None) -> None:
        if not text:
            return
        last = next(self._paragraph.iterchildren(reversed=True), None)  # its number is not asked
        if last is not None:
            last.tail = (last.tail or "") + text
        else:
            self._paragraph.text = (self._paragraph.text or "") + text

    def add(self, element: etree._Element) -> None:
        self._paragraph.append(element)

    def paragraph(self) -> Iterator[etree._Element]:
        """What was gathered as paragraphs, if there is anything; the next one begins."""
        gathered, self._paragraph = self._paragraph, etree.Element(f"{XHTML}p")
        says = len(gathered) or _WORDS.search(gathered.text or "")
        if says:
            yield from _divided(gathered)


def _is_inline(element: etree._Element) -> bool:
    if not str(element.tag).startswith(XHTML):
        return True
    if is_flow(element):
        return False
    return not _has_block(element)


def _has_block(element: etree._Element) -> bool:
    return any(is_flow(inner) for inner in element.iterdescendants(f"{XHTML}*"))


def _blocks_of(element: etree._Element) -> Iterator[etree._Element]:
    name = local_name(element)
    if name == "div" and "line-block" in element.get("class", "").split():
        yield _verse(element)
    elif name in _BROKEN_UP and not _has_block(element):
        yield from _divided(element) if name == "p" else [element]
    elif name == "a":
        yield from _linked(element)
    elif name in _WRAPPERS or name in _BROKEN_UP or _is_layout(element):
        yield from _unwrapped(element)
    else:
        yield element


def _linked(link: etree._Element) -> Iterator[etree._Element]:
    """The blocks in a link, each a link of its own where it holds text alone."""
    for block in _unwrapped(link):
        if local_name(block) in _BROKEN_UP and link.get("href"):
            inner = etree.Element(f"{XHTML}a", {"href": link.get("href", "")})
            inner.text, block.text = block.text, None
            inner.extend(list(block))
            block.append(inner)
        yield block


def _unwrapped(element: etree._Element) -> Iterator[etree._Element]:
    """The blocks in the element, which say what it said of them all."""
    cells = [element]
    if local_name(element) == "table":
        cells = list(element.iter(f"{XHTML}td", f"{XHTML}th", f"{XHTML}caption"))
    blocks = [block for cell in cells for block in flat_blocks(cell)]
    if local_name(element) in _HEADINGS:
        for line in blocks:
            line.tag = element.tag if local_name(line) == "p" else line.tag
    for block in blocks:
        for key in _HANDED_DOWN:
            if element.get(key) and not block.get(key):
                block.set(key, element.get(key, ""))
    if element.get("id"):
        first = blocks[0] if blocks else etree.Element(f"{XHTML}p")
        blocks[:1] = [with_id(first, element.get("id", ""))]
    yield from blocks


def _is_layout(element: etree._Element) -> bool:
    """Whether it is a table of one column that holds headings: old pages were set in such."""
    if local_name(element) != "table" or element.find(f".//{XHTML}table") is not None:
        return False
    rows = list(element.iter(f"{XHTML}tr"))
    headed = any(local_name(inner) in _HEADINGS for inner in element.iter(f"{XHTML}*"))
    return headed and all(len(row) <= 1 for row in rows)


def _verse(element: etree._Element) -> etree._Element:
    """Pandoc's line block: one paragraph per line."""
    verse = etree.Element(f"{XHTML}div", {"class": "verse"})
    for key in ("id", *_HANDED_DOWN):
        if element.get(key):
            verse.set(key, element.get(key, ""))
    for line in _lines(element, single=True):
        line.text = (line.text or "").lstrip("\n")
        verse.append(line)
    return verse


def _divided(paragraph: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs that old pages divided by two line breaks."""
    yield from _lines(paragraph, single=False)


def _lines(paragraph: etree._Element, *, single: bool) -> Iterator[etree._Element]:
    """The paragraph cut at its breaks, or at two that follow each other; the first keeps its id."""
    children = list(paragraph)
    ends = {
        index
        for index, child in enumerate(children)
        if _is_break(child) and (single or _follows_break(children, index))
    }
    if not ends:
        yield paragraph
        return
    name = f"{XHTML}p" if single else paragraph.tag
    line = etree.Element(name, {**_without_id(paragraph), **_id_of(paragraph)})
    line.text = paragraph.text
    for index, child in enumerate(children):
        if index in ends:
            _drop_last_break(line)
            yield line
            line = etree.Element(line.tag, _without_id(line))
            line.text = child.tail
        else:
            line.append(child)
    yield line


def _is_break(element: etree._Element) -> bool:
    return element.tag == f"{XHTML}br"


def _follows_break(children: list[etree._Element], index: int) -> bool:
    before = children[index - 1] if index else None
    return before is not None and _is_break(before) and not (before.tail or "").strip()


def _drop_last_break(line: etree._Element) -> None:
    if len(line) and _is_break(line[-1]) and not (line[-1].tail or "").strip():
        line.remove(line[-1])


def _id_of(element: etree._Element) -> dict[str, str]:
    return {"id": element.get("id", "")} if element.get("id") else {}


def _without_id(line: etree._Element) -> dict[str, str]:
    return {str(key): str(value) for key, value in line.attrib.items() if key != "id"}
