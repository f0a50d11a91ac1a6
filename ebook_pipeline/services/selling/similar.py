"""Which books on sale are about like things: the nearest by meaning, but no other edition.

Meanings are compared by pgvector where the database has it: through an index (HNSW), or else with
every book. Without it every meaning is read and compared here, which is exact and takes longer.
"""

import heapq
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Row, text

from ebook_pipeline.books.records import CatalogEntry, Embedding, Record
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database

if TYPE_CHECKING:
    import numpy as np

_log = logging.getLogger(__name__)
How = Literal["index", "exact", "unknown"]

LARGEST_INDEXED = 4000
"""Dimensions of half floats that an HNSW index takes, https://github.com/pgvector/pgvector"""

_SPARE = 40  # neighbours that may turn out to be other editions, or not sold there
_AT_A_TIME = 2000
_HEADER = 20  # bytes of a binary array before its first element
_ASKED = text(
    """
    SELECT catalog.book, work, meaning.model, cardinality(figures) AS dimensions,
        to_regtype('halfvec') IS NOT NULL AS vectors,
        to_regclass('meaning_' || cardinality(figures) || '_idx') IS NOT NULL AS indexed
    FROM catalog JOIN book ON book.id = catalog.book LEFT JOIN meaning USING (book)
    WHERE catalog.book = :book
    """
)
_NEAREST = """
    SELECT book, 1 - (figures::halfvec({n}) <=>
        (SELECT figures::halfvec({n}) FROM meaning WHERE book = :book)) AS likeness
    FROM meaning WHERE cardinality(figures) = {n} AND model = :model AND book <> :book
    ORDER BY figures::halfvec({n}) <=>
        (SELECT figures::halfvec({n}) FROM meaning WHERE book = :book) LIMIT :number
    """
_THOROUGHLY = "SET LOCAL hnsw.ef_search = {}; SET LOCAL hnsw.iterative_scan = strict_order"
_PLAINLY = "SET LOCAL enable_indexscan = off"
INDEX = """
    CREATE INDEX IF NOT EXISTS meaning_{n}_idx ON meaning
    USING hnsw ((figures::halfvec({n})) halfvec_cosine_ops) WHERE cardinality(figures) = {n}
    """
_EVERY = text(
    "SELECT book, array_send(figures) AS packed FROM meaning"
    " WHERE model = :model AND cardinality(figures) = :dimensions"
)
_SHOWN = text(
    """
    SELECT catalog.book, entry FROM catalog
    JOIN release ON release.id = catalog.release JOIN book ON book.id = catalog.book
    WHERE catalog.book = ANY (:books) AND catalog.state = 'live' AND work <> :work
        AND (CAST(:territory AS text) IS NULL OR NOT barred @> ARRAY[CAST(:territory AS text)])
    """
)
_KEEP = text(
    "INSERT INTO meaning (book, model, figures) VALUES (:book, :model, CAST(:figures AS real[]))"
    " ON CONFLICT (book) DO UPDATE SET model = excluded.model, figures = excluded.figures"
    " WHERE (meaning.model, meaning.figures) IS DISTINCT FROM (excluded.model, excluded.figures)"
)
_FORGET = text("DELETE FROM meaning WHERE book = :book")


class SimilarBook(Record):
    """A book on sale, and how alike it is: the cosine of both meanings, 1 at most."""

    likeness: float
    entry: CatalogEntry


class SimilarBooks(Record):
    """The books most like `book`, most alike first, and `how` they were looked for.

    ``unknown``: the book is not on sale, or was described before meanings were kept; a reprocess
    fills it in.
    """

    book: str
    how: How
    model: str = ""
    books: tuple[SimilarBook, ...] = ()


def similar(
    database: Database,
    book: str,
    limit: int = 10,
    *,
    territory: str | None = None,
    exact: bool = False,
) -> SimilarBooks:
    """The `limit` books most like `book`; with `exact` no index is asked.

    Only such as are on sale (in `territory`, a country), and none of the same work. Raises
    `NotFound` where the book was never released.
    """
    with database.begin() as connection:
        return near(connection, book, limit, territory=territory, exact=exact)


def near(
    connection: Connection,
    book: str,
    limit: int = 10,
    *,
    territory: str | None = None,
    exact: bool = False,
) -> SimilarBooks:
    """The same within a transaction."""
    asked = connection.execute(_ASKED, {"book": book}).first()
    if asked is None:
        raise NotFound(f"{book!r} was never released")
    if asked.model is None:
        return SimilarBooks(book=book, how="unknown")
    how: How = "index" if asked.indexed and not exact else "exact"
    wanted = limit + _SPARE
    nearest = list(_nearest(connection, asked, wanted, how))
    shown = _shown(connection, asked, [name for name, _ in nearest], territory)
    books = tuple(
        SimilarBook(likeness=round(likeness, 4), entry=shown[name])
        for name, likeness in nearest
        if name in shown
    )
    return SimilarBooks(book=book, how=how, model=asked.model, books=books[:limit])


