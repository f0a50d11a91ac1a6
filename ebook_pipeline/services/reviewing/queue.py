"""The queue of reviews as people work it off: filtered, counted, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field
from sqlalchemy import ColumnElement, func, literal, select, text, true, tuple_

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.resources.database import Database, notice_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.reviewing.reviews import (
    IS_OVERDUE,
    MOST_PRESSING,
    Review,
    TaskFilter,
    asked,
    reviews_within,
    task_record,
)

_TASK = tables.review_task.c
_ROUTE = notice_tables.review_route.c
_BOOK = tables.book.c
_IS_FREE = _ROUTE.assignee.is_(None)


class QueueFilter(TaskFilter):
    """Which reviews, of whose books or of one book."""

    account: str | None = None
    book: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        yield from super().conditions()
        if self.account is not None:
            yield _BOOK.account == clean_text(self.account)
        if self.book is not None:
            yield _TASK.book == clean_text(self.book)


@dataclass(frozen=True)
class QueuePosition:
    """A place in the queue: after this task, which is of this rank and due then."""

    rank: int
    due: datetime
    task: int

    @classmethod
    def of(cls, review: Review) -> "QueuePosition":
        """The place after a review that was shown."""
        task = review.task
        return cls(list(Priority).index(task.priority), task.due, task.id)


class QueueCounts(Record):
    """How many open reviews there are, of which sort."""

    open: int = 0
    overdue: int = 0
    unassigned: int = 0
    priorities: dict[str, int] = Field(default_factory=dict)


def list_reviews(
    database: Database,
    wanted: QueueFilter,
    *,
    visible: ColumnElement[bool] | None = None,
    after: QueuePosition | None = None,
    limit: int = 50,
) -> tuple[Review, ...]:
    """At most `limit` reviews of `visible` books (a condition on book), the most pressing first."""
    query = asked().join(tables.book, _BOOK.id == _TASK.book).where(*wanted.conditions())
    query = query.where(true() if visible is None else visible)
    place = (MOST_PRESSING, _ROUTE.due, _TASK.id)
    if after is not None:
        here = (literal(after.rank), literal(after.due), literal(after.task))
        query = query.where(tuple_(*place) > tuple_(*here))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(*place).limit(limit)).all()
        return reviews_within(connection, [task_record(row) for row in rows])


def count_reviews(database: Database, *, visible: ColumnElement[bool] | None = None) -> QueueCounts:
    """The open reviews of `visible` books, counted."""
    query = (
        select(_ROUTE.priority, IS_OVERDUE.label("overdue"), _IS_FREE.label("free"), func.count())
        .select_from(tables.review_task)
        .join(notice_tables.review_route, _ROUTE.task == _TASK.id)
        .join(tables.book, _BOOK.id == _TASK.book)
        .where(_TASK.state == "open", true() if visible is None else visible)
        .group_by(_ROUTE.priority, text("overdue"), text("free"))
    )
    with database.begin() as connection:
        sorts = connection.execute(query).all()
    return QueueCounts(
        open=sum(number for *_, number in sorts),
        overdue=sum(number for _, overdue, _, number in sorts if overdue),
        unassigned=sum(number for _, _, free, number in sorts if free),
        priorities={
            priority.value: sum(number for named, *_, number in sorts if named == priority.value)
            for priority in Priority
        },
    )
