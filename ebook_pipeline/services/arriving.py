"""What lies in the landing store becomes submissions; nothing is read but sidecars."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, update

from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.landing import Arrival, Changed, LandingStore
from ebook_pipeline.services import submissions
from ebook_pipeline.services.submissions import Offer

_LONG_AGO = timedelta(minutes=5)


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


def _offer(landing: LandingStore, arrival: Arrival) -> Offer | None:
    try:
        claims = landing.claims(arrival)
    except Changed:
        return None
    except BookError as error:
        claims = Claims(defects=(error.finding,))
    return Offer(
        landing_key=arrival.key,
        version=arrival.version,
        source=arrival.key,
        length=arrival.length,
        claims=claims,
        origin="landing",
    )


def waiting_books(database: Database) -> dict[str, list[int]]:
    """Books that have submissions which no run was asked to take, with those submissions' ids."""
    books: dict[str, list[int]] = {}
    for submission in submissions.unlaunched(database):
        books.setdefault(submission.book, []).append(submission.id)
    return books


def launched(database: Database, books: Mapping[str, list[int]], run: str) -> None:
    """Note that `run` was asked to take these books' submissions."""
    submissions.set_run(database, [one for ids in books.values() for one in ids], run)


def forget_lost_runs(database: Database) -> None:
    """Open submissions that a run was asked to take minutes ago, when none is under way: again.

    Whoever launched it may have been killed between the note and the launch.
    """
    submission = tables.submission.c
    lost = (submission.state == "open") & (submission.at < func.now() - _LONG_AGO)
    with database.begin() as connection:
        connection.execute(update(tables.submission).where(lost).values(run=None))
