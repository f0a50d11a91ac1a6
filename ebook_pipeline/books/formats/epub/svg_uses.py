"""How many elements the drawings of a book become once every ``use`` shows what it names.

SVG 2 §5.6, https://www.w3.org/TR/SVG2/struct.html#UseElement: each ``use`` is a copy of what it
refers to, uses within that included, so that a few lines can stand for billions of elements. So is
what fills a shape within a pattern; and a drawing may stand in a ``data:`` URL.
"""

import base64
import binascii
import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_to_bytes

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.formats.epub.zip_structure import fatal
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

MOST_COPIED = 200_000
"""Elements that a book's uses may add whatever it holds; a browser takes about 1 kB for each."""
MOST_TIMES = 10
"""Or so many times the elements of the documents with uses: formulas set as drawings have a use
for every sign."""
_HINT = re.compile(rb"<(?:[^\s<>/:]+:)?(?:use|pattern)[\s/>]|<!ENTITY|svg\+xml", re.IGNORECASE)
_PAINT = re.compile(r"url\(\s*['\"]?#([^'\")]{1,200})")
_PAINTED = ("fill", "stroke", "style", "mask", "clip-path", "filter")
_IN_URL = "data:image/svg+xml"
_IN_DOCUMENT = "#data-"
"""What stands between a document's name and the number of a drawing that lies in it."""
_DEEPEST = 8
"""Drawings in URLs within each other."""
_XLINK = "{http://www.w3.org/1999/xlink}href"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_REMEDY = "Draw it with fewer copies, or send the drawing as a picture."
_UNCOUNTED = 10**12
"""Elements from which nobody counts on: numbers of 100,000 digits would take their time."""
_Place = tuple[str, str]
"""A document and an id in it; no id is the whole document."""


@dataclass
class _Part:
    """What lies within an id: `own` elements, the ids within it, and what its uses name."""

    own: int = 0
    drawn: list[_Place] = field(default_factory=list)
    painted: list[_Place] = field(default_factory=list)
    """What fills shapes within patterns: one that leads back to itself is not drawn."""


class UsedDrawings:
    """The uses of a book's documents; in all linear in the elements that these have."""

    def __init__(self, container: Archive) -> None:
        self._container = container
        self._parts: dict[_Place, _Part] = {}
        self._sizes: dict[_Place, int] = {}
        self._read: dict[str, int] = {}
        """Elements by document."""

    def add(self, name: str, data: bytes) -> None:
        """Read the document `data` where it may have uses."""
        if name not in self._read and _HINT.search(data.replace(b"\0", b"")):
            self._add(name, data)

    def finding(self) -> Finding | None:
        """What forbids to draw the book, if anything."""
        sizes: dict[str, int] = {}
        for name in list(self._read):
            size = self._size((name, ""))
            if size is None:
                text = "A drawing uses itself, or a part that it lies in."
                place = name.partition(_IN_DOCUMENT)[0]
                return fatal("svg.circular-use", text, place, "Take the circular reference out.")
            sizes[name] = size
        written, drawn = sum(self._read[name] for name in sizes), sum(sizes.values())
        if drawn - written <= max(MOST_COPIED, MOST_TIMES * written):
            return None
        text = (
            f"Drawings of {written:,} elements use each other so often that"
            f" {drawn:,} elements or more would have to be drawn."
        )
        largest = max(sizes, key=lambda name: sizes[name])
        return fatal("svg.uses", text, largest.partition(_IN_DOCUMENT)[0], _REMEDY)

    def _add(self, name: str, data: bytes) -> None:
        self._read[name] = 0
        with suppress(BookError):  # what is no document draws nothing, or has its own finding
            root = xml.parse(data, place=name, recover=True)
            self._read[name] = self._divide(name, root)

    def _divide(self, name: str, root: etree._Element) -> int:
        """Note the parts of the document; how many elements it has."""
        whole = self._parts[(name, "")] = _Part()
        within: list[tuple[etree._Element | None, _Part]] = [(None, whole)]
        count = patterns = 0
        for event, node in etree.iterwalk(root, events=("start", "end")):
            is_pattern = xml.element_name(node) == "pattern"
            if event == "end":
                patterns -= is_pattern
                if within[-1][0] is node:
                    within.pop()
                continue
            count += 1
            patterns += is_pattern
            place = (name, node.get("id") or node.get(_XML_ID) or "")
            if place not in self._parts:  # of two with one id the first is meant
                within[-1][1].drawn.append(place)
                within.append((node, self._parts.setdefault(place, _Part())))
            part = within[-1][1]
            part.own += 1
            if xml.element_name(node) == "use":
                part.drawn += _target(name, node.get("href") or node.get(_XLINK) or "")
            if patterns:
                part.painted += ((name, paint) for paint in _paints(node))
            for attribute in ("src", "href", _XLINK, "data"):
                self._add_url(name, node.get(attribute) or "", part)
        return count

    def _add_url(self, document: str, url: str, part: _Part) -> None:
        """The drawing that a ``data:`` URL holds, as a document of its own that `part` draws."""
        drawing = _in_url(url)
        name = f"{document}{_IN_DOCUMENT}{len(self._read)}"
        if drawing and document.count(_IN_DOCUMENT) < _DEEPEST:
            part.drawn.append((name, ""))
            self._add(name, drawing)

    def _size(self, start: _Place) -> int | None:
        """Elements that `start` is drawn with, None where it draws itself.

        Depth first without recursion: a part is summed up when all that it draws is.
        """
        waiting, entered = [start], set[_Place]()
        while waiting:
            place = waiting[-1]
            if place in self._sizes:
                waiting.pop()
                continue
            part = self._part(place)
            if place in entered:
                drawn = (*part.drawn, *part.painted)
                size = part.own + sum(self._sizes.get(other, 0) for other in drawn)
                self._sizes[place] = min(size, _UNCOUNTED)
                entered.discard(place)
                waiting.pop()
                continue
            entered.add(place)
            for other in part.drawn:
                if other in entered:
                    return None
                if other not in self._sizes:
                    waiting.append(other)
            waiting += (
                other for other in part.painted if other not in entered and other not in self._sizes
            )
        return self._sizes[start]

    def _part(self, place: _Place) -> _Part:
        """What is nowhere draws nothing; a document without uses is read when one names it."""
        name = place[0]
        if name not in self._read and name in self._container:
            self._read[name] = 0
            with suppress(BookError):
                self._add(name, self._container.read(name, xml.LARGEST_DOCUMENT))
        return self._parts.get(place) or _Part()


def _target(document: str, href: str) -> list[_Place]:
    """What a use names: nothing where it is remote, or no part of its own document."""
    name, fragment = resolve(document, href), unquote(href.strip().partition("#")[2])
    return [] if name is None or (name == document and not fragment) else [(name, fragment)]


def _paints(node: etree._Element) -> list[str]:
    """The ids of what the element is filled and cut with."""
    return [paint for name in _PAINTED for paint in _PAINT.findall(node.get(name) or "")]


def _in_url(url: str) -> bytes:
    """The drawing in a ``data:`` URL (RFC 2397); nothing of another."""
    head, _, body = url.strip().partition(",")
    if not head.lower().startswith(_IN_URL):
        return b""
    data = unquote_to_bytes(body)
    if not head.lower().endswith("base64"):
        return data
    try:
        return base64.b64decode(data)
    except binascii.Error:
        return b""
