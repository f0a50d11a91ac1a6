"""A manuscript as one stream of XHTML blocks: headings, paragraphs, tables, pictures, notes."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.blocks import flat_blocks
from ebook_pipeline.books.converting.from_manuscript.title_header import TitleHeader, take_header
from ebook_pipeline.books.converting.from_manuscript.xhtml import into_xhtml
from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import (
    ManuscriptMetadata,
    carried_marks,
    heading_detection,
    html,
    prose,
    text_layout,
)
from ebook_pipeline.books.formats.manuscripts.heading_detection import StyledParagraph
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.markdown_dialects import NOTE_NAME
from ebook_pipeline.books.formats.manuscripts.person_names import small_words
from ebook_pipeline.books.formats.manuscripts.prose import PartKind, ProsePart
from ebook_pipeline.books.formats.manuscripts.title_page import (
    MOST_LINES,
    KnownTitle,
    LineKind,
    TitlePage,
    title_page,
)
from ebook_pipeline.books.text_direction import LEFT_TO_RIGHT, text_direction
from ebook_pipeline.foundation.findings import Finding

_HEADINGS = {f"{XHTML}h{level}": level for level in range(1, 7)}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd7-\ufdef\ufffe\uffff]")
"""Characters that no document may hold; those below U+FDD7 are marks of our own."""
_EMPHASIS = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]{1,500}?)(?<=[^\s_])_(?![\w_])")
_BULLET = re.compile(r"\A\s*+[•▪◦‣·]\s++(?=\S)")
_SENTENCE = re.compile(r"\w\S*\s+\S+\s+\S+.*[.!?…。！？؟]\W*\Z")
"""Three words at least, and an end."""
_LONGEST_LINE = 200
"""Characters of a line of a title page."""
_WIDEST_INDENT = 12
"""Spaces at the start of a line of verse that are kept."""
_FEWEST_BELOW = 2
"""Headings below the one that stands above all, from which it is the title."""
_ABOVE_ALL = "it is the heading above all others"
_TITLE_TAGS = frozenset(f"{XHTML}{name}" for name in ("p", "h1", "h2", "h3", "h4", "h5", "h6"))
NO_METADATA = ManuscriptMetadata()
NO_TITLE_PAGE = TitlePage()
NO_HEADER = TitleHeader()


@dataclass(frozen=True)
class ManuscriptBody:
    """The blocks in order; `notes` are footnotes (``li`` elements) by their id.

    `title_page` says which of the first blocks are the author's own title page, `header` what
    styles of a word processor mark as one above them.
    """

    blocks: list[etree._Element]
    metadata: ManuscriptMetadata = NO_METADATA
    notes: Mapping[str, etree._Element] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    title_page: TitlePage = NO_TITLE_PAGE
    header: TitleHeader = NO_HEADER


def heading_level(block: etree._Element) -> int:
    """1 to 6 for headings, else 0."""
    return _HEADINGS.get(str(block.tag), 0)


def element_text(element: etree._Element) -> str:
    """The text of the element on one line."""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join(text.split())


def is_empty(block: etree._Element) -> bool:
    """Whether the block shows nothing: no word, no picture, no formula, no rule."""
    shown = (f"{XHTML}img", "{*}math", f"{XHTML}hr")
    return not element_text(block) and next(block.iter(*shown), None) is None


def read_html(path: Path, metadata: ManuscriptMetadata, *, printed: bool = True) -> ManuscriptBody:
    """The HTML document at `path`, pictures beside it; nothing that acts or is fetched is kept.

    `metadata` is what the file's properties say. `printed` tells whether pandoc's title block is
    made of the text's own paragraphs rather than of properties.
    """
    root = html.parse_html(_CONTROLS.sub("", path.read_text("utf-8", "replace")))
    pictures = frozenset(
        picture.relative_to(path.parent).as_posix() for picture in path.parent.rglob("media/**/*")
    )
    carried_marks.apply_marks(root)
    collector = FindingCollector()
    html.clean_tree(root, collector, pictures)
    header, stated = take_header(root)
    metadata = metadata.completed(stated)
    body = root.find("body")
    body = body if body is not None else root
    into_xhtml(body)
    notes = _take_notes(body)
    blocks = list(flat_blocks(body))
    _recover_headings(blocks)
    blocks = list(_with_lists(blocks))
    above = header if printed else NO_HEADER
    page = _title_page(blocks, metadata, titled=bool(above.lines))
    metadata = metadata.completed(_said_by(page))
    return ManuscriptBody(blocks, metadata, notes, collector.findings, page, above)


def read_text(path: Path, metadata: ManuscriptMetadata) -> ManuscriptBody:
    """The plain text in UTF-8 at `path`; `metadata` is what is known of it."""
    known = KnownTitle(metadata.title, metadata.subtitle, metadata.authors)
    text = prose.read_prose(path.read_text("utf-8"), known)
    blocks = [_text_block(part) for part in text.parts]
    metadata = metadata.completed(_said_by(text.title_page))
    return ManuscriptBody(blocks, metadata, title_page=text.title_page)


def _said_by(page: TitlePage) -> ManuscriptMetadata:
    return ManuscriptMetadata(page.title, page.authors, subtitle=page.subtitle)


def _text_block(part: ProsePart) -> etree._Element:
    if part.kind is PartKind.BREAK:
        return etree.Element(f"{XHTML}hr")
    if part.kind is PartKind.HEADING:
        return _element(f"h{min(part.level, 6)}", part.text)
    if part.kind is PartKind.TABLE:
        table = etree.Element(f"{XHTML}pre")
        table.text = "\n".join(part.lines)
        return table
    if part.kind is PartKind.LIST:
        return _list(part.lines)
    if part.kind is PartKind.QUOTATION:
        quotation = etree.Element(f"{XHTML}blockquote")
        quotation.append(_element("p", part.text))
        return quotation
    if part.kind is PartKind.VERSE:
        verse = etree.Element(f"{XHTML}div", {"class": "verse"})
        for line in part.lines:
            indent = len(line) - len(line.lstrip())
            verse.append(
                _element("p", "\N{NO-BREAK SPACE}" * min(indent, _WIDEST_INDENT) + line.strip())
            )
        return verse
    return _element("p", part.text)


def _list(items: Sequence[str]) -> etree._Element:
    """A list of plain text; its numbers are those that were written."""
    numbers = [text_layout.item_number(item) for item in items]
    listed = etree.Element(f"{XHTML}ul" if numbers[0] is None else f"{XHTML}ol")
    if text_layout.is_lettered(items):
        listed.set("type", "a")
    for item, number in zip(items, numbers, strict=True):
        element = _element("li", text_layout.item_text(item))
        if number is not None and listed.tag == f"{XHTML}ol":
            element.set("value", str(number))
        listed.append(element)
    return listed


def _element(name: str, text: str) -> etree._Element:
    """A block of plain text with its ``_emphasis_`` marked up."""
    element = etree.Element(f"{XHTML}{name}")
    pieces = _EMPHASIS.split(text)
    element.text = pieces[0]
    for emphasised, following in zip(pieces[1::2], pieces[2::2], strict=True):
        inner = etree.SubElement(element, f"{XHTML}em")
        inner.text, inner.tail = emphasised, following
    return element


def _take_notes(body: etree._Element) -> dict[str, etree._Element]:
    """The footnotes out of their section, by id; what else stands there stays in the text."""
    notes: dict[str, etree._Element] = {}
    for section in list(body.iter(f"{XHTML}section")):
        if section.get("role") != "doc-endnotes":
            continue
        for note in list(section.iter(f"{XHTML}li")):
            key = note.get("id")
            within = any(outer in notes.values() for outer in note.iterancestors(f"{XHTML}li"))
            if key and key not in notes and not within:
                notes[key] = note
        for note in list(section.iter(f"{XHTML}li")):
            if notes.get(note.get("id", "")) is note:
                remove_element(note)
        if not element_text(section):
            remove_element(section)
    return _each_once(notes, [body, *notes.values()])


def _each_once(
    notes: dict[str, etree._Element], within: Sequence[etree._Element]
) -> dict[str, etree._Element]:
    """The notes without pandoc's copies of one that several marks lead to; these lead to it now."""
    first: dict[str, str] = {}
    copies: dict[str, str] = {}
    for key, note in notes.items():
        for place in list(note.iter(f"{XHTML}span")):
            name = str(place.attrib.pop(NOTE_NAME, ""))
            if name and first.setdefault(name, key) != key:
                copies[key] = first[name]
    kept = {key: note for key, note in notes.items() if key not in copies}
    if copies:
        _number([link for part in within for link in part.iter(f"{XHTML}a")], [*kept], copies)
    return kept


