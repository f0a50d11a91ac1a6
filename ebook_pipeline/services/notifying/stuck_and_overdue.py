"""What no event tells: books that do not move, overdue reviews, files that can't be taken."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import refusals
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.reporting.status import LAST_STAGE
from ebook_pipeline.services.reviewing import routing

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
            OR (latest.outcome IN ('done', 'reused') AND latest.stage <> :last
                AND NOT EXISTS (
                    SELECT FROM catalog JOIN release ON release.id = catalog.release
                    WHERE catalog.book = latest.book AND release.edition = latest.edition))
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
    refused: tuple[str, ...] = ()
    """Files in the landing store that can't be taken, and of which the team is told now."""


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
    composer: NoticeComposer,
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
    newly_stuck: list[str] = []
    while after < until:
        upto = min(until, after + _SLICE)
        stopped = stuck_books(database, after, upto)
        newly_stuck += [stuck.book for stuck in stopped if _tell(composer, stuck)]
        after = after if len(stopped) == _MOST else upto
        if time.monotonic() > end:
            break
    late = routing.escalate(database, actor=actor)
    return AttentionSummary(
        stuck=tuple(newly_stuck),
        overdue=tuple(task.book for task in late),
        until=after,
        refused=tuple(tell_of_refused(database, composer)),
    )


def tell_of_refused(database: Database, composer: NoticeComposer) -> Iterator[str]:
    """Tell the team of files that can't be taken, each once; gives their landing keys."""
    for refused in refusals.untold(database):
        finding = refused.finding
        facts = {"place": finding.place, "reason": finding.message, "remedy": finding.remedy}
        if composer.tell_team(NoticeKind.FILE_REFUSED, refused.cause, facts):
            yield refused.landing_key


def _tell(composer: NoticeComposer, stuck: StuckBook) -> bool:
    facts = {"stage": stuck.stage, "outcome": stuck.outcome, "since": stuck.since}
    return composer.tell_team(NoticeKind.BOOK_STUCK, stuck.cause, facts, stuck.book)
