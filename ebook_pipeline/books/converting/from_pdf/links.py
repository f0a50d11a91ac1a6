"""A PDF's outline, the links on its pages, and the labels of its pages.

ISO 32000-2 §12.3 (destinations, outline), §12.4.2 (page labels), §12.5.6.5 (links).
"""

import ctypes
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ebook_pipeline.books.converting.from_pdf import pdf_strings
from ebook_pipeline.books.converting.from_pdf.glyphs import LinkArea

if TYPE_CHECKING:
    import pypdfium2 as pdfium

MOST_LINKS = 50_000
MOST_ENTRIES = 20_000
_ADDRESS = re.compile(r"(?:https?://[^\s/]+|mailto:[^\s@]+@[^\s@]+$)", re.IGNORECASE)
_SAFE = "%/:=&?~#+!$,;'@()*"
_URI_ACTION = 3


@dataclass(frozen=True, slots=True)
class PagePosition:
    """A point of the document: a page and, where it is said, a height on it in points."""

    page: int
    top: float | None = None


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """An entry of the outline; `depth` from 0."""

    title: str
    depth: int
    place: PagePosition


@dataclass
class LinkTargets:
    """What the pages point to, numbered: an address or a place."""

    targets: list[str | PagePosition] = field(default_factory=list)

    def areas(self, document: "pdfium.PdfDocument", page: "pdfium.PdfPage") -> list[LinkArea]:
        """The page's links as areas with the number of what they point to."""
        import pypdfium2.raw as pdfium

        areas: list[LinkArea] = []
        position, link, rect = ctypes.c_int(0), pdfium.FPDF_LINK(), pdfium.FS_RECTF()
        while len(self.targets) < MOST_LINKS and pdfium.FPDFLink_Enumerate(
            page.raw, ctypes.byref(position), ctypes.byref(link)
        ):
            target = _target(document, link)
            if target is not None and pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
                low, high = sorted((rect.bottom, rect.top))
                areas.append((rect.left, low, rect.right, high, len(self.targets)))
                self.targets.append(target)
        return areas


def outline(document: "pdfium.PdfDocument") -> list[OutlineEntry]:
    """The outline's entries that point into the document, in their order."""
    return list(_entries(document))


def _entries(document: "pdfium.PdfDocument") -> Iterator[OutlineEntry]:
    import pypdfium2.raw as pdfium

    for count, mark in enumerate(document.get_toc(max_depth=8)):
        if count >= MOST_ENTRIES:
            return
        destination = mark.get_dest()
        title = pdf_strings.read_utf16(functools.partial(pdfium.FPDFBookmark_GetTitle, mark.raw))
        title = pdf_strings.one_line(title)
        place = _place(destination.pdf.raw, destination.raw) if destination else None
        if place is not None and title:
            yield OutlineEntry(title, mark.level, place)


def page_labels(document: "pdfium.PdfDocument", printed: dict[int, str]) -> list[str]:
    """Every page's name: the document's own, else the number printed on it, else its count."""
    import pypdfium2.raw as pdfium

    own = [
        pdf_strings.one_line(
            pdf_strings.read_utf16(
                functools.partial(pdfium.FPDF_GetPageLabel, document.raw, number)
            )
        )
        for number in range(len(document))
    ]
    if any(own):
        return [label or str(number + 1) for number, label in enumerate(own)]
    if len(printed) * 2 > len(own) and len(set(printed.values())) == len(printed):
        return [printed.get(number, "") for number in range(len(own))]
    return [str(number + 1) for number in range(len(own))]


def web_address(uri: str) -> str | None:
    """The address as XHTML may hold it; None for what is no web or mail address."""
    bare = uri.strip()
    if not _ADDRESS.match(bare) or len(bare) > 2000:
        return None
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(bare, safe=_SAFE))


def _target(document: "pdfium.PdfDocument", link: Any) -> str | PagePosition | None:
    import pypdfium2.raw as pdfium

    destination = pdfium.FPDFLink_GetDest(document.raw, link)
    if destination:
        return _place(document.raw, destination)
    action = pdfium.FPDFLink_GetAction(link)
    if not action:
        return None
    if pdfium.FPDFAction_GetType(action) == _URI_ACTION:
        return web_address(_uri(document, action))
    destination = pdfium.FPDFAction_GetDest(document.raw, action)
    return _place(document.raw, destination) if destination else None


def _uri(document: "pdfium.PdfDocument", action: Any) -> str:
    import pypdfium2.raw as pdfium

    length = pdfium.FPDFAction_GetURIPath(document.raw, action, None, 0)
    written = ctypes.create_string_buffer(min(length, 4096))
    pdfium.FPDFAction_GetURIPath(document.raw, action, written, len(written))
    return written.value.decode("utf-8", "replace")


def _place(document: Any, destination: Any) -> PagePosition | None:
    import pypdfium2.raw as pdfium

    page = pdfium.FPDFDest_GetDestPageIndex(document, destination)
    if page < 0:
        return None
    given = [ctypes.c_int() for _ in range(3)]
    values = [ctypes.c_float() for _ in range(3)]
    pointers = [*map(ctypes.byref, given), *map(ctypes.byref, values)]
    known = pdfium.FPDFDest_GetLocationInPage(destination, *pointers)
    # Many write 0 where they mean nowhere on the page: nothing begins at its lower edge.
    top = values[1].value if known and given[1].value else 0.0
    return PagePosition(page, top if top > 0 else None)
