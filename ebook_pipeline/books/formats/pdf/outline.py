"""Bookmarks of a PDF: whether there are any, and whether they lead somewhere.

ISO 32000-2 §12.3.3
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.destinations import Destinations
from ebook_pipeline.books.formats.pdf.facts import Outline
from ebook_pipeline.books.formats.pdf.objects import ObjectId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted, listed

MOST_ENTRIES = 50_000
LONG_BOOK = 40
"""Pages from which a book needs bookmarks."""
_DEEPEST = 100
"""Levels."""
_EXPORT = "Let the export make bookmarks of the headings."


@dataclass
class _Seen:
    entries: int = 0
    levels: int = 0
    broken: list[str] = field(default_factory=list)
    unnamed: int = 0
    loops: bool = False


def check(
    pdf: pikepdf.Pdf, pages: int, destinations: Destinations
) -> tuple[Outline, list[Finding]]:
    """The outline of the file; a long book without one is a finding."""
    seen = _Seen()
    for item, level in _walk(objects.entry(pdf.Root, "/Outlines", "/First"), seen):
        seen.entries += 1
        seen.levels = max(seen.levels, level)
        title = objects.text(objects.entry(item, "/Title"))
        seen.unnamed += not title
        if not destinations.leads_nowhere(item) and destinations.is_broken(item):
            seen.broken.append(title or "(without title)")
    facts = Outline(seen.entries, seen.levels, len(seen.broken))
    return facts, list(_findings(seen, pages))


def _walk(first: object, seen: _Seen) -> Iterator[tuple[object, int]]:
    """The items with their levels, in order; loops and what is too deep are cut."""
    known: set[ObjectId] = set()
    waiting = [(first, 1)]
    while waiting and seen.entries < MOST_ENTRIES:
        item, level = waiting.pop()
        if objects.dictionary(item) is None:
            continue
        identity = objects.object_id(item)
        if identity in known or level > _DEEPEST:
            seen.loops = True
            continue
        if identity is not None:
            known.add(identity)
        yield item, level
        waiting += [
            (objects.entry(item, "/Next"), level),
            (objects.entry(item, "/First"), level + 1),
        ]


def _findings(seen: _Seen, pages: int) -> Iterator[Finding]:
    if not seen.entries and pages >= LONG_BOOK:
        text = f"The book has {pages} pages and no bookmarks: its chapters can not be jumped to."
        yield pdf_findings.warning("pdf.no-outline", text, _EXPORT)
    if seen.loops or seen.entries >= MOST_ENTRIES:
        text = "The bookmarks run in a circle, or are too many or too deep: the rest was left out."
        yield pdf_findings.warning("pdf.outline-loop", text, _EXPORT)
    if seen.broken:
        count = counted(len(seen.broken), "bookmark")
        text = f"{count} to pages that the file does not have: {listed(seen.broken)}."
        yield pdf_findings.warning("pdf.outline-broken", text, _EXPORT)
    if seen.unnamed:
        text = f"{counted(seen.unnamed, 'bookmark')} without a title."
        yield pdf_findings.info("pdf.outline-untitled", text, _EXPORT)
