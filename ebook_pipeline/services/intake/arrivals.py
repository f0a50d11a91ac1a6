"""What lies in the landing store becomes submissions; nothing is read but sidecars."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from ebook_pipeline.books.owning.landing_keys import account_of, nobodys_folder
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.landing import ArrivalChanged, LandingStore
from ebook_pipeline.resources.landing_arrivals import Arrival
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.intake import new_books, refusals, submissions, submitted_files
from ebook_pipeline.services.intake.submissions import (
    OpenSubmission,
    SubmissionReceipt,
    SubmissionRequest,
)
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.owning.ownership import SubmissionRefused
from ebook_pipeline.services.recording.journal import Journal

_LOG = logging.getLogger(__name__)
Waiting = list[OpenSubmission]
_Owners = Callable[[Arrival], str | None]
_SUBMISSION = tables.submission.c
CANCELLED = "its run was cancelled"
"""Why a book has failed that a cancelled run had not come to."""
_AT_ONCE = 100
"""Files of one transaction: what hinders one of them has all of them tried one by one."""


def submit_arrivals(database: Database, landing: LandingStore, *, actor: str, most: int) -> int:
    """Submit what nobody has submitted yet, at most `most` files; how many were new.

    One file is never another's problem: what can't be taken is refused, by itself and once, and
    what can't be read just now is left for the next look, as is a file that changes meanwhile.
    """
    return submit_these(database, landing, landing.arrivals(), actor=actor, most=most)


def submit_these(
    database: Database,
    landing: LandingStore,
    found: Iterable[Arrival],
    *,
    actor: str,
    most: int | None = None,
) -> int:
    """The same of what was `found` in the landing store, however it was."""
    new = 0
    owners = _owners(landing, accounts.ids(database))
    news = _news(database, found, owners, actor)
    while news and (most is None or new < most):
        size = _AT_ONCE if most is None else min(_AT_ONCE, most - new)
        part, news = news[:size], news[size:]
        offered = ((one, _offer(landing, one, str(owners(one)))) for one in part)
        offers = [(arrival, offer) for arrival, offer in offered if offer is not None]
        new += _submit_part(database, offers, actor)
    return new


def _owners(landing: LandingStore, known: Collection[str]) -> _Owners:
    """Whose an arrival is, by the folder that it lies in; None where nobody can say."""
    return lambda arrival: account_of(arrival.key, known, strict=landing.shared)


def _news(
    database: Database, found: Iterable[Arrival], owners: _Owners, actor: str
) -> list[Arrival]:
    listed = list(found)
    lying = {(arrival.key, arrival.version) for arrival in listed if arrival.refusal is None}
    known = submitted_files.known(database, lying)
    arrivals = [
        _with_owner(arrival, owners)
        for arrival in listed
        if (arrival.key, arrival.version) not in known
    ]
    refused = [
        (arrival.key, arrival.version, arrival.refusal) for arrival in arrivals if arrival.refusal
    ]
    usable = {
        (arrival.key, arrival.version): arrival for arrival in arrivals if arrival.refusal is None
    }
    refusals.refuse(database, refused, actor=actor)
    news = usable.keys() - refusals.noted(database, usable)
    return [arrival for pair, arrival in usable.items() if pair in news]


def _with_owner(arrival: Arrival, owners: _Owners) -> Arrival:
    if arrival.refusal is not None or owners(arrival) is not None:
        return arrival
    return arrival.model_copy(update={"refusal": nobodys_folder(arrival.key)})


def _submit_part(
    database: Database, offers: Sequence[tuple[Arrival, SubmissionRequest]], actor: str
) -> int:
    """How many of these were new: plain ones at once, the others by themselves."""
    try:
        done = new_books.submit_new(database, [offer for _, offer in offers], actor=actor)
    except (Unavailable, UnknownActor):
        raise
    except (ServiceError, DBAPIError) as error:
        _LOG.info("landing: %d files are submitted one by one: %s", len(offers), error)
        done = frozenset()
    others = [(arrival, offer) for arrival, offer in offers if offer.landing_key not in done]
    return len(done) + sum(_submit(database, arrival, offer, actor) for arrival, offer in others)


def _submit(database: Database, arrival: Arrival, offer: SubmissionRequest, actor: str) -> bool:
    """Whether it was new. A database that is away is everybody's problem, and is raised."""
    try:
        return submissions.submit(database, offer, actor=actor).new
    except (Unavailable, UnknownActor):
        raise
    except SubmissionRefused as error:
        _LOG.warning("landing: %s is refused: %s", arrival.key, error)
        return False
    except (ServiceError, DBAPIError) as error:
        _LOG.exception("landing: %s can't be noted", arrival.key)
        refusal = _unusable(arrival, error)
        refusals.refuse(database, [(arrival.key, arrival.version, refusal)], actor=actor)
        return False


def submit_landed(
    database: Database, landing: LandingStore, key: str, account: str, *, actor: str
) -> SubmissionReceipt:
    """Submit what an upload has just put into the landing store, as the next look there would.

    Whoever of the two comes first submits it, the other finds that it is no news. Raises
    `SubmissionRefused`, `NotFound`, and `ArrivalChanged` where it should be asked again.
    """
    arrival = landing.arrival(key)
    offer = _offer(landing, arrival, account, origin="http")
    if offer is None:
        raise ArrivalChanged(f"landing file {key} changes just now")
    return submissions.submit(database, offer, actor=actor)


def _offer(
    landing: LandingStore,
    arrival: Arrival,
    account: str,
    origin: Literal["landing", "http"] = "landing",
) -> SubmissionRequest | None:
    """The arrival as it is submitted; None where it, or what holds it, is not as it was seen."""
    try:
        claims = landing.claims(arrival)
    except BookError as error:
        claims = Claims(defects=(error.finding,))
    except (ArrivalChanged, NotFound, Unavailable) as error:
        _LOG.info("landing: %s is left for the next look: %s", arrival.key, error)
        return None
    except ServiceError as error:
        claims = Claims(defects=(_unreadable(arrival, error),))
    return SubmissionRequest(
        landing_key=arrival.key,
        version=arrival.version,
        source=arrival.key,
        length=arrival.length,
        claims=claims,
        origin=origin,
        account=account,
    )


def _unreadable(arrival: Arrival, error: ServiceError) -> Finding:
    return Finding(
        rule="landing.sidecar",
        severity=Severity.FATAL,
        message=f"The sidecar can't be read: {error}",
        place=arrival.sidecar or "",
        remedy="Let the pipeline's user read it, or take it away.",
    )


def _unusable(arrival: Arrival, error: Exception) -> Finding:
    message = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
    return Finding(
        rule="landing.unusable",
        severity=Severity.FATAL,
        message=f"It can't be noted: {message[:300]}",
        place=arrival.key,
        remedy="Send it under another name, and with shorter texts in its sidecar.",
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
    with database.ask() as connection:
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
