"""A manuscript's body cut into chapters: levels put in order, notes and links where they belong.

Thresholds were chosen by trial on the corpus' manuscripts; `benchmarks/formats.py --only
manuscripts` counts what comes back.
"""

import copy
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.blocks import ids_in, with_id
from ebook_pipeline.books.converting.from_manuscript.body import (
    ManuscriptBody,
    element_text,
    heading_level,
    is_empty,
)
from ebook_pipeline.books.converting.from_manuscript.links import mend_links
from ebook_pipeline.books.converting.from_manuscript.notes import EPUB_TYPE, PlacedNotes
from ebook_pipeline.books.converting.to_epub.authoring import AuthoredChapter, chapter_name
from ebook_pipeline.books.converting.to_epub.conforming import XHTML, conform
from ebook_pipeline.books.formats.manuscripts import heading_detection
from ebook_pipeline.books.records import TocEntry

_DECLARED = re.compile(r' xmlns(?::epub)?="http://www\.(?:w3\.org/1999/xhtml|idpf\.org/2007/ops)"')
_LONGEST = 300_000
"""Letters from which a chapter is divided."""
_RARE = 8
"""Blocks for each empty paragraph, from which empty ones stand between scenes."""
_DEEPEST_ENTRY = 3
"""Levels of headings that the table of contents lists."""
_KINDS = (
    (r"part\b|teil\b|partie\b|parte\b|book\b", "part"),
    (r"prolog(ue)?\b|prólogo\b", "prologue"),
    (r"epilog(ue)?\b|épilogue\b|epílogo\b", "epilogue"),
    (r"preface\b|vorwort\b|préface\b", "preface"),
    (r"foreword\b|geleitwort\b|avant-propos\b", "foreword"),
    (r"introduction\b|einleitung\b", "introduction"),
    (r"afterword\b|nachwort\b|postface\b", "afterword"),
    (r"conclusion\b|schluss\b", "conclusion"),
    (r"appendix\b|anhang\b", "appendix"),
    (r"acknowledge?ments\b|danksagung\b|remerciements\b", "acknowledgments"),
    (r"dedication\b|widmung\b|dédicace\b", "dedication"),
    (r"(epigraph|motto|épigraphe)\W*$", "epigraph"),
    (r"glossary\b|glossar\b", "glossary"),
    (r"bibliography\b|literatur(verzeichnis)?\b", "bibliography"),
)
_SPACES: dict[str | None, str] = {None: XHTML[1:-1], "epub": EPUB_TYPE[1:-5]}
Blocks = list[etree._Element]


@dataclass(frozen=True)
class _Piece:
    """The blocks of one file; `title` of a piece without a heading is empty."""

    blocks: Blocks

    @property
    def heading(self) -> etree._Element | None:
        first = self.blocks[0] if self.blocks else None
        return first if first is not None and heading_level(first) else None


@dataclass(frozen=True)
class BuiltChapters:
    """The chapters in order, and the links whose target stands nowhere in the manuscript."""

    chapters: list[AuthoredChapter]
    dead_links: tuple[str, ...]


def build_chapters(manuscript: ManuscriptBody, title: str) -> BuiltChapters:
    """The chapters of the book called `title`; notes end the chapter that their mark stands in."""
    blocks = _tidied(manuscript.blocks)
    _put_levels_in_order(blocks, title)
    blocks = _with_titles_below_numbers(blocks)
    _identify_headings(blocks)
    pieces = [_Piece(part) for part in _cut(blocks)] or [_Piece([])]
    sections = _sections(pieces, manuscript)
    dead = mend_links(sections, chapter_name)
    chapters = [
        AuthoredChapter(
            element_text(piece.heading) if piece.heading is not None else title,
            _written(section),
            tuple(_entries(section)) if _has_headings(blocks) else _only_entry(number, title),
        )
        for number, (piece, section) in enumerate(zip(pieces, sections, strict=True), 1)
    ]
    return BuiltChapters(chapters, dead)