def _number(
    links: Iterable[etree._Element], kept: Sequence[str], copies: Mapping[str, str]
) -> None:
    """Let the marks lead to the notes that were kept, under their numbers."""
    numbers = {key: str(number) for number, key in enumerate(kept, 1)}
    for link in links:
        key = link.get("href", "")[1:]
        key = copies.get(key, key)
        if link.get("class") == "footnote-ref" and key in numbers:
            link.set("href", f"#{key}")
            for letters in link.iter(f"{XHTML}sup"):
                letters.text = numbers[key]


def _with_lists(blocks: list[etree._Element]) -> Iterator[etree._Element]:
    """Paragraphs that begin with a bullet are the items of a list."""
    for bulleted, run in itertools.groupby(blocks, _is_bulleted):
        if not bulleted:
            yield from run
            continue
        listed = etree.Element(f"{XHTML}ul")
        for paragraph in run:
            _drop_bullet(paragraph)
            paragraph.tag = f"{XHTML}li"
            listed.append(paragraph)
        yield listed


def _is_bulleted(block: etree._Element) -> bool:
    return block.tag == f"{XHTML}p" and _BULLET.match(element_text(block)) is not None


def _drop_bullet(paragraph: etree._Element) -> None:
    """Take the bullet and the space behind it out, in whatever elements they stand."""
    dropped = False
    for event, element in etree.iterwalk(paragraph, events=("start", "end")):
        part = "text" if event == "start" else "tail"
        text = (getattr(element, part) or "").lstrip() if element is not paragraph else ""
        text = (paragraph.text or "").lstrip() if element is paragraph and part == "text" else text
        if text and not dropped:
            dropped, text = True, text[1:].lstrip()
        if element is not paragraph or part == "text":
            setattr(element, part, text)
        if text:
            return


