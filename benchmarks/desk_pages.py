"""How soon the desk's pages answer, and how large they are, over a generated catalogue.

Each page is asked for as a browser does, by somebody who may see every book, in one process over an
embedded Postgres; pictures, scripts and the sheet are not counted. CPU is what a processor worked
for a page in the desk, without Postgres, however busy the machine is.

    python -m benchmarks.desk_pages --rows 10000 --reviews 2000
"""

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

from benchmarks.catalog import filled
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.desk.app import create_app
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.rate_limits import MemoryRateLimiter
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import SessionLimits
from ebook_pipeline.settings import Settings

COLUMNS = ("page", "p50 ms", "p95 ms", "goal ms", "CPU ms", "kB", "goal kB")
PAGES = ("/books", "/books?text=book-17", "/books?state=needs_review", "/books/book-17", "/reviews")
SHOP = ("/shop", "/shop?query=ba", "/shop/book-17", "/operate", "/operate/failed", "/audit")
WRITING = ("/write", "/write/M", "/editing", "/editing/M", "/opinions", "/readership")
ORIGIN, LOGIN = "http://127.0.0.1:8080", "bench"
_GOAL_MS, _GOAL_KB = 100, 150
_NAMED = re.compile(r"/(?:\d+|[a-z2-7]{26})$")
_WENT_THROUGH = """
INSERT INTO stage_run (run, book, edition, stage, outcome, seconds, data_version, detail)
    SELECT 'run', 'book-' || n, 1, stage, 'done', 1, '', '{}'
    FROM generate_series(1, :rows) AS n, unnest(ARRAY['raw_file', 'validated_book',
        'converted_book', 'book_metadata', 'qa_report', 'drm_package', 'cdn_release',
        'catalog_row', 'ingestion_analytics']) AS stage
    WHERE n > :reviews OR stage NOT IN ('drm_package', 'cdn_release', 'catalog_row',
        'ingestion_analytics') ORDER BY n;
INSERT INTO stage_run (run, book, edition, stage, outcome, seconds, data_version, detail)
    SELECT 'run', 'book-' || n, 1, 'drm_package', 'waiting', 1, 'r', '{"reason": "spelling"}'
    FROM generate_series(1, :reviews) AS n;
INSERT INTO description (book, edition, data_version, document, title, work_key, isbns, sketch)
    SELECT book, 1, 'd', jsonb_build_object('title', title, 'creators', '[]'::jsonb, 'languages',
        jsonb_build_array('en'), 'genres', '[]'::jsonb, 'subjects', '[]'::jsonb), title, book,
        '{}', '{}' FROM catalog;
INSERT INTO review_task (book, edition, report, stage, evidence)
    SELECT 'book-' || n, 1, 'r', 'drm_package', jsonb_build_object('title', 'Book ' || n,
        'reason', 'spelling') FROM generate_series(1, :reviews) AS n;
INSERT INTO review_route (task, priority, due, rules)
    SELECT id, (ARRAY['urgent', 'high', 'normal', 'low'])[1 + mod(id, 4)],
        now() + make_interval(hours => mod(id, 200)::int), '{}' FROM review_task;
INSERT INTO person (login, actor) VALUES ('writer', 'setup');
INSERT INTO manuscript (id, account, claims, actor, state)
    SELECT left(translate(md5(n::text), '0189', 'ghij'), 26), 'house',
        jsonb_build_object('title', 'Manuscript ' || n), 'desk:writer', 'draft'
    FROM generate_series(1, :rows / 10) AS n;
INSERT INTO chapter (id, manuscript, place, version) SELECT id, id, 0, 1 FROM manuscript;
INSERT INTO chapter_version (chapter, number, heading, text, words, actor)
    SELECT id, 1, 'One', 'It rained.', 2, 'desk:writer' FROM chapter;
INSERT INTO opinion (work, person, stars, text, signed, state, waits_since)
    SELECT id, 'writer', 4, 'A fine book.', '', CASE WHEN mod(id, 100) = 0 THEN 'held'
        ELSE 'visible' END, CASE WHEN mod(id, 100) = 0 THEN now() END FROM work;
INSERT INTO shelf_entry (work, person, shelf) SELECT id, 'writer', 'read' FROM work;
ANALYZE
"""
_SCANNED = """
SELECT relname, seq_scan, seq_tup_read FROM pg_stat_user_tables WHERE n_live_tup > 1000
"""


def main() -> None:
    """One table: a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000, help="books")
    parser.add_argument("--reviews", type=int, default=2000, help="of them wait for a person")
    parser.add_argument("--times", type=int, default=30, help="that each page is asked for")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    asked = parser.parse_args()
    with filled(asked.rows) as database, tempfile.TemporaryDirectory() as home:
        went_through(database, asked.rows, asked.reviews)
        load = f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors before"
        rows = measure(database, Path(home), asked.times)
    said = f"{asked.rows:,} books, {asked.reviews:,} of them wait for a review; {load}"
    table = Table("The desk's pages", COLUMNS, rows, said)
    print(json.dumps(table.as_facts())) if asked.json else print_table(table)


def went_through(database: Database, rows: int, reviews: int) -> None:
    """Every book has its stages, and the first ones wait for a person."""
    with database.begin() as connection:
        for statement in _WENT_THROUGH.split(";\n"):
            connection.execute(text(statement), {"rows": rows, "reviews": reviews})


def measure(database: Database, home: Path, times: int) -> list[list[Cell]]:
    """A line for each page; what is not a page of success ends it."""
    settings = Settings(home=home)
    context = DeskContext(
        Resources(settings, database=database), MemoryRateLimiter(), DeskAddresses.of(settings)
    )
    people.first_operator(database, LOGIN)
    with database.begin() as connection:
        token = sessions.begin(connection, LOGIN, "benchmark", SessionLimits())
    with closing(context.background), TestClient(create_app(context), ORIGIN) as client:
        client.cookies.set("ebooks-session-8080", token, "127.0.0.1")
        review = client.get("/api/v1/reviews").json()["items"][0]["task"]["id"]
        written = client.get("/api/v1/manuscripts").json()["items"][0]["id"]
        pages = (*PAGES, f"/reviews/{review}", *SHOP, *WRITING)
        asked = [page.replace("/M", f"/{written}") for page in pages]
        before = scanned(database)
        rows = [_line(client, page, times) for page in asked]
    for table, tuples in scanned(database).items():
        if read := tuples - before.get(table, 0):
            print(f"read one after the other: {table}, {read / times:,.0f} rows a round")
    return rows


def scanned(database: Database) -> dict[str, int]:
    """Rows that sequential scans have read by now, of each table that is not small."""
    with database.begin() as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    with database.begin() as connection:
        rows = connection.execute(text(_SCANNED)).all()
    return {row.relname: row.seq_tup_read for row in rows}


def _line(client: TestClient, page: str, times: int) -> list[Cell]:
    taken, worked = [], time.process_time()
    for _ in range(times):
        begun = time.monotonic()
        answer = client.get(page)
        taken.append((time.monotonic() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{page}: {answer.status_code}")
        time.sleep(0.1)  # a person of the desk may ask ten times a second
    cpu = (time.process_time() - worked) * 1000 / times
    taken.sort()
    p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    name = _NAMED.sub("/N", page)
    size = len(answer.content) / 1000
    return [name, statistics.median(taken), p95, _GOAL_MS, cpu, size, _GOAL_KB]


if __name__ == "__main__":
    main()