def _sections(pieces: Sequence[_Piece], manuscript: ManuscriptBody) -> list[etree._Element]:
    """Each piece as a section with its notes, all of it as EPUB wants it."""
    notes = PlacedNotes(manuscript.notes)
    sections = [_section(piece, notes) for piece in pieces]
    notes.add_rest_to(sections[-1])
    for section in sections:
        body = etree.Element(f"{XHTML}body")
        body.append(section)
        conform(body)
    return sections


def _has_headings(blocks: Blocks) -> bool:
    return any(heading_level(block) for block in blocks)


def _only_entry(number: int, title: str) -> tuple[TocEntry, ...]:
    return (TocEntry(title=title),) if number == 1 else ()


def _tidied(blocks: Blocks) -> Blocks:
    """Without empty paragraphs and headings; marks between scenes are rules.

    Ids of what is left out lead to what follows it, or to the end.
    """
    spaced = _spaces_separate(blocks)
    kept: Blocks = []
    ids: list[str] = []
    for block in blocks:
        rule = _rule(block, spaced)
        if rule is None and not is_empty(block):
            if kept and _ends_before(kept[-1], block):
                kept.pop()
            kept.append(_with_ids(block, ids))
            ids = []
            continue
        ids += ids_in(block)
        if rule is not None and kept and _may_follow(rule, kept[-1]):
            if _is_rule(kept[-1]):
                kept.pop()
            kept.append(rule)
    while kept and _is_rule(kept[-1]):
        kept.pop()
    if kept:
        kept[-1] = _with_ids(kept[-1], ids)
    return kept


def _with_ids(block: etree._Element, ids: list[str]) -> etree._Element:
    for identifier in ids:
        block = with_id(block, identifier)
    return block


def _is_rule(block: etree._Element) -> bool:
    return block.tag == f"{XHTML}hr"


def _may_follow(rule: etree._Element, before: etree._Element) -> bool:
    """A mark may follow all but a heading; a space only paragraphs."""
    is_space = rule.get("class") == "space"
    if _is_rule(before):
        return not is_space
    return before.tag == f"{XHTML}p" if is_space else not heading_level(before)


def _ends_before(rule: etree._Element, block: etree._Element) -> bool:
    """Whether the rule says nothing between the text and `block`."""
    is_space = rule.get("class") == "space"
    return _is_rule(rule) and (heading_level(block) > 0 or (is_space and block.tag != f"{XHTML}p"))


def _spaces_separate(blocks: Blocks) -> bool:
    """Whether empty paragraphs are rare enough to stand between scenes."""
    empty = sum(is_empty(block) for block in blocks)
    return empty * _RARE < len(blocks)


def _rule(block: etree._Element, spaced: bool) -> etree._Element | None:
    """The rule that a mark between scenes, or a space that tells as much, becomes."""
    text = element_text(block)
    if block.tag == f"{XHTML}hr" or (
        block.tag == f"{XHTML}p" and text and heading_detection.is_scene_break(text)
    ):
        return etree.Element(f"{XHTML}hr")
    if spaced and block.tag == f"{XHTML}p" and is_empty(block):
        return etree.Element(f"{XHTML}hr", {"class": "space"})
    return None


def _put_levels_in_order(blocks: Blocks, title: str) -> None:
    """Levels from 1 on without a gap; the one heading that is the book's title goes."""
    headings = [block for block in blocks if heading_level(block)]
    top = min((heading_level(heading) for heading in headings), default=0)
    highest = [heading for heading in headings if heading_level(heading) == top]
    alone = len(headings) > 1 and len(highest) == 1 and highest[0] is blocks[0]
    if alone and element_text(highest[0]).casefold() == title.casefold():
        blocks.remove(highest[0])
        headings.remove(highest[0])
    order = sorted({heading_level(heading) for heading in headings})
    for heading in headings:
        heading.tag = f"{XHTML}h{order.index(heading_level(heading)) + 1}"


def _with_titles_below_numbers(blocks: Blocks) -> Blocks:
    """“Chapter 3” and the title in the heading below it are one heading."""
    kept: Blocks = []
    for block in blocks:
        before = kept[-1] if kept else None
        if before is not None and _is_title_of(block, before):
            _join(before, block)
        else:
            kept.append(block)
    return kept