def _recover_headings(blocks: list[etree._Element]) -> None:
    """Where no heading is marked: paragraphs that are bold throughout or say “Chapter 3”."""
    if any(heading_level(block) and element_text(block) for block in blocks):
        return
    paragraphs = [block for block in blocks if block.tag == f"{XHTML}p" and element_text(block)]
    levels = heading_detection.detect_headings(
        [
            StyledParagraph(element_text(paragraph), bold=_is_bold(paragraph))
            for paragraph in paragraphs
        ]
    )
    for index, level in levels.items():
        paragraphs[index].tag = f"{XHTML}h{min(level, 6)}"
        for bold in list(paragraphs[index].iter(f"{XHTML}strong")):
            bold.tag = f"{XHTML}span"


def _is_bold(paragraph: etree._Element) -> bool:
    strong = [element_text(element) for element in paragraph.iterfind(f"{XHTML}strong")]
    return bool(strong) and " ".join(strong) == element_text(paragraph)


def _title_page(
    blocks: list[etree._Element], metadata: ManuscriptMetadata, *, titled: bool
) -> TitlePage:
    """The author's own title page in the blocks before the text begins."""
    guessed = "" if metadata.title else _heading_above_all(blocks)
    metadata = replace(metadata, title=guessed) if guessed else metadata
    first = _beginning(blocks, metadata.title)
    if first == len(blocks):
        return NO_TITLE_PAGE
    front = [n for n, block in enumerate(blocks[:first]) if not is_empty(block)]
    known = KnownTitle(
        metadata.title,
        metadata.subtitle,
        metadata.authors,
        above=titled and bool(metadata.title),
        small=small_words(element_text(block) for block in blocks[first:]),
    )
    page = title_page([_title_text(blocks[n]) for n in front[: MOST_LINES + 1]], known)
    if page is None:
        return NO_TITLE_PAGE
    reasons = {**page.guessed, **({LineKind.TITLE: _ABOVE_ALL} if guessed else {})}
    lines = {front[line]: kind for line, kind in page.lines.items()}
    return replace(page, lines=lines, guessed=reasons)


def _heading_above_all(blocks: list[etree._Element]) -> str:
    """The heading that a text begins with, where all others are below it."""
    headings = [block for block in blocks if heading_level(block) and element_text(block)]
    begins = next((block for block in blocks if not is_empty(block)), None)
    if len(headings) < _FEWEST_BELOW + 1 or headings[0] is not begins:
        return ""
    top, *others = map(heading_level, headings)
    text = element_text(headings[0])
    return text if top < min(others) and not heading_detection.is_label(text) else ""


def _title_text(block: etree._Element) -> str:
    """The words of a block that may be printed as a plain line; empty for others."""
    plain = block.tag in _TITLE_TAGS and next(block.iter(f"{XHTML}a", f"{XHTML}img"), None) is None
    return element_text(block) if plain else ""


def _beginning(blocks: list[etree._Element], title: str) -> int:
    """The index of the heading that the text begins with: the first that is not the book's title.

    A heading that has prose below it, and others beside it, is a chapter's that the book is named
    for.
    """
    headings = [n for n, block in enumerate(blocks) if heading_level(block)]
    for index, following in itertools.pairwise([*headings, len(blocks)]):
        level = heading_level(blocks[index])
        beside = sum(heading_level(blocks[n]) <= level for n in headings) > 1
        below = map(element_text, blocks[index + 1 : following])
        if element_text(blocks[index]) != title or (beside and any(map(_is_prose, below))):
            return index
    return len(blocks)


def _is_prose(text: str) -> bool:
    return len(text) > _LONGEST_LINE or _SENTENCE.search(text) is not None


def mark_directions(blocks: Iterable[etree._Element], base: str) -> None:
    """Say of every block that runs against `base` which way it runs; what is said already stays.

    HTML §3.2.6.4, https://html.spec.whatwg.org/multipage/dom.html#the-dir-attribute
    """
    for block in blocks:
        direction = "" if block.get("dir") else text_direction([element_text(block)])
        if direction and direction != (base or LEFT_TO_RIGHT):
            block.set("dir", direction)
