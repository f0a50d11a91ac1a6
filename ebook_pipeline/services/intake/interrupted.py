"""Books that a run was at when its process died, with its machine or alone."""

from datetime import datetime

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import launching
from ebook_pipeline.services.recording.journal import Journal


class InterruptedBook(Record):
    """The stage of its edition that was begun and never ended, or was the last that ended."""

    book: str
    edition: int
    stage: str


_INTERRUPTED = text(
    """
    SELECT DISTINCT ON (book) book, edition, stage FROM (
        SELECT begun.book, (begun.payload->>'edition')::integer AS edition,
            begun.payload->>'stage' AS stage
        FROM outbox AS begun
        WHERE begun.event = 'stage.started' AND begun.correlation = :run AND begun.at >= :since
            AND NOT EXISTS (
                SELECT 1 FROM stage_run
                WHERE stage_run.book = begun.book AND stage_run.run = :run
                    AND stage_run.stage = begun.payload->>'stage' AND stage_run.at >= begun.at)
        UNION ALL
        SELECT standing.book, standing.edition, standing.stage
        FROM book_progress AS standing JOIN stage_run ON stage_run.id = standing.stage_run
        WHERE standing.state = 'failed' AND standing.outcome IN ('done', 'reused')
            AND stage_run.run = :run
    ) AS found
    WHERE NOT EXISTS (
        SELECT 1 FROM outbox
        WHERE outbox.event = 'book.retried' AND outbox.correlation = :run
            AND outbox.at >= :since AND outbox.book = found.book)
    ORDER BY book
    """
)
_TWICE = "two runs died while they were at it, the last was {run}"


def interrupted_books(database: Database, run: str, since: datetime) -> list[InterruptedBook]:
    """What `run`, which began at `since` and works no longer, left in the middle.

    Books that it did not come to are not among them, nor those that it was asked again for.
    """
    with database.begin() as connection:
        rows = connection.execute(_INTERRUPTED, {"run": run, "since": since})
        return [InterruptedBook.model_validate(row._asdict()) for row in rows]


def take_up_again(database: Database, run: str, since: datetime, *, actor: str) -> list[str]:
    """Ask for these books once more; which they are. A second call finds none."""
    books = [one.book for one in interrupted_books(database, run, since)]
    for book in books:
        launching.retry(database, book, actor=actor, after=run)
    return books


def give_up(database: Database, run: str, since: datetime) -> list[str]:
    """These books have failed, a person decides whether to go on; which they are."""
    journal, found = Journal(database), interrupted_books(database, run, since)
    for one in found:
        detail = {"reason": _TWICE.format(run=run)}
        journal.record(run, one.book, one.edition, one.stage, Outcome.FAILED, 0.0, detail=detail)
    return [one.book for one in found]
