"""At least once, in the order of each book, whoever fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count, pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from ebook_pipeline.foundation.errors import Busy, Gone
from ebook_pipeline.foundation.events import Event, caused_by
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering import queue, worker
from ebook_pipeline.services.describing import overrides
from tests.support.servers.postgres import rows
from tests.support.services.events import Clock, Listener, say, shelve, tell

_WAITING = "SELECT book, attempts, dead_at IS NOT NULL FROM delivery ORDER BY position"


@pytest.fixture
def shelf(database: Database) -> Database:
    shelve(database, "emma", "hamlet")
    return database


def test_everybody_hears_every_event_once_and_in_order(shelf: Database) -> None:
    first, second = Listener("first"), Listener("second")
    say(shelf, "emma", 1, 2, 3)
    say(shelf, "hamlet", 1, 2)
    tallies = tell(shelf, first, second)
    tell(shelf, first, second)
    assert first.by_book() == second.by_book() == {"emma": [1, 2, 3], "hamlet": [1, 2]}
    assert [(one.subscriber, one.delivered) for one in tallies] == [("first", 5), ("second", 5)]
    assert rows(shelf, _WAITING) == []


def test_the_order_is_that_of_the_ids_however_the_database_plans(shelf: Database) -> None:
    """Where the planner knows of one row, it joins to that row all that it draws numbers for."""
    say(shelf, "emma", 1)
    with shelf.begin() as connection:
        connection.execute(text("ANALYZE outbox"))
    say(shelf, "emma", *range(2, 10))
    with shelf.begin() as connection:  # the first rows come last in the file
        connection.execute(text("UPDATE outbox SET correlation = 'late' WHERE id < 5"))
    queue.assign_positions(shelf)
    assert rows(shelf, "SELECT position - min(position) OVER () FROM outbox ORDER BY id") == [
        (place,) for place in range(9)
    ]


def test_an_event_keeps_its_id_and_says_what_caused_it(shelf: Database) -> None:
    with caused_by("run-7"):
        say(shelf, "emma", 1)
        overrides.override_field(shelf, "emma", "title", "Emma", actor="ann")
    say(shelf, "emma", 2)
    listener = Listener()
    tell(shelf, listener)
    *caused, alone = listener.heard
    assert [one.correlation for one in caused] == ["run-7", "run-7"]
    assert alone.correlation == alone.id
    ids = [(one.id,) for one in listener.heard]
    assert rows(shelf, "SELECT uid::text FROM outbox ORDER BY id") == ids
    assert rows(shelf, "SELECT action, correlation FROM audit") == [("lock", "run-7")]


def _two(database: Database, *kinds: str) -> None:
    """Events of one transaction."""
    with database.begin() as connection:
        for kind in kinds:
            emit(connection, kind, "emma", {"edition": 1, "release": "0001"})


def test_what_was_rolled_back_is_never_told(shelf: Database) -> None:
    with pytest.raises(ValueError, match="no event"):
        _two(shelf, "release.live", "release.lvie")
    say(shelf, "emma", 2)
    listener = Listener()
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [2]}


def test_an_event_that_commits_after_a_later_one_is_not_passed_over(shelf: Database) -> None:
    listener = Listener()
    with shelf.begin() as slow:
        emit(slow, "release.live", "hamlet", {"edition": 1, "release": "0001"})
        say(shelf, "emma", 1)
        tell(shelf, listener)
        assert listener.by_book() == {"emma": [1]}
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [1], "hamlet": [1]}


def test_a_refused_event_holds_up_its_own_book_and_its_own_subscriber_alone(
    shelf: Database,
) -> None:
    clock, picky, other = Clock(), Listener("picky"), Listener("other")
    picky.refuses = lambda event: event.book == "emma" and event.data["edition"] == 2
    say(shelf, "emma", 1, 2, 3)
    say(shelf, "hamlet", 1)
    tell(shelf, picky, other, clock=clock)
    say(shelf, "emma", 4)
    say(shelf, "hamlet", 2)
    tell(shelf, picky, other, clock=clock)
    assert picky.by_book() == {"emma": [1], "hamlet": [1, 2]}
    assert other.by_book() == {"emma": [1, 2, 3, 4], "hamlet": [1, 2]}
    picky.refuses = lambda _: False
    clock.turn(seconds=6)
    tell(shelf, picky, clock=clock)
    assert picky.by_book() == {"emma": [1, 2, 3, 4], "hamlet": [1, 2]}
    assert rows(shelf, _WAITING) == []


def test_a_refused_event_is_offered_again_ever_more_rarely(shelf: Database) -> None:
    clock, deaf = Clock(), Listener()
    deaf.refuses = lambda _: True
    say(shelf, "emma", 1)
    pauses = []
    for _ in range(14):
        tell(shelf, deaf, clock=clock)
        (next_at,) = rows(shelf, "SELECT next_at FROM delivery")[0]
        pauses.append((next_at - clock.now).total_seconds())
        clock.now = next_at - timedelta(seconds=1)
        tell(shelf, deaf, clock=clock)
        clock.now = next_at
    assert deaf.offered == 14
    assert all(2.5 <= pause <= 5 for pause in pauses[:1])
    assert all(earlier / 2 < later for earlier, later in pairwise(pauses))
    assert all(1800 <= pause <= 3600 for pause in pauses[-3:])


def test_after_days_it_is_set_aside_with_an_alarm_and_the_book_goes_on(shelf: Database) -> None:
    clock, picky = Clock(), Listener()
    picky.refuses = lambda event: event.data.get("edition") == 1
    say(shelf, "emma", 1, 2)
    tell(shelf, picky, clock=clock)
    clock.turn(days=4)
    tell(shelf, picky, clock=clock)
    tell(shelf, picky, clock=clock)
    assert [one.type for one in picky.heard] == ["release.live", "delivery.dead"]
    alarm = picky.heard[-1]
    assert alarm.data["subscriber"] == "listener"
    assert alarm.data["type"] == "release.live"
    assert alarm.data["attempts"] == 2
    assert rows(shelf, _WAITING) == [("emma", 2, True)]


def test_an_alarm_that_nobody_takes_makes_no_further_alarm(shelf: Database) -> None:
    clock, deaf = Clock(), Listener()
    deaf.refuses = lambda _: True
    say(shelf, "emma", 1)
    for _ in range(6):
        tell(shelf, deaf, clock=clock)
        clock.turn(days=4)
    query = "SELECT event, count(*) FROM outbox GROUP BY event ORDER BY event"
    assert rows(shelf, query) == [("delivery.dead", 1), ("release.live", 1)]


def test_who_is_busy_is_left_alone_for_as_long_as_it_asks(shelf: Database) -> None:
    clock, busy = Clock(), Listener()
    busy.refuses, busy.error = lambda _: True, Busy("429", 600)
    say(shelf, "emma", 1)
    tell(shelf, busy, clock=clock)
    say(shelf, "hamlet", 1)
    clock.turn(seconds=590)
    (tally,) = tell(shelf, busy, clock=clock)
    assert "wants to be left alone until" in tally.trouble
    assert busy.offered == 1
    busy.refuses = lambda _: False
    clock.turn(seconds=20)
    tell(shelf, busy, clock=clock)
    assert busy.by_book() == {"emma": [1], "hamlet": [1]}


def test_who_is_gone_is_told_nothing_more_and_the_others_hear_of_it(shelf: Database) -> None:
    gone, other = Listener("gone"), Listener("other")
    gone.refuses, gone.error = lambda _: True, Gone("410")
    say(shelf, "emma", 1)
    tell(shelf, gone, other)
    say(shelf, "emma", 2)
    first, _ = tell(shelf, gone, other)
    assert first.trouble == "disabled: 410"
    assert gone.offered == 1
    assert [one.type for one in other.heard].count("delivery.disabled") == 1


def test_a_defect_of_a_subscriber_counts_as_a_refusal(
    shelf: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = Listener("broken"), Listener("other")
    broken.refuses = lambda event: event.data["no such field"]
    say(shelf, "emma", 1)
    tell(shelf, broken, other)
    assert other.by_book() == {"emma": [1]}
    assert rows(shelf, "SELECT error FROM delivery") == [("a defect: KeyError",)]
    assert "a defect of subscriber broken" in caplog.text


def test_who_does_not_answer_is_not_asked_by_hundreds(shelf: Database) -> None:
    deaf = Listener()
    deaf.refuses = lambda _: True
    books = [f"book-{number}" for number in range(100)]
    shelve(shelf, *books)
    for book in books:
        say(shelf, book, 1)
    tell(shelf, deaf)
    assert deaf.offered == 8


def test_who_is_new_hears_of_the_last_day(shelf: Database) -> None:
    say(shelf, "emma", 1, 2)
    with shelf.begin() as connection:
        connection.execute(text("UPDATE outbox SET at = at - interval '2 days' WHERE id = 1"))
    queue.assign_positions(shelf)
    listener = Listener()
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [2]}


def test_a_turn_ends_in_time_and_the_next_one_goes_on(
    shelf: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    slow = Listener()
    for number in range(1, 41):
        say(shelf, "emma", number)
    tell(shelf, slow, seconds=10)
    assert 0 < len(slow.heard) < 40
    tell(shelf, slow, seconds=1000)
    assert slow.by_book() == {"emma": list(range(1, 41))}


def test_of_two_who_deliver_at_once_one_finds_the_other_at_work(shelf: Database) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Listener):
        def deliver(self, event: Event) -> None:
            entered.set()
            go_on.wait(200)
            super().deliver(event)

    slow = Slow()
    say(shelf, "emma", 1)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(tell, shelf, slow)
        entered.wait(200)
        (second,) = tell(shelf, slow)
        go_on.set()
        (first,) = working.result()
    assert second.trouble == "another process delivers to it"
    assert first.delivered == 1
    assert slow.by_book() == {"emma": [1]}


def test_whom_nothing_awaits_is_not_locked(shelf: Database) -> None:
    listener = Listener()
    say(shelf, "emma", 1)
    tell(shelf, listener)
    with shelf.lock(f"events {listener.name}"):
        (idle,) = tell(shelf, listener)
        say(shelf, "emma", 2)
        (held,) = tell(shelf, listener)
    assert (idle.trouble, held.trouble) == ("", "another process delivers to it")


def test_old_events_are_forgotten_when_everybody_has_heard_them(shelf: Database) -> None:
    quick, slow = Listener("quick"), Listener("slow")
    say(shelf, "emma", 1, 2)
    tell(shelf, quick, slow)
    say(shelf, "emma", 3)
    tell(shelf, quick)
    with shelf.begin() as connection:
        connection.execute(text("UPDATE outbox SET at = at - interval '2 years' WHERE id <> 2"))
    now = Clock().now
    names = ["quick", "slow"]
    assert queue.prune(shelf, names, now - timedelta(days=365)) == 1
    left = "SELECT payload ->> 'edition' FROM outbox ORDER BY id"
    assert rows(shelf, left) == [("2",), ("3",)]
