"""A book as reviewers read it, a document at a time, open at the words of a finding."""

import re
import tempfile
from pathlib import Path

from starlette.requests import Request

from ebook_pipeline.books.records import BlobRef, Manifestations
from ebook_pipeline.books.reviewing.reading_view import ReadingPlace, write_reading_view
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.record import canonical_json
from ebook_pipeline.services.reviewing.evidence import all_findings
from ebook_pipeline.services.reviewing.reviews import ReviewTask
from ebook_pipeline.tools import sandbox

_DOCUMENT = re.compile(r"[^#]*?\.x?html?\b", re.IGNORECASE)
"""What stands before a line, a column or a fragment."""
_LONGEST_PLACE = 1000
_LARGEST_KEPT = 16 << 20
"""Bytes of a book that is kept for the next document of it: larger ones go by the disk alone."""


def reading_view(
    request: Request, context: DeskContext, task: ReviewTask, document: str, number: int | None
) -> bytes:
    """A document of the edition; `number` is that of the finding that it is opened for.

    Raises `NotFound` where the edition was not converted, BookError where it can't be read.
    """
    made = context.records.read("converted_book", task.book, task.edition, Manifestations)
    if made is None:
        raise NotFound("there is no text of this edition yet")
    findings = all_findings(context.records, task.book, task.edition)
    place = _place(findings, document, number).model_copy(
        update={
            "before": rendering.say(request, "review.before"),
            "after": rendering.say(request, "review.after"),
        }
    )
    key = (made.epub.sha256, canonical_json(place.model_dump()))
    return context.reading_views.get(key, lambda: _written(context, made.epub, place))


def _written(context: DeskContext, blob: BlobRef, place: ReadingPlace) -> bytes:
    with tempfile.TemporaryDirectory(prefix="ebooks-reading-") as folder:
        epub, page = Path(folder) / "book.epub", Path(folder) / "page.html"
        if blob.length <= _LARGEST_KEPT:
            epub.write_bytes(context.opened_books.get(blob.sha256, lambda: _read(context, blob)))
        else:
            context.object_store.fetch(blob, epub)
        sandbox.call(write_reading_view, epub, page, place)
        return page.read_bytes()


def _read(context: DeskContext, blob: BlobRef) -> bytes:
    with context.object_store.open(blob) as stream:
        return stream.read()


def _place(findings: tuple[Finding, ...], document: str, number: int | None) -> ReadingPlace:
    opened = findings[number] if number is not None and number < len(findings) else None
    wanted = document or (document_of(opened) if opened else "")
    there = [one for one in findings if document_of(one) == wanted and one.passage]
    return ReadingPlace(
        document=wanted,
        passages=tuple(_words(one) for one in there),
        here=there.index(opened) if opened in there else -1,
    )


def document_of(finding: Finding) -> str:
    """The path in the book that a finding's place begins with; empty where it names none."""
    match = _DOCUMENT.match(finding.place[:_LONGEST_PLACE])
    return match[0] if match else ""


def _words(finding: Finding) -> str:
    return next(iter(finding.passage.splitlines()), "").strip()
