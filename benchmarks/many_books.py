"""How long people wait for lists and figures of many books, in an embedded Postgres of its own.

Generated books have nine stages each, with the findings and reasons that books have, and stand in
every state. Beside the time that passed stands what a processor worked for it, here and in the
server.

    python -m benchmarks.many_books --books 1000 --books 10000 --books 100000
"""

import argparse
import os
import statistics
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.catalog import Watch
from benchmarks.catalog_books import settle
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.reporting.book_list import BookFilter, list_books
from ebook_pipeline.services.reporting.desk_figures import desk_figures
from ebook_pipeline.services.reporting.ingestion_metrics import last_work
from ebook_pipeline.services.reporting.outcomes import outcome_summary
from ebook_pipeline.services.reporting.status import BookState
from ebook_pipeline.services.reporting.status_lines import status_lines
from ebook_pipeline.services.reviewing import queue, reviews
from ebook_pipeline.services.verifying import edge_log

COLUMNS = ("books", "question", "ms", "CPU ms", "rows")
_REPEATS = 5

BOOKS = """
INSERT INTO work SELECT FROM generate_series(1, {n});
INSERT INTO book (id, work, at)
    SELECT 'book-' || i, i, now() - make_interval(mins => {n} - i) FROM generate_series(1, {n}) i;
INSERT INTO source (landing_key, book) SELECT 'book-' || i || '.epub', 'book-' || i
    FROM generate_series(1, {n}) i;
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    SELECT 'book-' || i, 1, md5(i::text) || md5(i::text), 1, 'application/epub+zip', '', '{{}}'
    FROM generate_series(1, {n}) i;
INSERT INTO submission (book, landing_key, version, source, length, claims, origin, actor, state,
        edition, at)
    SELECT 'book-' || i, 'book-' || i || '.epub', '1', '', 1, '{{}}', 'landing',
        'sensor:new_submissions', 'edition', edition.id, now() - make_interval(mins => {n} - i)
    FROM generate_series(1, {n}) i JOIN edition ON edition.book = 'book-' || i;
INSERT INTO stage_run (run, book, edition, stage, outcome, seconds, data_version, detail, at)
    SELECT 'run-' || i / 50, 'book-' || i, 1, stage,
        CASE WHEN last THEN CASE WHEN mod(i, 20) < 16 THEN 'done'
            WHEN mod(i, 20) = 16 THEN 'rejected' WHEN mod(i, 20) = 17 THEN 'waiting'
            ELSE 'failed' END ELSE 'done' END,
        1 + mod(i, 7), md5(i::text), jsonb_build_object('reason', 'why it ended',
            'findings', jsonb_build_array(jsonb_build_object('rule', 'rule-' || mod(i, 40),
                'severity', 'error', 'message', repeat('what is wrong ', 8)))),
        now() - make_interval(mins => {n} - i)
    FROM generate_series(1, {n}) i, LATERAL (
        SELECT stage, place, place = CASE WHEN mod(i, 20) < 16 THEN 9 ELSE 1 + mod(i, 5) END AS last
        FROM unnest(ARRAY['raw_file', 'validated_book', 'converted_book', 'book_metadata',
            'qa_report', 'drm_package', 'cdn_release', 'catalog_row', 'ingestion_analytics'])
            WITH ORDINALITY AS chain (stage, place)
        WHERE place <= CASE WHEN mod(i, 20) < 16 THEN 9 ELSE 1 + mod(i, 5) END
    ) AS stages ORDER BY i, place;
INSERT INTO description (book, edition, data_version, document, title, work_key, isbns, sketch)
    SELECT 'book-' || i, 1, md5(i::text), jsonb_build_object('title', 'Title ' || i, 'creators',
            jsonb_build_array(jsonb_build_object('name', 'Author ' || mod(i, 1000))),
            'languages', jsonb_build_array((ARRAY['en', 'de', 'fr'])[1 + mod(i, 3)]),
            'genres', '[]'::jsonb, 'subjects', '[]'::jsonb, 'publishers',
            jsonb_build_array('House ' || mod(i, 50)), 'description', repeat('Words of it. ', 40)),
        'Title ' || i, md5(i::text), '{{}}', '{{}}'
    FROM generate_series(1, {n}) i;
INSERT INTO ingestion_metrics (book, edition, seconds, bytes, findings, words, pages, verdict)
    SELECT 'book-' || i, 1, '{{}}', '{{}}', '{{"warning": 2}}', 50000 + mod(i, 9) * 10000, 300,
        'pass' FROM generate_series(1, {n}) i WHERE mod(i, 20) < 16;
INSERT INTO review_task (book, edition, report, stage, evidence)
    SELECT 'book-' || i, 1, 'report', 'drm_package', '{{"reason": "looks odd"}}'
    FROM generate_series(1, {n}) i WHERE mod(i, 20) = 17;
INSERT INTO review_route (task, assignee, priority, due, rules, assignments)
    SELECT id, NULL, 'normal', now() + make_interval(mins => id::int), '{{}}', 0 FROM review_task;
INSERT INTO release (book, edition, name, entry, product, distribution)
    SELECT 'book-' || i, 1, 'book-' || i || '-1', '{{}}', '{{}}', '{{"files": []}}'
    FROM generate_series(1, {n}) i WHERE mod(i, 20) < 16;
INSERT INTO catalog (book, release, title, subtitle, creators, subjects, description, languages,
        document, facets)
    SELECT book, id, book, '', '', '', '', '{{en}}', '{{}}', '{{}}' FROM release;
INSERT INTO edge_turn (book, checked_at)
    SELECT book, now() - make_interval(mins => id::int) FROM release WHERE mod(id, 10) > 0;
INSERT INTO edge_check (run, book, release, point, asked, whole, status, milliseconds, bytes, fault,
        at)
    SELECT 'run', book, 'r', 'edge', 'signed', true, 200, 5 + mod(id, 90), 1, '',
        now() - make_interval(mins => id::int) FROM release;
INSERT INTO book_progress SELECT * FROM book_progress_now ON CONFLICT DO NOTHING;
"""

