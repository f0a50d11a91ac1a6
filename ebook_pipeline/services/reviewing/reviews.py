"""What waits for a person: who answers it and by when, and what that person decided."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.records import QualityReport, Record
from ebook_pipeline.books.records.book_metadata import OF_ANOTHER_ACCOUNT
from ebook_pipeline.books.reviewing.gate import ReviewDecision
from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, account_tables, notice_tables, tables
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import login_behind
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.reviewing import tasks as review_tasks

TaskState = Literal["open", "decided", "voided"]
_MEMBER = account_tables.membership.c
_TASK = tables.review_task.c
_SOURCE = tables.source.c
_ROUTE = notice_tables.review_route.c
_DECISION = tables.decision.c
MOST_PRESSING = case(
    {priority.value: rank for rank, priority in enumerate(Priority)}, value=_ROUTE.priority
)
"""The rank of a task's priority: the most pressing first."""
IS_OVERDUE = _ROUTE.due < func.now()
_DECIDED = (
    select(
        _DECISION.id,
        _TASK.book,
        _TASK.edition,
        _TASK.report,
        _DECISION.approved,
        _DECISION.actor,
        _DECISION.note,
    )
    .join(tables.review_task)
    .order_by(_DECISION.id)
)


class ReviewTask(Record):
    """A question to a person about one edition; `report` is the QA report's data version.

    `rules` are those of the routing that said who answers it and by when.
    """

    id: int
    book: str
    edition: int
    report: str
    stage: str
    state: TaskState
    evidence: dict[str, Any]
    at: datetime
    assignee: str | None
    priority: Priority
    due: datetime
    escalate_to: str | None
    escalated_at: datetime | None
    rules: tuple[str, ...]
    assignments: int
    landing_key: str | None = None
    """Of the newest file, where no title is known."""

    @property
    def name(self) -> str:
        """What lists call its book: its title, else its file's name, else its id."""
        file = PurePath(self.landing_key or "").name
        return str(self.evidence.get("title") or file or self.book)


class PendingDecision(Record):
    """A decision that no run has taken up yet."""

    id: int
    decision: ReviewDecision


class Review(Record):
    """A task with what was decided of it last, and what its author has to mend."""

    task: ReviewTask
    decision: ReviewDecision | None = None
    reasons: tuple[str, ...] = ()


class TaskFilter(Record):
    """Which tasks; what is unset narrows nothing. An empty name among `assignees` is nobody."""

    state: TaskState | None = "open"
    assignees: frozenset[str] | None = None
    priority: Priority | None = None
    overdue: bool = False

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """The same in SQL, of what `asked` asks."""
        if self.state is not None:
            yield _TASK.state == self.state
        if self.assignees is not None:
            yield func.coalesce(_ROUTE.assignee, "").in_(sorted(self.assignees))
        if self.priority is not None:
            yield _ROUTE.priority == self.priority.value
        if self.overdue:
            yield IS_OVERDUE


def tasks(
    database: Database, state: TaskState = "open", wanted: TaskFilter | None = None
) -> tuple[ReviewTask, ...]:
    """The review tasks in this state, or those `wanted`: the most pressing first."""
    wanted = wanted or TaskFilter(state=state)
    query = asked().where(*wanted.conditions())
    with database.begin() as connection:
        rows = connection.execute(query.order_by(MOST_PRESSING, _ROUTE.due, _TASK.id))
        return tuple(map(task_record, rows))


def task(database: Database, book: str) -> ReviewTask:
    """The book's open task, else the one decided last. Raises `NotFound` where there is neither."""
    with database.begin() as connection:
        return task_record(_task(connection, book))


def task_of(database: Database, number: int) -> ReviewTask:
    """The task of this id. Raises `NotFound` where there is none."""
    with database.begin() as connection:
        return task_within(connection, number)


def task_within(connection: Connection, number: int) -> ReviewTask:
    """The same within a transaction."""
    row = connection.execute(asked().where(_TASK.id == number)).first()
    if row is None:
        raise NotFound(f"there is no review task {number}")
    return task_record(row)


