"""What became of each stage of each book: a log that is only added to, and what it tells."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.routing import ReviewRouting
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.clean import clean_json
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.reviewing import tasks
from ebook_pipeline.services.reviewing.tasks import ReviewQuestion


class StageRun(Record):
    """The latest outcome of one stage for a book's current edition; `version` is its data's.

    `opened` is false of what stopped the book before its next edition could be taken.
    """

    stage: str
    outcome: Outcome
    seconds: float
    run: str
    version: str
    detail: dict[str, Any]
    opened: bool
    at: datetime


class Progress(Record):
    """Where a book stands: its current edition (0: none taken yet) and its stages by name."""

    book: str
    edition: int
    stages: dict[str, StageRun]


_LAST = text(
    """
    SELECT book.id AS book, coalesce(newest.number, 0) AS edition, latest.*
    FROM book
    LEFT JOIN LATERAL (
        SELECT number FROM edition WHERE edition.book = book.id ORDER BY number DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT DISTINCT ON (stage) stage, outcome, seconds, run, data_version AS version,
            detail, edition > 0 AS opened, at, id
        FROM stage_run
        WHERE stage_run.book = book.id AND stage_run.edition IN (0, newest.number)
        ORDER BY stage, id DESC
    ) AS latest ON true
    WHERE :everything OR book.id = ANY(CAST(:books AS text[]))
    ORDER BY book.id, latest.id
    """
)
_TIMINGS = text(
    """
    SELECT DISTINCT ON (asked.book, stage) asked.book, stage, seconds
    FROM unnest(CAST(:books AS text[]), CAST(:editions AS integer[])) AS asked (book, edition)
    JOIN stage_run USING (book, edition) WHERE outcome = 'done'
    ORDER BY asked.book, stage, id DESC
    """
)
_TOLD = text(
    """
    SELECT id FROM outbox
    WHERE book = :book AND event = :event AND payload @> :same AND id > coalesce((
        SELECT max(id) FROM outbox WHERE book = :book AND event IN (
            'submission.received', 'edition.taken', 'review.decided', 'release.live')), 0)
    LIMIT 1
    """
).bindparams(bindparam("same", type_=JSONB))
_TOLD_OF_A_FINDING = ("rule", "severity", "message", "place", "remedy")
_LONGEST_REASON = 1000
_TASK = tables.review_task.c
_BOOK = tables.book.c


class Journal:
    """Writes and reads outcomes. Details are plain JSON (a finding, an error), never secrets."""

    def __init__(self, database: Database, routing: ReviewRouting | None = None) -> None:
        self._database, self._routing = database, routing

    def record(  # noqa: PLR0913 - the executor's vocabulary, one word each
        self,
        run_id: str,
        book: str,
        edition: int,
        stage: str,
        outcome: Outcome,
        seconds: float,
        *,
        data_version: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Note one outcome. `waiting` opens a review task of the report `data_version`, once.

        `detail` is then the evidence that the reviewer sees. A task that this outcome makes
        pointless (the stage went through, the book was rejected) is voided. What people should
        hear of is an event in the same transaction, once: a rerun that ends alike is no news.
        """
        row = {
            "run": run_id,
            "book": book,
            "edition": edition,
            "stage": stage,
            "outcome": outcome.value,
            "seconds": max(seconds, 0.0),
            "data_version": data_version,
            "detail": detail or {},
        }
        with self._database.begin() as connection:
            connection.execute(insert(tables.stage_run), row)
            _void(connection, row)
            if outcome is Outcome.WAITING:
                _ask(connection, row, self._routing)
            _tell(connection, row)

    def started(self, run_id: str, book: str, edition: int, stage: str) -> None:
        """Tell whoever watches that a stage begins to work; how it ends is `record`'s."""
        payload = {"edition": edition, "stage": stage}
        with self._database.begin() as connection:
            emit(connection, "stage.started", book, payload, correlation=run_id)

    def timings(self, book: str, edition: int) -> dict[str, float]:
        """Seconds that each stage took when it was last really done."""
        return self.timings_of({book: edition}).get(book, {})

    def timings_of(self, editions: Mapping[str, int]) -> dict[str, dict[str, float]]:
        """The same of an edition of each of many books, by the book."""
        asked = {"books": list(editions), "editions": list(editions.values())}
        found: dict[str, dict[str, float]] = {}
        with self._database.ask() as connection:
            for row in connection.execute(_TIMINGS, asked):
                found.setdefault(row.book, {})[row.stage] = row.seconds
        return found

    def books(self) -> list[str]:
        """Every book, in order of name."""
        with self._database.ask() as connection:
            return list(connection.execute(select(_BOOK.id).order_by(_BOOK.id)).scalars())

    def last(self, books: Iterable[str] | None = None) -> dict[str, Progress]:
        """Of `books` (None: of all): the current edition and each stage's latest outcome there.

        Books that the database does not know are left out; stages come in the order they ended.
        """
        asked = {"everything": books is None, "books": list(books or ())}
        by_book: dict[str, Progress] = {}
        with self._database.begin() as connection:
            for row in connection.execute(_LAST, asked):
                progress = Progress(book=row.book, edition=row.edition, stages={})
                stages = by_book.setdefault(row.book, progress).stages
                if row.stage is not None:
                    stages[row.stage] = _stage_run(row)
        return by_book


