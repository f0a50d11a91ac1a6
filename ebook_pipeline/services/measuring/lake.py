"""The data lake: every event of the outbox, once, as Parquet by day in the object store.

A file is written under a name of its own, and counts from the transaction that lists it and moves
the lake's place in the outbox: who is killed before it leaves a file that nobody reads, which the
next compaction removes. All of it holds `TAKING_AWAY`, so that no purge and no backup sees a half.
"""

import hmac
import io
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from ebook_pipeline.books.measuring.lake_rows import (
    SCHEMA_VERSION,
    TakenEvent,
    event_table,
    lake_row,
)
from ebook_pipeline.foundation.record import Record, canonical_json
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.event_tables import subscriber
from ebook_pipeline.resources.database.lake_tables import lake_file
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.delivering import queue

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "lake"
"""What the lake is called among those who hear events: how far it has read is kept under it."""
FOLDER = "lake/events/"
MANIFEST = "lake/events.json"
"""The list of files that count, for readers without the database."""
_BATCH = 50_000
_SMALL = 500_000
"""Rows: a file with more is not merged any more."""
_MOST_FILES = 8
"""Files of the day that is not over; a day that is over is one."""
_OUTBOX, _FILE, _TOLD = tables.outbox.c, lake_file.c, subscriber.c
_MEDIA_TYPE = "application/vnd.apache.parquet"


class LakeFile(Record):
    """One Parquet file: its key in the object store, its day (UTC), rows, bytes, schema."""

    key: str
    day: date
    rows: int
    bytes: int
    version: int


class LakeSummary(Record):
    """What a turn did: events taken, files written, files merged, files that nobody listed."""

    events: int = 0
    written: int = 0
    merged: int = 0
    swept: int = 0


