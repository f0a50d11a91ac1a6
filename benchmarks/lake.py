"""The lake with many events: taking them, compacting them, each metric; CPU beside wall seconds.

A Postgres of its own holds `--events` events of 10,000 books over 30 days. With `--spark` each
metric runs on Spark too, and both have to answer alike.

    python -m benchmarks.lake --events 1000000
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.frame import Table, print_table
from ebook_pipeline.books.measuring.metrics import METRICS, daily, with_books
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.resources.lake_engine import DuckDbEngine, LakeEngine, SparkEngine
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.measuring.figures import write_editions
from ebook_pipeline.services.measuring.lake import Lake

_BOOKS = 10_000
_DAYS = 30
_COLUMNS = ("what", "wall s", "CPU s", "result")
_FILL = """
INSERT INTO work SELECT FROM generate_series(1, :books);
INSERT INTO book (id, work) SELECT 'book-' || id, id FROM work;
INSERT INTO outbox (event, book, payload, at, uid, version, correlation)
    SELECT (ARRAY['stage.finished', 'stage.finished', 'stage.finished', 'edition.taken',
            'book.rejected', 'release.live', 'license.issued', 'review.asked', 'review.decided',
            'submission.received'])[1 + one % 10],
        'book-' || 1 + (one / 10) % :books,
        jsonb_build_object('edition', 1, 'stage', 'stage-' || one % 9, 'seconds', one % 97,
            'task', one / 10, 'approved', one % 3 = 0, 'license', 'l-' || one, 'findings',
            CASE WHEN one % 4 = 0 THEN jsonb_build_array(jsonb_build_object(
                'rule', 'rule-' || one % 50, 'severity', 'warning')) ELSE '[]'::jsonb END),
        now() - make_interval(secs => :days * 86400.0 * (1 - one::float / :events)),
        gen_random_uuid(), 1, 'run'
    FROM generate_series(1, :events) AS one;
ANALYZE outbox;
"""
Row = tuple[str, float, float, str]


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--spark", action="store_true", help="compare with Spark")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ebook-lake-benchmark-") as name:
        folder = Path(name)
        with _filled(folder, options.events) as database:
            lake = Lake(database, LocalObjectStore(folder / "objects"), 60)
            rows = [*_kept(lake, options.events), *_reckoned(lake, folder, options.spark)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = f"{options.events:,} events of {_BOOKS:,} books; peak {peak:,.0f} MB"
    print_table(Table("lake", _COLUMNS, rows, said))


@contextmanager
def _filled(folder: Path, events: int) -> Iterator[Database]:
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    database = Database(server.url("ebooks"), vault=LocalKeyVault(folder / "vault"))
    try:
        database.migrate()
        asked = {"books": _BOOKS, "days": _DAYS, "events": events}
        with database.begin() as connection:
            for statement in _FILL.split(";\n")[:-1]:
                connection.execute(text(statement), asked)
        yield database
    finally:
        database.close()
        server.stop()


def _kept(lake: Lake, events: int) -> list[Row]:
    loaded, load = _measured("take all events", lake.load)
    assert loaded.events == events
    compacted, compact = _measured("compact", lake.compact)
    again, idle = _measured("nothing new", lake.load)
    assert again.events == 0
    files = lake.files()
    size = sum(file.bytes for file in files) / 2**20
    assert sum(file.rows for file in files) == events
    book, forget = _measured("forget a book", lambda: lake.forget("book-17"))
    return [
        (*load, f"{loaded.written} files"),
        (*compact, f"{compacted.merged} files to {len(files)}, {size:.1f} MB"),
        (*idle, "–"),
        (*forget, f"{book} rows"),
    ]


def _reckoned(lake: Lake, folder: Path, spark: bool) -> Iterator[Row]:
    paths = lake.fetch(lake.files(), folder)
    editions = write_editions(lake.database, folder / "editions.parquet")
    answers: dict[str, list[tuple[Any, ...]]] = {}
    engines: dict[str, LakeEngine] = {"DuckDB": DuckDbEngine()}
    engines |= {"Spark": SparkEngine("local[2]")} if spark else {}
    for name, engine in engines.items():
        with engine.open(paths, editions) as opened:
            events = with_books(opened.events, opened.editions)
            for metric in METRICS:
                found, row = _measured(f"{name}: {metric}", partial(_answer, metric, events))
                same = answers.setdefault(metric, found) == found
                yield (*row, f"{len(found)} rows{'' if same else ', NOT EQUAL'}")


def _answer(metric: str, events: Any) -> list[tuple[Any, ...]]:
    rows = daily(METRICS[metric], events).to_pyarrow().to_pylist()
    return sorted(
        tuple(round(value, 6) if isinstance(value, float) else str(value) for value in row.values())
        for row in rows
    )


def _measured(what: str, work: Callable[[], Any]) -> tuple[Any, tuple[str, float, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    took = time.perf_counter() - wall, time.process_time() - cpu
    return result, (what, round(took[0], 2), round(took[1], 2))


if __name__ == "__main__":
    main()
