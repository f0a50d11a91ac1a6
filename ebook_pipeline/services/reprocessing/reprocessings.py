"""Reprocessings as people ask for them: begun, paused, resumed, cancelled, tried again."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.database import Database, reprocessing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reprocessing import chunks
from ebook_pipeline.services.reprocessing.plan import ReprocessPlan, plan_reprocessing

_TABLE = reprocessing_tables.reprocessing
_ROW = _TABLE.c
ASKED = "asked"
_BOOKS = text(
    """
    INSERT INTO reprocessing_book (reprocessing, place, book)
    SELECT :id, place, book FROM unnest(CAST(:books AS text[])) WITH ORDINALITY AS t (book, place)
    """
)
_FAILED = text(
    """
    SELECT book FROM reprocessing_book WHERE reprocessing = :id AND outcome = 'failed'
    ORDER BY place
    """
)


class ReprocessingState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ENDED = "ended"


class Reprocessing(Record):
    """A stage of many books again; `alone`: without the stages behind it.

    `planned_hours` was said before it began. `cause`: ``asked``, ``retry:ID``, ``schedule:NAME``
    or ``version:STAGE``.
    """

    id: int
    stage: str
    alone: bool
    condition: str
    cause: str
    state: ReprocessingState
    books_per_run: int
    books: int
    planned_hours: float
    actor: str
    at: datetime
    resumed_at: datetime | None = None
    ended_at: datetime | None = None


class ReprocessingRequest(Record):
    """What is asked for: the stage, of which books, and how many of them a run takes."""

    stage: str
    condition: str = ""
    alone: bool = False
    books_per_run: int = 50
    cause: str = ASKED

    @property
    def wanted(self) -> BookFilter:
        return BookFilter(where=self.condition or None)


_COLUMNS = tuple(_ROW[name] for name in Reprocessing.model_fields)


def plan(database: Database, request: ReprocessingRequest) -> ReprocessPlan:
    """How many books and hours the request stands for. Raises `BadCondition`."""
    return plan_reprocessing(database, request.stage, request.wanted, alone=request.alone)


def begin(
    database: Database, request: ReprocessingRequest, planned: ReprocessPlan, *, actor: str
) -> Reprocessing:
    """Keep the request with the books of its plan; runs take them from there."""
    row = {
        **request.model_dump(),
        "state": ReprocessingState.RUNNING.value,
        "books": len(planned.books),
        "planned_hours": planned.hours,
        "actor": actor,
        "resumed_at": func.now(),
    }
    with database.begin() as connection:
        made = connection.execute(insert(_TABLE).values(row).returning(*_COLUMNS)).mappings().one()
        connection.execute(_BOOKS, {"id": made["id"], "books": list(planned.books)})
        detail = {"id": made["id"], "stage": request.stage, "books": len(planned.books)}
        audit(connection, actor, "reprocessing.begin", "", detail)
        return _reprocessing(made)


def pause(database: Database, number: int, *, actor: str) -> Reprocessing:
    """Hand out no further book; runs stop between two stages. Raises `NotFound`, ServiceError."""
    return _move(database, number, actor, ReprocessingState.PAUSED)


def resume(database: Database, number: int, *, actor: str) -> Reprocessing:
    """Go on where it was. Raises `NotFound`, and ServiceError for what has ended."""
    return _move(database, number, actor, ReprocessingState.RUNNING)


def cancel(database: Database, number: int, *, actor: str) -> Reprocessing:
    """Leave the books that were not come to as they are. Raises `NotFound`, ServiceError."""
    return _move(database, number, actor, ReprocessingState.CANCELLED)


def try_failed_again(database: Database, number: int, *, actor: str) -> Reprocessing:
    """A new one over the books that failed in `number`. ServiceError where none has."""
    before = find(database, number)
    with database.begin() as connection:
        books = tuple(connection.execute(_FAILED, {"id": number}).scalars())
    if not books:
        raise ServiceError(f"no book has failed in reprocessing {number}")
    request = ReprocessingRequest(
        stage=before.stage,
        condition=before.condition,
        alone=before.alone,
        books_per_run=before.books_per_run,
        cause=f"retry:{number}",
    )
    each = before.planned_hours / before.books if before.books else 0.0
    again = ReprocessPlan(stage=before.stage, books=books, hours=round(each * len(books), 3))
    return begin(database, request, again, actor=actor)


def find(database: Database, number: int) -> Reprocessing:
    """Raises `NotFound`."""
    with database.begin() as connection:
        return _reprocessing(_locked(connection, number, lock=False))


def list_newest(database: Database, most: int = 50) -> tuple[Reprocessing, ...]:
    """The newest first."""
    query = select(*_COLUMNS).order_by(_ROW.id.desc()).limit(most)
    with database.begin() as connection:
        return tuple(_reprocessing(row) for row in connection.execute(query).mappings())


def _move(database: Database, number: int, actor: str, state: ReprocessingState) -> Reprocessing:
    with database.begin() as connection:
        row = _locked(connection, number, lock=True)
        if row["state"] == state.value:
            return _reprocessing(row)
        if row["state"] in (ReprocessingState.CANCELLED, ReprocessingState.ENDED):
            raise ServiceError(f"reprocessing {number} is over: it is {row['state']}")
        values: dict[str, Any] = {"state": state.value}
        if state is ReprocessingState.RUNNING:
            values["resumed_at"] = func.now()
        if state is ReprocessingState.CANCELLED:
            values["ended_at"] = func.now()
        moved = update(_TABLE).where(_ROW.id == number).values(values).returning(*_COLUMNS)
        row = connection.execute(moved).mappings().one()
        chunks.leave_cancelled(connection, number)
        audit(connection, actor, f"reprocessing.{state.value}", "", {"id": number})
        return _reprocessing(row)


def _locked(connection: Connection, number: int, *, lock: bool) -> Any:
    query = select(*_COLUMNS).where(_ROW.id == number)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFound(f"no reprocessing has the number {number}")
    return row


def _reprocessing(row: Any) -> Reprocessing:
    return Reprocessing.model_validate(dict(row))
