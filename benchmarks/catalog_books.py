"""Made-up books for the catalogue's benchmark: a million of them in minutes.

Words are drawn as language has them, a few very often and most hardly ever (Zipf).
"""

import io
import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.selling import similar

VOCABULARY = 120_000
SYLLABLES = "ba be bo ca ce co da de di do fa fe ga ge gi la le li lo ma me mi mo na ne ni no pa pe"
SYLLABLES += " ra re ri ro sa se si so ta te ti to tor van ver vin wen sel mar lin ron dal sen"
AT_A_TIME = 20_000
DIMENSIONS = 384
LONGEST_TITLE, AUTHOR, SUBJECTS, DESCRIPTION = 5, 2, 2, 50

PARENTS = """
INSERT INTO work SELECT FROM generate_series(1, {rows});
INSERT INTO book (id, work) SELECT 'book-' || n, n FROM generate_series(1, {rows}) AS n;
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    SELECT 'book-' || n, 1, repeat('a', 64), 1, 'application/epub+zip', '', '{{}}'
    FROM generate_series(1, {rows}) AS n;
CREATE UNLOGGED TABLE made (n int, title text, author text, subjects text, description text);
"""
BOOKS = """
INSERT INTO release (book, edition, name, entry, product, distribution)
    SELECT 'book-' || n, 1, 'book-' || n || '-1',
        jsonb_build_object('book', 'book-' || n, 'edition', 1, 'release', 'book-' || n || '-1',
            'title', title, 'authors', jsonb_build_array(author),
            'published', '2026-01-01'::date + mod(n, 300)),
        jsonb_build_object('title', title, 'description', description),
        '{"release": "r", "files": []}'
    FROM made ORDER BY n;
INSERT INTO catalog (book, release, title, subtitle, creators, subjects, description, languages,
        published, document, facets)
    SELECT release.book, release.id, title, '', author, subjects, description, ARRAY[language],
        '2026-01-01'::date + mod(n, 300), '{}',
        ARRAY['format=epub', 'genre=F' || chr(65 + mod(n, 20)), 'language=' || language,
            'publisher=House ' || mod(n, 500)]
    FROM made JOIN release ON release.book = 'book-' || n,
    LATERAL (SELECT (ARRAY['en','en','en','en','de','fr','es','it'])[1 + mod(n, 8)]) AS l(language);
DROP TABLE made;
"""
LEARN = """
INSERT INTO catalog_word
    SELECT word FROM ts_stat('SELECT search FROM catalog') WHERE word ~ '^[[:alpha:]]{4,30}$';
"""


def fill(database: Database, rows: int) -> None:
    """So many books on sale, their words known, all indexes built after the rows; once."""
    with database.begin() as connection:
        if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM catalog)").scalar_one():
            return
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        connection.exec_driver_sql(PARENTS.format(rows=rows))
        _copy(connection, "made", _books(rows))
        rebuilt = _without_indexes(connection, "catalog")
        connection.exec_driver_sql(BOOKS)
        for statement in (*rebuilt, LEARN):
            connection.exec_driver_sql(statement)
    settle(database)


def mean(database: Database, rows: int) -> None:
    """A meaning for so many books, as books have them: in clusters, and clusters of clusters.

    Real encoders fill a small part of their space; directions drawn at random alone would all be
    equally far from each other, which no library is.
    """
    with database.begin() as connection:
        if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM meaning)").scalar_one():
            return
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _copy(connection, "meaning", _meanings(rows))
    with database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '1GB'")
        connection.exec_driver_sql(similar.INDEX.format(n=DIMENSIONS))
    settle(database)


def settle(database: Database) -> None:
    """What autovacuum would have done by and by."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _books(rows: int) -> Iterator[str]:
    """Lines of COPY: number, title, author, subjects, description."""
    words = np.array(vocabulary(random.Random(7)), dtype=object)
    draw = np.random.default_rng(7)
    width = LONGEST_TITLE + AUTHOR + SUBJECTS + DESCRIPTION
    for start in range(0, rows, AT_A_TIME):
        number = min(AT_A_TIME, rows - start)
        rank = np.exp(draw.random((number, width)) * math.log(len(words))).astype(int)
        for at, chosen in enumerate(words[np.minimum(rank, len(words) - 1)].tolist(), start + 1):
            yield _line(at, chosen)


def _meanings(rows: int) -> Iterator[str]:
    """Lines of COPY: book, model, direction."""
    draw = np.random.default_rng(11)
    genres = draw.normal(size=(40, DIMENSIONS))
    kinds = genres[draw.integers(40, size=2000)] + 0.8 * draw.normal(size=(2000, DIMENSIONS))
    written = np.array([f"{one / 1000:g}" for one in range(-1000, 1001)], dtype=object)
    for start in range(0, rows, 5000):
        number = min(5000, rows - start)
        drawn = kinds[draw.integers(2000, size=number)]
        drawn = drawn + 0.8 * draw.normal(size=(number, DIMENSIONS))
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        figures = written[np.clip(np.rint(1000 * drawn).astype(int) + 1000, 0, 2000)].tolist()
        for at, one in enumerate(figures, start + 1):
            yield f"book-{at}\tbenchmark\t{{{','.join(one)}}}"


def _line(number: int, words: list[str]) -> str:
    title = words[: 2 + number % (LONGEST_TITLE - 1)]
    rest = words[LONGEST_TITLE:]
    author, subjects, description = rest[:2], rest[2:4], rest[4:]
    parts = (" ".join(title).capitalize(), " ".join(author).title(), *map(" ".join, (subjects,)))
    return "\t".join((str(number), *parts, " ".join(description)))


def _copy(connection: Connection, table: str, lines: Iterator[str]) -> None:
    cursor: Any = connection.connection.cursor()
    for block in _blocks(lines):
        cursor.copy_expert(f"COPY {table} FROM STDIN", block)


def _blocks(lines: Iterator[str]) -> Iterator[io.StringIO]:
    while block := [line for _, line in zip(range(AT_A_TIME), lines, strict=False)]:
        yield io.StringIO("\n".join(block) + "\n")


def _without_indexes(connection: Connection, table: str) -> list[str]:
    """Drop all indexes but the key's; the statements that build them again."""
    query = text(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = :table AND indexname NOT LIKE '%pkey'"
    )
    found = connection.execute(query, {"table": table}).all()
    for index in found:
        connection.exec_driver_sql(f"DROP INDEX {index.indexname}")
    return [index.indexdef for index in found]


def vocabulary(draw: random.Random) -> list[str]:
    """Made-up words, the short ones first, for those are the common ones."""
    syllables = SYLLABLES.split()
    words: set[str] = set()
    while len(words) < VOCABULARY:
        words.add("".join(draw.choices(syllables, k=draw.choice((2, 3, 3, 4, 4, 5)))))
    return sorted(words, key=lambda word: (len(word), word))
