"""A manuscript as one stream of XHTML blocks: headings, paragraphs, tables, pictures, notes."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import (
    ManuscriptMetadata,
    heading_detection,
    html,
    prose,
)
from ebook_pipeline.books.formats.manuscripts.cleaned import language_tag
from ebook_pipeline.books.formats.manuscripts.heading_detection import StyledParagraph
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.prose import PartKind, ProsePart
from ebook_pipeline.books.formats.manuscripts.title_page import title_page
from ebook_pipeline.foundation.findings import Finding

XHTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
_UNWRAPPED = frozenset(f"{XHTML}{name}" for name in ("div", "section", "article", "main", "header"))
_HEADING = re.compile(r"\{http://www\.w3\.org/1999/xhtml\}h([1-6])")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_EMPHASIS = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]{1,500}?)(?<=[^\s_])_(?![\w_])")
_BULLET = re.compile(r"\A\s*+[•▪◦‣·]\s++(?=\S)")
_FRONT = 6
"""Blocks before the first heading, among which a title page is looked for."""
_WIDEST_INDENT = 12
"""Spaces at the start of a line of verse that are kept."""
NO_METADATA = ManuscriptMetadata()


@dataclass(frozen=True)
class ManuscriptBody:
    """The blocks in order; `notes` are footnotes (``li`` elements) by their id."""

    blocks: list[etree._Element]
    metadata: ManuscriptMetadata = NO_METADATA
    notes: Mapping[str, etree._Element] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def heading_level(block: etree._Element) -> int:
    """1 to 6 for headings, else 0."""
    match = _HEADING.fullmatch(str(block.tag))
    return int(match[1]) if match else 0


def element_text(element: etree._Element) -> str:
    """The text of the element on one line."""
    return " ".join("".join(str(piece) for piece in element.itertext()).split())


def read_html(path: Path) -> ManuscriptBody:
    """The HTML document at `path`, pictures beside it; nothing that acts or is fetched is kept."""
    root = html.parse_html(_CONTROLS.sub("", path.read_text("utf-8", "replace")))
    pictures = frozenset(
        picture.relative_to(path.parent).as_posix() for picture in path.parent.rglob("media/**/*")
    )
    collector = FindingCollector()
    html.clean_tree(root, collector, pictures)
    metadata = _metadata(root)
    body = root.find("body")
    body = body if body is not None else root
    _into_xhtml(body)
    notes = _take_notes(body)
    blocks = list(_flat(body))
    _recover_headings(blocks)
    blocks = list(_with_lists(blocks))
    blocks, metadata = _without_front(blocks, metadata)
    return ManuscriptBody(blocks, metadata, notes, collector.findings)


def read_text(path: Path) -> ManuscriptBody:
    """The plain text in UTF-8 at `path`."""
    text = prose.read_prose(path.read_text("utf-8"))
    blocks = [_text_block(part) for part in text.parts if part.kind is not PartKind.TITLE]
    return ManuscriptBody(blocks, ManuscriptMetadata(text.title, text.authors))


def _text_block(part: ProsePart) -> etree._Element:
    if part.kind is PartKind.BREAK:
        return etree.Element(f"{XHTML}hr")
    if part.kind is PartKind.HEADING:
        return _element(f"h{min(part.level, 6)}", part.text)
    if part.kind is PartKind.VERSE:
        verse = etree.Element(f"{XHTML}div", {"class": "verse"})
        for line in part.lines:
            indent = len(line) - len(line.lstrip())
            verse.append(
                _element("p", "\N{NO-BREAK SPACE}" * min(indent, _WIDEST_INDENT) + line.strip())
            )
        return verse
    return _element("p", part.text)


def _element(name: str, text: str) -> etree._Element:
    """A block of plain text with its ``_emphasis_`` marked up."""
    element = etree.Element(f"{XHTML}{name}")
    pieces = _EMPHASIS.split(text)
    element.text = pieces[0]
    for emphasised, following in zip(pieces[1::2], pieces[2::2], strict=True):
        inner = etree.SubElement(element, f"{XHTML}em")
        inner.text, inner.tail = emphasised, following
    return element


def _metadata(root: etree._Element) -> ManuscriptMetadata:
    """What the manuscript says of itself in the block that pandoc writes first."""
    header = root.find(".//header[@id='title-block-header']")
    language = language_tag(root.get("lang") or "")
    if header is None:
        return ManuscriptMetadata(language=language)
    title = header.find(".//*[@class='title']")
    authors = tuple(
        element_text(author)
        for author in header.iterfind(".//*[@class='author']")
        if element_text(author)
    )
    remove_element(header)
    return ManuscriptMetadata(element_text(title) if title is not None else "", authors, language)


def _into_xhtml(body: etree._Element) -> None:
    """Give every element its namespace; formulas theirs."""
    inside_formula: set[etree._Element] = set()
    for element in body.iter(etree.Element):
        parent = element.getparent()
        formula = element.tag == "math" or (parent is not None and parent in inside_formula)
        if formula:
            inside_formula.add(element)
        if "xmlns" in element.attrib:
            element.attrib.pop("xmlns")
        element.tag = f"{MATHML if formula else XHTML}{element.tag}"
    for source in body.iter(f"{MATHML}annotation"):
        formula_of = next(source.iterancestors(f"{MATHML}math"), None)
        if formula_of is not None and source.text:
            formula_of.set("alttext", " ".join(source.text.split()))


def _take_notes(body: etree._Element) -> dict[str, etree._Element]:
    """The footnotes out of their section, by id."""
    notes: dict[str, etree._Element] = {}
    for section in list(body.iter(f"{XHTML}section")):
        if section.get("role") == "doc-endnotes":
            notes |= {
                note.get("id", ""): note for note in section.iter(f"{XHTML}li") if note.get("id")
            }
            remove_element(section)
    return notes


def _flat(body: etree._Element) -> Iterator[etree._Element]:
    """The blocks without wrappers that only group them; loose text gets a paragraph."""
    yield from _loose(body.text)
    for element in list(body):
        tail = element.tail
        element.tail = None
        if element.tag in _UNWRAPPED and element.get("class") != "line-block":
            yield from _flat(element)
        elif element.tag == f"{XHTML}div":
            yield _verse(element)
        else:
            yield element
        yield from _loose(tail)


def _loose(text: str | None) -> Iterator[etree._Element]:
    if text and text.strip():
        paragraph = etree.Element(f"{XHTML}p")
        paragraph.text = text
        yield paragraph


def _verse(element: etree._Element) -> etree._Element:
    """Pandoc's line block: one paragraph per line."""
    verse = etree.Element(f"{XHTML}div", {"class": "verse"})
    line = etree.SubElement(verse, f"{XHTML}p")
    line.text = element.text
    for inner in list(element):
        if inner.tag == f"{XHTML}br":
            line = etree.SubElement(verse, f"{XHTML}p")
            line.text = (inner.tail or "").lstrip()
        else:
            line.append(inner)
    return verse


