"""Footnotes of HTML found: a mark and a note that link to each other, whoever wrote them.

Marked with the roles of DPUB-ARIA 1.1, https://www.w3.org/TR/dpub-aria-1.1/
"""

import re

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element

_MARK = re.compile(r"[\[(]?\s*([\divxlc]{1,5}|[a-z*†‡§¶]{1,3})\s*[\])]?[.:]?", re.IGNORECASE)
NotePair = tuple[etree._Element, etree._Element]
_BLOCKS = frozenset({"p", "div", "li", "aside", "section", "dd", "td"})


def mark_footnotes(root: etree._Element) -> int:
    """Gather the notes in one section behind the text and give marks their role; how many."""
    if root.find(".//*[@role='doc-noteref']") is not None:
        return 0
    places = _places(root)
    notes: set[etree._Element] = set()
    pairs: list[NotePair] = []
    for link in list(root.iter("a")):
        note = _note_of(link, places)
        if (
            note is None
            or note in notes
            or any(ancestor in notes for ancestor in link.iterancestors())
        ):
            continue
        notes.add(note)
        pairs.append((link, note))
    if pairs:
        _gather(root, pairs)
    return len(pairs)


def _places(root: etree._Element) -> dict[str, etree._Element]:
    places: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        for name in (element.get("id"), element.get("name")):
            if name:
                places.setdefault(name, element)
    return places


def _note_of(link: etree._Element, places: dict[str, etree._Element]) -> etree._Element | None:
    """The block of the note that `link` leads to, where the note's own mark leads back to it."""
    href = link.get("href", "")
    words = "".join(str(piece) for piece in link.itertext()).strip()
    target = places.get(href[1:]) if href.startswith("#") else None
    if target is None or not _MARK.fullmatch(words):
        return None
    names = {
        link.get("id"),
        link.get("name"),
        *(ancestor.get("id") for ancestor in link.iterancestors()),
    }
    names |= {element.get(key) for element in link.iter() for key in ("id", "name")}
    block = next(
        (ancestor for ancestor in (target, *target.iterancestors()) if ancestor.tag in _BLOCKS),
        None,
    )
    if block is None or link in block.iter():
        return None
    backs = [anchor for anchor in block.iter("a") if anchor.get("href", "")[1:] in names - {None}]
    return block if backs else None


def _gather(root: etree._Element, pairs: list[NotePair]) -> None:
    body = root.find("body")
    section = etree.SubElement(
        body if body is not None else root, "section", {"role": "doc-endnotes", "id": "footnotes"}
    )
    listed = etree.SubElement(section, "ol")
    for number, (link, note) in enumerate(pairs, 1):
        item = etree.SubElement(listed, "li", {"id": f"fn{number}", "role": "doc-endnote"})
        _move(note, item)
        _mark(link, number)
        back = {"href": f"#fnref{number}", "class": "footnote-back", "role": "doc-backlink"}
        etree.SubElement(item[-1], "a", back).text = "↩"


def _mark(link: etree._Element, number: int) -> None:
    """Make the link the mark of note `number`, its words kept."""
    words = "".join(str(piece) for piece in link.itertext()).strip("[]() ")
    tail = link.tail
    link.clear()
    link.tail = tail
    link.attrib.update(
        {
            "href": f"#fn{number}",
            "id": f"fnref{number}",
            "role": "doc-noteref",
            "class": "footnote-ref",
        }
    )
    etree.SubElement(link, "sup").text = words


def _move(note: etree._Element, item: etree._Element) -> None:
    """The paragraphs of the note, without its own mark, into the list's item."""
    for back in [anchor for anchor in note.iter("a") if anchor.get("href", "").startswith("#")]:
        words = "".join(str(piece) for piece in back.itertext()).strip()
        if _MARK.fullmatch(words) or words in ("↩", "↩︎", "^", "↑", ""):
            _forget(back)
    paragraphs = note.findall("p")
    remove_element(note)
    note.tail = None
    if paragraphs:
        item.extend(paragraphs)
    else:
        note.tag = "p"
        note.attrib.clear()
        item.append(note)


def _forget(back: etree._Element) -> None:
    """Take the note's own mark out, with the brackets and the full stop around it."""
    parent, before = back.getparent(), back.getprevious()
    back.tail = (back.tail or "").lstrip(" .:])\u00a0")
    if before is None and parent is not None:
        parent.text = (parent.text or "").rstrip("[( ")
    remove_element(back)
