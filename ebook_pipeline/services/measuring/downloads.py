"""What was fetched from the edge becomes events, counted by hour: so it lands in the lake."""

import logging
import uuid
from collections.abc import Sequence

from sqlalchemy import Connection, select

from ebook_pipeline.books.measuring.downloads import DownloadCount
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.edge.downloads import DownloadLog
from ebook_pipeline.services.audit_and_outbox import NewEvent, emit_all

_LOG = logging.getLogger(__name__)
_NAMESPACE = uuid.UUID("5f0c3d8e-0f6f-4d5e-9a39-2f4f0f3b9b61")


def take_downloads(database: Database, log: DownloadLog | None) -> int:
    """Make events of all counts that wait, each file once; how many events. No log has none.

    An event's id is made of its file's name: who was killed between the commit and the removal
    finds the file's events there, and only removes it. What can't be read is told and removed.
    """
    made = 0
    if log is None or not log.names():
        return made
    with database.lock("downloads"):
        for name in log.names():
            try:
                counts = log.read(name)
            except Damaged as error:
                _LOG.error("%s", error)
                counts = ()
            with database.begin() as connection:
                made += _emit(connection, name, counts)
            log.remove(name)
    return made


def _emit(connection: Connection, name: str, counts: Sequence[DownloadCount]) -> int:
    asked = {count.book for count in counts}
    book, uid = tables.book.c.id, tables.outbox.c.uid
    known = set(connection.execute(select(book).where(book.in_(asked))).scalars())
    events = [
        _event(f"{name} {place}", count)
        for place, count in enumerate(counts)
        if count.book in known
    ]
    uids = [event.uid for event in events]
    if not events or connection.execute(select(uid).where(uid.in_(uids)).limit(1)).first():
        return 0
    emit_all(connection, events)
    return len(events)


def _event(name: str, count: DownloadCount) -> NewEvent:
    payload = {"what": count.what, "form": count.form, "times": count.times, "length": count.bytes}
    uid = str(uuid.uuid5(_NAMESPACE, name))
    return NewEvent("book.downloaded", count.book, payload, uid=uid, at=count.hour)
