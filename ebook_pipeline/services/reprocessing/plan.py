"""What doing a stage again will take, told before it begins: how many books, and how much work."""

from sqlalchemy import text

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting.book_files import STAGES
from ebook_pipeline.services.reporting.book_list import BookFilter, books_query

_SECONDS = text(
    """
    SELECT stage.name, (
        SELECT coalesce(avg(seconds), 0) FROM (
            SELECT seconds FROM stage_run WHERE stage_run.stage = stage.name
                AND outcome = 'done' AND at > now() - interval '90 days'
            ORDER BY at DESC LIMIT 500
        ) AS latest
    ) AS seconds
    FROM unnest(CAST(:stages AS text[])) AS stage (name)
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
    for all of them: as long as it took on average when it was last really done.

    `hours_after` is what the stages behind it take where all of them have to be done again too.
    Stages run on a core each, so that these are CPU hours where the machine has no other work.
    """

    stage: str
    books: tuple[str, ...]
    hours: float
    hours_after: float = 0.0


def stages_from(stage: str, *, alone: bool) -> tuple[str, ...]:
    """The stages that doing `stage` again goes through, in the chain's order."""
    names = tuple(STAGES)
    return (stage,) if alone else names[names.index(stage) :]


def plan_reprocessing(
    database: Database, stage: str, wanted: BookFilter, *, alone: bool = False
) -> ReprocessPlan:
    """The plan for the books that are wanted. Raises `BadCondition`."""
    with database.begin() as connection:
        chosen = [row.id for row in connection.execute(books_query(wanted))]
        asked = {"books": chosen, "stage": stage}
        books = tuple(connection.execute(_REACHED, asked).scalars())
    own, after = hours(database, stage, len(books), alone=alone)
    return ReprocessPlan(stage=stage, books=books, hours=own, hours_after=after)


def hours(database: Database, stage: str, books: int, *, alone: bool) -> tuple[float, float]:
    """Hours of the stage itself for so many books, and of those behind it."""
    stages = list(stages_from(stage, alone=alone))
    with database.begin() as connection:
        rows = connection.execute(_SECONDS, {"stages": stages})
        seconds = {row.name: float(row.seconds) * books / 3600 for row in rows}
    return round(seconds[stage], 3), round(sum(seconds.values()) - seconds[stage], 3)
