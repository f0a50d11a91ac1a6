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

from ebook_pipeline.books.converting.from_manuscript.body import (
    XHTML,
    ManuscriptBody,
    element_text,
    heading_level,
)
from ebook_pipeline.books.converting.to_epub.authoring import AuthoredChapter, chapter_name
from ebook_pipeline.books.converting.to_epub.conforming import conform
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import heading_detection
from ebook_pipeline.books.records import TocEntry

EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
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
    (r"afterword\b|nachwort\b", "afterword"),
    (r"conclusion\b|schluss\b", "conclusion"),
    (r"appendix\b|anhang\b", "appendix"),
    (r"acknowledge?ments\b|danksagung\b", "acknowledgments"),
    (r"dedication\b|widmung\b", "dedication"),
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


def build_chapters(manuscript: ManuscriptBody, title: str) -> list[AuthoredChapter]:
    """The chapters of the book called `title`; notes end the chapter that their mark stands in."""
    blocks = _tidied(manuscript.blocks)
    _put_levels_in_order(blocks, title)
    blocks = _with_titles_below_numbers(blocks)
    _identify_headings(blocks)
    pieces = [_Piece(part) for part in _cut(blocks)] or [_Piece([])]
    numbered = list(enumerate(pieces, 1))
    sections = [_section(piece, manuscript) for _, piece in numbered]
    _mend_links(sections)
    return [
        AuthoredChapter(
            element_text(piece.heading) if piece.heading is not None else title,
            _written(section),
            tuple(_entries(section)) if _has_headings(blocks) else _only_entry(number, title),
        )
        for (number, piece), section in zip(numbered, sections, strict=True)
    ]


def _has_headings(blocks: Blocks) -> bool:
    return any(heading_level(block) for block in blocks)


def _only_entry(number: int, title: str) -> tuple[TocEntry, ...]:
    return (TocEntry(title=title),) if number == 1 else ()


def _tidied(blocks: Blocks) -> Blocks:
    """Without empty paragraphs and headings; marks between scenes are rules."""
    spaced = _spaces_separate(blocks)
    kept: Blocks = []
    for block in blocks:
        rule = _rule(block, spaced)
        if rule is not None:
            if kept and kept[-1].tag == f"{XHTML}p":
                kept.append(rule)
        elif not _is_empty(block):
            if kept and kept[-1].tag == f"{XHTML}hr" and block.tag != f"{XHTML}p":
                kept.pop()
            kept.append(block)
    return kept[:-1] if kept and kept[-1].tag == f"{XHTML}hr" else kept


def _spaces_separate(blocks: Blocks) -> bool:
    """Whether empty paragraphs are rare enough to stand between scenes."""
    empty = sum(_is_empty(block) for block in blocks)
    return empty * _RARE < len(blocks)


def _rule(block: etree._Element, spaced: bool) -> etree._Element | None:
    """The rule that a mark between scenes, or a space that tells as much, becomes."""
    text = element_text(block)
    if block.tag == f"{XHTML}hr" or (
        block.tag == f"{XHTML}p" and text and heading_detection.is_scene_break(text)
    ):
        return etree.Element(f"{XHTML}hr")
    if spaced and block.tag == f"{XHTML}p" and _is_empty(block):
        return etree.Element(f"{XHTML}hr", {"class": "space"})
    return None


def _is_empty(block: etree._Element) -> bool:
    return (
        not element_text(block)
        and next(block.iter(f"{XHTML}img", "{*}math", f"{XHTML}hr"), None) is None
    )


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
    for block in blocks:
        if heading_level(block) and not block.get("id"):
            number += 1
            while f"heading-{number}" in seen:
                number += 1
            block.set("id", f"heading-{number}")


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


def _section(piece: _Piece, manuscript: ManuscriptBody) -> etree._Element:
    """The piece as a section that says what it is, with its notes at its end."""
    section = etree.Element(f"{XHTML}section")
    if piece.heading is not None:
        kind = _kind(element_text(piece.heading))
        section.set(EPUB_TYPE, kind)
        section.set("role", f"doc-{kind}")
        section.set("aria-labelledby", piece.heading.get("id", ""))
    section.extend(piece.blocks)
    _add_notes(section, manuscript)
    for paragraph in section.iter(f"{XHTML}p"):
        if not element_text(paragraph) and next(paragraph.iter(f"{XHTML}img"), None) is not None:
            paragraph.set("class", "picture")
    body = etree.Element(f"{XHTML}body")
    body.append(section)
    conform(body)
    return section


def _kind(heading: str) -> str:
    for pattern, kind in _KINDS:
        if re.match(pattern, heading, re.IGNORECASE):
            return kind
    return "chapter"


def _add_notes(section: etree._Element, manuscript: ManuscriptBody) -> None:
    """The notes whose marks stand in `section`, each an aside that leads back to its mark.

    EPUB 3 Structural Semantics, https://www.w3.org/TR/epub-ssv-11/#notes
    """
    marks = [link for link in section.iter(f"{XHTML}a") if _note_of(link, manuscript) is not None]
    if not marks:
        return
    notes = etree.SubElement(
        section, f"{XHTML}section", {"role": "doc-endnotes", EPUB_TYPE: "footnotes"}
    )
    for mark in marks:
        note = _note_of(mark, manuscript)
        if note is None:
            continue
        key = note.get("id", "")
        number = element_text(mark)
        mark.attrib.clear()
        mark.attrib.update(
            {"href": f"#{key}", "id": f"{key}-mark", "role": "doc-noteref", EPUB_TYPE: "noteref"}
        )
        notes.append(_aside(note, key, number))


def _note_of(link: etree._Element, manuscript: ManuscriptBody) -> etree._Element | None:
    href = link.get("href", "")
    is_mark = link.get("role") == "doc-noteref" or link.get("class") == "footnote-ref"
    return manuscript.notes.get(href[1:]) if is_mark and href.startswith("#") else None


def _aside(note: etree._Element, key: str, number: str) -> etree._Element:
    aside = etree.Element(
        f"{XHTML}aside", {"id": key, "role": "doc-footnote", EPUB_TYPE: "footnote"}
    )
    for inner in copy.deepcopy(note):
        for back in list(inner.iter(f"{XHTML}a")):
            if back.get("role") == "doc-backlink":
                remove_element(back)
        aside.append(inner)
    if not len(aside):
        etree.SubElement(aside, f"{XHTML}p").text = note.text
    first = aside[0] if aside[0].tag == f"{XHTML}p" else etree.Element(f"{XHTML}p")
    if first is not aside[0]:
        aside.insert(0, first)
    attributes = {"href": f"#{key}-mark", "role": "doc-backlink", "class": "note-number"}
    link = etree.Element(f"{XHTML}a", attributes)
    link.text, link.tail, first.text = number, first.text, None
    first.insert(0, link)
    return aside


def _mend_links(sections: Sequence[etree._Element]) -> None:
    """Links within the manuscript lead to the file that now holds their target, or go."""
    homes: dict[str, int] = {}
    for number, section in enumerate(sections, 1):
        for element in section.iter():
            if element.get("id"):
                homes.setdefault(element.get("id", ""), number)
    for number, section in enumerate(sections, 1):
        for link in list(section.iter(f"{XHTML}a")):
            href = link.get("href", "")
            target = homes.get(href[1:]) if href.startswith("#") else number
            if target is None:
                link.attrib.pop("href")
            elif target != number:
                link.set("href", f"{chapter_name(target)}{href}")


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
    return re.sub(r"\s*[:.]?\s*: ", ": ", element_text(clean)).strip(": ")


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
