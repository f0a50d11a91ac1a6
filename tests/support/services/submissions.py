"""Short ways to submit books in tests of services and of what stands on them."""

import hashlib
from collections.abc import Callable

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.records import BlobRef, Claims, Edition
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import (
    OpenSubmission,
    SubmissionReceipt,
    SubmissionRequest,
    submit,
    take_edition,
)


def blob(content: str = "A") -> BlobRef:
    """A reference to these bytes, which no store holds."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    return BlobRef(sha256=digest, length=len(content), media_type="application/epub+zip")


def offer(
    key: str = "emma.epub", version: str = "1", claims: Claims | None = None, account: str = HOUSE
) -> SubmissionRequest:
    """An arrival in the landing store."""
    return SubmissionRequest(
        landing_key=key,
        version=version,
        source=f"/in/{key}",
        length=1,
        claims=claims or Claims(),
        account=account,
    )


def fetched(content: str) -> Callable[[OpenSubmission], BlobRef]:
    """What `take_edition` asks for, when every submission has this content."""
    return lambda _: blob(content)


def arrive(
    database: Database,
    content: str = "A",
    key: str = "emma.epub",
    claims: Claims | None = None,
    account: str = HOUSE,
) -> Edition:
    """Submit these bytes as a new version of `key` and take them."""
    with database.begin() as connection:
        version = connection.exec_driver_sql("SELECT count(*) FROM submission").scalar_one()
    submitted: SubmissionReceipt = submit(
        database, offer(key, str(version), claims, account), actor="ann"
    )
    return take_edition(database, submitted.book, fetched(content))
