"""How fast events are told, and what a tick costs where a million of them were told before.

The webhook is a server in a process of its own on this machine; beside the seconds that passed
stand those that this process' processor worked.

    python -m benchmarks.events --rows 1000000 --events 5000
"""

import argparse
import json
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.event_bus import EventFolder
from ebook_pipeline.resources.webhooks import Endpoint, Webhook
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering import queue
from ebook_pipeline.services.delivering.dispatch import DeliveryLimits, Subscriber, deliver

_BOOKS = 1000
_TICKS = 20
_TERMS = DeliveryLimits(seconds=600)
_PLANS = {
    "what has no place yet": "SELECT id FROM outbox WHERE position IS NULL ORDER BY id LIMIT 1",
    "what comes next": "SELECT * FROM outbox WHERE position > {last} ORDER BY position LIMIT 256",
    "what is due": "SELECT book FROM delivery WHERE subscriber = 'nobody' AND next_at <= now()"
    " ORDER BY next_at LIMIT 8",
}

_FILL = """
INSERT INTO work SELECT FROM generate_series(1, :books);
INSERT INTO book (id, work) SELECT 'book-' || id, id FROM work;
INSERT INTO outbox (event, book, payload, at, uid, version, correlation, position)
    SELECT 'release.live', 'book-' || 1 + one % :books, '{"edition": 1, "release": "0001-5f2c9a"}',
        now() - make_interval(secs => :rows - one), gen_random_uuid(), 1, 'run', one
    FROM generate_series(1, :rows) AS one;
SELECT setval('outbox_position_seq', :rows);
"""


class Nobody:
    """Takes every event, or none."""

    def __init__(self, name: str = "nobody", *, refuses: bool = False) -> None:
        self.name, self._refuses = name, refuses

    def deliver(self, event: Event) -> None:  # noqa: ARG002
        if self._refuses:
            raise Unavailable("not now")


