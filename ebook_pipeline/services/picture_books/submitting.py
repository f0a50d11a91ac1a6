"""A finished picture book becomes a submission like any other; a person is always asked."""

from typing import NamedTuple

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.picture_books.brief import AgeGroup
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.records import BlobRef, Claims
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import OpenSubmission, SubmissionRequest
from ebook_pipeline.services.reviewing import routing
from ebook_pipeline.services.reviewing.reviews import flags

ASKED = "generated picture book: a person must approve it"
_PART = "pipeline"
_AUDIENCES = {
    AgeGroup.BABIES: "0-2",
    AgeGroup.PRESCHOOL: "3-5",
    AgeGroup.EARLY_READERS: "6-8",
    AgeGroup.MIDDLE: "9-12",
}


class SubmittedBook(NamedTuple):
    book: str
    edition: int


def submit_picture_book(
    database: Database, key: str, finished: PictureBook, blob: BlobRef
) -> SubmittedBook:
    """Submit the book's file; the same file again is no news. Its edition waits for a person."""
    receipt = submissions.submit(database, _request(key, finished, blob), actor=_PART)
    edition = submissions.take_edition(database, receipt.book, _has_bytes)
    asked = flags(database, receipt.book, edition.number)
    if receipt.new and not any(flag.endswith(ASKED) for flag in asked):
        routing.flag(database, receipt.book, reason=ASKED, actor=_PART)
    return SubmittedBook(receipt.book, edition.number)


def _request(key: str, finished: PictureBook, blob: BlobRef) -> SubmissionRequest:
    return SubmissionRequest(
        landing_key=f"picture-books/{key}.pdf",
        version=blob.sha256,
        source=f"picture book {key}",
        length=blob.length,
        blob=blob,
        origin="cli",
        account=HOUSE,
        claims=Claims(
            title=finished.title,
            subtitle=finished.subtitle or None,
            authors=(finished.author,),
            language=finished.language,
            description=finished.description,
            audience=_AUDIENCES[finished.age_group],
        ),
    )


def _has_bytes(submission: OpenSubmission) -> BlobRef:
    """Every submission of ours is in the store; a stranger's by this name is not ours to fetch."""
    raise LookupError(f"{submission.landing_key} was submitted without its bytes")
