"""How long the catalogue's search takes: generated books in an embedded Postgres of its own.

Words are drawn as language has them, a few very often and most hardly ever (Zipf). Each kind of
query is asked so often as `--queries` says, of different words, through the same function that the
shop calls, ranking, facets and entries included.

    python benchmarks/catalog.py --rows 100000 --rows 1000000
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.books.opds import Shop
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.catalog import Found, explore
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services import feeds

GOALS = {"spelt right": 50, "common word": 50, "phrase": 50, "narrowed": 50, "misspelt": 120}
"""Milliseconds, 95 of 100 queries."""

VOCABULARY = 120_000
SYLLABLES = "ba be bo ca ce co da de di do fa fe ga ge gi la le li lo ma me mi mo na ne ni no pa pe"
SYLLABLES += " ra re ri ro sa se si so ta te ti to tor van ver vin wen sel mar lin ron dal sen"
SHOP = Shop("https://shop.example/opds", "https://shop.example", "https://edge.example/{}".format)
Answer = TypeVar("Answer")
COLUMNS = ("rows", "query", "p50 ms", "p95 ms", "worst ms", "goal ms", "found", "right %")

GENERATED = """
CREATE FUNCTION pg_temp.drawn(words int, seed bigint) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(word, ' ') FROM (
        SELECT word FROM generate_series(1, words) AS n,
        LATERAL (SELECT floor(exp(random() * ln({vocabulary})))::int AS at
            WHERE n + seed IS NOT NULL) AS chosen
        JOIN vocabulary ON vocabulary.id = chosen.at
    ) AS sentence
$$;
INSERT INTO work SELECT FROM generate_series(1, {rows});
INSERT INTO book (id, work) SELECT 'book-' || n, n FROM generate_series(1, {rows}) AS n;
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    SELECT 'book-' || n, 1, repeat('a', 64), 1, 'application/epub+zip', '', '{{}}'
    FROM generate_series(1, {rows}) AS n;
CREATE TEMPORARY TABLE made AS
    SELECT n, 'book-' || n AS book,
        initcap(pg_temp.drawn(2 + mod(n, 4), n)) AS title, initcap(pg_temp.drawn(2, n)) AS author,
        pg_temp.drawn(2, n) AS subjects, pg_temp.drawn(50, n) AS description,
        (ARRAY['en','en','en','en','de','fr','es','it'])[1 + mod(n, 8)] AS language
    FROM generate_series(1, {rows}) AS n;
INSERT INTO release (book, edition, name, entry, product, distribution)
    SELECT book, 1, book || '-1',
        jsonb_build_object('book', book, 'edition', 1, 'release', book || '-1', 'title', title,
            'authors', jsonb_build_array(author), 'published', '2026-01-01'::date + mod(n, 300)),
        jsonb_build_object('title', title, 'description', description),
        '{{"release": "r", "files": []}}'
    FROM made ORDER BY n;
INSERT INTO catalog (book, release, title, subtitle, creators, subjects, description, languages,
        published, document, facets)
    SELECT made.book, release.id, title, '', author, subjects, description, ARRAY[language],
        '2026-01-01'::date + mod(n, 300), '{{}}',
        ARRAY['format=epub', 'genre=F' || chr(65 + mod(n, 20)), 'language=' || language,
            'publisher=House ' || mod(n, 500)]
    FROM made JOIN release ON release.book = made.book;
INSERT INTO catalog_word
    SELECT word FROM ts_stat('SELECT search FROM catalog') WHERE word ~ '^[[:alpha:]]{{4,30}}$';
"""


def main() -> None:
    """One table for each size of the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, action="append", help="books; may be given again")
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    asked = parser.parse_args()
    for number in asked.rows or [100_000]:
        with filled(number) as database:
            found = table(database, number, asked.queries)
        print(json.dumps(found.as_facts())) if asked.json else print_table(found)


@contextmanager
def filled(rows: int) -> Iterator[Database]:
    """A catalogue of so many books, in a server that ends with it."""
    with tempfile.TemporaryDirectory(prefix="catalog-benchmark-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        database = Database(server.url("ebooks"))
        try:
            database.migrate()
            _fill(database, rows)
            yield database
        finally:
            database.close()
            server.stop()


def table(database: Database, rows: int, queries: int) -> Table:
    """Every kind of query, and a page of the newest books."""
    draw = random.Random(rows)
    titles = _titles(database, queries, draw)
    words = sorted((word for title in titles for word in title.split()), key=len)[-queries:]
    typed = [_slip(word, draw) for word in words]
    kinds: dict[str, tuple[Sequence[str], Callable[[str], Found]]] = {
        "spelt right": (titles, lambda query: explore(database, query)),
        "common word": (_common(database, queries), lambda query: explore(database, query)),
        "phrase": ([f'"{title}"' for title in titles], lambda query: explore(database, query)),
        "narrowed": (words, lambda query: explore(database, query, ["language=de"])),
        "misspelt": (typed, lambda query: explore(database, query)),
    }
    lines = []
    for name, (asked, ask) in kinds.items():
        ask(asked[0])
        timed = [_timed(ask, query) for query in asked]
        meant = words if name == "misspelt" else [found.searched for _, found in timed]
        right = sum(found.searched == word for (_, found), word in zip(timed, meant, strict=True))
        found_any = sum(bool(found.entries) for _, found in timed)
        lines.append(_line(rows, name, [seconds for seconds, _ in timed], found_any, right))
    seconds = [_timed(lambda _: feeds.browse(database, SHOP), "")[0] for _ in range(20)]
    lines.append(_line(rows, "newest, as a feed", seconds, 20, 20))
    said = (
        "found: queries with a result; right: misspelt words corrected to the word that was meant."
    )
    return Table(f"Search among {rows:,} books", COLUMNS, lines, said)


def _line(rows: int, name: str, seconds: list[float], found: int, right: int) -> list[Cell]:
    taken = sorted(1000 * one for one in seconds)
    cuts = statistics.quantiles(taken, n=20)
    share = 100 * right / len(taken)
    return [rows, name, cuts[9], cuts[18], taken[-1], GOALS.get(name), found, share]


def _timed(ask: Callable[[str], Answer], query: str) -> tuple[float, Answer]:
    start = time.perf_counter()
    answer = ask(query)
    return time.perf_counter() - start, answer


def _fill(database: Database, rows: int) -> None:
    words = _vocabulary(random.Random(7))
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE vocabulary (id int PRIMARY KEY, word text)"
        )
        insert = text(
            "INSERT INTO vocabulary SELECT n, word FROM unnest(CAST(:words AS text[]))"
            " WITH ORDINALITY AS all_words (word, n)"
        )
        connection.execute(insert, {"words": words})
        connection.exec_driver_sql("ALTER TABLE catalog DISABLE TRIGGER learn_words")
        connection.exec_driver_sql(GENERATED.format(rows=rows, vocabulary=len(words)))
        connection.exec_driver_sql("ALTER TABLE catalog ENABLE TRIGGER learn_words")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _vocabulary(draw: random.Random) -> list[str]:
    """Made-up words, the short ones first, for those are the common ones."""
    syllables = SYLLABLES.split()
    words: set[str] = set()
    while len(words) < VOCABULARY:
        words.add("".join(draw.choices(syllables, k=draw.choice((2, 3, 3, 4, 4, 5)))))
    return sorted(words, key=lambda word: (len(word), word))


def _titles(database: Database, number: int, draw: random.Random) -> list[str]:
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
