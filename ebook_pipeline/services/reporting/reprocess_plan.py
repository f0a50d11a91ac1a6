"""What doing a stage again will take, told before it begins: how many books, and how much work."""

from sqlalchemy import text

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting.book_list import BookFilter, books_query

_SECONDS = text(
    """
    SELECT coalesce(avg(seconds), 0) FROM (
        SELECT seconds FROM stage_run WHERE stage = :stage AND outcome = 'done'
            AND at > now() - interval '90 days'
        ORDER BY at DESC LIMIT 500
    ) AS latest
    """
)
_REACHED = text(
    """
    SELECT book FROM book_progress WHERE book = ANY (:books) AND EXISTS (
        SELECT FROM stage_run WHERE stage_run.book = book_progress.book
            AND stage_run.edition = book_progress.edition AND stage_run.stage = :stage
            AND stage_run.outcome IN ('done', 'reused'))
    ORDER BY book
    """
)


class ReprocessPlan(Record):
    """Books that have been through `stage` in their current edition, and the hours that it takes
    for all of them: as long as it took on average when it was last really done."""

    stage: str
    books: tuple[str, ...]
    hours: float


def plan_reprocessing(database: Database, stage: str, wanted: BookFilter) -> ReprocessPlan:
    """The plan for the books that are wanted. Raises `BadCondition`."""
    with database.begin() as connection:
        chosen = [row.id for row in connection.execute(books_query(wanted))]
        asked = {"books": chosen, "stage": stage}
        books = tuple(connection.execute(_REACHED, asked).scalars())
        seconds = connection.execute(_SECONDS, {"stage": stage}).scalar_one()
    return ReprocessPlan(stage=stage, books=books, hours=round(seconds * len(books) / 3600, 3))
