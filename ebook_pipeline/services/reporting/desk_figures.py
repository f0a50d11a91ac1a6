"""How it goes, in figures that operators look at: a few queries, whatever the number of books."""

from datetime import date, datetime

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting.book_conditions import LOCKED_KEYS

_DAYS = 14
_MOST_RULES = 10
_STATES = text(
    f"""
    SELECT CASE WHEN lock_key IN ({LOCKED_KEYS}) THEN 'in_progress' ELSE state END AS state,
        count(*) AS books
    FROM book_progress GROUP BY 1
    """  # noqa: S608 - nothing of a user's
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
    """`states`: books by where they stand; the oldest submission and review that wait."""

    states: dict[str, int]
    arrivals: tuple[Arrivals, ...]
    rejections: tuple[Rejections, ...]
    oldest_submission: datetime | None = None
    oldest_review: datetime | None = None


def desk_figures(database: Database) -> DeskFigures:
    """All figures, as of one moment."""
    asked = {"days": _DAYS, "most": _MOST_RULES}
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