@dataclass(frozen=True)
class Lake:
    """The lake of one home, or of production; any number of processes may ask at a time."""

    database: Database
    store: ObjectStore
    wait_seconds: float = 0.0
    """How long a purge or a backup under way is waited for."""

    def load(self) -> LakeSummary:
        """Take all events that were not taken yet. ServiceError where a purge or backup goes on."""
        queue.assign_positions(self.database)
        events = written = 0
        with self._alone():
            while taken := self._next():
                files = self._write(taken)
                self._commit(taken[-1].position, files)
                events, written = events + len(taken), written + len(files)
            if written:
                self._publish()
        return LakeSummary(events=events, written=written)

    def compact(self, today: date | None = None) -> LakeSummary:
        """One file for each day that is over, few for this one; what is not listed goes."""
        merged = 0
        with self._alone():
            for day, files in groupby(self.files(), lambda file: file.day):
                small = [file for file in files if file.rows < _SMALL]
                most = 1 if day < (today or datetime.now(UTC).date()) else _MOST_FILES
                if len(small) > most:
                    merged += self._merge(day, small)
            swept = self._sweep()
            self._publish()
        return LakeSummary(merged=merged, swept=swept)

    def forget(self, book: str) -> int:
        """Take the book's rows out, for who holds `TAKING_AWAY`; how many there were."""
        import pyarrow.compute as pc

        gone = 0
        for file in self.files():
            table = self.read(file)
            kept = table.filter(pc.not_equal(table["book"], book))
            if kept.num_rows < table.num_rows:
                gone += table.num_rows - kept.num_rows
                self._replace(file.day, [file], kept)
        if gone:
            self._publish()
        return gone

    def files(self, first: date | None = None, last: date | None = None) -> tuple[LakeFile, ...]:
        """The files that count, by day; only of the days from `first` to `last`, if given."""
        query = select(lake_file).order_by(_FILE.day, _FILE.key)
        if first is not None:
            query = query.where(_FILE.day >= first)
        if last is not None:
            query = query.where(_FILE.day <= last)
        with self.database.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(
            LakeFile.model_validate({name: row[name] for name in LakeFile.model_fields})
            for row in rows
        )

    def read(self, file: LakeFile) -> "pa.Table":
        """A file's rows."""
        import pyarrow.parquet as pq

        return pq.read_table(io.BytesIO(self.store.read(file.key)))

    def fetch(self, files: Sequence[LakeFile], folder: Path) -> list[Path]:
        """Copies of `files` below `folder`, where engines read them."""
        paths = []
        for file in files:
            path = folder / file.key.replace("/", "-")
            path.write_bytes(self.store.read(file.key))
            paths.append(path)
        return paths

    def new_days(self) -> list[date]:
        """Days (UTC) with events that were not taken yet."""
        day = func.date(func.timezone("UTC", _OUTBOX.at))
        fresh = _OUTBOX.position.is_(None) | (_OUTBOX.position > self._position_query())
        with self.database.begin() as connection:
            days = connection.execute(select(day).where(fresh).distinct().order_by(day))
            return list(days.scalars())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        given_up = threading.Event()
        waited = threading.Timer(self.wait_seconds, given_up.set)
        waited.start()
        with ExitStack() as stack:
            try:
                stack.enter_context(self.database.lock(TAKING_AWAY, stop=given_up))
            finally:
                waited.cancel()
            yield

    def _position_query(self) -> Any:
        here = select(_TOLD.position).where(_TOLD.name == NAME).scalar_subquery()
        return func.coalesce(here, 0)

    def _next(self) -> list[TakenEvent]:
        """The next events. Payloads stay sealed: what is personal is not even opened."""
        columns = (_OUTBOX.position, _OUTBOX.uid, _OUTBOX.event, _OUTBOX.version, _OUTBOX.book)
        data = type_coerce(_OUTBOX.payload, JSONB).label("data")
        query = (
            select(*columns, _OUTBOX.at, _OUTBOX.correlation, data)
            .where(_OUTBOX.position > self._position_query())
            .order_by(_OUTBOX.position)
            .limit(_BATCH)
        )
        with self.database.begin() as connection:
            return [TakenEvent(*row) for row in connection.execute(query)]

    def _write(self, taken: Sequence[TakenEvent]) -> list[LakeFile]:
        pseudonym = self._pseudonym()
        rows = [lake_row(event, pseudonym) for event in taken]
        rows.sort(key=lambda row: (row["day"], row["position"]))
        return [
            self._written(day, event_table(of_day))
            for day, of_day in groupby(rows, lambda row: row["day"])
            if isinstance(day, date)
        ]

    def _pseudonym(self) -> Callable[[str], str]:
        """What stands for a licence, by a key that is asked of the vault once, not a licence."""
        key = bytes.fromhex(self.database.personal.digest("lake license", "key"))
        return lambda license: hmac.digest(key, license.encode(), "sha256").hex()[:32]

    def _written(self, day: date, table: "pa.Table") -> LakeFile:
        import pyarrow.parquet as pq

        stream = io.BytesIO()
        pq.write_table(table, stream, compression="zstd")
        key = f"{FOLDER}v{SCHEMA_VERSION}/day={day}/{uuid.uuid4().hex}.parquet"
        body = stream.getvalue()
        self.store.write(key, body)
        return LakeFile(
            key=key, day=day, rows=table.num_rows, bytes=len(body), version=SCHEMA_VERSION
        )

    def _commit(self, position: int, files: Sequence[LakeFile]) -> None:
        moved = upsert(subscriber).values(name=NAME, position=position)
        moved = moved.on_conflict_do_update(index_elements=["name"], set_={"position": position})
        with self.database.begin() as connection:
            _list(connection, files)
            connection.execute(moved)

    def _merge(self, day: date, files: Sequence[LakeFile]) -> int:
        import pyarrow as pa

        tables_of_day = [self.read(file) for file in files]
        whole = pa.concat_tables(tables_of_day, promote_options="default").sort_by("position")
        self._replace(day, files, whole)
        return len(files)

    def _replace(self, day: date, files: Sequence[LakeFile], table: "pa.Table") -> None:
        """The rows of `table` in place of `files`, at once for all readers."""
        made = [self._written(day, table)] if table.num_rows else []
        with self.database.begin() as connection:
            keys = [file.key for file in files]
            connection.execute(delete(lake_file).where(_FILE.key.in_(keys)))
            _list(connection, made)
        for file in files:
            self.store.remove(file.key)

    def _sweep(self) -> int:
        """Remove what was written for nothing: its process ended before the commit."""
        known = {file.key for file in self.files()}
        left = [key for key in self.store.keys(FOLDER) if key not in known]
        for key in left:
            self.store.remove(key)
        return len(left)

    def _publish(self) -> None:
        files = [file.model_dump(mode="json") for file in self.files()]
        self.store.write(MANIFEST, canonical_json({"schema": SCHEMA_VERSION, "files": files}))


def published(store: ObjectStore) -> list[LakeFile]:
    """The files that the manifest names."""
    return [LakeFile.model_validate(file) for file in json.loads(store.read(MANIFEST))["files"]]


def _list(connection: Connection, files: Sequence[LakeFile]) -> None:
    if files:
        connection.execute(insert(lake_file), [file.model_dump() for file in files])
