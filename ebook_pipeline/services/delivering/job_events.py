"""Events of the outbox as those hear of them who watch jobs: in the order of their places.

An event is of a book; it is told of each job whose file the book has, unless it is about another
edition than the job's.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.delivering import queue
from ebook_pipeline.services.delivering.queue import QueuedEvent

_OUTBOX = tables.outbox.c
_JOBS = text(
    """
    SELECT source.book, job.id AS job, job.account, edition.number AS edition
    FROM source JOIN upload USING (landing_key) JOIN job ON job.id = upload.job
    LEFT JOIN LATERAL (
        SELECT edition FROM submission WHERE submission.landing_key = upload.landing_key
        ORDER BY id DESC LIMIT 1
    ) AS sent ON true
    LEFT JOIN edition ON edition.id = sent.edition
    WHERE source.book = ANY (:books) AND upload.state IN ('whole', 'landed')
    """
)
_MISSED = text(
    """
    SELECT outbox.* FROM outbox JOIN book ON book.id = outbox.book
    WHERE position > :after AND position <= :until
        AND (CAST(:everybody AS boolean) OR book.account = ANY (CAST(:accounts AS text[])))
        AND (CAST(:job AS text) IS NULL OR outbox.book IN (
            SELECT source.book FROM source JOIN upload USING (landing_key)
            WHERE upload.job = :job))
    ORDER BY position LIMIT :most
    """
).columns(payload=_OUTBOX.payload.type)


@dataclass(frozen=True)
class JobEvent:
    """An event of a job's book; `place` is its place in the order of all events."""

    place: int
    job: str
    account: str
    event: Event


@dataclass(frozen=True)
class Watched:
    """What somebody watches: one job, or the jobs of `accounts` (None: everybody's)."""

    job: str | None = None
    accounts: frozenset[str] | None = frozenset()

    def has(self, job: str, account: str) -> bool:
        """Whether a job, which is this account's, is among them."""
        if self.job is not None:
            return job == self.job
        return self.accounts is None or account in self.accounts


def last_place(database: Database) -> int:
    """The place of the newest event; every event that was committed has one by then."""
    queue.assign_positions(database)
    with database.begin() as connection:
        return int(connection.execute(select(func.max(_OUTBOX.position))).scalar_one() or 0)


def events_after(database: Database, place: int, most: int) -> tuple[list[JobEvent], int]:
    """What the next events of all are to jobs, at most `most` events, and the place of the last."""
    queue.assign_positions(database)
    with database.begin() as connection:
        fresh = queue.new_events(connection, place, most)
        return _of_jobs(connection, fresh), fresh[-1].position if fresh else place


def missed(
    database: Database, watched: Watched, after: int, until: int, most: int
) -> tuple[list[JobEvent], int]:
    """What was told of `watched` since the place `after`, and how far this goes."""
    asked = {
        "after": after,
        "until": until,
        "most": most,
        "job": watched.job,
        "everybody": watched.job is not None or watched.accounts is None,
        "accounts": sorted(watched.accounts or ()),
    }
    with database.begin() as connection:
        rows = connection.execute(_MISSED, asked).all()
        events = [QueuedEvent(row.id, row.position, queue.event_of(row), 0, None) for row in rows]
        told = _of_jobs(connection, events)
    end = rows[-1].position if len(rows) == most else until
    return [one for one in told if watched.has(one.job, one.account)], end


def _of_jobs(connection: Connection, events: Sequence[QueuedEvent]) -> list[JobEvent]:
    books = {queued.event.book for queued in events}
    if not books:
        return []
    jobs: dict[str, list[tuple[str, str, int | None]]] = defaultdict(list)
    for row in connection.execute(_JOBS, {"books": list(books)}):
        jobs[row.book].append((row.job, row.account, row.edition))
    return [
        JobEvent(queued.position, job, account, queued.event)
        for queued in events
        for job, account, edition in jobs[queued.event.book]
        if _is_about(queued.event, edition)
    ]


def _is_about(event: Event, edition: int | None) -> bool:
    told = event.data.get("edition")
    return told is None or edition is None or told == edition