def nearest(connection: Connection, book: str, limit: int) -> list[tuple[str, float]]:
    """The ids of books most like `book` with their cosines, on sale or not, of any work.

    None for a book of which no meaning is known.
    """
    asked = connection.execute(_ASKED, {"book": book}).first()
    if asked is None or asked.model is None:
        return []
    return list(_nearest(connection, asked, limit, "index" if asked.indexed else "exact"))


def keep_embedding(connection: Connection, book: str, about: Embedding | None) -> None:
    """What the book on sale is about from now on; None takes it off the map."""
    if about is None:
        connection.execute(_FORGET, {"book": book})
        return
    row = {"book": book, "model": about.model, "figures": list(about.figures)}
    connection.execute(_KEEP, row)


def prepare_index(database: Database, about: Embedding | None) -> bool:
    """Make the index for directions of this length, where pgvector is there and it is missing.

    Whether there is one now. Before the first book is written it takes no time; of 100,000 books
    it takes a minute, in which no book goes on sale.
    """
    number = len(about.figures) if about else 0
    if not 0 < number <= LARGEST_INDEXED:
        return False
    there = text("SELECT to_regtype('halfvec') IS NOT NULL, to_regclass(:name) IS NOT NULL")
    with database.begin() as connection:
        vectors, indexed = connection.execute(there, {"name": f"meaning_{number}_idx"}).one()
    if vectors and not indexed:
        return _make_index(database, number)
    return bool(vectors)


def _make_index(database: Database, number: int) -> bool:
    """Whether that was allowed: a role that changes no tables goes on without."""
    try:
        with database.begin_as_owner() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('meaning index'))")
            connection.exec_driver_sql(INDEX.format(n=number))
    except Denied as error:
        _log.warning("no index of meanings is made: %s", error)
        return False
    return True


def _nearest(
    connection: Connection, asked: Row[Any], number: int, how: How
) -> Sequence[tuple[str, float]]:
    if not asked.vectors:
        return _compared(connection, asked, number)
    settings = _THOROUGHLY.format(max(100, 2 * number)) if how == "index" else _PLAINLY
    connection.exec_driver_sql(settings)
    query = text(_NEAREST.format(n=asked.dimensions))
    values = {"book": asked.book, "model": asked.model, "number": number}
    return [(row.book, row.likeness) for row in connection.execute(query, values)]


def _compared(connection: Connection, asked: Row[Any], number: int) -> list[tuple[str, float]]:
    """Without pgvector: every direction of the model, some at a time."""
    values = {"model": asked.model, "dimensions": asked.dimensions}
    mine = text("SELECT array_send(figures) FROM meaning WHERE book = :book")
    packed: memoryview = connection.execute(mine, {"book": asked.book}).scalar_one()
    goal = _unit(_figures([packed]))[0]
    best: list[tuple[float, str]] = []
    for block in _blocks(connection, values):
        likeness = _unit(_figures([row.packed for row in block])) @ goal
        named = ((float(degree), row.book) for degree, row in zip(likeness, block, strict=True))
        best = heapq.nlargest(number, (*best, *(pair for pair in named if pair[1] != asked.book)))
    return [(book, likeness) for likeness, book in best]


def _blocks(connection: Connection, values: dict[str, Any]) -> Iterator[Sequence[Row[Any]]]:
    streamed = {"stream_results": True, "max_row_buffer": _AT_A_TIME}
    yield from connection.execute(_EVERY, values, execution_options=streamed).partitions(_AT_A_TIME)


def _figures(packed: Sequence[memoryview]) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Postgres' binary arrays of real: each number after its length, both of four bytes."""
    import numpy as np

    numbers = np.frombuffer(b"".join(array[_HEADER:] for array in packed), ">f4")
    return numbers.reshape(len(packed), -1)[:, 1::2].astype(np.float32)


def _unit(figures: "np.ndarray[Any, np.dtype[np.float32]]") -> "np.ndarray[Any, Any]":
    import numpy as np

    unit: np.ndarray[Any, Any] = figures / np.linalg.norm(figures, axis=1, keepdims=True)
    return unit


def _shown(
    connection: Connection, asked: Row[Any], books: list[str], territory: str | None
) -> dict[str, CatalogEntry]:
    values = {"books": books, "work": asked.work, "territory": territory}
    rows = connection.execute(_SHOWN, values)
    return {row.book: CatalogEntry.model_validate(row.entry) for row in rows}