def review(database: Database, number: int) -> Review:
    """The review of this number, with its decision. Raises `NotFound` where there is none."""
    with database.begin() as connection:
        return review_within(connection, task_within(connection, number))


def review_within(connection: Connection, task: ReviewTask) -> Review:
    """The same within a transaction."""
    [found] = reviews_within(connection, [task])
    return found


def reviews_within(connection: Connection, asked: Sequence[ReviewTask]) -> tuple[Review, ...]:
    """The reviews of these tasks, in their order; their last decisions are read at once."""
    numbers = [task.id for task in asked]
    last = _DECIDED.add_columns(_DECISION.reasons, _TASK.id.label("task"))
    ordered = last.order_by(None).order_by(_TASK.id, _DECISION.id.desc())
    newest = ordered.where(_TASK.id.in_(numbers)).ext(distinct_on(_TASK.id))
    decided = {
        row.task: (_decision_record(row), tuple(row.reasons)) for row in connection.execute(newest)
    }
    given = (decided.get(number, (None, ())) for number in numbers)
    return tuple(
        Review(task=task, decision=decision, reasons=reasons)
        for task, (decision, reasons) in zip(asked, given, strict=True)
    )


def page(task: ReviewTask, store: ObjectStore) -> bytes:
    """The editor's page on the edition that `task` asks about, as HTML.

    Raises `NotFound` where its report is another one by now, or was made without a page.
    """
    report = RecordStore(store).read("qa_report", task.book, task.edition, QualityReport)
    if report is None or report.page is None or report.data_version != task.report:
        raise NotFound(f"the page on {task.book} is not there: ebooks retry {task.book}")
    with store.open(report.page) as stream:
        return stream.read()


def note_with(note: str, reasons: Sequence[str]) -> str:
    """The note of an edition that is sent back: what was said, and what is to be mended."""
    listed = "\n".join(f"{at}. {reason}" for at, reason in enumerate(reasons, 1))
    return f"{note}\n\n{listed}".strip()


