"""A burst of files that a queue tells of, and a bucket of very many objects, without Amazon.

S3 is moto's, in this process: seconds are of our code and moto's together, and CPU is theirs and
the database's. The queue hands out messages as SQS does, ten at a time and again until they are
settled (moto's own looks at all of its messages for each that it hands out, so that 5,000 never
end). The burst's messages come shuffled, and every tenth twice.

    python -m benchmarks.arrivals --burst 5000 --objects 100000
"""

import argparse
import json
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from benchmarks.frame import Cell, Table, print_table
from benchmarks.many_books import filled
from benchmarks.process_clock import ProcessClock
from ebook_pipeline.resources.arrival_queue import MESSAGES_AT_ONCE, ArrivalMessage
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingBucket
from ebook_pipeline.resources.s3_notifications import created_keys
from ebook_pipeline.services.intake import arrivals, launching
from ebook_pipeline.services.intake.notified_arrivals import SweepCursor, submit_notified, sweep

COLUMNS = ("what", "files", "s", "CPU s", "result")
_BUCKET, _REGION = "landing", "us-east-1"
_ACTOR = "sensor:new_submissions"
_PER_RUN = 100
_TICK_SECONDS = 25.0
_KNOWN = """
UPDATE source SET landing_key = 'house/' || landing_key;
UPDATE submission SET landing_key = found.key, version = found.version
    FROM unnest(CAST(%(keys)s AS text[]), CAST(%(versions)s AS text[])) AS found (key, version)
    WHERE 'house/' || submission.landing_key = found.key;
"""


def main() -> None:
    """One table: the burst, and the bucket."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--burst", type=int, default=5000)
    parser.add_argument("--objects", type=int, default=100_000)
    asked = parser.parse_args()
    with mock_aws(), filled(asked.objects) as database:
        print_table(Measurement(database, asked.burst, asked.objects).table())


class Queue:
    """Messages in memory, ten at a time; one that nobody settles comes again at the end."""

    def __init__(self, bodies: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        self._waiting = list(enumerate(bodies))
        self._out: dict[str, tuple[int, str]] = {}

    def receive(self) -> tuple[ArrivalMessage, ...]:
        with self._lock:
            part = self._waiting[-MESSAGES_AT_ONCE:]
            del self._waiting[-MESSAGES_AT_ONCE:]
            self._out |= {str(number): (number, body) for number, body in part}
        return tuple(
            ArrivalMessage(receipt=str(number), keys=created_keys(body, _BUCKET))
            for number, body in part
        )

    def settle(self, receipts: Sequence[str]) -> None:
        with self._lock:
            for receipt in receipts:
                self._out.pop(receipt, None)

    def left(self) -> int:
        return len(self._waiting) + len(self._out)


class Measurement:
    """A bucket whose objects are all submitted, and a burst of others on top."""

    def __init__(self, database: Database, burst: int, objects: int) -> None:
        self.database, self.burst, self.objects = database, burst, objects
        self.s3 = boto3.client("s3", region_name=_REGION)
        self.s3.create_bucket(Bucket=_BUCKET)
        self.landing = LandingBucket(self.s3, _BUCKET)
        self.queue = Queue()
        self.clock = ProcessClock(os.getpid(), _server_folder(database))
        for number in range(1, objects + 1):
            self._put(f"house/book-{number}.epub")
        found = list(self.landing.arrivals())
        known = {
            "keys": [one.key for one in found],
            "versions": [one.version for one in found],
        }
        with database.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(_KNOWN, known)

    def table(self) -> Table:
        lines = [
            self._timed("list all (before)", self.objects, self._list),
            self._timed("a sweep, by steps", self.objects, self._sweep),
            self._timed("longest step", self.objects, lambda: f"{self.longest:.1f} s"),
            self._timed("a burst is notified", self.burst, self._notify),
            self._timed("and submitted", self.burst, self._submit),
            self._timed("and asked for in runs", self.burst, self._ask),
        ]
        return Table("Arrivals", COLUMNS, lines, "")

    def _timed(self, what: str, files: int, work: Callable[[], object]) -> list[Cell]:
        passed, worked = time.monotonic(), self.clock.seconds()
        result = work()
        return [
            what,
            files,
            time.monotonic() - passed,
            self.clock.seconds() - worked,
            str(result),
        ]

    def _list(self) -> str:
        return f"{sum(1 for _ in self.landing.arrivals()):,} arrivals"

    def _sweep(self) -> str:
        cursor, steps, self.longest = SweepCursor(), 0, 0.0
        while steps == 0 or cursor.after is not None:
            began = time.monotonic()
            cursor = sweep(self.database, self.landing, cursor, actor=_ACTOR, every=0)
            self.longest = max(self.longest, time.monotonic() - began)
            steps += 1
        return f"{steps} steps, {self._submitted():,} new"

    def _notify(self) -> str:
        keys = [f"house/burst/{number}.epub" for number in range(self.burst)]
        for key in keys:
            self._put(key)
        told = [*keys, *keys[::10]]
        random.Random(1).shuffle(told)
        bodies = [_notification(key) for key in told]
        self.queue = Queue(bodies)
        return f"{len(bodies):,} messages"

    def _submit(self) -> str:
        ticks, new = 0, 0
        while True:
            done = submit_notified(
                self.database, self.landing, self.queue, actor=_ACTOR, seconds=_TICK_SECONDS
            )
            ticks, new = ticks + 1, new + done.new
            if not done.messages:
                left = self.queue.left()
                return f"{new:,} new of {self._submitted():,} rows, {ticks} ticks, {left} left"

    def _ask(self) -> str:
        books = list(arrivals.waiting_books(self.database))
        runs = list(launching.ranges(books, set(books), _PER_RUN))
        return f"{len(books):,} books in {len(runs)} runs"

    def _submitted(self) -> int:
        with self.database.begin() as connection:
            query = "SELECT count(*) FROM submission WHERE state = 'open'"
            return int(connection.exec_driver_sql(query).scalar_one())

    def _put(self, key: str) -> None:
        """Beside HTTP: moto takes seconds for a thousand files otherwise."""
        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        backend.put_object(_BUCKET, key, b"a book")


def _server_folder(database: Database) -> Path:
    with database.begin() as connection:
        data = connection.exec_driver_sql("SHOW data_directory").scalar_one()
    return Path(data).parent


def _notification(key: str) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": _BUCKET}, "object": {"key": key, "size": 6}},
    }
    return json.dumps({"Records": [record]})


if __name__ == "__main__":
    main()
