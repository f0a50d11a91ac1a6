"""The rows of a purged book: its keys at once, all others when nothing needs them any more."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

SHRED = (
    "DELETE FROM content_key WHERE book = :book",
    "UPDATE license SET user_key = '', hint = '', reader = '' WHERE book = :book",
    "UPDATE copy SET mark = NULL WHERE book = :book",
)
"""What opens the book: without it, what is left of it anywhere is noise."""

_WORDS = """
    DELETE FROM catalog_word WHERE word IN (
        SELECT unnest(tsvector_to_array(search)) FROM catalog WHERE book = :book
    ) AND NOT EXISTS (
        SELECT FROM catalog WHERE book <> :book AND word = ANY (tsvector_to_array(search)))
"""
_CONTACTS = """
    DELETE FROM contact USING submission, book
    WHERE submission.book = :book AND book.id = :book AND contact.account = book.account
    AND contact.address = lower(btrim(submission.claims ->> 'contact'))
    AND NOT EXISTS (
        SELECT FROM submission AS other JOIN book AS its ON its.id = other.book
        WHERE other.book <> :book AND its.account = contact.account
        AND lower(btrim(other.claims ->> 'contact')) = contact.address)
"""
_ADDRESSES = """
    DELETE FROM notice WHERE kind = 'contact_confirm' AND NOT EXISTS (
        SELECT FROM contact WHERE contact.account = notice.account AND contact.address = notice.who)
"""
_WORK = """
    DELETE FROM work WHERE id = :work AND NOT EXISTS (SELECT FROM book WHERE book.work = work.id)
"""
ROWS = (
    _WORDS,
    "DELETE FROM refused_arrival WHERE landing_key IN"
    " (SELECT landing_key FROM source WHERE book = :book)",
    _CONTACTS,
    _ADDRESSES,
    "DELETE FROM meaning WHERE book = :book",
    "DELETE FROM catalog WHERE book = :book",
    "DELETE FROM copy WHERE book = :book",
    "DELETE FROM license_event WHERE license IN (SELECT id FROM license WHERE book = :book)",
    "DELETE FROM license WHERE book = :book",
    "DELETE FROM preview_link WHERE book = :book",
    "DELETE FROM price WHERE book = :book",
    "DELETE FROM sales_right WHERE book = :book",
    "DELETE FROM edge_check WHERE book = :book",
    "DELETE FROM edge_turn WHERE book = :book",
    "DELETE FROM edge_incident WHERE book = :book",
    "DELETE FROM release WHERE book = :book",
    "DELETE FROM manifestation WHERE edition IN (SELECT id FROM edition WHERE book = :book)",
    "DELETE FROM ingestion_metrics WHERE book = :book",
    "DELETE FROM content_key WHERE book = :book",
    "DELETE FROM review_route WHERE task IN (SELECT id FROM review_task WHERE book = :book)",
    "DELETE FROM decision WHERE task IN (SELECT id FROM review_task WHERE book = :book)",
    "DELETE FROM review_task WHERE book = :book",
    "DELETE FROM review_flag WHERE book = :book",
    "DELETE FROM field_lock WHERE book = :book",
    "DELETE FROM description WHERE book = :book",
    "DELETE FROM stage_run WHERE book = :book",
    "DELETE FROM notice WHERE book = :book",
    "DELETE FROM delivery WHERE book = :book",
    "DELETE FROM outbox WHERE book = :book",
    "DELETE FROM audit WHERE book = :book",
    "DELETE FROM submission WHERE book = :book",
    "DELETE FROM edition WHERE book = :book",
    "DELETE FROM source WHERE book = :book",
    "DELETE FROM book WHERE id = :book",
)
"""Every table that may hold something of a book, in an order that no constraint minds."""

_SHARED = text(
    """
    SELECT sha256 FROM edition WHERE book <> :book AND sha256 = ANY (:digests)
    UNION SELECT manifestation.sha256 FROM manifestation
        JOIN edition ON edition.id = manifestation.edition
        WHERE edition.book <> :book AND manifestation.sha256 = ANY (:digests)
    UNION SELECT file -> 'blob' ->> 'sha256' FROM release,
        jsonb_array_elements(distribution -> 'files') AS file
        WHERE book <> :book AND file -> 'blob' ->> 'sha256' = ANY (:digests)
    """
).bindparams(bindparam("digests", type_=ARRAY(Text)))


def shred(connection: Connection, book: str) -> None:
    """Take away what opens the book, its readers' licences and its buyers' marks."""
    for statement in SHRED:
        connection.execute(text(statement), {"book": book})


def delete_rows(connection: Connection, book: str) -> None:
    """Take away every row of the book, and its work where no other book is of it."""
    found = connection.execute(text("SELECT work FROM book WHERE id = :book"), {"book": book})
    work = found.scalar_one_or_none()
    for statement in ROWS:
        connection.execute(text(statement), {"book": book})
    connection.execute(text(_WORK), {"work": work})


def shared(connection: Connection, book: str, digests: Iterable[str]) -> set[str]:
    """Which of these blobs other books have too."""
    asked = {"book": book, "digests": list(digests)}
    return set(connection.execute(_SHARED, asked).scalars())
