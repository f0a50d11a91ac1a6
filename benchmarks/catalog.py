"""How long the catalogue's search takes: generated books in an embedded Postgres of its own.

Each kind of query is asked so often as `--queries` says, of different words, through the same
function that the shop calls, ranking, facets and entries included. Beside the time that passed
stands the time that a processor worked for it, here and in the server (Linux tells it): what would
have passed on a machine that does nothing else. Similar books are looked for among `--meanings`.

    python -m benchmarks.catalog --rows 100000 --rows 1000000 --meanings 100000
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from benchmarks.catalog_books import fill, mean
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.catalog import SearchResult, search_with_facets
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.selling import feeds
from ebook_pipeline.services.selling.similar import similar

GOALS = {"spelt right": 50, "common word": 50, "phrase": 50, "narrowed": 50, "misspelt": 120}
"""Milliseconds, 95 of 100 queries."""

SHOP = ShopUrls(
    "https://shop.example/opds", "https://shop.example", "https://edge.example/{}".format
)
Answer = TypeVar("Answer")
FIGURES = ("p50 ms", "p95 ms", "p50 CPU ms", "p95 CPU ms")
COLUMNS = ("rows", "query", *FIGURES, "goal ms", "found", "right %")
ALIKE = ("rows", "how", *FIGURES, "recall@10 %")


def main() -> None:
    """One table for each size of the catalogue, and one of similar books."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, action="append", help="books; may be given again")
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    parser.add_argument("--meanings", type=int, default=0, help="books with a meaning")
    parser.add_argument(
        "--keep", type=Path, help="keep the catalogues in this folder, to use again"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    asked = parser.parse_args()
    for number in asked.rows or [100_000]:
        with filled(number, asked.keep) as database:
            found = [table(database, number, asked.queries)]
            if 0 < asked.meanings <= number:
                found.append(alike(database, asked.meanings, asked.queries))
        for one in found:
            print(json.dumps(one.as_facts())) if asked.json else print_table(one)


@contextmanager
def filled(rows: int, keep: Path | None = None) -> Iterator[Database]:
    """A catalogue of so many books, in a server that ends with it."""
    with tempfile.TemporaryDirectory(prefix="catalog-benchmark-") as folder:
        server = EmbeddedPostgres((keep or Path(folder)) / f"pg-{rows}")
        server.start()
        database = Database(server.url("ebooks"))
        try:
            database.migrate()
            fill(database, rows)
            told = f"load: {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors"
            print(told, file=sys.stderr)
            yield database
        finally:
            database.close()
            server.stop()


def _search(database: Database, facets: Sequence[str], query: str) -> SearchResult:
    return search_with_facets(database, query, facets)


def table(database: Database, rows: int, queries: int) -> Table:
    """Every kind of query, and a page of the newest books."""
    draw = random.Random(rows)
    asked_titles = titles(database, queries, draw)
    words = sorted((word for title in asked_titles for word in title.split()), key=len)[-queries:]
    typed = [_slip(word, draw) for word in words]
    kinds: dict[str, Sequence[str]] = {
        "spelt right": asked_titles,
        "common word": _common(database, queries),
        "phrase": [f'"{title}"' for title in asked_titles],
        "narrowed": words,
        "misspelt": typed,
    }
    watch = Watch(database)
    lines: list[list[Cell]] = []
    for name, asked in kinds.items():
        ask = partial(_search, database, ["language=de"] if name == "narrowed" else [])
        ask(asked[0])
        timed = [watch.timed(ask, query) for query in asked]
        meant = words if name == "misspelt" else [found.searched for _, found in timed]
        right = sum(found.searched == word for (_, found), word in zip(timed, meant, strict=True))
        found_any = sum(bool(found.entries) for _, found in timed)
        share = 100 * right / len(timed)
        figures = _figures([taken for taken, _ in timed])
        lines.append([rows, name, *figures, GOALS.get(name), found_any, share])
    pages = [watch.timed(lambda _: feeds.browse(database, SHOP), "")[0] for _ in range(40)]
    lines.append([rows, "newest, as a feed", *_figures(pages), None, 40, 100])
    said = (
        "found: queries with a result; right: misspelt words corrected to the word that was meant."
    )
    return Table(f"Search among {rows:,} books", COLUMNS, lines, said)


def alike(database: Database, rows: int, queries: int) -> Table:
    """Similar books by the index and by comparing with all, and how much the index finds."""
    mean(database, rows)
    draw, watch = random.Random(rows), Watch(database)
    books = [f"book-{draw.randint(1, rows)}" for _ in range(queries)]
    similar(database, books[0])
    timed = [watch.timed(lambda book: similar(database, book), book) for book in books]
    few = books[: max(10, queries // 10)]
    exact = [watch.timed(lambda book: similar(database, book, exact=True), book) for book in few]
    pairs = zip(timed, exact, strict=False)
    shared = [_shared(_books(one), _books(other)) for (_, one), (_, other) in pairs]
    lines: list[list[Cell]] = [
        [rows, "index", *_figures([took for took, _ in timed]), 100 * statistics.mean(shared)],
        [rows, "exact", *_figures([took for took, _ in exact]), 100],
    ]
    said = "recall@10: of the ten books that are most alike, those that the index finds."
    return Table(f"Similar books among {rows:,}", ALIKE, lines, said)


@dataclass(frozen=True)
class _Taken:
    passed: float
    worked: float


class Watch:
    """Times questions that are asked on the one connection that the pool holds."""

    def __init__(self, database: Database) -> None:
        with database.begin() as connection:
            server = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        self._told = Path(f"/proc/{server}/schedstat")

    def timed(self, ask: Callable[[str], Answer], query: str) -> tuple[_Taken, Answer]:
        start, work = time.perf_counter(), self._work()
        answer = ask(query)
        return _Taken(time.perf_counter() - start, self._work() - work), answer

    def _work(self) -> float:
        """Seconds of processors until now, of this thread and of the server's process."""
        server = int(self._told.read_text().split()[0]) / 1e9
        return time.thread_time() + server


def _figures(taken: Sequence[_Taken]) -> list[Cell]:
    figures: list[Cell] = []
    for seconds in ([one.passed for one in taken], [one.worked for one in taken]):
        cuts = statistics.quantiles((1000 * one for one in seconds), n=20, method="inclusive")
        figures += [cuts[9], cuts[18]]
    return figures


def _books(found: object) -> set[str]:
    return {one.entry.book for one in getattr(found, "books", ())}


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, len(other))


def titles(database: Database, number: int, draw: random.Random) -> list[str]:
    with database.begin() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM catalog").scalar_one()
        books = [f"book-{draw.randint(1, count)}" for _ in range(number)]
        statement = text("SELECT lower(title) FROM catalog WHERE book = ANY (:books)")
        return list(connection.execute(statement, {"books": books}).scalars())


def _common(database: Database, number: int) -> list[str]:
    """The words that most books have."""
    sample = "SELECT search FROM catalog ORDER BY book LIMIT 5000"
    statement = text("SELECT word FROM ts_stat(:sample) ORDER BY ndoc DESC LIMIT :number")
    with database.begin() as connection:
        asked = {"sample": sample, "number": min(50, number)}
        words = list(connection.execute(statement, asked).scalars())
    return (words * (number // len(words) + 1))[:number]


def _slip(word: str, draw: random.Random) -> str:
    """One slip of the keyboard somewhere behind the first letter."""
    at = draw.randrange(1, len(word) - 1)
    letter = draw.choice("abcdefghilmnoprstuvw")
    slips = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return draw.choice(slips)


if __name__ == "__main__":
    main()
