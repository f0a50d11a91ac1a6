"""Opinions as their rows hold them, the books that they are about, and what is told of them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import license_tables, reader_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.concurrency import Precondition, unconditionally

OpinionState = Literal["visible", "held", "hidden"]
_OPINION = reader_tables.opinion
_LICENSE = license_tables.license.c
_BOOK, _CATALOG = tables.book.c, tables.catalog.c


class Opinion(Record):
    """What a reader says of a work. `text` is cleaned HTML; `verified`: they had a licence of it.

    `reasons` say why it is held, `note` what a moderator said, `appeal` what the reader answered.
    """

    id: int
    book: str
    person: str
    stars: int
    text: str
    signed: str
    verified: bool
    helpful: int
    unhelpful: int
    at: datetime
    changed_at: datetime
    state: OpinionState
    reasons: tuple[str, ...] = ()
    note: str = ""
    appeal: str = ""
    reports: int = 0
    waits_since: datetime | None = None


class Rating(Record):
    """How many visible opinions give one star, two, … five; `average` is None without any."""

    count: int
    average: float | None
    stars: tuple[int, ...] = Field(min_length=5, max_length=5)


NO_RATING = Rating(count=0, average=None, stars=(0, 0, 0, 0, 0))


def selected() -> Select[Any]:
    """Every opinion with its columns, a `book` of its work (on sale, if one is), and `verified`."""
    return select(_OPINION, _book_of(_OPINION.c.work).label("book"), _has_license())


def opinion_of(row: Row[Any]) -> Opinion:
    """The opinion of a row that `selected` gave."""
    return Opinion(**{name: getattr(row, name) for name in Opinion.model_fields})


def found(connection: Connection, number: int, *, locked: bool = False) -> Opinion:
    """The opinion of this number; `locked` until the transaction ends. Raises `NotFound`."""
    if locked:
        hold = select(_OPINION.c.id).where(_OPINION.c.id == number).with_for_update()
        connection.execute(hold)
    row = connection.execute(selected().where(_OPINION.c.id == number)).first()
    if row is None or row.book is None:
        raise NotFound("there is no such opinion")
    return opinion_of(row)


def revise(
    connection: Connection,
    number: int,
    values: Callable[[Opinion], Mapping[str, Any]],
    precondition: Precondition[Opinion] = unconditionally,
) -> tuple[Opinion, Opinion]:
    """The opinion before and after, which is locked meanwhile; `values` may refuse.

    Raises `NotFound`, and what `precondition` and `values` raise of it as it stands.
    """
    before = found(connection, number, locked=True)
    precondition(before)
    facts = dict(values(before)) | {"changed_at": func.now()}
    connection.execute(update(_OPINION).where(_OPINION.c.id == number).values(facts))
    return before, found(connection, number)


def work_of(connection: Connection, book: str) -> int:
    """The work that the book is of. Raises `NotFound`."""
    work = connection.execute(select(_BOOK.work).where(_BOOK.id == book)).scalar_one_or_none()
    if work is None:
        raise NotFound(f"no book is called {book[:80]!r}")
    return int(work)


def tell(
    connection: Connection, event: str, opinion: Opinion, actor: str, action: str, **detail: Any
) -> None:
    """The audit's row and, where `event` is one, the event; nobody is named in either."""
    facts = {"opinion": opinion.id, "stars": opinion.stars, "state": opinion.state}
    audit(connection, actor, f"opinion.{action}", opinion.book, facts | detail)
    if event:
        state = detail.get("now", opinion.state)
        emit(connection, event, opinion.book, facts | {"state": state})


def _book_of(work: ColumnElement[int]) -> ColumnElement[str | None]:
    on_sale = func.coalesce(_CATALOG.state == "live", False).desc()
    books = select(_BOOK.id).outerjoin(tables.catalog, _CATALOG.book == _BOOK.id)
    return books.where(_BOOK.work == work).order_by(on_sale, _BOOK.id).limit(1).scalar_subquery()


def _has_license() -> ColumnElement[bool]:
    of_work = select(_BOOK.id).where(_BOOK.work == _OPINION.c.work)
    theirs = and_(
        _LICENSE.holder == _OPINION.c.person,
        _LICENSE.book.in_(of_work),
        _LICENSE.state.not_in(("cancelled", "revoked")),
    )
    return exists().where(theirs).label("verified")
