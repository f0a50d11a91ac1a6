"""The rows of a purged book: its keys at once, all others when nothing needs them any more."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from ebook_pipeline.foundation.errors import Denied, ServiceError
from ebook_pipeline.resources.database import account_tables, notice_tables, tables
from ebook_pipeline.resources.database.roles import allow_taking_away
from ebook_pipeline.services.notifying.recipients import name_of
from ebook_pipeline.services.owning import accounts

_SUBMISSION = tables.submission.c
_CONTACT = account_tables.contact.c
_NOTICE = notice_tables.notice.c
_RECIPIENT = notice_tables.recipient.c

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
_WORK = """
    DELETE FROM work WHERE id = :work AND NOT EXISTS (SELECT FROM book WHERE book.work = work.id)
"""
_MANUSCRIPTS = """
    DELETE FROM manuscript WHERE job IN (
        SELECT job FROM upload JOIN source USING (landing_key) WHERE source.book = :book
        UNION SELECT id FROM job WHERE claims ->> 'book' = :book)
"""
_JOBS = """
    WITH gone AS (
        SELECT job AS id FROM upload JOIN source USING (landing_key) WHERE source.book = :book
        UNION SELECT id FROM job WHERE claims ->> 'book' = :book
    ), files AS (DELETE FROM upload WHERE job IN (SELECT id FROM gone))
    DELETE FROM job WHERE id IN (SELECT id FROM gone)
"""
ROWS = (
    _WORDS,
    "DELETE FROM refused_arrival WHERE landing_key IN"
    " (SELECT landing_key FROM source WHERE book = :book)",
    "DELETE FROM meaning WHERE book = :book",
    "DELETE FROM book_summary WHERE book = :book",
    "DELETE FROM book_view WHERE book = :book",
    "DELETE FROM catalog WHERE book = :book",
    "DELETE FROM copy WHERE book = :book",
    "DELETE FROM license_event WHERE license IN (SELECT id FROM license WHERE book = :book)",
    "DELETE FROM license WHERE book = :book",
    "DELETE FROM preview_link WHERE book = :book",
    "DELETE FROM onix_sent WHERE book = :book",
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
    "DELETE FROM reprocessing_book WHERE book = :book",
    "DELETE FROM stage_run WHERE book = :book",
    "DELETE FROM notice WHERE book = :book",
    "DELETE FROM delivery WHERE book = :book",
    "DELETE FROM outbox WHERE book = :book",
    "DELETE FROM audit WHERE book = :book",
    _MANUSCRIPTS,
    _JOBS,
    "DELETE FROM submission WHERE book = :book",
    "DELETE FROM edition WHERE book = :book",
    "DELETE FROM source WHERE book = :book",
    "DELETE FROM book WHERE id = :book",
)
"""Every table that may hold something of a book, in an order that no constraint minds."""

_IS_DRAFT = text(
    "SELECT EXISTS (SELECT FROM release WHERE book = :book) AS released,"
    " EXISTS (SELECT FROM submission WHERE book = :book AND state = 'open') AS submitted"
)
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


def require_draft(connection: Connection, book: str) -> None:
    """Raise `Denied` for a book that was released, ServiceError where a file has just come."""
    row = connection.execute(_IS_DRAFT, {"book": book}).one()
    if row.released:
        raise Denied(f"{book} was released: it is no draft any more")
    if row.submitted:
        raise ServiceError(f"a file of {book} has just come: wait for what becomes of it")


def shred(connection: Connection, book: str) -> None:
    """Take away what opens the book, its readers' licences and its buyers' marks."""
    for statement in SHRED:
        connection.execute(text(statement), {"book": book})


def delete_rows(connection: Connection, book: str) -> None:
    """Take away every row of the book, and its work where no other book is of it."""
    found = connection.execute(text("SELECT work FROM book WHERE id = :book"), {"book": book})
    work = found.scalar_one_or_none()
    _forget_contacts(connection, book)
    allow_taking_away(connection)
    for statement in ROWS:
        connection.execute(text(statement), {"book": book})
    connection.execute(text(_WORK), {"work": work})


def lone_contacts(connection: Connection, book: str) -> set[str]:
    """Addresses, as names are kept, that this book of its account alone has given."""
    account = accounts.owner(connection, book)
    query = select(tables.SUBMITTED_CONTACT).distinct()
    of_account = query.join(tables.book, _SUBMISSION.book == tables.book.c.id)
    of_account = of_account.where(tables.book.c.account == account)
    given = connection.execute(query.where(_SUBMISSION.book == book)).scalars()
    kept = connection.execute(of_account.where(_SUBMISSION.book != book)).scalars()
    return set(map(name_of, filter(None, given))) - set(map(name_of, filter(None, kept)))


def questions_to(account: str | None, addresses: Collection[str]) -> ColumnElement[bool]:
    """The notices that asked these whether the account may write to them."""
    asked = (_NOTICE.kind == "contact_confirm") & (_NOTICE.account == account)
    return asked & _NOTICE.who.in_(addresses)


def _forget_contacts(connection: Connection, book: str) -> None:
    """With what was asked there, and what its owner preferred where no account has it any more."""
    account, gone = accounts.owner(connection, book), lone_contacts(connection, book)
    here = (_CONTACT.account == account) & _CONTACT.address.in_(gone)
    connection.execute(delete(account_tables.contact).where(here))
    connection.execute(delete(notice_tables.notice).where(questions_to(account, gone)))
    nobodys = _RECIPIENT.who.in_(gone) & ~exists().where(_CONTACT.address == _RECIPIENT.who)
    connection.execute(delete(notice_tables.recipient).where(nobodys))


def shared(connection: Connection, book: str, digests: Iterable[str]) -> set[str]:
    """Which of these blobs other books have too."""
    asked = {"book": book, "digests": list(digests)}
    return set(connection.execute(_SHARED, asked).scalars())
