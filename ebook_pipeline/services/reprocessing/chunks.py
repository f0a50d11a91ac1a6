"""Books handed out to runs, taken back from runs that died, and how each ended.

A book's outcome is what the journal says of it since it was handed out, so that nothing is lost
with the process that hands out, or with the run.
"""

from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing.plan import stages_from

MOST_ATTEMPTS = 3
"""Runs that may die with a book before the book has failed: it may be what kills them."""
_LONGEST_REASON = 300

_HAND_OUT = text(
    """
    WITH chosen AS (
        SELECT reprocessing, place FROM reprocessing_book
        WHERE reprocessing = :id AND outcome IS NULL AND run IS NULL
        ORDER BY place LIMIT :most FOR UPDATE SKIP LOCKED
    ), handed AS (
        UPDATE reprocessing_book AS one SET run = :run, handed_at = now(), attempts = attempts + 1
        FROM chosen WHERE one.reprocessing = chosen.reprocessing AND one.place = chosen.place
        RETURNING one.place, one.book
    )
    SELECT book FROM handed ORDER BY place
    """
)
_RUNNING = text("SELECT * FROM reprocessing WHERE id = :id AND state = 'running' FOR SHARE")
_SETTLE = text(
    """
    UPDATE reprocessing_book AS one
    SET outcome = CASE WHEN found.outcome IN ('done', 'reused')
            THEN CASE WHEN found.worked THEN 'done' ELSE 'reused' END ELSE found.outcome END,
        stage = found.stage, reason = found.reason, ended_at = found.at
    FROM (
        SELECT out.place, latest.outcome, latest.stage, latest.at,
            left(coalesce(latest.detail ->> 'reason', ''), :longest) AS reason,
            EXISTS (SELECT FROM stage_run WHERE stage_run.book = out.book
                AND stage_run.edition = latest.edition AND stage_run.at >= out.handed_at
                AND stage_run.outcome = 'done') AS worked
        FROM reprocessing_book AS out
        JOIN book_progress ON book_progress.book = out.book
        CROSS JOIN LATERAL (
            SELECT * FROM stage_run WHERE stage_run.book = out.book
                AND stage_run.edition IN (0, book_progress.edition)
                AND stage_run.at >= out.handed_at
            ORDER BY id DESC LIMIT 1
        ) AS latest
        WHERE out.reprocessing = :id AND out.outcome IS NULL AND out.run IS NOT NULL
            AND (latest.outcome NOT IN ('done', 'reused') OR latest.stage = :last)
    ) AS found
    WHERE one.reprocessing = :id AND one.place = found.place
    """
)
_OUT = text(
    """
    SELECT DISTINCT run FROM reprocessing_book
    WHERE reprocessing = :id AND outcome IS NULL AND run IS NOT NULL
    """
)
_TAKE_BACK = text(
    """
    UPDATE reprocessing_book SET run = NULL, attempts = attempts - CAST(:forgiven AS smallint)
    WHERE reprocessing = :id AND outcome IS NULL AND run = :run
    """
)
_GIVE_UP = text(
    """
    UPDATE reprocessing_book SET outcome = 'failed', ended_at = now(),
        reason = attempts || ' runs ended before they came to its end'
    WHERE reprocessing = :id AND outcome IS NULL AND run IS NULL AND attempts >= :most
    """
)
_CANCEL = text(
    """
    UPDATE reprocessing_book SET outcome = 'cancelled', ended_at = now()
    WHERE reprocessing = :id AND outcome IS NULL AND run IS NULL AND EXISTS (
        SELECT FROM reprocessing WHERE id = :id AND state = 'cancelled')
    """
)
_END = text(
    """
    UPDATE reprocessing SET state = CASE state WHEN 'cancelled' THEN state ELSE 'ended' END,
        ended_at = coalesce(ended_at, now())
    WHERE id = :id AND told_at IS NULL AND NOT EXISTS (SELECT FROM reprocessing_book
        WHERE reprocessing = :id AND outcome IS NULL)
    RETURNING id
    """
)
_OPEN = text("SELECT id, state FROM reprocessing WHERE told_at IS NULL ORDER BY id")
_TOLD = text("UPDATE reprocessing SET told_at = now() WHERE id = :id AND told_at IS NULL")
_GOES_ON = text("SELECT EXISTS (SELECT FROM reprocessing WHERE id = :id AND state = 'running')")


class Chunk(Record):
    """Books of one run, and the stages that they go through."""

    books: tuple[str, ...]
    stages: tuple[str, ...]


class OpenReprocessing(Record):
    """One whose summary was not told yet, and the runs that have books of it."""

    id: int
    state: str
    runs: tuple[str, ...]


def lock_name(number: int) -> str:
    """The lock of whoever hands out its books: a shell, or else the sensor."""
    return f"reprocessing {number}"


def hand_out(database: Database, number: int, run: str) -> Chunk | None:
    """The next books for `run`; None where it does not run, or nothing is left."""
    with database.begin() as connection:
        row = connection.execute(_RUNNING, {"id": number}).mappings().first()
        if row is None:
            return None
        asked = {"id": number, "run": run, "most": row["books_per_run"]}
        books = tuple(connection.execute(_HAND_OUT, asked).scalars())
    stages = stages_from(row["stage"], alone=row["alone"])
    return Chunk(books=books, stages=stages) if books else None


def settle(database: Database, number: int) -> None:
    """Write down how books ended that are out, as far as the journal knows by now."""
    with database.begin() as connection:
        _settle(connection, number)


def take_back(database: Database, number: int, run: str, *, forgiven: bool = False) -> None:
    """What `run` did not come to, now that it is over, waits for another.

    A book that several runs died with has failed, unless they were `forgiven`: paused, or never
    begun.
    """
    with database.begin() as connection:
        _settle(connection, number)
        asked = {"id": number, "run": run, "forgiven": int(forgiven)}
        connection.execute(_TAKE_BACK, asked)
        connection.execute(_GIVE_UP, {"id": number, "most": MOST_ATTEMPTS})
        leave_cancelled(connection, number)


def end_if_done(database: Database, number: int) -> bool:
    """Whether no book is left, and its summary waits to be told."""
    with database.begin() as connection:
        return connection.execute(_END, {"id": number}).first() is not None


def leave_cancelled(connection: Connection, number: int) -> None:
    """Of a reprocessing that is cancelled: books that no run has stay as they are."""
    connection.execute(_CANCEL, {"id": number})


def told(database: Database, number: int) -> None:
    """Its summary is where people look."""
    with database.begin() as connection:
        connection.execute(_TOLD, {"id": number})


def open_reprocessings(database: Database) -> tuple[OpenReprocessing, ...]:
    """The oldest first."""
    with database.begin() as connection:
        found = connection.execute(_OPEN).all()
        return tuple(
            OpenReprocessing(
                id=row.id,
                state=row.state,
                runs=tuple(connection.execute(_OUT, {"id": row.id}).scalars()),
            )
            for row in found
        )


def goes_on(database: Database, number: int) -> bool:
    """Whether runs may still begin stages of its books."""
    with database.begin() as connection:
        return bool(connection.execute(_GOES_ON, {"id": number}).scalar_one())


def _settle(connection: Connection, number: int) -> None:
    row = connection.execute(
        text("SELECT stage, alone FROM reprocessing WHERE id = :id"), {"id": number}
    ).one()
    last = stages_from(row.stage, alone=row.alone)[-1]
    connection.execute(_SETTLE, {"id": number, "last": last, "longest": _LONGEST_REASON})
