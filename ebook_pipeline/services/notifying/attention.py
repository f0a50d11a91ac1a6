"""What nobody says by an event: books that do not move, and reviews that nobody answers."""

import time
from datetime import datetime, timedelta

from sqlalchemy import text

from ebook_pipeline.books.notifying.kinds import NoticeKind
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.reviewing import routing
from ebook_pipeline.services.status import LAST_STAGE

LOOK_BACK = timedelta(days=7)
_SLICE = timedelta(days=1)
_MOST = 200
_STOPPED = text(
    """
    SELECT * FROM (
        SELECT latest.book, latest.edition, latest.stage, latest.outcome, latest.at AS since,
            'stuck run ' || latest.id AS cause
        FROM (SELECT DISTINCT book FROM stage_run WHERE at > :after AND at <= :until) AS quiet
        JOIN LATERAL (
            SELECT id, book, edition, stage, outcome, at FROM stage_run
            WHERE stage_run.book = quiet.book ORDER BY id DESC LIMIT 1
        ) AS latest ON latest.at <= :until
        WHERE latest.outcome = 'failed'
            OR (latest.outcome IN ('done', 'reused') AND latest.stage <> :last)
        UNION ALL
        SELECT book, 0, 'submission', 'not taken', at, 'stuck submission ' || id FROM submission
        WHERE state = 'open' AND at > :after AND at <= :until AND NOT EXISTS (
            SELECT FROM stage_run AS r WHERE r.book = submission.book AND r.at > submission.at)
    ) AS stopped
    WHERE NOT EXISTS (
        SELECT FROM notice WHERE notice.book = stopped.book AND notice.cause = stopped.cause)
    ORDER BY since LIMIT :most
    """
)


class StuckBook(Record):
    """A book that stopped on its way; `cause` names the last thing that is known of it."""

    book: str
    edition: int
    stage: str
    outcome: str
    since: datetime
    cause: str


class AttentionSummary(Record):
    """What one look found: books newly stuck, reviews newly overdue; `until` is how far it went."""

    stuck: tuple[str, ...]
    overdue: tuple[str, ...]
    until: datetime


def stuck_books(database: Database, after: datetime, until: datetime) -> tuple[StuckBook, ...]:
    """Books whose last sign of life lies between these times, failed or unfinished, oldest first.

    At most 200 that nobody was told of. What waits for a person is no stuck book: its review has a
    date of its own.
    """
    asked = {"after": after, "until": until, "last": LAST_STAGE, "most": _MOST}
    with database.begin() as connection:
        rows = connection.execute(_STOPPED, asked)
        return tuple(StuckBook.model_validate(dict(row._mapping)) for row in rows)


def tell_of_stuck_and_overdue(
    database: Database,
    desk: NoticeComposer,
    after: datetime,
    until: datetime,
    *,
    actor: str,
    seconds: float = 3.0,
) -> AttentionSummary:
    """Tell the team of books that were last heard of in that time, and escalate late reviews.

    A day at a time, and no further after so many `seconds`. Looking twice tells nobody twice.
    """
    end = time.monotonic() + seconds
    told: list[str] = []
    while after < until:
        upto = min(until, after + _SLICE)
        found = stuck_books(database, after, upto)
        told += [one.book for one in found if _tell(desk, one)]
        after = after if len(found) == _MOST else upto
        if time.monotonic() > end:
            break
    late = routing.escalate(database, actor=actor)
    return AttentionSummary(stuck=tuple(told), overdue=tuple(one.book for one in late), until=after)


def _tell(desk: NoticeComposer, one: StuckBook) -> bool:
    facts = {"stage": one.stage, "outcome": one.outcome, "since": one.since}
    return desk.tell_team(NoticeKind.BOOK_STUCK, one.cause, facts, one.book)
