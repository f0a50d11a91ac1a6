"""What the figures say that somebody should know: odd days, and a lake that stands still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from ebook_pipeline.books.measuring.anomalies import (
    BASELINE,
    Anomaly,
    EdgeFigure,
    find_anomalies,
)
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.event_tables import subscriber
from ebook_pipeline.services.measuring import lake
from ebook_pipeline.services.measuring.figures import figures
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.selling import feed_turns
from ebook_pipeline.services.verifying import edge_log

STALE = timedelta(hours=3)
"""An event that the lake has not taken for so long: the hourly run is off, or fails."""
_METRICS = ("editions", "rejected", "stage_runs", "stage_seconds")
_HOURS = 24
_OUTBOX = tables.outbox.c


@dataclass(frozen=True)
class Alarms:
    """Finds what is odd, and tells the team of each thing once a day."""

    database: Database
    composer: NoticeComposer

    def look(self, day: date) -> tuple[Anomaly, ...]:
        """What is odd about `day`, told."""
        odd = odd_things(self.database, day)
        for anomaly in odd:
            self._tell(anomaly)
        return odd

    def look_at_lake(self, now: datetime) -> Anomaly | None:
        """Whether events wait for the lake for longer than `STALE`, told."""
        oldest = oldest_waiting(self.database)
        if oldest is None or now - oldest < STALE:
            return None
        message = f"events since {oldest.astimezone(UTC):%Y-%m-%d %H:%M} UTC are not in the lake"
        stale = Anomaly(kind="stale", subject="lake", day=now.date(), message=message)
        self._tell(stale)
        return stale

    def look_at_feeds(self, now: datetime) -> tuple[Anomaly, ...]:
        """Feeds that changes have waited for longer than `feed_turns.STALE`, told."""
        stale = tuple(
            Anomaly(
                kind="stale",
                subject=f"{one.feed} feed",
                day=now.date(),
                message=f"the {one.feed} feed does not show changes since"
                f" {one.waits_since:%Y-%m-%d %H:%M} UTC",
            )
            for one in feed_turns.standings(self.database)
            if one.is_stale(now)
        )
        for anomaly in stale:
            self._tell(anomaly)
        return stale

    def _tell(self, anomaly: Anomaly) -> None:
        cause = f"odd {anomaly.day} {anomaly.kind} {anomaly.subject}"
        facts = {"day": str(anomaly.day), "facts": [anomaly.message]}
        self.composer.tell_team(NoticeKind.FIGURES_ODD, cause, facts)


def odd_things(database: Database, day: date) -> tuple[Anomaly, ...]:
    """What is odd about `day`; the edge as it answered in the last 24 hours, for today alone."""
    known = figures(database, day - BASELINE, day, metrics=_METRICS)
    return find_anomalies(known, _edge(database, day), day)


def oldest_waiting(database: Database) -> datetime | None:
    """When the first event happened that the lake has yet to take; None where it has all."""
    told = select(subscriber.c.position).where(subscriber.c.name == lake.NAME).scalar_subquery()
    waits = _OUTBOX.position > func.coalesce(told, 0)
    first = select(_OUTBOX.at).where(waits).order_by(_OUTBOX.position).limit(1)
    unplaced = select(func.min(_OUTBOX.at)).where(_OUTBOX.position.is_(None))
    with database.begin() as connection:
        found = [connection.execute(query).scalar() for query in (first, unplaced)]
    return min((at for at in found if at is not None), default=None)


def _edge(database: Database, day: date) -> Sequence[EdgeFigure]:
    if day != datetime.now(UTC).date():
        return ()
    seen = edge_log.figures(database, _HOURS)
    return [EdgeFigure(point.point, point.availability, point.requests) for point in seen]