def decide(  # noqa: PLR0913 - an answer, who gives it, and what they have seen
    database: Database,
    book: str,
    *,
    approved: bool,
    note: str = "",
    actor: str,
    reasons: Sequence[str] = (),
    precondition: Precondition[Review] = unconditionally,
) -> ReviewDecision:
    """Answer the book's task; the answer holds for this edition and this report alone.

    A decided task may be decided otherwise: the last word counts. Saying the same again changes
    nothing. `reasons` are what an author has to mend, one by one. Raises `NotFound` where nothing
    of the book's current edition was asked, `Denied` where somebody approves what only the house
    may, and whatever `precondition` raises of the review as it stands.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        task = task_record(_task(connection, book))
        precondition(review_within(connection, task))
        if approved:
            _require_impartial(connection, task, actor)
        earlier = _latest(connection, task.book, task.edition, task.report)
        detail = {"edition": task.edition, "report": task.report, "approved": approved}
        audit(connection, actor, "decide", book, detail | {"note": note, "task": task.id})
        if earlier is not None and earlier.approved == approved and task.state == "decided":
            return earlier
        row = {"task": task.id, "approved": approved, "note": note, "actor": actor}
        connection.execute(insert(tables.decision), row | {"reasons": list(reasons)})
        _shut(connection, task.id)
        review_tasks.settle_flags(connection, book, task.edition)
        emit(connection, "review.decided", book, detail | {"task": task.id})
    return ReviewDecision(
        book=book,
        edition=task.edition,
        report=task.report,
        approved=approved,
        note=note,
        actor=actor,
    )


def _require_impartial(connection: Connection, task: ReviewTask, actor: str) -> None:
    """Whether a text that another account sent first may be sold, the house alone says."""
    if OF_ANOTHER_ACCOUNT not in task.evidence.get("case", {}).get("findings", ()):
        return
    here = (_MEMBER.person == login_behind(actor)) & (_MEMBER.account == HOUSE)
    may = here & _MEMBER.role.in_(("editor", "operator"))
    if not connection.execute(select(exists().where(may))).scalar_one():
        raise Denied("another account sent this text first: an editor of the house decides")


def decision_for(
    database: Database, book: str, edition: int, report_version: str
) -> ReviewDecision | None:
    """The last decision on this very report, or None: a new report needs a new decision."""
    with database.begin() as connection:
        return _latest(connection, book, edition, report_version)


def last_decision(database: Database, book: str, edition: int) -> ReviewDecision | None:
    """What a person said of this edition last, whatever its report was."""
    query = _DECIDED.where(_TASK.book == book, _TASK.edition == edition)
    with database.begin() as connection:
        row = connection.execute(query.order_by(None).order_by(_DECISION.id.desc())).first()
    return None if row is None else _decision_record(row)


def flags(database: Database, book: str, edition: int) -> tuple[str, ...]:
    """Why people want this edition reviewed, and have not been answered yet."""
    with database.begin() as connection:
        return review_tasks.open_flags(connection, book, edition)


def undelivered_decisions(database: Database) -> tuple[PendingDecision, ...]:
    """Decisions, approvals and rejections, that no run was asked to act upon, oldest first."""
    query = _DECIDED.where(_DECISION.resumed_at.is_(None))
    with database.begin() as connection:
        rows = connection.execute(query)
        return tuple(PendingDecision(id=row.id, decision=_decision_record(row)) for row in rows)


def mark_resumed(database: Database, decisions: Iterable[int]) -> None:
    """Note that runs were asked to act upon these decisions (`PendingDecision.id`)."""
    these = _DECISION.id.in_(tuple(decisions)) & _DECISION.resumed_at.is_(None)
    with database.begin() as connection:
        connection.execute(update(tables.decision).where(these).values(resumed_at=func.now()))


def asked() -> Select[Any]:
    """Tasks with their routes, and the file's key of a book without a title."""
    untitled = func.coalesce(_TASK.evidence["title"].astext, "") == ""
    newest = select(_SOURCE.landing_key).where(_SOURCE.book == _TASK.book)
    key = newest.order_by(_SOURCE.at.desc()).limit(1).scalar_subquery()
    return select(
        tables.review_task,
        notice_tables.review_route,
        case((untitled, key)).label("landing_key"),
    ).join(notice_tables.review_route, _ROUTE.task == _TASK.id)


def _task(connection: Connection, book: str) -> Row[Any]:
    """Of the current edition only: what was asked of an older one is of no use any more."""
    newest = select(func.max(tables.edition.c.number)).where(tables.edition.c.book == book)
    current = (_TASK.book == book) & (_TASK.edition == newest.scalar_subquery())
    query = asked().where(current, _TASK.state != "voided")
    in_order = query.order_by((_TASK.state == "open").desc(), _TASK.id.desc()).limit(1)
    row = connection.execute(in_order).first()
    if row is None:
        raise NotFound(f"nothing about {book!r} waits for a decision")
    return row


def _latest(connection: Connection, book: str, edition: int, report: str) -> ReviewDecision | None:
    of_this = (_TASK.book == book) & (_TASK.edition == edition) & (_TASK.report == report)
    query = _DECIDED.where(of_this).order_by(None).order_by(_DECISION.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _decision_record(row)


def _shut(connection: Connection, task_id: int) -> None:
    statement = update(tables.review_task).where(_TASK.id == task_id)
    connection.execute(statement.values(state="decided", closed_at=func.now()))


def task_record(row: Row[Any]) -> ReviewTask:
    """The task that a row of `asked` is."""
    return ReviewTask.model_validate({name: getattr(row, name) for name in ReviewTask.model_fields})


def _decision_record(row: Any) -> ReviewDecision:
    return ReviewDecision.model_validate(
        {name: getattr(row, name) for name in ReviewDecision.model_fields}
    )
