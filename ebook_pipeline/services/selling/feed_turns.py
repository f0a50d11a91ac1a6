"""Whether feeds show the catalogue as it is: when each looked at it, and what changed since."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database

FEEDS = ("onix", "opds")
STALE = timedelta(hours=3)
"""A change that a feed has not shown for so long: its schedule is off, or it fails."""
_SHOWN = text(
    """
    INSERT INTO feed_turn (feed, shown_at) VALUES (:feed, :at)
    ON CONFLICT (feed) DO UPDATE SET shown_at = excluded.shown_at, at = now()
    """
)
_WAITS = text(
    """
    SELECT feed.name AS feed, turn.shown_at, least(
        (SELECT min(changed_at) FROM catalog WHERE changed_at > coalesce(turn.shown_at, :never)),
        (SELECT min(at) FROM price WHERE at > coalesce(turn.shown_at, :never)),
        (SELECT min(at) FROM sales_right WHERE at > coalesce(turn.shown_at, :never))
    ) AS waits_since
    FROM unnest(CAST(:feeds AS text[])) AS feed (name)
    LEFT JOIN feed_turn AS turn ON turn.feed = feed.name
    """
)


class FeedStanding(Record):
    """The moment that a feed shows, and since when a change waits for it."""

    feed: str
    shown_at: datetime | None = None
    waits_since: datetime | None = None

    def is_stale(self, now: datetime) -> bool:
        """Whether a change has waited for longer than `STALE`."""
        return self.waits_since is not None and now - self.waits_since >= STALE


def moment(connection: Connection) -> datetime:
    """The moment that a snapshot's connection shows."""
    at: datetime = connection.execute(text("SELECT now()")).scalar_one()
    return at


def shown(database: Database, feed: str, at: datetime) -> None:
    """The feed shows the catalogue as of `at`."""
    with database.begin() as connection:
        connection.execute(_SHOWN, {"feed": feed, "at": at})


def standings(database: Database) -> tuple[FeedStanding, ...]:
    """Where each feed stands."""
    never = datetime.fromtimestamp(0, UTC)
    with database.begin() as connection:
        rows = connection.execute(_WAITS, {"feeds": list(FEEDS), "never": never}).mappings()
        return tuple(FeedStanding.model_validate(dict(row)) for row in rows)
