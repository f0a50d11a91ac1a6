"""The only entrance: what arrives becomes a book's submission, and its bytes an edition."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.landing_keys import own_name
from ebook_pipeline.books.records import BlobRef, Claims, Edition, Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.events import following
from ebook_pipeline.foundation.identifiers import book_id, is_book_id
from ebook_pipeline.resources.database import Database, progress_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.actors import require_known
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.intake import refusals
from ebook_pipeline.services.owning import accounts, imprints, ownership, tombstones
from ebook_pipeline.services.owning.ownership import SubmissionRefused
from ebook_pipeline.services.reviewing import tasks

_SUBMISSION = tables.submission.c
_EDITION = tables.edition.c
_DOOR = "submissions"
_TWINS = text(
    f"""
    SELECT twins.book, twins.ended FROM book
    CROSS JOIN (SELECT CAST(:sha256 AS text) AS sha256) AS newest
    CROSS JOIN LATERAL ({progress_tables.TWINS}) AS twins
    WHERE book.id = :book ORDER BY twins.book
    """  # noqa: S608 - of our own words
)
_QUEUE_UP = text(
    "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS asked (key)"
)


AGAIN = "again"
"""The run of a submission whose first run ended before it took it."""


class SubmissionRequest(Record):
    """One arrival as somebody offers it; `blob` where its bytes are in the object store already."""

    landing_key: str
    version: str
    source: str
    length: int
    claims: Claims = Claims()
    blob: BlobRef | None = None
    origin: Literal["landing", "cli", "http"] = "landing"
    account: str = HOUSE
    """Who offers it: by where it came from, never by what it says."""


class SubmissionReceipt(Record):
    """Where an offer went; `new` is False when it was submitted before."""

    book: str
    submission: int
    new: bool


class OpenSubmission(Record):
    """A submission whose bytes nobody has taken yet."""

    id: int
    book: str
    landing_key: str
    version: str
    source: str
    length: int
    claims: Claims
    blob: BlobRef | None
    origin: Literal["landing", "cli", "http"]
    at: datetime
    run: str | None = None


def submit(database: Database, arrival: SubmissionRequest, *, actor: str) -> SubmissionReceipt:
    """Find or make the arrival's book and note the submission; the same arrival again is no news.

    The same landing key is always the same book, whatever a later sidecar claims. What touches
    another account's folder, book, ISBN or imprint is noted as refused: `SubmissionRefused`.
    """
    try:
        with database.begin() as connection:
            return _submit(connection, arrival, actor)
    except SubmissionRefused as error:
        refused = (arrival.landing_key, arrival.version, error.finding)
        refusals.refuse(database, [refused], actor=actor)
        raise


def take_edition(
    database: Database, book: str, fetch: Callable[[OpenSubmission], BlobRef]
) -> Edition:
    """Turn the book's open submissions into editions, oldest first; returns the current edition.

    `fetch` stores a submission's bytes and says where. Bytes equal to the current edition's close
    the submission as unchanged (its claims replace the edition's); A, B, A are three editions. A
    submission whose bytes are gone is superseded when a later one of the book is open; else the
    error of `fetch` is raised. Raises `NotFound` where the book has no edition at all.
    """
    for submission in open_submissions(database, book):
        try:
            blob = submission.blob or fetch(submission)
        except Unavailable:
            raise
        except ServiceError:
            if not _superseded(database, submission):
                raise
        else:
            _close(database, submission, blob)
    return current_edition(database, book)


def current_edition(database: Database, book: str) -> Edition:
    """The newest edition. Raises `NotFound` where there is none."""
    with database.begin() as connection:
        row = _newest(connection, book)
    if row is None:
        raise NotFound(f"nothing was submitted as {book!r}")
    return _edition_record(row)


def book_of(database: Database, landing_key: str) -> str:
    """The book that this landing key is. Raises `NotFound` where it was never submitted."""
    with database.begin() as connection:
        book = _book_of(connection, clean_text(landing_key))
    if book is None:
        raise NotFound(f"nothing was submitted as {landing_key!r}")
    return book


def open_submissions(database: Database, book: str) -> tuple[OpenSubmission, ...]:
    """The book's submissions whose bytes nobody has taken yet, oldest first."""
    query = select(tables.submission).where(_SUBMISSION.state == "open", _SUBMISSION.book == book)
    with database.begin() as connection:
        return tuple(map(_open_record, connection.execute(query.order_by(_SUBMISSION.id))))


def open_of(database: Database, books: Sequence[str]) -> dict[str, tuple[OpenSubmission, ...]]:
    """The same of many books, by name; those without any are left out."""
    found: dict[str, tuple[OpenSubmission, ...]] = {}
    query = select(tables.submission).where(_SUBMISSION.state == "open")
    with database.ask() as connection:
        rows = connection.execute(query.where(_SUBMISSION.book.in_(books)).order_by(_SUBMISSION.id))
        for row in rows:
            found[row.book] = (*found.get(row.book, ()), _open_record(row))
    return found


def unlaunched(database: Database, limit: int = 1000) -> tuple[OpenSubmission, ...]:
    """Open submissions that no run has, or has any more. Oldest first."""
    free = _SUBMISSION.run.is_(None) | (_SUBMISSION.run == AGAIN)
    query = select(tables.submission).where(_SUBMISSION.state == "open", free)
    with database.ask() as connection:
        rows = connection.execute(query.order_by(_SUBMISSION.id).limit(limit))
        return tuple(map(_open_record, rows))


@dataclass(frozen=True)
class SameBytes:
    """Other books of the same bytes, each in order of name; `ended` were rejected or withdrawn."""

    books: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


def same_bytes_elsewhere(database: Database, edition: Edition) -> SameBytes:
    """Other books of its account with an edition of the same bytes.

    Those of other accounts are compared once the book is described (`services.describing`).
    """
    with database.begin() as connection:
        rows = connection.execute(_TWINS, {"sha256": edition.blob.sha256, "book": edition.book})
        twins = rows.all()
    return SameBytes(
        books=tuple(twin.book for twin in twins if not twin.ended),
        ended=tuple(twin.book for twin in twins if twin.ended),
    )


def set_run(database: Database, submissions: Iterable[int], run_id: str) -> None:
    """Note that the run `run_id` was asked to take these submissions."""
    statement = update(tables.submission).where(_SUBMISSION.id.in_(tuple(submissions)))
    with database.begin() as connection:
        connection.execute(statement.values(run=run_id))


def _submit(connection: Connection, arrival: SubmissionRequest, actor: str) -> SubmissionReceipt:
    require_known(connection, actor)
    key, account = clean_text(arrival.landing_key), arrival.account
    queue_up(connection, [key])
    ownership.require_own_folder(account, key, accounts.known_ids(connection))
    receipt = _submitted(connection, key, arrival.version)
    if receipt is not None:
        return receipt
    _refuse_purged(connection, arrival)
    ownership.require_own_claims(connection, account, key, arrival.claims)
    book, is_new = _book_of(connection, key), False
    if book is None:
        book, is_new = _new_book(connection, key, arrival)
    ownership.require_own_book(connection, account, key, book)
    submission = _note(connection, book, arrival, actor)
    detail = told(submission, key, arrival.version)
    audit(connection, actor, "submit", book, detail)
    received = emit(connection, "submission.received", book, detail | {"origin": arrival.origin})
    if is_new:
        made = {"account": account, "submission": submission}
        with following(received):
            emit(connection, "book.created", book, made)
    return SubmissionReceipt(book=book, submission=submission, new=True)


def _refuse_purged(connection: Connection, arrival: SubmissionRequest) -> None:
    """What was purged does not come back by itself; another file of the same name does."""
    key, claimed = arrival.landing_key, arrival.claims.book
    purged = (
        tombstones.is_purged(connection, arrival=refusals.digest_of(key, arrival.version))
        or (arrival.blob and tombstones.is_purged(connection, content=arrival.blob.sha256))
        or (claimed and tombstones.of_book(connection, claimed))
    )
    if purged:
        raise SubmissionRefused.of(ownership.was_purged(key))


def queue_up(connection: Connection, landing_keys: Iterable[str]) -> None:
    """Let one transaction at a time submit these landing keys; all wait in the same order."""
    digests = [hashlib.sha256(f"submit {key}".encode()).digest() for key in landing_keys]
    keys = sorted(int.from_bytes(digest[:8], "big", signed=True) for digest in digests)
    connection.execute(_QUEUE_UP, {"keys": keys})


def _submitted(connection: Connection, key: str, version: str) -> SubmissionReceipt | None:
    query = select(_SUBMISSION.book, _SUBMISSION.id).where(
        _SUBMISSION.landing_key == key, _SUBMISSION.version == version
    )
    row = connection.execute(query).first()
    return None if row is None else SubmissionReceipt(book=row.book, submission=row.id, new=False)


def _book_of(connection: Connection, key: str) -> str | None:
    query = select(tables.source.c.book).where(tables.source.c.landing_key == key)
    return connection.execute(query).scalar_one_or_none()


def _new_book(connection: Connection, key: str, arrival: SubmissionRequest) -> tuple[str, bool]:
    """The book that a landing key seen for the first time belongs to, for ever; whether it is new.

    Its imprint is settled as well: no later claim changes it.
    """
    claims, account = arrival.claims, arrival.account
    imprint = imprints.imprint_for(connection, account, claims.publisher)
    row = {"account": account, "imprint": imprint}
    if claims.book is not None and is_book_id(claims.book):
        book = claims.book
        is_new = _make(connection, book, row)
    else:
        names = _names(own_name(account, key), key)
        free = (name for name in names if tombstones.of_book(connection, name) is None)
        book, is_new = next(name for name in free if _make(connection, name, row)), True
    connection.execute(insert(tables.source).values(landing_key=key, book=book))
    return book, is_new


def _names(name: str, key: str) -> Iterator[str]:
    yield book_id(name)
    yield book_id(name, taken=True)
    yield book_id(name, taken=True, salt=key)
    yield hashlib.sha256(key.encode()).hexdigest()


def _make(connection: Connection, book: str, row: Mapping[str, str | None]) -> bool:
    """Make the book and its work, unless it exists; waits for others who are making it."""
    work = connection.execute(insert(tables.work).returning(tables.work.c.id)).scalar_one()
    statement = insert(tables.book).values(id=book, work=work, **row).on_conflict_do_nothing()
    if connection.execute(statement.returning(tables.book.c.id)).first() is not None:
        return True
    connection.execute(tables.work.delete().where(tables.work.c.id == work))
    return False


def row_of(book: str, arrival: SubmissionRequest, actor: str) -> dict[str, Any]:
    """The submission's row."""
    facts = arrival.model_dump(mode="json", exclude={"account"})
    return facts | {"book": book, "actor": actor}


def told(submission: int, key: str, version: str) -> dict[str, Any]:
    """What audit and events say of a submission."""
    return {"submission": submission, "landing_key": key, "version": version}


def _note(connection: Connection, book: str, arrival: SubmissionRequest, actor: str) -> int:
    row = row_of(book, arrival, actor)
    statement = insert(tables.submission).values(row).returning(_SUBMISSION.id)
    number: int = connection.execute(statement).scalar_one()
    return number


def _superseded(database: Database, gone: OpenSubmission) -> bool:
    """Close a submission whose bytes are gone, where a later one of its book is open."""
    later = select(_SUBMISSION.id).where(
        _SUBMISSION.book == gone.book, _SUBMISSION.id > gone.id, _SUBMISSION.state == "open"
    )
    statement = update(tables.submission).where(_SUBMISSION.id == gone.id, later.exists())
    values = {"state": "superseded", "closed_at": func.now()}
    with database.begin() as connection:
        return connection.execute(statement.values(values)).rowcount == 1


def _close(database: Database, submission: OpenSubmission, blob: BlobRef) -> None:
    """Make the submission's bytes the current edition, whichever edition that is."""
    with database.begin() as connection:
        lock_book_row(connection, submission.book)
        still = select(_SUBMISSION.state).where(_SUBMISSION.id == submission.id)
        if connection.execute(still).scalar_one() != "open":
            return
        newest = _newest(connection, submission.book)
        if newest is not None and newest.sha256 == blob.sha256:
            edition, state = newest.id, "unchanged"
            _reclaim(connection, edition, submission.claims)
        else:
            number = 1 if newest is None else newest.number + 1
            edition, state = _new_edition(connection, submission, blob, number), "edition"
        values = {"state": state, "edition": edition, "closed_at": func.now()}
        connection.execute(
            update(tables.submission).where(_SUBMISSION.id == submission.id).values(values)
        )


def _new_edition(
    connection: Connection, submission: OpenSubmission, blob: BlobRef, number: int
) -> int:
    row = {
        "book": submission.book,
        "number": number,
        "source": submission.source,
        "claims": submission.claims.model_dump(mode="json"),
        **blob.model_dump(),
    }
    made = connection.execute(insert(tables.edition).values(row).returning(_EDITION.id))
    tasks.void(
        connection, tables.review_task.c.book == submission.book, "a newer edition came", _DOOR
    )
    payload = {"edition": number, "submission": submission.id, "sha256": blob.sha256}
    emit(connection, "edition.taken", submission.book, payload)
    identity: int = made.scalar_one()
    return identity


def _reclaim(connection: Connection, edition: int, claims: Claims) -> None:
    values = {"claims": claims.model_dump(mode="json")}
    connection.execute(update(tables.edition).where(_EDITION.id == edition).values(values))


def _newest(connection: Connection, book: str) -> Row[Any] | None:
    query = select(tables.edition).where(_EDITION.book == book)
    return connection.execute(query.order_by(_EDITION.number.desc()).limit(1)).first()


def _edition_record(row: Row[Any]) -> Edition:
    return Edition(
        book=row.book,
        number=row.number,
        source=row.source,
        blob=BlobRef(sha256=row.sha256, length=row.length, media_type=row.media_type),
        claims=Claims.model_validate(row.claims),
    )


def _open_record(row: Row[Any]) -> OpenSubmission:
    return OpenSubmission.model_validate(
        {name: getattr(row, name) for name in OpenSubmission.model_fields}
    )
