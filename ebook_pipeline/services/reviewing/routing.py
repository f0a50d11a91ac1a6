"""Reviews sent to people: flagged by anybody, given to somebody, escalated when nobody answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.routing import Priority, ReviewRouting
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.database import Database, notice_tables, tables
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.reviewing import tasks
from ebook_pipeline.services.reviewing.evidence import ReviewEvidence, gather_evidence
from ebook_pipeline.services.reviewing.reviews import (
    Review,
    ReviewTask,
    review_within,
    task,
    task_of,
    task_within,
)
from ebook_pipeline.services.reviewing.tasks import ReviewQuestion

_TASK = tables.review_task.c
_ROUTE = notice_tables.review_route.c
_STAGE = tables.stage_run.c
_AUDIT = tables.audit.c
_GATED = "drm_package"
_HISTORY = ("ask", "assign", "decide", "escalate", "flag", "void")


class ReviewFlag(Record):
    """What became of a flag: the task that it opened, or None where the gate will."""

    book: str
    edition: int
    reason: str
    task: int | None


class AssignmentChange(Record):
    """What should change of a task's route; None leaves as it is, an empty assignee frees it."""

    assignee: str | None = None
    priority: Priority | None = None
    days: float | None = None


class HistoryEntry(Record):
    """One entry of the history of a book's reviews."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


def flag(
    database: Database,
    book: str,
    *,
    reason: str,
    actor: str,
    evidence: ReviewEvidence | None = None,
    routing: ReviewRouting | None = None,
) -> ReviewFlag:
    """Put the book's current edition to review, also one that passed or was approved.

    It stops at the release gate until somebody decides; what is on sale already stays on sale.
    The task opens at once where there is a report to judge, else when the edition comes to the
    gate. Raises `NotFound` where the book has no edition, ServiceError where quality has rejected
    it: nobody can approve that.
    """
    if not reason.strip():
        raise ServiceError("a flag needs a reason")
    with database.begin() as connection:
        lock_book_row(connection, book)
        edition = _current(connection, book)
        if _is_rejected(connection, book, edition):
            raise ServiceError(f"{book!r} is rejected already: there is nothing to decide")
        row = {"book": book, "edition": edition, "reason": reason.strip(), "actor": actor}
        connection.execute(insert(notice_tables.review_flag), row)
        facts = {"edition": edition, "reason": reason.strip()}
        audit(connection, actor, "flag", book, facts)
        emit(connection, "review.flagged", book, facts)
        report = _report(connection, book, edition)
        if report is None:
            return ReviewFlag(**facts, book=book, task=None)
        reasons = "; ".join(tasks.open_flags(connection, book, edition))
        seen = (evidence or ReviewEvidence()).model_dump(mode="json")
        shown = seen | {"reason": f"flagged: {reasons}"}
        asked = ReviewQuestion(
            book=book, edition=edition, report=report, stage=_GATED, evidence=shown
        )
        tasks.ask(connection, asked, routing, actor)
    return ReviewFlag(**facts, book=book, task=task(database, book).id)


def evidence_of(database: Database, records: RecordStore, book: str) -> ReviewEvidence:
    """What the records of the book's current edition say. Raises `NotFound` without edition."""
    with database.begin() as connection:
        edition = _current(connection, book)
    return gather_evidence(records, book, edition)


