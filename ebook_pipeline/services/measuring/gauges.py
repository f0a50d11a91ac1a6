"""What a monitor asks for, of Postgres alone: queues and their ages, books, stages, the edge.

A few queries over indexes, whatever the number of books; counts of events are of the last hour.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.measuring.alarms import oldest_waiting
from ebook_pipeline.services.reporting.desk_figures import desk_figures
from ebook_pipeline.services.verifying import edge_log

_HOUR = 1
_QUEUES = text(
    """
    SELECT 'submissions' AS queue, count(*) AS waiting, min(at) AS oldest
        FROM submission WHERE state = 'open'
    UNION ALL SELECT 'reviews', count(*), min(at) FROM review_task WHERE state = 'open'
    UNION ALL SELECT 'deliveries', count(*), min(since) FROM delivery WHERE dead_at IS NULL
    UNION ALL SELECT 'dead_deliveries', count(*), min(since) FROM delivery
        WHERE dead_at IS NOT NULL
    UNION ALL SELECT 'notices', count(*), min(at) FROM notice WHERE state = 'queued'
    """
)
_EVENTS = text(
    """
    SELECT event, count(*) AS events FROM outbox
    WHERE at > now() - interval '1 hour' GROUP BY event
    """
)
_STAGES = text(
    """
    SELECT payload ->> 'stage' AS stage, count(*) AS runs,
        sum((payload ->> 'seconds')::float) AS seconds,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY (payload ->> 'seconds')::float) AS p95
    FROM outbox
    WHERE at > now() - interval '1 hour' AND event = 'stage.finished' GROUP BY 1
    """
)


class Gauge(NamedTuple):
    """One number of now, by name and labels; `help` says what it is, with its unit."""

    name: str
    help: str
    labels: dict[str, str]
    value: float


def gauges(database: Database) -> list[Gauge]:
    """Everything that is told, as of now."""
    now = datetime.now(UTC)
    states = desk_figures(database).states
    found = [Gauge("ebooks_books", "Books by state.", {"state": s}, n) for s, n in states.items()]
    with database.begin() as connection:
        found += [*_queues(connection, now), *_events(connection), *_stages(connection)]
    oldest = oldest_waiting(database)
    age = (now - oldest).total_seconds() if oldest else 0.0
    found.append(Gauge("ebooks_queue_age_seconds", _AGE, {"queue": "lake"}, age))
    return [*found, *_edge(database)]


_AGE = "How long the oldest in a queue has waited, in seconds."


def _queues(connection: Connection, now: datetime) -> Iterator[Gauge]:
    for row in connection.execute(_QUEUES):
        age = (now - row.oldest).total_seconds() if row.oldest else 0.0
        queue = {"queue": row.queue}
        yield Gauge("ebooks_queue_length", "What waits in a queue.", queue, row.waiting)
        yield Gauge("ebooks_queue_age_seconds", _AGE, queue, max(age, 0.0))


def _events(connection: Connection) -> Iterator[Gauge]:
    for row in connection.execute(_EVENTS):
        said = "Events of the last hour, book.retried and book.failed among them."
        yield Gauge("ebooks_events_last_hour", said, {"type": row.event}, row.events)


def _stages(connection: Connection) -> Iterator[Gauge]:
    for row in connection.execute(_STAGES):
        stage = {"stage": row.stage}
        runs, seconds = "Runs of a stage in the last hour.", "Seconds of a stage in the last hour."
        p95 = "Seconds that 95 % of a stage's runs of the last hour did not exceed."
        yield Gauge("ebooks_stage_runs_last_hour", runs, stage, row.runs)
        yield Gauge("ebooks_stage_seconds_last_hour", seconds, stage, row.seconds or 0.0)
        yield Gauge("ebooks_stage_p95_seconds", p95, stage, row.p95 or 0.0)


def _edge(database: Database) -> Iterator[Gauge]:
    for seen in edge_log.figures(database, _HOUR):
        point = {"point": seen.point}
        share = "Share of the edge's requests of the last hour answered rightly, 0 to 1."
        yield Gauge("ebooks_edge_available_ratio", share, point, seen.availability / 100)
        for quantile, took in (("0.5", seen.p50), ("0.95", seen.p95)):
            said = "Seconds until the edge answered, in the last hour."
            labels = {**point, "quantile": quantile}
            yield Gauge("ebooks_edge_latency_seconds", said, labels, took / 1000)
    said = "Incidents of the edge that are open."
    yield Gauge("ebooks_edge_incidents", said, {}, len(edge_log.open_incidents(database)))