def _is_title_of(block: etree._Element, before: etree._Element) -> bool:
    same_level = 0 < heading_level(before) == heading_level(block)
    numbered = same_level and heading_detection.is_bare_label(element_text(before))
    return numbered and not heading_detection.is_bare_label(element_text(block))


def _join(heading: etree._Element, below: etree._Element) -> None:
    line = etree.SubElement(heading, f"{XHTML}br")
    line.tail = below.text
    heading.extend(list(below))


def _identify_headings(blocks: Blocks) -> None:
    seen = {element.get("id") for block in blocks for element in block.iter() if element.get("id")}
    number = 0
    for element in (inner for block in blocks for inner in block.iter(etree.Element)):
        if heading_level(element) and not element.get("id"):
            number += 1
            while f"heading-{number}" in seen:
                number += 1
            element.set("id", f"heading-{number}")


def _cut(blocks: Blocks) -> Iterator[Blocks]:
    """At every heading of the first level, of the second where parts hold chapters."""
    depth = 2 if _has_parts(blocks) else 1
    piece: Blocks = []
    letters = 0
    for block in blocks:
        length = len(element_text(block))
        begins = 0 < heading_level(block) <= depth
        if piece and (begins or letters + length > _LONGEST):
            yield piece
            piece, letters = [], 0
        piece.append(block)
        letters += length
    if piece:
        yield piece


def _has_parts(blocks: Blocks) -> bool:
    """Whether a heading of the first level stands right above one of the second."""
    levels = [heading_level(block) for block in blocks]
    return any(pair == (1, 2) for pair in itertools.pairwise(levels))


def _section(piece: _Piece, notes: PlacedNotes) -> etree._Element:
    """The piece as a section that says what it is, with its notes at its end."""
    section = etree.Element(f"{XHTML}section")
    if piece.heading is not None:
        kind = _kind(element_text(piece.heading))
        section.set(EPUB_TYPE, kind)
        section.set("role", f"doc-{kind}")
        section.set("aria-labelledby", piece.heading.get("id", ""))
    section.extend(piece.blocks)
    notes.add_to(section)
    for paragraph in section.iter(f"{XHTML}p"):
        if not element_text(paragraph) and next(paragraph.iter(f"{XHTML}img"), None) is not None:
            paragraph.set("class", "picture")
    return section


def _kind(heading: str) -> str:
    for pattern, kind in _KINDS:
        if re.match(pattern, heading, re.IGNORECASE):
            return kind
    return "chapter"


def _entries(section: etree._Element) -> Iterator[TocEntry]:
    for element in section.iter():
        level = heading_level(element)
        title = _entry_title(element) if level else ""
        if title and level <= _DEEPEST_ENTRY:
            yield TocEntry(title=title, href=f"#{element.get('id')}", level=level)


def _entry_title(heading: etree._Element) -> str:
    """The heading's words without marks of notes; a number and its title with a colon between."""
    clean = copy.deepcopy(heading)
    clean.tail = None
    for mark in list(clean.iter(f"{XHTML}a")):
        if mark.get("role") == "doc-noteref":
            mark.text = ""
            for inner in list(mark):
                mark.remove(inner)
    for line in clean.iter(f"{XHTML}br"):
        line.tail = f": {line.tail or ''}"
    return re.sub(r" ?[:.]? ?: ", ": ", element_text(clean)).strip(": ")


def _written(section: etree._Element) -> str:
    """The section as markup without namespace prefixes: it is copied into a tree without any."""
    root = etree.Element("root", nsmap=_SPACES)  # type: ignore[arg-type]
    _copy(section, root)
    text: str = etree.tostring(root[0], encoding="unicode", with_tail=False)
    return _DECLARED.sub("", text)


def _copy(element: etree._Element, parent: etree._Element) -> None:
    space: dict[str | None, str] = {None: etree.QName(element).namespace or ""}
    copied = etree.SubElement(parent, element.tag, nsmap=space)  # type: ignore[arg-type]
    for key, value in element.attrib.items():
        copied.set(key, value)
    copied.text, copied.tail = element.text, element.tail
    for inner in element:
        _copy(inner, copied)
