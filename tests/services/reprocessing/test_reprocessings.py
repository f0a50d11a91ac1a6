"""A reprocessing hands out its books once, survives whoever hands out, and says how each ended."""

from datetime import UTC, datetime, timedelta

import pytest

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reprocessing import chunks, reprocessings, schedules, summary, versions
from ebook_pipeline.services.reprocessing.plan import ReprocessPlan
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing, ReprocessingRequest
from ebook_pipeline.services.reprocessing.schedules import ReprocessingSchedule
from ebook_pipeline.services.reprocessing.versions import MadeWith
from tests.support.services.submissions import arrive

LAST = "ingestion_analytics"


class Begun(Record):
    """Books that were described, and a reprocessing of them two at a time."""

    one: Reprocessing
    books: tuple[str, ...]


def _begun(database: Database, number: int = 5) -> Begun:
    books = tuple(
        arrive(database, f"text {place}", key=f"book-{place}.epub").book for place in range(number)
    )
    for book in books:
        Journal(database).record("before", book, 1, "qa_report", Outcome.DONE, 3600.0)
    request = ReprocessingRequest(stage="qa_report", books_per_run=2)
    planned = reprocessings.plan(database, request)
    assert (planned.books, planned.hours) == (books, float(number))
    return Begun(one=reprocessings.begin(database, request, planned, actor="ann"), books=books)


def _end(database: Database, book: str, outcome: Outcome, stage: str = LAST, why: str = "") -> None:
    Journal(database).record("run", book, 1, stage, outcome, 1.0, detail={"reason": why})


def test_each_book_is_handed_out_once_and_its_end_is_told(database: Database) -> None:
    begun = _begun(database)
    number, books = begun.one.id, begun.books
    first = chunks.hand_out(database, number, "one")
    second = chunks.hand_out(database, number, "two")
    third = chunks.hand_out(database, number, "three")
    assert [chunk.books if chunk else () for chunk in (first, second, third)] == [
        books[:2],
        books[2:4],
        books[4:],
    ]
    assert first is not None
    assert first.stages[0] == "qa_report"
    assert first.stages[-1] == LAST
    assert chunks.hand_out(database, number, "four") is None
    _end(database, books[0], Outcome.DONE, "qa_report")
    _end(database, books[0], Outcome.REUSED)
    _end(database, books[1], Outcome.REUSED)
    _end(database, books[2], Outcome.FAILED, "drm_package", "Unavailable: the key vault")
    _end(database, books[3], Outcome.REJECTED, "qa_report", "not publishable")
    chunks.settle(database, number)
    seen = summary.progress(database, reprocessings.find(database, number))
    assert seen.counts == {"done": 1, "reused": 1, "rejected": 1, "failed": 1}
    assert (seen.left, seen.out) == (0, 1)
    assert not chunks.end_if_done(database, number)
    _end(database, books[4], Outcome.WAITING, "drm_package", "quality asks for a person")
    chunks.settle(database, number)
    assert chunks.end_if_done(database, number)
    told = {(one.outcome, one.stage, one.reason) for one in summary.reasons(database, number)}
    assert told == {
        ("failed", "drm_package", "Unavailable: the key vault"),
        ("rejected", "qa_report", "not publishable"),
        ("waiting", "drm_package", "quality asks for a person"),
    }
    again = reprocessings.try_failed_again(database, number, actor="ann")
    assert (again.books, again.cause, again.planned_hours) == (1, f"retry:{number}", 1.0)
    chunk = chunks.hand_out(database, again.id, "again")
    assert chunk is not None
    assert chunk.books == (books[2],)
    chunks.told(database, number)
    assert [one.id for one in chunks.open_reprocessings(database)] == [again.id]


def test_what_a_dead_run_did_not_come_to_is_handed_out_again_until_it_has_failed(
    database: Database,
) -> None:
    begun = _begun(database, 2)
    number = begun.one.id
    _handed(database, number, "run-0")
    _end(database, begun.books[0], Outcome.REUSED)
    for attempt in range(chunks.MOST_ATTEMPTS):
        assert chunks.open_reprocessings(database)[0].runs == (f"run-{attempt}",)
        chunks.take_back(database, number, f"run-{attempt}")
        if attempt + 1 < chunks.MOST_ATTEMPTS:
            assert _handed(database, number, f"run-{attempt + 1}") == begun.books[1:]
    assert chunks.hand_out(database, number, "no more") is None
    assert chunks.end_if_done(database, number)
    (reason,) = summary.reasons(database, number)
    assert (reason.outcome, reason.example) == ("failed", begun.books[1])
    assert reason.reason == "3 runs ended before they came to its end"


