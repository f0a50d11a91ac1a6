"""How far a reprocessing is, when it will end, and what became of its books."""

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing, ReprocessingState

ENDS = ("done", "reused", "rejected", "waiting", "failed", "cancelled")
"""How a book may end. `waiting`: for a review."""

_COUNTS = text(
    """
    SELECT coalesce(outcome, CASE WHEN run IS NULL THEN 'left' ELSE 'out' END) AS outcome,
        count(*) AS books
    FROM reprocessing_book WHERE reprocessing = :id GROUP BY 1
    """
)
_RATE = text(
    """
    SELECT count(*) AS books, extract(epoch FROM max(ended_at)
        - CASE WHEN count(*) < 200 THEN :since ELSE min(ended_at) END) AS seconds
    FROM (
        SELECT ended_at FROM reprocessing_book
        WHERE reprocessing = :id AND outcome <> 'cancelled' AND ended_at >= :since
        ORDER BY ended_at DESC LIMIT 200
    ) AS newest
    """
)
_REASONS = text(
    """
    SELECT outcome, stage, reason, count(*) AS books, min(book) AS example
    FROM reprocessing_book
    WHERE reprocessing = :id AND outcome IN ('rejected', 'waiting', 'failed')
    GROUP BY 1, 2, 3 ORDER BY books DESC, 1, 2, 3 LIMIT :most
    """
)


class Progress(Record):
    """Books by how they ended; `left` were not handed out, `out` are with a run now.

    `seconds_left` as fast as the last 200 books: None where that is not known, or nothing runs.
    """

    counts: dict[str, int]
    left: int
    out: int
    seconds_left: float | None = None

    @property
    def ended(self) -> int:
        return sum(self.counts.values())


class Reason(Record):
    """Why so many books ended alike, and one of them."""

    outcome: str
    stage: str
    reason: str
    books: int
    example: str


def progress(database: Database, one: Reprocessing) -> Progress:
    """As of now."""
    with database.begin() as connection:
        counts = {
            str(row.outcome): int(row.books) for row in connection.execute(_COUNTS, {"id": one.id})
        }
        since = one.resumed_at or one.at
        rate = connection.execute(_RATE, {"id": one.id, "since": since}).one()
    left, out = counts.pop("left", 0), counts.pop("out", 0)
    seconds = None
    if one.state is ReprocessingState.RUNNING and rate.books:
        seconds = float(rate.seconds) / rate.books * (left + out)
    ended = {name: counts[name] for name in ENDS if name in counts}
    return Progress(counts=ended, left=left, out=out, seconds_left=seconds)


def reasons(database: Database, number: int, most: int = 50) -> tuple[Reason, ...]:
    """Why books were rejected, wait or failed, the commonest first."""
    with database.begin() as connection:
        rows = connection.execute(_REASONS, {"id": number, "most": most}).mappings()
        return tuple(Reason.model_validate(dict(row)) for row in rows)


def duration(seconds: float | None) -> str:
    """``3 h 20 min``, ``5 min``, ``40 s``; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