class _Yes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    """One table of speed, one of ticks, one of the plans that Postgres makes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="events that were told before")
    parser.add_argument("--events", type=int, default=5000, help="new ones, of as many subscribers")
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="ebooks-events-") as folder,
        filled(Path(folder), asked.rows) as database,
    ):
        tables = [
            ticks(database, asked.rows),
            speed(database, Path(folder), asked.events),
            plans(database, asked.rows),
        ]
    for one in tables:
        print(json.dumps(one.as_facts())) if asked.json else print_table(one)


@contextmanager
def filled(folder: Path, rows: int) -> Iterator[Database]:
    """A database of its own with `rows` events, all of which have their place."""
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    database = Database(server.url("ebooks"))
    try:
        database.migrate()
        with database.begin() as connection:
            for statement in _FILL.split(";\n"):
                if statement.strip():
                    connection.execute(text(statement), {"rows": rows, "books": _BOOKS})
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield database
    finally:
        database.close()
        server.stop()


def ticks(database: Database, rows: int) -> Table:
    """A tick with nothing to do, with a little, and with a subscriber that is down."""
    quiet = [Nobody()]
    _join(database, ["nobody", "down", "folder", "shop", "replayed"], rows)
    found = [
        ("nothing new", *_timed(lambda: deliver(database, quiet, _TERMS))),
        ("10 new events", *_timed(lambda: deliver(database, quiet, _TERMS), _new(database, 10))),
        ("100 new events", *_timed(lambda: deliver(database, quiet, _TERMS), _new(database, 100))),
    ]
    down = [Nobody("down", refuses=True)]
    waiting = min(rows, 100_000)
    with database.begin() as connection:
        connection.execute(text(_WAITING), {"rows": waiting})
    found.append(
        (f"{waiting:,} wait for who is down", *_timed(lambda: deliver(database, down, _TERMS)))
    )
    old = _TERMS.clock() - timedelta(days=3650)
    found.append(("nothing to forget", *_timed(lambda: queue.prune(database, ["nobody"], old))))
    return Table(
        f"A tick beside {rows:,} events that were told",
        ("tick", "p50 ms", "CPU ms"),
        found,
        f"What a tick takes, the median of {_TICKS}.",
    )


def speed(database: Database, folder: Path, events: int) -> Table:
    """Events a second: written, and told to each kind of subscriber."""
    began, worked = time.perf_counter(), time.process_time()
    _new(database, events)()
    found: list[Sequence[Cell]] = [_rate("written to the outbox", events, began, worked)]
    with server() as url:
        endpoint = Endpoint(name="shop", url=url, types=("*",), secret_env=("NONE",))
        shop = Webhook(endpoint, [Secret.random()])
        shop.name = "shop"
        listening: dict[str, Subscriber] = {
            "nobody: the database's work alone": Nobody(),
            "the folder": EventFolder(folder / "events"),
            "a local webhook, signed": shop,
        }
        for what, subscriber in listening.items():
            began, worked = time.perf_counter(), time.process_time()
            (tally,) = deliver(database, [subscriber], _TERMS)
            found.append(_rate(f"told to {what}", tally.delivered, began, worked))
    return Table(
        "Events a second",
        ("what", "events", "events/s", "CPU ms/event"),
        found,
        "Of a thousand books, eight of them at a time.",
    )


def plans(database: Database, rows: int) -> Table:
    """Which index each question of a tick is answered from."""
    found = []
    with database.begin() as connection:
        for what, query in _PLANS.items():
            asked = text(f"EXPLAIN (ANALYZE, FORMAT TEXT) {query.format(last=rows - 100)}")
            plan = "\n".join(connection.execute(asked).scalars())
            names = re.findall(r"(?:using|Scan on) (\w+)", plan)
            ms = re.findall(r"Execution Time: ([\d.]+) ms", plan)
            found.append((what, ", ".join(dict.fromkeys(names)), float(ms[0])))
    return Table("The plans of a tick's questions", ("question", "index", "ms"), found, "")


_WAITING = """
INSERT INTO delivery (subscriber, event, position, book, attempts, error, since, next_at)
    SELECT 'down', id, position, book, 1, 'not now', now(),
        CASE WHEN position = min(position) OVER (PARTITION BY book)
            THEN now() + interval '1 hour' END
    FROM outbox ORDER BY position LIMIT :rows
"""


def _join(database: Database, names: Sequence[str], rows: int) -> None:
    with database.begin() as connection:
        for name in names:
            facts = {"name": name, "rows": rows}
            statement = "INSERT INTO subscriber (name, position) VALUES (:name, :rows)"
            connection.execute(text(statement), facts)


def _new(database: Database, number: int) -> Callable[[], None]:
    """Writes `number` events, ten a transaction."""

    def write() -> None:
        for first in range(0, number, 10):
            with database.begin() as connection:
                for one in range(first, min(first + 10, number)):
                    data = {"edition": one, "release": "0001"}
                    emit(connection, "release.live", f"book-{1 + one % _BOOKS}", data)

    return write


def _timed(
    tick: Callable[[], Any], before: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Median milliseconds of `tick`, those that passed and those that this process worked."""
    passed, worked = [], []
    for _ in range(_TICKS):
        before()
        began, busy = time.perf_counter(), time.process_time()
        tick()
        passed.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    return round(1000 * median(passed), 1), round(1000 * median(worked), 1)


def _rate(what: str, events: int, began: float, worked: float) -> Sequence[Cell]:
    seconds, busy = time.perf_counter() - began, time.process_time() - worked
    return what, events, round(events / seconds), round(1000 * busy / max(events, 1), 2)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that takes every webhook, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ours.recv()}/"
    process.terminate()
    process.join()


def _serve(pipe: Any) -> None:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    pipe.send(listening.server_port)
    listening.serve_forever()


if __name__ == "__main__":
    main()