def assign(
    database: Database,
    book: str,
    change: AssignmentChange,
    *,
    actor: str,
    precondition: Precondition[Review] = unconditionally,
) -> ReviewTask:
    """Give the book's open task to somebody, or another priority or date; the same is no change.

    Raises `NotFound` where nothing of the book is open, and whatever `precondition` raises.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        row = _open(connection, book)
        precondition(review_within(connection, task_within(connection, row.task)))
        changed = _changes(row, change)
        if changed:
            detail = {"task": row.task, **_plain(changed)}
            audit(connection, actor, "assign", book, detail | {"before": row.assignee})
            these = update(notice_tables.review_route).where(_ROUTE.task == row.task)
            connection.execute(these.values(changed))
            if changed.get("assignee"):
                facts = {"task": row.task, "edition": row.edition}
                number = {"assignment": changed["assignments"]}
                emit(connection, "review.assigned", book, facts | number)
    return task_of(database, row.task)


def escalate(database: Database, *, actor: str, most: int = 100) -> tuple[ReviewTask, ...]:
    """Make overdue tasks urgent and tell so, each once until it is given a new date."""
    late = (_TASK.state == "open") & (_ROUTE.due < func.now()) & _ROUTE.escalated_at.is_(None)
    joined = tables.review_task.join(notice_tables.review_route, onclause=_ROUTE.task == _TASK.id)
    query = select(_TASK.id, _TASK.book, _TASK.edition, _ROUTE.due).select_from(joined).where(late)
    with database.begin() as connection:
        locked = query.order_by(_ROUTE.due).limit(most).with_for_update(skip_locked=True)
        rows = connection.execute(locked).all()
        for row in rows:
            facts = {"task": row.id, "edition": row.edition, "due": row.due.isoformat()}
            these = update(notice_tables.review_route).where(_ROUTE.task == row.id)
            urgent = {"escalated_at": func.now(), "priority": Priority.URGENT.value}
            connection.execute(these.values(urgent))
            audit(connection, actor, "escalate", row.book, facts)
            emit(connection, "review.overdue", row.book, facts)
    return tuple(task_of(database, row.id) for row in rows)


def history(database: Database, book: str) -> tuple[HistoryEntry, ...]:
    """Everything that happened to the book's reviews, oldest first."""
    query = select(_AUDIT.at, _AUDIT.actor, _AUDIT.action, _AUDIT.detail)
    these = query.where(_AUDIT.book == book, _AUDIT.action.in_(_HISTORY)).order_by(_AUDIT.id)
    with database.begin() as connection:
        return tuple(
            HistoryEntry.model_validate(dict(row._mapping)) for row in connection.execute(these)
        )


def _open(connection: Connection, book: str) -> Any:
    query = select(notice_tables.review_route, _TASK.edition).join(
        tables.review_task, _TASK.id == _ROUTE.task
    )
    row = connection.execute(query.where(_TASK.book == book, _TASK.state == "open")).first()
    if row is None:
        raise NotFound(f"nothing about {book!r} waits for an answer")
    return row


def _changes(row: Any, change: AssignmentChange) -> dict[str, Any]:
    """What is to be written of the route, as far as it is another than now."""
    changed: dict[str, Any] = {}
    wanted = row.assignee if change.assignee is None else (change.assignee.strip() or None)
    if wanted != row.assignee:
        changed |= {"assignee": wanted, "assignments": row.assignments + 1}
    if change.priority is not None and change.priority.value != row.priority:
        changed["priority"] = change.priority.value
    if change.days is not None:
        due = datetime.now(UTC) + timedelta(days=change.days)
        changed |= {"due": due, "escalated_at": None}
    return changed


def _plain(changed: dict[str, Any]) -> dict[str, Any]:
    plain = {name: changed[name] for name in ("assignee", "priority", "due") if name in changed}
    return plain | ({"due": changed["due"].isoformat()} if "due" in changed else {})


def _current(connection: Connection, book: str) -> int:
    query = select(func.max(tables.edition.c.number)).where(tables.edition.c.book == book)
    edition: int | None = connection.execute(query).scalar_one()
    if edition is None:
        raise NotFound(f"{book!r} has no edition yet")
    return edition


def _report(connection: Connection, book: str, edition: int) -> str | None:
    """The data version of the edition's latest QA report."""
    these = (_STAGE.book == book) & (_STAGE.edition == edition) & (_STAGE.stage == "qa_report")
    done = _STAGE.outcome.in_(("done", "reused"))
    query = select(_STAGE.data_version).where(these, done).order_by(_STAGE.id.desc()).limit(1)
    version: str | None = connection.execute(query).scalar_one_or_none()
    return version


def _is_rejected(connection: Connection, book: str, edition: int) -> bool:
    """By a check or a broken file; what a person rejected may be decided otherwise."""
    these = (_STAGE.book == book) & (_STAGE.edition == edition)
    query = select(_STAGE.outcome, _STAGE.stage).where(these).order_by(_STAGE.id.desc()).limit(1)
    row = connection.execute(query).first()
    return row is not None and row.outcome == "rejected" and row.stage != _GATED
