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

H = "{http://www.w3.org/1999/xhtml}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
_UNWRAPPED = frozenset(f"{H}{name}" for name in ("div", "section", "article", "main", "header"))
_HEADING = re.compile(r"\{http://www\.w3\.org/1999/xhtml\}h([1-6])")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_EMPHASIS = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]{1,500}?)(?<=[^\s_])_(?![\w_])")
_BULLET = re.compile(r"\s*[•▪◦‣·]\s+(?=\S)")
_FRONT = 6


NOTHING_SAID = ManuscriptMetadata()


@dataclass(frozen=True)
class Flow:
    """The blocks in order; `notes` are footnotes (``li`` elements) by their id."""

    blocks: list[etree._Element]
    about: ManuscriptMetadata = NOTHING_SAID
    notes: Mapping[str, etree._Element] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def heading_level(block: etree._Element) -> int:
    """1 to 6 for headings, else 0."""
    found = _HEADING.fullmatch(str(block.tag))
    return int(found[1]) if found else 0


def words(element: etree._Element) -> str:
    """The text of the element on one line."""
    return " ".join("".join(str(one) for one in element.itertext()).split())


def read_html(path: Path) -> Flow:
    """The HTML document at `path`, pictures beside it; nothing that acts or is fetched is kept."""
    root = html.parse_html(_CONTROLS.sub("", path.read_text("utf-8", "replace")))
    pictures = frozenset(
        one.relative_to(path.parent).as_posix() for one in path.parent.rglob("media/**/*")
    )
    noted = FindingCollector()
    html.clean_tree(root, noted, pictures)
    about = _about(root)
    body = root.find("body")
    body = body if body is not None else root
    _into_xhtml(body)
    notes = _take_notes(body)
    blocks = list(_flat(body))
    _recover_headings(blocks)
    blocks = list(_with_lists(blocks))
    blocks, about = _without_front(blocks, about)
    return Flow(blocks, about, notes, noted.findings)


def read_text(path: Path) -> Flow:
    """The plain text in UTF-8 at `path`."""
    found = prose.read_prose(path.read_text("utf-8"))
    blocks = [_text_block(part) for part in found.parts if part.kind is not PartKind.TITLE]
    return Flow(blocks, ManuscriptMetadata(found.title, found.authors))


def _text_block(part: ProsePart) -> etree._Element:
    if part.kind is PartKind.BREAK:
        return etree.Element(f"{H}hr")
    if part.kind is PartKind.HEADING:
        return _element(f"h{min(part.level, 6)}", part.text)
    if part.kind is PartKind.VERSE:
        verse = etree.Element(f"{H}div", {"class": "verse"})
        for line in part.lines:
            indent = len(line) - len(line.lstrip())
            verse.append(_element("p", "\N{NO-BREAK SPACE}" * min(indent, 12) + line.strip()))
        return verse
    return _element("p", part.text)


def _element(name: str, text: str) -> etree._Element:
    """A paragraph of plain text, its ``_emphasis_`` made so."""
    element = etree.Element(f"{H}{name}")
    pieces = _EMPHASIS.split(text)
    element.text = pieces[0]
    for emphasised, following in zip(pieces[1::2], pieces[2::2], strict=True):
        inner = etree.SubElement(element, f"{H}em")
        inner.text, inner.tail = emphasised, following
    return element


def _about(root: etree._Element) -> ManuscriptMetadata:
    """What the manuscript says of itself in the block that pandoc writes first."""
    header = root.find(".//header[@id='title-block-header']")
    language = language_tag(root.get("lang") or "")
    if header is None:
        return ManuscriptMetadata(language=language)
    title = header.find(".//*[@class='title']")
    authors = tuple(words(one) for one in header.iterfind(".//*[@class='author']") if words(one))
    remove_element(header)
    return ManuscriptMetadata(words(title) if title is not None else "", authors, language)


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
        element.tag = f"{MATH if formula else H}{element.tag}"
    for source in body.iter(f"{MATH}annotation"):
        formula_of = next(source.iterancestors(f"{MATH}math"), None)
        if formula_of is not None and source.text:
            formula_of.set("alttext", " ".join(source.text.split()))


def _take_notes(body: etree._Element) -> dict[str, etree._Element]:
    """The footnotes out of their section, by id."""
    notes: dict[str, etree._Element] = {}
    for section in list(body.iter(f"{H}section")):
        if section.get("role") == "doc-endnotes":
            notes |= {one.get("id", ""): one for one in section.iter(f"{H}li") if one.get("id")}
            remove_element(section)
    return notes


def _flat(body: etree._Element) -> Iterator[etree._Element]:
    """The blocks below wrappers that only group; loose text gets a paragraph."""
    yield from _loose(body.text)
    for element in list(body):
        tail = element.tail
        element.tail = None
        if element.tag in _UNWRAPPED and element.get("class") != "line-block":
            yield from _flat(element)
        elif element.tag == f"{H}div":
            yield _verse(element)
        else:
            yield element
        yield from _loose(tail)


def _loose(text: str | None) -> Iterator[etree._Element]:
    if text and text.strip():
        paragraph = etree.Element(f"{H}p")
        paragraph.text = text
        yield paragraph


def _verse(element: etree._Element) -> etree._Element:
    """Pandoc's line block: one paragraph per line."""
    verse = etree.Element(f"{H}div", {"class": "verse"})
    line = etree.SubElement(verse, f"{H}p")
    line.text = element.text
    for inner in list(element):
        if inner.tag == f"{H}br":
            line = etree.SubElement(verse, f"{H}p")
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
        listed = etree.Element(f"{H}ul")
        for paragraph in run:
            paragraph.text = _BULLET.sub("", paragraph.text or "")
            paragraph.tag = f"{H}li"
            listed.append(paragraph)
        yield listed


def _is_bulleted(block: etree._Element) -> bool:
    return block.tag == f"{H}p" and _BULLET.match(block.text or "") is not None


def _recover_headings(blocks: list[etree._Element]) -> None:
    """Where no heading is marked: paragraphs that are bold throughout or say “Chapter 3”."""
    if any(heading_level(block) and words(block) for block in blocks):
        return
    paragraphs = [block for block in blocks if block.tag == f"{H}p" and words(block)]
    found = heading_detection.detect_headings(
        [StyledParagraph(words(one), bold=_is_bold(one)) for one in paragraphs]
    )
    for index, level in found.items():
        paragraphs[index].tag = f"{H}h{min(level, 6)}"
        for bold in list(paragraphs[index].iter(f"{H}strong")):
            bold.tag = f"{H}span"


def _is_bold(paragraph: etree._Element) -> bool:
    said = [words(one) for one in paragraph.iterfind(f"{H}strong")]
    return bool(said) and " ".join(said) == words(paragraph)


def _without_front(
    blocks: list[etree._Element], about: ManuscriptMetadata
) -> tuple[list[etree._Element], ManuscriptMetadata]:
    """The blocks without the title and the authors that a title page of ours will say."""
    first = next((n for n, one in enumerate(blocks) if _begins(one, about)), len(blocks))
    front = [words(one) for one in blocks[: min(first, _FRONT)]]
    said = title_page(front, about.title, about.authors) if first < len(blocks) else None
    if said is None:
        return blocks, about
    kept = [block for number, block in enumerate(blocks) if number not in said.lines]
    title, authors = about.title or said.title, about.authors or said.authors
    return kept, replace(about, title=title, authors=authors)


def _begins(block: etree._Element, about: ManuscriptMetadata) -> bool:
    """Whether the text begins with this block: a heading that is not the book's title."""
    level = heading_level(block)
    return level > 0 and words(block) != about.title
