"""Which books are editions of one work: the same title and author, an ISBN shared, the same file.

A book is what one landing key submits, corrected editions included; two such books may be one
work: two publishers' *Emma*, or a plain one and one with notes.
"""

from collections.abc import Iterable, Sequence
from itertools import product

from sqlalchemy import Connection, text

from ebook_pipeline.books.records import CatalogEntry, RelatedBook
from ebook_pipeline.resources.database import Database

_RELATED = frozenset({"same-work", "same-file"})
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('works'))"
_WORKS = text("SELECT DISTINCT work FROM book WHERE id = ANY (:books) ORDER BY work")
_GATHER = text("UPDATE book SET work = :work WHERE work = ANY (:works) AND work <> :work")
_SAME_READERS = text(
    """
    DELETE FROM opinion AS older USING opinion AS newer
    WHERE older.person = newer.person AND older.work = ANY (:works) AND newer.work = ANY (:works)
        AND (older.changed_at, older.id) < (newer.changed_at, newer.id)
    """
)
_OPINIONS = text("UPDATE opinion SET work = :work WHERE work = ANY (:works) AND work <> :work")
_SHELVES = tuple(
    text(statement.format(table=table))
    for table in ("shelf_entry", "dismissal")
    for statement in (
        "UPDATE {table} AS mine SET work = :work WHERE work = :gone AND NOT EXISTS"
        " (SELECT FROM {table} AS kept WHERE kept.work = :work AND kept.person = mine.person)",
        "DELETE FROM {table} WHERE work = :gone",
    )
)
_OTHERS = text(
    """
    SELECT entry FROM book AS mine
    JOIN book AS other ON other.work = mine.work AND other.id <> mine.id
    JOIN catalog ON catalog.book = other.id AND catalog.state = 'live'
    JOIN release ON release.id = catalog.release
    WHERE mine.id = :book ORDER BY catalog.published DESC NULLS LAST, other.id LIMIT 50
    """
)
_OTHERS_OF_MANY = text(
    """
    SELECT mine.id AS book, others.names
    FROM book AS mine CROSS JOIN LATERAL (
        SELECT array_agg(named.id) AS names FROM (
            SELECT other.id FROM book AS other
            JOIN catalog ON catalog.book = other.id AND catalog.state = 'live'
            WHERE other.work = mine.work AND other.id <> mine.id
            ORDER BY catalog.published DESC NULLS LAST, other.id LIMIT 50
        ) AS named
    ) AS others
    WHERE mine.id = ANY(CAST(:books AS text[])) AND others.names IS NOT NULL
    """
)


def gather(database: Database, book: str, kin: Iterable[RelatedBook]) -> None:
    """Let `book` and its `kin` be one work from now on; nothing happens where they are already.

    A transaction of its own, so that it waits for no book that somebody else is working on while
    it holds one.
    """
    related = [related_book.book for related_book in kin if related_book.relation in _RELATED]
    if not related:
        return
    with database.begin() as connection:
        works = connection.execute(_WORKS, {"books": [book, *related]}).scalars().all()
        if len(works) > 1:
            connection.exec_driver_sql(_ONE_AT_A_TIME)
            gathered = {"work": works[0], "works": list(works)}
            connection.execute(_GATHER, gathered)
            connection.execute(_SAME_READERS, {"works": list(works)})
            connection.execute(_OPINIONS, gathered)
            for gone, statement in product(works[1:], _SHELVES):
                connection.execute(statement, {"work": works[0], "gone": gone})


def other_editions(connection: Connection, book: str) -> tuple[CatalogEntry, ...]:
    """The books on sale that are the same work as `book`, the newest first."""
    rows = connection.execute(_OTHERS, {"book": book}).scalars()
    return tuple(map(CatalogEntry.model_validate, rows))


def others_of(database: Database, books: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Their names alone, of many books by name; a book that is alone in its work is left out."""
    with database.ask() as connection:
        rows = connection.execute(_OTHERS_OF_MANY, {"books": list(books)})
        return {row.book: tuple(row.names) for row in rows}
