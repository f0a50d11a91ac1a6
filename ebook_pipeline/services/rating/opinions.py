"""Opinions as their readers write, change and take them away; and as shops list and sum them."""

from collections.abc import Collection
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.rating.holding import reasons_to_hold
from ebook_pipeline.books.rating.opinion_text import OpinionText, plain
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, reader_tables, tables
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.rating.opinion_rows import (
    NO_RATING,
    Opinion,
    Rating,
    found,
    opinion_of,
    revise,
    selected,
    tell,
    work_of,
)

Order = Literal["helpful", "newest"]
REPORTED = "reported"
"""The reason of what readers' reports hold."""
_OPINION = reader_tables.opinion.c
_RATING = reader_tables.rating
_CATALOG = tables.catalog.c


class WrittenBefore(Denied):
    """The reader has an opinion of this work: it is to be changed, not written again."""


def write(
    database: Database,
    book: str,
    person: str,
    wanted: OpinionText,
    *,
    actor: str,
    accounts: Collection[str] = (),
) -> Opinion:
    """The first opinion of `person` about the work that `book` is of.

    `accounts` are those for which the person makes books. Raises `NotFound`, `WrittenBefore`, and
    `Denied` for a book of such an account.
    """
    judged = _judged(wanted) | {"person": person}
    with database.begin() as connection:
        values = judged | {"work": _work_of_strangers(connection, book, accounts)}
        once = insert(reader_tables.opinion).values(values)
        once = once.on_conflict_do_nothing(index_elements=["person", "work"])
        number = connection.execute(once.returning(_OPINION.id)).scalar_one_or_none()
        if number is None:
            raise WrittenBefore("you have written about this book: change that")
        made = found(connection, number)
        tell(connection, "review.created", made, actor, "write")
        return made


def find(database: Database, number: int) -> Opinion:
    """The opinion as it stands. Raises `NotFound`."""
    with database.begin() as connection:
        return found(connection, number)


def change(
    database: Database,
    number: int,
    wanted: OpinionText,
    *,
    actor: str,
    precondition: Precondition[Opinion] = unconditionally,
) -> Opinion:
    """Other stars and words; what was hidden or reported waits for a moderator again."""

    def changed(before: Opinion) -> dict[str, Any]:
        if before.state == "hidden" or REPORTED in before.reasons:
            return _judged(wanted, (REPORTED,)) | {"note": "", "appeal": ""}
        _forget_reports(connection, number)
        unread = {"reports": 0, "cleared": False, "note": "", "appeal": ""}
        return _judged(wanted) | unread

    with database.begin() as connection:
        _, after = revise(connection, number, changed, precondition)
        tell(connection, "review.changed", after, actor, "change")
        return after


def remove(
    database: Database,
    number: int,
    *,
    actor: str,
    precondition: Precondition[Opinion] = unconditionally,
) -> None:
    """Take it away with its votes and reports; the reader may write another one."""
    with database.begin() as connection:
        before = found(connection, number, locked=True)
        precondition(before)
        connection.execute(delete(reader_tables.opinion).where(_OPINION.id == number))
        tell(connection, "review.changed", before, actor, "delete", now="deleted")


def list_opinions(
    database: Database,
    book: str,
    order: Order = "helpful",
    *,
    after: tuple[int, ...] | None = None,
    limit: int = 20,
) -> tuple[Opinion, ...]:
    """The visible ones of the work that `book` is of, as many as `limit`.

    `after` is what the last one before is sorted by: (helpful, id), or (id,) for the newest first.
    """
    keys: tuple[Any, ...] = (_OPINION.helpful, _OPINION.id)
    keys = keys if order == "helpful" else keys[1:]
    with database.begin() as connection:
        work = work_of(connection, book)
        query = selected().where(_OPINION.work == work, _OPINION.state == "visible")
        if after is not None:
            query = query.where(tuple_(*keys) < tuple_(*after))
        rows = connection.execute(query.order_by(*(key.desc() for key in keys)).limit(limit))
        return tuple(opinion_of(row).model_copy(update={"book": book}) for row in rows)


def of_person(database: Database, person: str) -> tuple[Opinion, ...]:
    """Everything that a reader has written, the newest first, whatever became of it."""
    query = selected().where(_OPINION.person == person).order_by(_OPINION.id.desc())
    with database.begin() as connection:
        rows = map(opinion_of, connection.execute(query))
        return tuple(opinion for opinion in rows if opinion.book)


def of_person_about(database: Database, person: str, book: str) -> Opinion | None:
    """What a reader has written about the work that `book` is of, whatever became of it."""
    with database.begin() as connection:
        these = (_OPINION.person == person) & (_OPINION.work == work_of(connection, book))
        row = connection.execute(selected().where(these)).first()
    return None if row is None else opinion_of(row).model_copy(update={"book": book})


def titles(database: Database, books: Collection[str]) -> dict[str, str]:
    """What these books are called in the catalogue, by their ids."""
    query = select(_CATALOG.book, _CATALOG.title).where(_CATALOG.book.in_(books))
    with database.begin() as connection:
        return {row.book: row.title for row in connection.execute(query)}


def rating(database: Database, book: str) -> Rating:
    """The sums of the work that `book` is of; of a book that nobody knows there are none."""
    with database.begin() as connection:
        return ratings(connection, [book]).get(book, NO_RATING)


def ratings(connection: Connection, books: Collection[str]) -> dict[str, Rating]:
    """The sums of each of these books that has an opinion."""
    query = select(tables.book.c.id, _RATING).join(_RATING, _RATING.c.work == tables.book.c.work)
    rows = connection.execute(query.where(tables.book.c.id.in_(list(books))))
    return {row.id: rated for row in rows if (rated := _rating(row)).count}


def _rating(row: Any) -> Rating:
    stars = (row.stars_1, row.stars_2, row.stars_3, row.stars_4, row.stars_5)
    count = sum(stars)
    given = sum(number * times for number, times in enumerate(stars, 1))
    return Rating(count=count, average=round(given / count, 2) if count else None, stars=stars)


def _judged(wanted: OpinionText, also: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns of what was written; held where a person should look first."""
    reasons = (*reasons_to_hold(f"{wanted.signed}\n{plain(wanted.text)}"), *also)
    return wanted.model_dump() | {
        "state": "held" if reasons else "visible",
        "reasons": list(reasons),
        "waits_since": func.now() if reasons else None,
    }


def _forget_reports(connection: Connection, number: int) -> None:
    """They were about other words."""
    reports = reader_tables.opinion_report
    connection.execute(delete(reports).where(reports.c.opinion == number))


def _work_of_strangers(connection: Connection, book: str, accounts: Collection[str]) -> int:
    """The work that `book` is of, which the person does not make books for the account of.

    Held until the transaction ends, so that the book becomes no other work's meanwhile; any number
    may hold it, for they write rows of their own.
    """
    query = select(tables.book.c.account, tables.book.c.work).where(tables.book.c.id == book)
    row = connection.execute(query.with_for_update(read=True)).first()
    if row is None:
        raise NotFound(f"no book is called {book!r}")
    if row.account in accounts:
        raise Denied("who makes an account's books writes no opinions of them")
    return int(row.work)
