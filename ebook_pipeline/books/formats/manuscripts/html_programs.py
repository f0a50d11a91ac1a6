"""HTML as the programs mean it that books come from: Word, Project Gutenberg, old ruby.

Word's “filtered” pages keep its own contents and set signs in fonts of signs; Project Gutenberg's
keep its licence and the printed edition's page numbers within the text.
"""

import re

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import symbol_fonts
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector

WORD_CONTENTS = re.compile(r"\bMso(?:Toc\d|TocHeading)\b", re.IGNORECASE)
"""Classes of the lines of contents that Word made."""
BOILERPLATE = re.compile(r"\bpg-?(?:boilerplate|header|footer)\b", re.IGNORECASE)
"""Classes and ids of Project Gutenberg's header and licence."""
PAGE_NUMBER = re.compile(r"\b(?:pagenum|pageno|page-?number)\b", re.IGNORECASE)
"""Classes of the printed edition's page numbers within the text."""
_NUMBER = re.compile(r"[\W_]*(?:p(?:age|g)?\W*)?[\divxlc]{1,7}[\W_]*", re.IGNORECASE)
_OWN_TITLE = re.compile(
    r"(?:the |an? )?project gutenberg(?:['’]s|-tm|™)? (?:e-?book|e-?text)(?: of|,)? "
    r"(?P<title>.+?)(?:,? by .{2,80})?",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"(?P<last>[^\W\d_][^,]{0,40}), (?P<first>[^\W\d_][^,]{0,40}), "
    r"(?:\d{4}\??-(?:\d{4}\??)?|-\d{4}\??|\d{4})"
)
"""A name as libraries sort it, with years."""


def read_as_meant(root: etree._Element, collector: FindingCollector) -> None:
    """Rewrite below `root`, before anything is cleaned, what means something else than it says."""
    for element in list(root.iter(etree.Element)):
        if element.tag in ("html", "body", "head"):
            continue
        kind = f"{element.get('class', '')} {element.get('id', '')}"
        if WORD_CONTENTS.search(kind):
            _leave_out(element, "manuscript.contents", collector)
        elif BOILERPLATE.search(kind):
            _leave_out(element, "manuscript.boilerplate-part", collector)
        elif element.tag in ("span", "a") and is_page_number(
            kind, "".join(map(str, element.itertext()))
        ):
            _leave_number_out(element)
        elif element.tag == "ruby":
            _pair(element)
    _draw_signs(root)


def is_page_number(kind: str, words: str) -> bool:
    """Whether `words` of these classes are the number of a printed page."""
    return PAGE_NUMBER.search(kind) is not None and _NUMBER.fullmatch(words) is not None


def name_in_order(name: str) -> str:
    """“Low, Ann, 1850-1900” as people say it; others as they are."""
    inverted = _INVERTED.fullmatch(name.strip())
    return f"{inverted['first']} {inverted['last']}" if inverted else name


def own_title(title: str) -> str:
    """A page's title without what Project Gutenberg puts around it."""
    found = _OWN_TITLE.fullmatch(" ".join(title.split()))
    return found["title"] if found else title


def _leave_out(element: etree._Element, rule: str, collector: FindingCollector) -> None:
    words = " ".join("".join(map(str, element.itertext())).split())
    if words:
        collector.add(rule, words)
    remove_element(element)


def _leave_number_out(element: etree._Element) -> None:
    """A place stays that links may lead to."""
    places = [inner.get(key) for inner in element.iter() for key in ("id", "name")]
    place, tail = next(filter(None, places), None), element.tail
    element.clear()
    element.tag, element.tail = "span", tail
    if place:
        element.set("id", place)


def _pair(ruby: etree._Element) -> None:
    """Bases and readings that stand apart (``rb``, ``rtc``) as one of each, HTML §4.5.10."""
    if next(ruby.iter("rb", "rtc"), None) is None:
        return
    bases = ["".join(map(str, base.itertext())) for base in ruby.iter("rb")]
    readings = ["".join(map(str, reading.itertext())) for reading in ruby.iter("rt")]
    tail = ruby.tail
    ruby.clear()
    ruby.text, ruby.tail = "".join(bases), tail
    etree.SubElement(ruby, "rt").text = "".join(readings)


def _draw_signs(root: etree._Element) -> None:
    """Letters in a font of signs as the signs, whatever other fonts stand within it."""
    for element in root.iter(etree.Element):
        style, face = element.get("style"), element.get("face")
        if not style and not face:
            continue
        font = symbol_fonts.styled_font(style or "", face or "")
        if font and element.text:
            element.text = symbol_fonts.shown_in(font, element.text)
        if font:
            for inner in element:
                inner.tail = symbol_fonts.shown_in(font, inner.tail or "") or None
