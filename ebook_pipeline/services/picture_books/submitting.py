"""A finished picture book becomes a submission like any other; its release waits for a person."""

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.landing_keys import landing_key
from ebook_pipeline.books.picture_books.brief import AgeGroup
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.records import BlobRef, Claims, Edition
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import SubmissionReceipt, SubmissionRequest
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.picture_books.briefs import OrderedBy

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
    database: Database, order: OrderedBy, finished: PictureBook, blob: BlobRef
) -> SubmissionReceipt:
    """Submit the book's file, which is in the store; the same file again is no news."""
    key = landing_key(order.account, f"picture-books/{order.key}.epub", accounts.ids(database))
    return submissions.submit(database, _request(key, order, finished, blob), actor=_PART)


def is_generated(edition: Edition) -> bool:
    """Whether nobody has written this edition: it is released when a person says so."""
    return edition.source.startswith(_SOURCE)


def _request(key: str, order: OrderedBy, finished: PictureBook, blob: BlobRef) -> SubmissionRequest:
    return SubmissionRequest(
        landing_key=key,
        version=blob.sha256,
        source=f"{_SOURCE}{order.key}",
        length=blob.length,
        blob=blob,
        origin="cli" if order.account == HOUSE else "http",
        account=order.account,
        claims=Claims(
            title=finished.title,
            subtitle=finished.subtitle or None,
            authors=(finished.author,),
            language=finished.language,
            description=finished.description,
            audience=_AUDIENCES[finished.age_group],
        ),
    )