Question = Callable[[Database], int]
QUESTIONS: dict[str, Question] = {
    "desk: figures of /operate": lambda db: len(desk_figures(db).states),
    "desk: failed books, first page": lambda db: _listed(db, states=(BookState.FAILED,)),
    "desk: all books, first page": lambda db: _listed(db),
    "desk: counts of reviews": lambda db: queue.count_reviews(db).open,
    "desk: edge figures of a day": lambda db: len(edge_log.figures(db, 24)),
    "desk: first page of reviews": lambda db: len(queue.list_reviews(db, queue.QueueFilter())),
    "ebooks status": lambda db: _lines(db),
    "ebooks status --state failed": lambda db: _lines(db, states=(BookState.FAILED,)),
    "ebooks status --where language, words": lambda db: _lines(
        db, where='language = "fr" and words > 100000'
    ),
    "ebooks review list": lambda db: len(reviews.tasks(db)),
    "verification: whose turn": lambda db: len(edge_log.next_books(db, 200)),
    "ingestion report": lambda db: outcome_summary(db).books,
    "when was work done last": lambda db: int(last_work(db) is not None),
}


def main() -> None:
    """One table for each number of books."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--books", type=int, action="append", help="may be given again")
    asked = parser.parse_args()
    for number in asked.books or [1000]:
        with filled(number) as database:
            print_table(table(database, number))


@contextmanager
def filled(books: int) -> Iterator[Database]:
    """So many books, in a server that ends with it."""
    with tempfile.TemporaryDirectory(prefix="books-benchmark-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        database = Database(server.url("ebooks"))
        try:
            database.migrate()
            with database.begin() as connection:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                connection.exec_driver_sql(BOOKS.format(n=books))
            settle(database)
            told = f"load: {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors"
            print(told, file=sys.stderr)
            yield database
        finally:
            database.close()
            server.stop()


def table(database: Database, books: int) -> Table:
    """Every question, the median of five times."""
    watch, lines = Watch(database), []
    for name, ask in QUESTIONS.items():
        taken = [watch.timed(partial(_asked, ask, database), "") for _ in range(_REPEATS)]
        passed = statistics.median(1000 * one.passed for one, _ in taken)
        worked = statistics.median(1000 * one.worked for one, _ in taken)
        cells: list[Cell] = [books, name, passed, worked, taken[0][1]]
        lines.append(cells)
    said = f"memory of the longest list: {_megabytes(database):.1f} MB at its peak"
    return Table(f"Questions about {books:,} books", COLUMNS, lines, said)


def _asked(ask: Question, database: Database, _: str) -> int:
    return ask(database)


def _megabytes(database: Database) -> float:
    tracemalloc.start()
    for _ in status_lines(database, BookFilter()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def _listed(database: Database, **wanted: object) -> int:
    return len(list_books(database, BookFilter.model_validate(wanted)))


def _lines(database: Database, **wanted: object) -> int:
    return sum(1 for _ in status_lines(database, BookFilter.model_validate(wanted)))


if __name__ == "__main__":
    main()
