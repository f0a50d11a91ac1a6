"""A content document without what paper cannot show: sounds, films, scripts, folded parts.

Each gives way to what the book itself offers in its place, as EPUB 3.3 §3.3 and HTML intend; else
to a short note.
"""

import copy

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element

XHTML = "http://www.w3.org/1999/xhtml"
_H = f"{{{XHTML}}}"
_EPUB = "{http://www.idpf.org/2007/ops}"
_SOURCES = frozenset({f"{_H}source", f"{_H}track"})
_NOTES = frozenset({"footnote", "endnote", "rearnote", "note"})
_SHOWN_CASES = ("http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg")


def make_printable(root: etree._Element) -> int:
    """Change the document at `root` in place; how many sounds and films it has."""
    media = 0
    for element in list(root.iter(f"{_H}audio", f"{_H}video")):
        media += 1
        _replace_media(element)
    for element in list(root.iter(f"{_H}canvas", f"{_H}noscript")):
        element.tag = f"{_H}div"
    for element in root.iter(f"{_H}details"):
        element.set("open", "open")
    for element in list(root.iter(f"{_EPUB}switch")):
        _choose(element)
    for element in root.iter(f"{_H}aside"):
        if _NOTES & set(element.get(f"{_EPUB}type", "").split()):
            _show(element)
    return media


def _replace_media(element: etree._Element) -> None:
    """What is meant for readers without sound and film; else the poster; else a note."""
    kind = etree.QName(element).localname
    for child in list(element):
        if child.tag in _SOURCES:
            remove_element(child)
    offered = len(element) > 0 or bool((element.text or "").strip())
    name = element.get("aria-label") or element.get("title") or ""
    poster = element.get("poster")
    shown = kind == "video" or element.get("controls") is not None
    if not shown and not offered:
        remove_element(element)
        return
    kept = {key: value for key, value in element.attrib.items() if key in ("id", "class", "style")}
    element.tag = f"{_H}div"
    element.attrib.clear()
    for key, value in kept.items():
        element.set(key, value)
    if poster:
        element.insert(0, etree.Element(f"{_H}img", {"src": poster, "alt": name}))
    if not offered:
        note = etree.SubElement(element, f"{_H}span", {"class": "ebook-note"})
        note.text = f"[{kind.title()}{': ' if name else ''}{name}]"


def _choose(switch: etree._Element) -> None:
    """The case that a browser can show, else the default. EPUB 3.3 §I.1 (deprecated)"""
    cases = [case for case in switch if case.tag == f"{_EPUB}case"]
    known = (case for case in cases if case.get("required-namespace") in _SHOWN_CASES)
    chosen = next(known, switch.find(f"{_EPUB}default"))
    if chosen is None:
        remove_element(switch)
        return
    shown = copy.deepcopy(chosen)
    shown.tag = f"{_H}div" if _has_blocks(shown) else f"{_H}span"
    shown.attrib.clear()
    shown.tail = switch.tail
    parent = switch.getparent()
    if parent is not None:
        parent.replace(switch, shown)


def _has_blocks(element: etree._Element) -> bool:
    return any(child.tag in (f"{_H}p", f"{_H}div", f"{_H}table") for child in element)


def _show(note: etree._Element) -> None:
    """A note that a reading system would pop up is read where it stands."""
    note.attrib.pop("hidden", "")
    own = note.get("style", "").rstrip("; ")
    note.set("style", f"{own}; display: block !important".lstrip("; "))
