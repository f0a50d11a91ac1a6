"""Whether a damaged PDF is whole once it is repaired: every page there, and all that it draws.

ISO 32000-2 §7.7.3 (page tree). A reference to an object that the file does not have is legal and
means nothing (§7.3.10); in a file that was cut short it means that the object is lost. What a page
refers to is therefore looked up in the file's own bytes: qpdf forgets such references.
"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from ebook_pipeline.books.formats.pdf import objects, opening, pdf_findings
from ebook_pipeline.books.formats.pdf.objects import ObjectId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted

SECONDS = 15
"""Of processor time for loading all pages."""
_LONGEST_OBJECT = 1 << 20
"""Bytes of an object's dictionary that are read."""
_DEEPEST = 6
"""Objects from a page to what it draws with."""
_MOST_OBJECTS = 2_000_000
"""Objects of one file."""
_OBJECT = re.compile(rb"\b(\d{1,10}) (\d{1,5}) obj\b")
_END = re.compile(rb"\bendobj\b|\bstream\b")
_REFERENCE = re.compile(rb"\b(\d{1,10}) (\d{1,5}) R\b")
_ELSEWHERE = re.compile(rb"/(?:Parent|P|Annots|B|Dest|A|AA|StructParents|Metadata)\s*\d+ \d+ R\b")
_GONE = re.compile(r"Pages tree includes non-dictionary object")
_EXPORT = "Send the whole file again, or export it anew from its source."


def check(path: Path) -> list[Finding]:
    """What of a damaged file's pages is lost; raises pikepdf's errors where it does not open."""
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        stated = objects.number(objects.entry(pdf.Root, "/Pages", "/Count")) or 0
        pages = [page.obj for page in pdf.pages]
        dropped = sum(bool(_GONE.search(str(problem))) for problem in pdf.get_warnings())
        gone = max(int(stated) - len(pages), dropped)
        with path.open("rb") as stream, _mapped(stream.fileno()) as data:
            references = _References(pdf, data)
            empty = [n for n, page in enumerate(pages, 1) if references.lost(page)]
    return [*_lost(gone, sorted({*empty, *_undrawn(path)}))]


def _mapped(file: int) -> mmap.mmap:
    return mmap.mmap(file, 0, access=mmap.ACCESS_READ)


class _References:
    """Where objects are written in the file, and which of those they refer to are missing."""

    def __init__(self, pdf: pikepdf.Pdf, data: mmap.mmap) -> None:
        self._pdf, self._data = pdf, data
        self._places: dict[ObjectId, int] = {}
        for count, match in enumerate(_OBJECT.finditer(data)):
            if count >= _MOST_OBJECTS:
                break
            self._places[int(match[1]), int(match[2])] = match.end()
        self._known: dict[ObjectId, bool] = {}

    def lost(self, page: pikepdf.Object) -> bool:
        """Whether something that the page draws, or draws with, is not in the file."""
        identity = objects.object_id(page)
        return identity is not None and self._misses(identity, 0)

    def _misses(self, identity: ObjectId, depth: int) -> bool:
        if identity in self._known:
            return self._known[identity]
        self._known[identity] = False
        if depth:
            self._known[identity] = self._pdf.get_object(identity) is None
        if not self._known[identity] and depth < _DEEPEST:
            inner = self._referred(identity)
            self._known[identity] = any(self._misses(other, depth + 1) for other in inner)
        return self._known[identity]

    def _referred(self, identity: ObjectId) -> Iterator[ObjectId]:
        start = self._places.get(identity)
        if start is None:
            return
        written = self._data[start : start + _LONGEST_OBJECT]
        end = _END.search(written)
        own = _ELSEWHERE.sub(b"", written[: end.start()] if end else written)
        for match in _REFERENCE.finditer(own):
            yield int(match[1]), int(match[2])


def _undrawn(path: Path) -> Iterator[int]:
    """Pages, counted from 1, that cannot be loaded from the repaired file."""
    budget = objects.TimeBudget(SECONDS)
    try:
        document = opening.drawable(path)
    except pdfium.PdfiumError:
        return
    with document:
        for number in range(len(document)):
            if budget.spent:
                return
            try:
                document[number].close()
            except pdfium.PdfiumError:
                yield number + 1


def _lost(gone: int, undrawn: list[int]) -> Iterator[Finding]:
    if not gone and not undrawn:
        return
    losses = [f"{counted(gone, 'page')} of it {'is' if gone == 1 else 'are'} missing"] * bool(gone)
    if undrawn:
        losses.append(f"{counted(len(undrawn), 'page')} can not be drawn as meant")
    text = f"The file is cut short or damaged: {', and '.join(losses)}."
    yield pdf_findings.error("pdf.pages-lost", text, _EXPORT, pdf_findings.page_ranges(undrawn))
