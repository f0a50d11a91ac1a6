"""A finished picture book becomes a submission like any other; its release waits for a person."""

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.picture_books.brief import AgeGroup
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.records import BlobRef, Claims, Edition
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import SubmissionReceipt, SubmissionRequest

_SOURCE = "picture-book:"
"""Begins the source of every submission that was generated here."""
_PART = "pipeline"
_AUDIENCES = {
    AgeGroup.BABIES: "0-2",
    AgeGroup.PRESCHOOL: "3-5",
    AgeGroup.EARLY_READERS: "6-8",
    AgeGroup.MIDDLE: "9-12",
}


def submit_picture_book(
    database: Database, key: str, finished: PictureBook, blob: BlobRef
) -> SubmissionReceipt:
    """Submit the book's file, which is in the store; the same file again is no news."""
    return submissions.submit(database, _request(key, finished, blob), actor=_PART)


def is_generated(edition: Edition) -> bool:
    """Whether nobody has written this edition: it is released when a person says so."""
    return edition.source.startswith(_SOURCE)


def _request(key: str, finished: PictureBook, blob: BlobRef) -> SubmissionRequest:
    return SubmissionRequest(
        landing_key=f"picture-books/{key}.epub",
        version=blob.sha256,
        source=f"{_SOURCE}{key}",
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
