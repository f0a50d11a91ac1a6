"""How far a reprocessing is, when it will end, and what became of its books."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing, ReprocessingState

ENDS = ("done", "reused", "rejected", "waiting", "failed", "cancelled")
"""How a book may end. `waiting`: for a review."""

_COUNTS = text(
    """
    SELECT reprocessing AS id, count(*) AS books,
        coalesce(outcome, CASE WHEN run IS NULL THEN 'left' ELSE 'out' END) AS outcome
    FROM reprocessing_book WHERE reprocessing = ANY (:ids) GROUP BY 1, 3
    """
)
_RATE = text(
    """
    SELECT id, extract(epoch FROM max(ended_at)
        - CASE WHEN count(*) < 200 THEN since ELSE min(ended_at) END) / count(*) AS seconds
    FROM unnest(CAST(:ids AS bigint[]), CAST(:sinces AS timestamptz[])) AS asked (id, since),
    LATERAL (
        SELECT ended_at FROM reprocessing_book
        WHERE reprocessing = id AND outcome <> 'cancelled' AND ended_at >= since
        ORDER BY ended_at DESC LIMIT 200
    ) AS newest
    GROUP BY id, since
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
    return progress_of(database, [one])[one.id]


def progress_of(database: Database, asked: Collection[Reprocessing]) -> dict[int, Progress]:
    """The same of several, by their number, in two queries."""
    counts: dict[int, dict[str, int]] = {one.id: {} for one in asked}
    running = [one for one in asked if one.state is ReprocessingState.RUNNING]
    rates = {"ids": [one.id for one in running], "sinces": [_since(one) for one in running]}
    with database.begin() as connection:
        for row in connection.execute(_COUNTS, {"ids": list(counts)}):
            counts[row.id][str(row.outcome)] = int(row.books)
        seconds = {row.id: float(row.seconds) for row in connection.execute(_RATE, rates)}
    return {number: _progress(books, seconds.get(number)) for number, books in counts.items()}


def _since(one: Reprocessing) -> datetime:
    return one.resumed_at or one.at


def _progress(counts: dict[str, int], seconds_a_book: float | None) -> Progress:
    left, out = counts.pop("left", 0), counts.pop("out", 0)
    return Progress(
        counts={name: counts[name] for name in ENDS if name in counts},
        left=left,
        out=out,
        seconds_left=None if seconds_a_book is None else seconds_a_book * (left + out),
    )


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