def _with_lists(blocks: list[etree._Element]) -> Iterator[etree._Element]:
    """Paragraphs that begin with a bullet are the items of a list."""
    for bulleted, run in itertools.groupby(blocks, _is_bulleted):
        if not bulleted:
            yield from run
            continue
        listed = etree.Element(f"{XHTML}ul")
        for paragraph in run:
            paragraph.text = _BULLET.sub("", paragraph.text or "", count=1)
            paragraph.tag = f"{XHTML}li"
            listed.append(paragraph)
        yield listed


def _is_bulleted(block: etree._Element) -> bool:
    return block.tag == f"{XHTML}p" and _BULLET.match(block.text or "") is not None


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


def _without_front(
    blocks: list[etree._Element], metadata: ManuscriptMetadata
) -> tuple[list[etree._Element], ManuscriptMetadata]:
    """The blocks without title and authors, which the EPUB has on a title page of its own."""
    first = next((n for n, block in enumerate(blocks) if _begins(block, metadata)), len(blocks))
    front = [element_text(block) for block in blocks[: min(first, _FRONT)]]
    page = title_page(front, metadata.title, metadata.authors) if first < len(blocks) else None
    if page is None:
        return blocks, metadata
    kept = [block for number, block in enumerate(blocks) if number not in page.lines]
    title, authors = metadata.title or page.title, metadata.authors or page.authors
    return kept, replace(metadata, title=title, authors=authors)


def _begins(block: etree._Element, metadata: ManuscriptMetadata) -> bool:
    """Whether the text begins with this block: a heading that is not the book's title."""
    level = heading_level(block)
    return level > 0 and element_text(block) != metadata.title
