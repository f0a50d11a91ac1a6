"""How books fare with readers, for who makes them: views, licences, shelves, stars.

Counts of views are kept in memory and written together: a page that is looked at a thousand times
costs one row, and what a process that dies had not written yet (ten seconds) is lost.
"""

import threading
import time
from collections import Counter
from typing import Literal

from sqlalchemy import ColumnElement, Date, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database, reader_tables, tables

ViewKind = Literal["page", "excerpt"]
FLUSH_SECONDS = 10.0
_BOOK, _VIEW = tables.book.c, reader_tables.book_view.c

_FIGURES = text(
    """
    SELECT book.id AS book, coalesce(catalog.title, described.title, book.id) AS title,
        book.account, coalesce(book_progress.state, '') AS state,
        coalesce(book_progress.stage, '') AS stage,
        coalesce(catalog.state = 'live', false) AS on_sale,
        views.page AS views, views.lately AS views_30_days, views.excerpt AS excerpts,
        (SELECT count(*) FROM license WHERE license.book = book.id
            AND license.state NOT IN ('cancelled', 'revoked')) AS licenses,
        (SELECT count(*) FROM shelf_entry WHERE shelf_entry.work = book.work) AS shelves,
        coalesce(rated.number, 0) AS opinions,
        round(rated.stars / nullif(rated.number, 0), 2)::double precision AS average
    FROM book LEFT JOIN catalog ON catalog.book = book.id
    LEFT JOIN book_progress ON book_progress.book = book.id
    LEFT JOIN LATERAL (SELECT title FROM description WHERE description.book = book.id
        ORDER BY id DESC LIMIT 1) AS described ON true
    LEFT JOIN LATERAL (
        SELECT stars_1 + stars_2 + stars_3 + stars_4 + stars_5 AS number,
            (stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5)::numeric AS stars
        FROM rating WHERE rating.work = book.work) AS rated ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(times) FILTER (WHERE kind = 'page'), 0)::bigint AS page,
            coalesce(sum(times) FILTER (WHERE kind = 'page' AND day > current_date - 30), 0)::bigint
                AS lately,
            coalesce(sum(times) FILTER (WHERE kind = 'excerpt'), 0)::bigint AS excerpt
        FROM book_view WHERE book_view.book = book.id) AS views
    WHERE book.id = ANY (:books) ORDER BY book.id
    """
)


class Readership(Record):
    """A book: how far the chain is (`stage`), and what readers did with it. Views are of its page
    in the shop, `excerpts` of what can be read there; `licenses` those that stand or stood;
    `shelves` and stars are the work's."""

    book: str
    title: str
    account: str
    state: str
    stage: str
    on_sale: bool
    views: int
    views_30_days: int
    excerpts: int
    licenses: int
    shelves: int
    opinions: int
    average: float | None


class ViewCounts:
    """What was looked at since the last time that it was written; any number of threads may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Counter[tuple[str, ViewKind]] = Counter()
        self._written = time.monotonic()

    def add(self, book: str, kind: ViewKind) -> bool:
        """Count one; whether it is time to `write`."""
        with self._lock:
            self._waiting[book, kind] += 1
            return time.monotonic() - self._written > FLUSH_SECONDS

    def write(self, database: Database) -> None:
        """Everything that was counted by now; what went away meanwhile is passed over."""
        with self._lock:
            counted, self._waiting = self._waiting, Counter()
            self._written = time.monotonic()
        if not counted:
            return
        with database.begin() as connection:
            asked = sorted({book for book, _ in counted})
            there = select(_BOOK.id).where(_BOOK.id.in_(asked)).with_for_update(read=True)
            known = set(connection.execute(there).scalars())
            day = cast(func.timezone("UTC", func.now()), Date)
            rows = [
                {"book": book, "day": day, "kind": kind, "times": times}
                for (book, kind), times in sorted(counted.items())
                if book in known
            ]
            if rows:
                statement = insert(reader_tables.book_view).values(rows)
                more = {"times": _VIEW.times + statement.excluded.times}
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["book", "day", "kind"], set_=more
                    )
                )


def list_readership(
    database: Database,
    visible: ColumnElement[bool],
    *,
    after: str = "",
    limit: int = 50,
) -> tuple[Readership, ...]:
    """The `visible` books in order of their ids; `after`: the last one of the page before."""
    books = select(_BOOK.id).where(visible, _BOOK.id > after).order_by(_BOOK.id).limit(limit)
    with database.begin() as connection:
        names = list(connection.execute(books).scalars())
        rows = connection.execute(_FIGURES, {"books": names}).mappings()
        return tuple(Readership.model_validate(dict(row)) for row in rows)
