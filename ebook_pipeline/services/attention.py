"""What nobody says by an event: books that do not move, and reviews that nobody answers."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import text

from ebook_pipeline.books.notices.kinds import Kind
from ebook_pipeline.books.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services import review_routes
from ebook_pipeline.services.notice_desk import NoticeDesk
from ebook_pipeline.services.reviews import ReviewTask
from ebook_pipeline.services.status import LAST_STAGE

LOOK_BACK = timedelta(days=7)
_MOST = 500
_STOPPED = text(
    """
    SELECT latest.book, latest.edition, latest.stage, latest.outcome, latest.at AS since,
        'run ' || latest.id AS last
    FROM (SELECT DISTINCT book FROM stage_run WHERE at > :after AND at <= :until) AS quiet
    JOIN LATERAL (
        SELECT id, book, edition, stage, outcome, at FROM stage_run
        WHERE stage_run.book = quiet.book ORDER BY id DESC LIMIT 1
    ) AS latest ON latest.at <= :until
    WHERE latest.outcome = 'failed'
        OR (latest.outcome IN ('done', 'reused') AND latest.stage <> :last)
    UNION ALL
    SELECT book, 0, 'submission', 'not taken', at, 'submission ' || id FROM submission
    WHERE state = 'open' AND at > :after AND at <= :until AND NOT EXISTS (
        SELECT FROM stage_run AS run WHERE run.book = submission.book AND run.at > submission.at)
    ORDER BY since LIMIT :most
    """
)


class Stuck(Record):
    """A book that stopped on its way; `last` names the last thing that is known of it."""

    book: str
    edition: int
    stage: str
    outcome: str
    since: datetime
    last: str


class Seen(Record):
    """What one look found: books newly stuck, reviews newly overdue."""

    stuck: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()


def stuck(database: Database, after: datetime, until: datetime) -> tuple[Stuck, ...]:
    """Books whose last sign of life lies between these times, failed or unfinished, oldest first.

    What waits for a person is no stuck book: its review has a date of its own.
    """
    asked = {"after": after, "until": until, "last": LAST_STAGE, "most": _MOST}
    with database.begin() as connection:
        rows = connection.execute(_STOPPED, asked)
        return tuple(Stuck.model_validate(dict(row._mapping)) for row in rows)


def look(
    database: Database, desk: NoticeDesk, after: datetime, until: datetime, *, actor: str
) -> Seen:
    """Tell the team of books that were last heard of in that time, and escalate late reviews.

    Looking twice at the same time tells nobody twice.
    """
    found = stuck(database, after, until)
    told = tuple(one.book for one in found if _tell(desk, one))
    return Seen(stuck=told, overdue=_books(review_routes.escalate(database, actor=actor)))


def _tell(desk: NoticeDesk, one: Stuck) -> bool:
    facts = {"stage": one.stage, "outcome": one.outcome, "since": one.since}
    return desk.tell_team(Kind.BOOK_STUCK, f"stuck {one.last}", facts, one.book)


def _books(tasks: Iterable[ReviewTask]) -> tuple[str, ...]:
    return tuple(task.book for task in tasks)
