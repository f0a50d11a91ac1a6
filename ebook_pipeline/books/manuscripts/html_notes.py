"""Footnotes of HTML found: a mark and a note that link to each other, whoever wrote them.

Marked with the roles of DPUB-ARIA 1.1, https://www.w3.org/TR/dpub-aria-1.1/
"""

import re

from lxml import etree

_MARK = re.compile(r"[\[(]?\s*([\divxlc]{1,5}|[a-z*†‡§¶]{1,3})\s*[\])]?[.:]?", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "li", "aside", "section", "dd", "td"})


def mark_notes(root: etree._Element) -> int:
    """Gather the notes in one section behind the text and give marks their role; how many."""
    if root.find(".//*[@role='doc-noteref']") is not None:
        return 0
    places = _places(root)
    pairs = [
        (link, note) for link in root.iter("a") if (note := _note_of(link, places)) is not None
    ]
    unique = {id(note): (link, note) for link, note in reversed(pairs)}
    kept = [pair for pair in pairs if unique[id(pair[1])][0] is pair[0]]
    if kept:
        _gather(root, kept)
    return len(kept)


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
    words = "".join(str(one) for one in link.itertext()).strip()
    target = places.get(href[1:]) if href.startswith("#") else None
    if target is None or not _MARK.fullmatch(words):
        return None
    names = {link.get("id"), link.get("name"), *(one.get("id") for one in link.iterancestors())}
    names |= {one.get(key) for one in link.iter() for key in ("id", "name")}
    block = next((one for one in (target, *target.iterancestors()) if one.tag in _BLOCKS), None)
    if block is None or link in block.iter():
        return None
    backs = [one for one in block.iter("a") if one.get("href", "")[1:] in names - {None}]
    before_it = next(link.getroottree().getroot().iter(link, block), None)
    return block if backs and before_it is not block else None


def _gather(root: etree._Element, pairs: list[tuple[etree._Element, etree._Element]]) -> None:
    body = root.find("body")
    section = etree.SubElement(
        body if body is not None else root, "section", {"role": "doc-endnotes", "id": "footnotes"}
    )
    listed = etree.SubElement(section, "ol")
    for number, (link, note) in enumerate(pairs, 1):
        item = etree.SubElement(listed, "li", {"id": f"fn{number}", "role": "doc-endnote"})
        _move(note, item, link)
        words = "".join(str(one) for one in link.itertext())
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
        etree.SubElement(link, "sup").text = words.strip("[]() ")
        back = {"href": f"#fnref{number}", "class": "footnote-back", "role": "doc-backlink"}
        etree.SubElement(item[-1], "a", back).text = "↩"


def _move(note: etree._Element, item: etree._Element, link: etree._Element) -> None:
    """The content of the note without its own mark into the list's item."""
    del link
    for back in [one for one in note.iter("a") if one.get("href", "").startswith("#")]:
        words = "".join(str(one) for one in back.itertext()).strip()
        if _MARK.fullmatch(words) or words in ("↩", "↩︎", "^", "↑", ""):
            _forget(back)
    parent = note.getparent()
    tail = note.tail
    note.tail = None
    if parent is not None and tail:
        before = note.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
    if note.tag in ("div", "li", "aside", "section", "td", "dd") and len(note.findall("p")):
        item.extend(note.findall("p"))
        if parent is not None:
            parent.remove(note)
    else:
        note.tag = "p"
        note.attrib.clear()
        item.append(note)
    if not len(item):
        etree.SubElement(item, "p")


def _forget(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    tail, before = (element.tail or "").lstrip(" .:\u00a0"), element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "").rstrip("[( ") + tail
    parent.remove(element)