def _stage_run(row: Any) -> StageRun:
    return StageRun.model_validate({name: getattr(row, name) for name in StageRun.model_fields})


def _void(connection: Connection, row: Mapping[str, Any]) -> None:
    """Close the open tasks that this outcome makes pointless."""
    pointless = _TASK.book == row["book"]
    match Outcome(row["outcome"]):
        case Outcome.DONE | Outcome.REUSED:
            # Somebody may have stopped the book after it had passed the gate.
            pointless &= (_TASK.stage == row["stage"]) & ~tasks.IS_FLAGGED
        case Outcome.WAITING:
            same = (_TASK.edition == row["edition"]) & (_TASK.report == row["data_version"])
            pointless &= ~same
        case Outcome.REJECTED:
            pass
        case _:
            return
    reason = f"{row['stage']}: {row['outcome']}"
    tasks.void(connection, pointless, reason, f"run:{row['run']}")


def _ask(connection: Connection, row: Mapping[str, Any], routing: ReviewRouting | None) -> None:
    question = ReviewQuestion(
        book=row["book"],
        edition=row["edition"],
        report=row["data_version"],
        stage=row["stage"],
        evidence=dict(row["detail"]),
    )
    tasks.ask(connection, question, routing, f"run:{row['run']}")


def _tell(connection: Connection, row: Mapping[str, Any]) -> None:
    """What ended badly is told once: neither a retry nor a rerun makes it news again.

    News is another stage or reason, or the same after a new file, a decision or a release.
    """
    outcome, detail = Outcome(row["outcome"]), row["detail"]
    if outcome is Outcome.DONE:
        _tell_finished(connection, row)
    event = {Outcome.REJECTED: "book.rejected", Outcome.FAILED: "book.failed"}.get(outcome)
    if event is None:
        return
    facts = {"edition": row["edition"], "stage": row["stage"]}
    reason = str(detail.get("reason", ""))[:_LONGEST_REASON]
    same = facts | ({"reason": reason} if outcome is Outcome.REJECTED else {})
    asked = {"book": row["book"], "event": event, "same": clean_json(same)}
    if connection.execute(_TOLD, asked).first() is not None:
        return
    payload = facts | {"reason": reason}
    if outcome is Outcome.REJECTED:
        payload |= {"findings": _findings(detail), "more": int(detail.get("more", 0))}
    emit(connection, event, row["book"], payload, correlation=row["run"])


def _tell_finished(connection: Connection, row: Mapping[str, Any]) -> None:
    payload = {
        "edition": row["edition"],
        "stage": row["stage"],
        "seconds": round(row["seconds"], 3),
        "findings": _findings(row["detail"]),
        "more": int(row["detail"].get("more", 0)),
    }
    emit(connection, "stage.finished", row["book"], payload, correlation=row["run"])


def _findings(detail: Mapping[str, Any]) -> list[dict[str, str]]:
    """Rule, severity, message, place and remedy of each; never the book's own words."""
    own = [detail["finding"]] if "finding" in detail else []
    return [
        {name: str(finding.get(name, "")) for name in _TOLD_OF_A_FINDING}
        for finding in detail.get("findings", own)
    ]
