"""Briefs as orders: kept beside the records, each change with its audit row."""

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.stage_records import PageAttempts
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.identifiers import is_book_id
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.audit_and_outbox import audit

_ORDER, _ATTEMPTS = "brief_order", "page_attempts"
_EDITION = 1
"""Briefs have no editions: the newest order of a key is the one that counts."""


def order(database: Database, records: RecordStore, key: str, brief: Brief, *, actor: str) -> None:
    """Keep the brief as `key`; raises ValueError where that is no name for a partition."""
    if not is_book_id(key):
        raise ValueError(f"{key!r} cannot name a brief: use small letters, digits and hyphens")
    with database.begin() as connection:
        audit(connection, actor, "order-picture-book", key, {"seed": brief.seed})
        records.keep(_ORDER, key, _EDITION, brief, "")


def ordered(records: RecordStore, key: str) -> Brief:
    """The brief of this key. Raises `NotFound` where nobody ordered it."""
    brief = records.read(_ORDER, key, _EDITION, Brief)
    if brief is None:
        raise NotFound(f"no brief is called {key!r}")
    return brief


def draw_again(
    database: Database, records: RecordStore, key: str, page: int, *, actor: str
) -> PageAttempts:
    """Ask for one page anew; all others stay as they are. Raises `NotFound` for no such page."""
    brief = ordered(records, key)
    if not 3 <= page < brief.pages:
        raise NotFound(f"{key} has no page {page} that can be drawn again: 3 to {brief.pages - 1}")
    before = attempts(records, key).attempts
    after = PageAttempts(attempts={**before, page: before.get(page, 0) + 1})
    with database.begin() as connection:
        audit(connection, actor, "draw-page-again", key, {"page": page})
        records.keep(_ATTEMPTS, key, _EDITION, after, "")
    return after


def attempts(records: RecordStore, key: str) -> PageAttempts:
    """Which pages were asked for again; none is an empty record."""
    return records.read(_ATTEMPTS, key, _EDITION, PageAttempts) or PageAttempts()
