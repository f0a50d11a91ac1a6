"""The block that pandoc writes before a manuscript's text: what it states, and the lines of it."""

from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import ManuscriptMetadata
from ebook_pipeline.books.formats.manuscripts.cleaned import language_tag
from ebook_pipeline.books.formats.manuscripts.stated_fields import publication_date
from ebook_pipeline.books.formats.manuscripts.title_page import LineKind

_KINDS = {
    "title": LineKind.TITLE,
    "subtitle": LineKind.SUBTITLE,
    "author": LineKind.AUTHOR,
    "date": LineKind.OTHER,
}
_DIRECTIONS = ("ltr", "rtl")


@dataclass(frozen=True)
class TitleHeader:
    """The lines of the block, each with what it is."""

    lines: tuple[tuple[LineKind, str], ...] = ()


def take_header(root: etree._Element) -> tuple[TitleHeader, ManuscriptMetadata]:
    """Take the block out of `root`, an HTML document; an abstract stays as the text's beginning."""
    language = language_tag(root.get("lang") or "")
    body = root.find("body")
    directions = [element.get("dir", "").lower() for element in (body, root) if element is not None]
    direction = next((value for value in directions if value in _DIRECTIONS), "")
    header = root.find(".//header[@id='title-block-header']")
    if header is None:
        return TitleHeader(), ManuscriptMetadata(language=language, direction=direction)
    texts = [(str(line.get("class")), _text(line)) for line in header.iterchildren(etree.Element)]
    lines = tuple((_KINDS[name], text) for name, text in texts if name in _KINDS and text)
    known = dict(reversed(texts))
    _keep_abstract(header)
    stated = ManuscriptMetadata(
        title=_first(lines, LineKind.TITLE),
        subtitle=_first(lines, LineKind.SUBTITLE),
        authors=tuple(text for kind, text in lines if kind is LineKind.AUTHOR),
        language=language,
        direction=direction,
        date=publication_date(known.get("date", "")),
        publisher=known.get("publisher", ""),
        rights=known.get("rights", ""),
        description=known.get("description", ""),
    )
    return TitleHeader(lines), stated


def _first(lines: tuple[tuple[LineKind, str], ...], kind: LineKind) -> str:
    return next((text for known, text in lines if known is kind), "")


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())


def _keep_abstract(header: etree._Element) -> None:
    for abstract in reversed(header.findall("div[@class='abstract']")):
        abstract.tail = None
        header.addnext(abstract)
    remove_element(header)
