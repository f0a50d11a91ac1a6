"""Footnotes of a manuscript placed at the end of the chapter that their mark stands in.

EPUB 3 Structural Semantics, https://www.w3.org/TR/epub-ssv-11/#notes
"""

import copy
from collections.abc import Mapping

from lxml import etree

from ebook_pipeline.books.converting.from_manuscript.blocks import flat_blocks
from ebook_pipeline.books.converting.from_manuscript.body import element_text
from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.formats.epub.xml import remove_element

EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


class PlacedNotes:
    """The notes by their id, each placed once: where its first mark stands, else at the end."""

    def __init__(self, notes: Mapping[str, etree._Element]) -> None:
        self._notes = notes
        self._marks = dict.fromkeys(notes, 0)

    def add_to(self, section: etree._Element) -> None:
        """Add the notes whose marks stand in `section` behind it; marks in notes count too."""
        asides: list[etree._Element] = []
        parts = [section]
        while parts:
            found = self._asides_of(parts.pop(0))
            parts += found
            asides += found
        _append(section, asides)

    def add_rest_to(self, section: etree._Element) -> None:
        """Add the notes that no mark leads to behind `section`, the last one."""
        rest = [key for key, marks in self._marks.items() if not marks]
        _append(section, [_aside(self._notes[key], key, "") for key in rest])
        self._marks.update(dict.fromkeys(rest, 1))

    def _asides_of(self, part: etree._Element) -> list[etree._Element]:
        """The notes whose first marks stand in `part`; every mark there is made one."""
        asides = []
        for link in list(part.iter(f"{XHTML}a")):
            key = self._key(link)
            number = self._mark(link, key) if key else ""
            if key and self._marks[key] == 1:
                asides.append(_aside(self._notes[key], key, number))
        return asides

    def _key(self, link: etree._Element) -> str:
        """The id of the note that `link` is the mark of; empty for other links."""
        href = link.get("href", "")
        is_mark = link.get("role") == "doc-noteref" or link.get("class") == "footnote-ref"
        return href[1:] if is_mark and href.startswith("#") and href[1:] in self._notes else ""

    def _mark(self, link: etree._Element, key: str) -> str:
        """Make the link a mark of the note `key`; its words."""
        self._marks[key] += 1
        again = f"-{self._marks[key]}" if self._marks[key] > 1 else ""
        link.attrib.clear()
        link.attrib.update(
            {
                "href": f"#{key}",
                "id": f"{key}-mark{again}",
                "role": "doc-noteref",
                EPUB_TYPE: "noteref",
            }
        )
        return element_text(link)


def _append(section: etree._Element, asides: list[etree._Element]) -> None:
    if not asides:
        return
    last = section[-1] if len(section) else None
    if last is None or last.get("role") != "doc-endnotes":
        attributes = {"role": "doc-endnotes", EPUB_TYPE: "footnotes"}
        last = etree.SubElement(section, f"{XHTML}section", attributes)
    last.extend(asides)


def _aside(note: etree._Element, key: str, number: str) -> etree._Element:
    aside = etree.Element(
        f"{XHTML}aside", {"id": key, "role": "doc-footnote", EPUB_TYPE: "footnote"}
    )
    note = copy.deepcopy(note)
    for back in list(note.iter(f"{XHTML}a")):
        if back.get("role") == "doc-backlink":
            remove_element(back)
    aside.extend(flat_blocks(note))
    if number:
        _lead_back(aside, key, number)
    return aside


def _lead_back(aside: etree._Element, key: str, number: str) -> None:
    """Begin the note with its number, which leads back to its mark."""
    first = aside[0] if len(aside) and aside[0].tag == f"{XHTML}p" else etree.Element(f"{XHTML}p")
    if first.getparent() is None:
        aside.insert(0, first)
    attributes = {"href": f"#{key}-mark", "role": "doc-backlink", "class": "note-number"}
    link = etree.Element(f"{XHTML}a", attributes)
    said = (first.text or "").lstrip()
    link.text, first.text = number, None
    link.tail = f" {said}" if said or len(first) else None
    first.insert(0, link)
