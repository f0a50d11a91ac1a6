"""How it goes, in figures that operators look at: a few queries, whatever the number of books."""

from datetime import date, datetime

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting.status import LAST_STAGE

_DAYS = 14
_MOST_RULES = 10
_STATES = text(
    """
    SELECT coalesce(CASE
        WHEN waits.book IS NOT NULL THEN 'in_progress'
        WHEN last.outcome = 'rejected' THEN 'rejected'
        WHEN last.outcome = 'waiting' THEN 'needs_review'
        WHEN last.outcome IN ('done', 'reused') AND last.stage = :last_stage THEN
            CASE WHEN catalog.state = 'withdrawn' THEN 'withdrawn' ELSE 'released' END
        WHEN last.outcome IN ('done', 'reused') THEN 'in_progress'
        END, 'failed') AS state, count(*) AS books
    FROM book
    LEFT JOIN (SELECT DISTINCT book FROM submission WHERE state = 'open') AS waits
        ON waits.book = book.id
    LEFT JOIN catalog ON catalog.book = book.id
    LEFT JOIN LATERAL (
        SELECT outcome, stage FROM stage_run WHERE stage_run.book = book.id
        ORDER BY id DESC LIMIT 1
    ) AS last ON true
    GROUP BY 1
    """
)
_ARRIVALS = text(
    """
    SELECT day, (
        SELECT count(*) FROM submission
        WHERE submission.at >= day::timestamp AT TIME ZONE 'UTC'
            AND submission.at < (day + 1)::timestamp AT TIME ZONE 'UTC'
    ) AS arrived
    FROM (SELECT (now() AT TIME ZONE 'UTC')::date - ago AS day
        FROM generate_series(0, :days - 1) AS ago) AS days ORDER BY day
    """
)
_REJECTIONS = text(
    """
    SELECT book.account, told->>'rule' AS rule, count(DISTINCT stage_run.book) AS books
    FROM stage_run JOIN book ON book.id = stage_run.book,
        jsonb_array_elements(coalesce(stage_run.detail->'findings', jsonb_build_array(
            stage_run.detail->'finding'))) AS told
    WHERE stage_run.outcome = 'rejected' AND stage_run.at > now() - make_interval(days => :days)
        AND told->>'rule' IS NOT NULL AND told->>'severity' IN ('error', 'fatal')
    GROUP BY 1, 2 ORDER BY books DESC, 1, 2 LIMIT :most
    """
)
_OLDEST = text(
    """
    SELECT (SELECT min(at) FROM submission WHERE state = 'open') AS submission,
        (SELECT min(at) FROM review_task WHERE state = 'open') AS review
    """
)


class Arrivals(Record):
    """Files that arrived on one day (UTC)."""

    day: date
    arrived: int


class Rejections(Record):
    """Books of an account that one rule kept off sale."""

    account: str
    rule: str
    books: int


class DeskFigures(Record):
    """`states`: books by where they stand, one that a run has just now by its last outcome;
    the oldest submission and review that wait."""

    states: dict[str, int]
    arrivals: tuple[Arrivals, ...]
    rejections: tuple[Rejections, ...]
    oldest_submission: datetime | None = None
    oldest_review: datetime | None = None


def desk_figures(database: Database) -> DeskFigures:
    """All figures, as of one moment."""
    asked = {"days": _DAYS, "most": _MOST_RULES, "last_stage": LAST_STAGE}
    with database.begin() as connection:
        states = connection.execute(_STATES, asked).all()
        arrivals = connection.execute(_ARRIVALS, asked).mappings().all()
        rejections = connection.execute(_REJECTIONS, asked).mappings().all()
        oldest = connection.execute(_OLDEST).one()
    return DeskFigures(
        states={row.state: row.books for row in states},
        arrivals=tuple(Arrivals.model_validate(dict(row)) for row in arrivals),
        rejections=tuple(Rejections.model_validate(dict(row)) for row in rejections),
        oldest_submission=oldest.submission,
        oldest_review=oldest.review,
    )