def test_it_is_paused_resumed_and_cancelled(database: Database) -> None:
    begun = _begun(database, 5)
    number = begun.one.id
    _handed(database, number, "one")
    reprocessings.pause(database, number, actor="ann")
    assert not chunks.goes_on(database, number)
    assert chunks.hand_out(database, number, "two") is None
    chunks.take_back(database, number, "one", forgiven=True)
    reprocessings.resume(database, number, actor="ann")
    assert chunks.goes_on(database, number)
    assert _handed(database, number, "two") == begun.books[:2]
    cancelled = reprocessings.cancel(database, number, actor="ann")
    assert cancelled.ended_at is not None
    _end(database, begun.books[0], Outcome.REUSED)
    assert not chunks.end_if_done(database, number)
    chunks.take_back(database, number, "two", forgiven=True)
    assert chunks.end_if_done(database, number)
    seen = summary.progress(database, reprocessings.find(database, number))
    assert seen.counts == {"reused": 1, "cancelled": 4}
    assert seen.seconds_left is None
    with pytest.raises(ServiceError, match="is over: it is cancelled"):
        reprocessings.resume(database, number, actor="ann")
    with pytest.raises(ServiceError, match="no book has failed"):
        reprocessings.try_failed_again(database, number, actor="ann")
    with pytest.raises(NotFound):
        reprocessings.find(database, number + 1)


def test_a_new_version_offers_the_books_that_another_has_made(database: Database) -> None:
    old, new = (
        MadeWith(version="a" * 12, facts={"code": "1"}),
        MadeWith(version="b" * 12, facts={"code": "2"}),
    )
    assert versions.note(database, {"qa_report": old}) == ()
    books = [arrive(database, name, key=f"{name}.epub").book for name in ("emma", "faust", "ida")]
    for book, made in zip(books, (old, old, new), strict=True):
        detail = {"made_with": made.version}
        Journal(database).record("run", book, 1, "qa_report", Outcome.DONE, 1800.0, detail=detail)
    assert versions.offers(database) == ()
    assert versions.note(database, {"qa_report": new}) == ("qa_report",)
    assert versions.note(database, {"qa_report": new}) == ()
    (offer,) = versions.offers(database)
    assert (offer.books, offer.hours, offer.facts) == (2, 1.0, {"code": "2"})
    detail = {"made_with": new.version}
    Journal(database).record("r", books[0], 1, "qa_report", Outcome.DONE, 1800.0, detail=detail)
    versions.count_again(database)
    assert [one.books for one in versions.offers(database)] == [1]
    begun = versions.accept(database, "qa_report", actor="ann")
    assert (begun.cause, begun.books) == ("version:qa_report", 1)
    assert _handed(database, begun.id, "run") == (books[1],)
    assert versions.offers(database) == ()
    with pytest.raises(NotFound, match="nothing is offered"):
        versions.dismiss(database, "qa_report", actor="ann")


def test_a_schedule_is_due_once(database: Database) -> None:
    now = datetime(2027, 1, 2, 1, tzinfo=UTC)
    one = ReprocessingSchedule(name="nightly", stage="qa_report", cron="0 1 * * *", next_at=now)
    schedules.keep(database, one, actor="ann")
    assert schedules.schedules(database, now - timedelta(seconds=1)) == ()
    (due,) = schedules.schedules(database, now)
    assert schedules.move_on(database, due, now + timedelta(days=1))
    assert not schedules.move_on(database, due, now + timedelta(days=1))
    assert schedules.schedules(database, now) == ()
    schedules.remove(database, "nightly", actor="ann")
    with pytest.raises(NotFound):
        schedules.remove(database, "nightly", actor="ann")


def test_nothing_is_done_in_the_name_of_nobody(database: Database) -> None:
    request = ReprocessingRequest(stage="qa_report")
    with pytest.raises(UnknownActor, match="nobody is known"):
        reprocessings.begin(
            database, request, ReprocessPlan(stage="qa_report", books=(), hours=0), actor="nobody"
        )


def _handed(database: Database, number: int, run: str) -> tuple[str, ...]:
    chunk = chunks.hand_out(database, number, run)
    assert chunk is not None
    return chunk.books
