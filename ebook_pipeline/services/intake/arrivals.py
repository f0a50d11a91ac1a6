"""What lies in the landing store becomes submissions; nothing is read but sidecars."""

from collections.abc import Iterable

from sqlalchemy import select, update

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.landing import Arrival, ArrivalChanged, LandingStore
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import OpenSubmission, SubmissionRequest
from ebook_pipeline.services.journal import Journal

Waiting = list[OpenSubmission]
_SUBMISSION = tables.submission.c


def submit_arrivals(database: Database, landing: LandingStore, *, actor: str, most: int) -> int:
    """Submit what nobody has submitted yet, at most `most` files; how many were new.

    A file that changes while its sidecar is read is left for the next look.
    """
    offers = (_offer(landing, arrival) for arrival in _news(database, landing, most))
    return sum(submissions.submit(database, offer, actor=actor).new for offer in offers if offer)


def _news(database: Database, landing: LandingStore, most: int) -> list[Arrival]:
    arrivals = list(landing.arrivals())
    known = submissions.known(database, ((one.key, one.version) for one in arrivals))
    return [one for one in arrivals if (one.key, one.version) not in known][:most]


def _offer(landing: LandingStore, arrival: Arrival) -> SubmissionRequest | None:
    try:
        claims = landing.claims(arrival)
    except ArrivalChanged:
        return None
    except BookError as error:
        claims = Claims(defects=(error.finding,))
    return SubmissionRequest(
        landing_key=arrival.key,
        version=arrival.version,
        source=arrival.key,
        length=arrival.length,
        claims=claims,
        origin="landing",
    )


def waiting_books(database: Database) -> dict[str, Waiting]:
    """Books that have submissions which no run was asked to take, with those submissions."""
    books: dict[str, Waiting] = {}
    for submission in submissions.unlaunched(database):
        books.setdefault(submission.book, []).append(submission)
    return books


def launched(database: Database, submitted: Iterable[int], run: str) -> None:
    """Note that `run` was asked to take these submissions."""
    submissions.set_run(database, submitted, run)


def asked_runs(database: Database) -> set[str]:
    """The runs that were asked to take what nobody has taken yet.

    A book that could not even be opened has failed: it waits for a person or for another file.
    """
    failed = select(tables.stage_run.c.id).where(
        tables.stage_run.c.book == _SUBMISSION.book,
        tables.stage_run.c.edition == 0,
        tables.stage_run.c.outcome == "failed",
        tables.stage_run.c.at > _SUBMISSION.at,
    )
    waiting = (_SUBMISSION.state == "open") & _SUBMISSION.run.is_not(None)
    query = select(_SUBMISSION.run).where(waiting, ~failed.exists()).distinct()
    with database.begin() as connection:
        return set(connection.execute(query).scalars())


def forget_run(database: Database, run: str, *, again: bool) -> None:
    """Ask for the open submissions of `run` anew, for the last time where it is `again`."""
    theirs = (_SUBMISSION.state == "open") & (_SUBMISSION.run == run)
    values = {"run": submissions.AGAIN if again else None}
    with database.begin() as connection:
        connection.execute(update(tables.submission).where(theirs).values(values))


def give_up(database: Database, run: str, reason: str) -> None:
    """The books that `run` left untaken have failed: a person decides whether to go on."""
    theirs = (_SUBMISSION.state == "open") & (_SUBMISSION.run == run)
    with database.begin() as connection:
        query = select(_SUBMISSION.book).where(theirs).distinct()
        books = connection.execute(query).scalars().all()
    journal = Journal(database)
    for book in books:
        detail = {"reason": reason}
        journal.record(run, book, 0, "raw_file", Outcome.FAILED, 0.0, detail=detail)
