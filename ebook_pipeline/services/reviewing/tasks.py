"""Questions to people, opened, routed and closed within the transaction of what raised them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.routing import (
    ReviewCase,
    ReviewRoute,
    ReviewRouting,
    load_routing,
)
from ebook_pipeline.foundation.events import following
from ebook_pipeline.resources.database import notice_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.owning import imprints

_TASK = tables.review_task.c
_ROUTE = notice_tables.review_route.c
_FLAG = notice_tables.review_flag.c
IS_FLAGGED = (
    select(_FLAG.id)
    .where(_FLAG.book == _TASK.book, _FLAG.edition == _TASK.edition, _FLAG.settled_at.is_(None))
    .exists()
)
"""Of a review task: somebody wants its edition reviewed, and has not been answered yet."""


class ReviewQuestion(Record):
    """What somebody is asked of one edition; `report` is the QA report's data version."""

    book: str
    edition: int
    report: str
    stage: str
    evidence: dict[str, Any] = Field(default_factory=dict)


def ask(
    connection: Connection, question: ReviewQuestion, routing: ReviewRouting | None, actor: str
) -> None:
    """Open the task and route it; one that is open already gets the newer evidence, silently.

    A voided task is asked again, and so is a decided one where somebody has flagged the edition.
    """
    before = _task_of(connection, question)
    flags = open_flags(connection, question.book, question.edition)
    if before is not None and before.state == "decided" and not flags:
        return  # the answer came while the question was still being written down
    task = _write(connection, question)
    if before is not None and before.state == "open":
        return
    case = ReviewCase.model_validate(question.evidence.get("case", {}))
    imprint = imprints.imprint_within(connection, question.book)
    facts = {"flagged": bool(flags), "publishers": (imprint,) if imprint else ()}
    route = (routing or load_routing()).route(case.model_copy(update=facts))
    due = _send(connection, task, route)
    told = {"task": task, "edition": question.edition}
    timing = {"priority": route.priority.value, "due": due.isoformat()}
    detail = told | timing | {"assignee": route.assignee, "rules": list(route.rules)}
    audit(connection, actor, "ask", question.book, detail)
    reason = str(question.evidence.get("reason", ""))
    asked = emit(
        connection,
        "review.asked",
        question.book,
        told | timing | {"report": question.report, "reason": reason},
    )
    if route.assignee:
        with following(asked):
            emit(connection, "review.assigned", question.book, told | {"assignment": 1})


def void(connection: Connection, which: ColumnElement[bool], reason: str, actor: str) -> None:
    """Close the open tasks `which` without an answer: nobody needs one any more."""
    statement = update(tables.review_task).where(which, _TASK.state == "open")
    closed = statement.values(state="voided", closed_at=func.now())
    for row in connection.execute(closed.returning(_TASK.id, _TASK.book, _TASK.edition)).all():
        facts = {"task": row.id, "edition": row.edition, "reason": reason}
        audit(connection, actor, "void", row.book, facts)
        emit(connection, "review.voided", row.book, facts)


def open_flags(connection: Connection, book: str, edition: int) -> tuple[str, ...]:
    """Why people want this edition reviewed, whatever quality says; settled by a decision.

    Who they are stands with the flag: what is made of this text outlives a person's erasure.
    """
    these = (_FLAG.book == book) & (_FLAG.edition == edition) & _FLAG.settled_at.is_(None)
    query = select(_FLAG.reason).where(these).order_by(_FLAG.id)
    return tuple(connection.execute(query).scalars())


def settle_flags(connection: Connection, book: str, edition: int) -> None:
    """A person has decided: nothing that was said before stops the book any more."""
    these = (_FLAG.book == book) & (_FLAG.edition == edition) & _FLAG.settled_at.is_(None)
    connection.execute(update(notice_tables.review_flag).where(these).values(settled_at=func.now()))


def _task_of(connection: Connection, question: ReviewQuestion) -> Any:
    same = (_TASK.book == question.book) & (_TASK.edition == question.edition)
    query = select(_TASK.id, _TASK.state).where(same, _TASK.report == question.report)
    return connection.execute(query.with_for_update()).first()


def _write(connection: Connection, question: ReviewQuestion) -> int:
    statement = insert(tables.review_task).values(question.model_dump(mode="json"))
    again = {"state": "open", "closed_at": None, "evidence": statement.excluded.evidence}
    written = statement.on_conflict_do_update(
        index_elements=["book", "edition", "report"], set_=again
    )
    number: int = connection.execute(written.returning(_TASK.id)).scalar_one()
    return number


def _send(connection: Connection, task: int, route: ReviewRoute) -> datetime:
    """Write the route down, over that of an earlier time the task was asked; when it is due."""
    due = datetime.now(UTC) + timedelta(days=route.days)
    row = {
        "assignee": route.assignee,
        "priority": route.priority.value,
        "due": due,
        "escalate_to": route.escalate_to,
        "rules": list(route.rules),
        "assignments": 1 if route.assignee else 0,
        "escalated_at": None,
    }
    statement = insert(notice_tables.review_route).values(task=task, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["task"], set_=row))
    return due
