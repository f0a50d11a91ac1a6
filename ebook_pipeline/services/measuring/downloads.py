"""What was fetched from the edge becomes events, counted by hour: so it lands in the lake."""

import logging
import math
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, select

from ebook_pipeline.books.measuring.downloads import DownloadCount
from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.edge.downloads import DownloadLog
from ebook_pipeline.services.audit_and_outbox import NewEvent, emit_all

_LOG = logging.getLogger(__name__)
_FILES_AT_ONCE, _THREADS = 32, 8
"""Files of one transaction, and how many are read at a time: most of it is waiting for S3."""
_EVENTS_AT_ONCE = 5000
_NAMESPACE = uuid.UUID("5f0c3d8e-0f6f-4d5e-9a39-2f4f0f3b9b61")


def take_downloads(database: Database, log: DownloadLog | None, seconds: float = math.inf) -> int:
    """Make events of the counts that wait, each file once; how many events. No log has none.

    After so many seconds no further file is begun. An event's id is made of its file's name: who
    was killed between the commit and the removal finds the file's events there, and only removes
    it. What can't be read is told and removed.
    """
    names = log.names() if log is not None else []
    if log is None or not names:
        return 0
    made, until = 0, time.monotonic() + seconds
    with database.lock("downloads"), ThreadPoolExecutor(_THREADS) as pool:
        for part in slices(names, _FILES_AT_ONCE):
            if time.monotonic() >= until:
                break
            read = pool.map(lambda name: _read(log, name), part)
            events = [event for found in read for event in found]
            with database.begin() as connection:
                made += sum(_emit(connection, some) for some in slices(events, _EVENTS_AT_ONCE))
            list(pool.map(log.remove, part))
    return made


def _read(log: DownloadLog, name: str) -> list[NewEvent]:
    try:
        counts = log.read(name)
    except NotFound:
        return []  # taken by another since it was listed
    except Damaged as error:
        _LOG.error("%s", error)
        return []
    return [_event(f"{name} {place}", count) for place, count in enumerate(counts)]


def _emit(connection: Connection, events: Sequence[NewEvent]) -> int:
    """Emit those of books that there are, unless they were emitted already."""
    book, uid = tables.book.c.id, tables.outbox.c.uid
    asked, uids = {event.book for event in events}, [event.uid for event in events]
    known = set(connection.execute(select(book).where(book.in_(asked))).scalars())
    told = set(connection.execute(select(uid).where(uid.in_(uids))).scalars())
    new = [event for event in events if event.book in known and event.uid not in told]
    if new:
        emit_all(connection, new)
    return len(new)


def _event(name: str, count: DownloadCount) -> NewEvent:
    payload = {"what": count.what, "form": count.form, "times": count.times, "length": count.bytes}
    uid = str(uuid.uuid5(_NAMESPACE, name))
    return NewEvent("book.downloaded", count.book, payload, uid=uid, at=count.hour)
