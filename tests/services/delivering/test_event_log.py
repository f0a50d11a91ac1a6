"""What was told, who has not taken it, and telling it again."""

from typing import Any

import pytest

from ebook_pipeline.foundation.errors import Gone, NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering import event_log
from tests.support.servers.postgres import rows
from tests.support.services.events import Clock, Listener, say, shelve, tell

_LONG_AGO = Clock().now.replace(year=2000)


@pytest.fixture
def shelf(database: Database) -> Database:
    shelve(database, "emma", "hamlet")
    return database


def listed(database: Database, **wanted: Any) -> list[tuple[str, Any, dict[str, str]]]:
    found = event_log.list_events(database, ["listener"], **wanted)
    return [(one.event.book, one.event.data.get("edition"), one.missing) for one in found]


def test_events_are_listed_with_who_lacks_them_and_why(shelf: Database) -> None:
    picky = Listener()
    picky.refuses = lambda event: event.book == "emma"
    say(shelf, "emma", 1, 2)
    say(shelf, "hamlet", 1)
    tell(shelf, picky)
    say(shelf, "hamlet", 2)
    assert listed(shelf) == [
        ("emma", 1, {"listener": "refused 1 times: not now"}),
        ("emma", 2, {"listener": "waits behind an earlier event of its book"}),
        ("hamlet", 1, {}),
        ("hamlet", 2, {"listener": "not told yet"}),
    ]
    assert [one[:2] for one in listed(shelf, undelivered=True, book="hamlet")] == [("hamlet", 2)]
    assert [one[:2] for one in listed(shelf, most=2)] == [("hamlet", 1), ("hamlet", 2)]


def test_who_listens_is_counted(shelf: Database) -> None:
    clock, picky = Clock(), Listener()
    picky.refuses = lambda event: event.book == "emma"
    say(shelf, "emma", 1, 2)
    tell(shelf, picky, clock=clock)
    clock.turn(days=4)
    tell(shelf, picky, clock=clock)
    say(shelf, "hamlet", 1)
    (one,) = event_log.subscriber_states(shelf, ["listener", "nobody"], clock.now)
    assert (one.subscriber, one.waiting, one.dead, one.silenced) == ("listener", 1, 1, "")
    assert one.behind == 2  # the alarm, and hamlet


def test_what_was_set_aside_is_offered_again_when_somebody_asks(shelf: Database) -> None:
    clock, picky = Clock(), Listener()
    picky.refuses = lambda event: event.data.get("edition") == 1
    say(shelf, "emma", 1, 2)
    tell(shelf, picky, clock=clock)
    clock.turn(days=4)
    tell(shelf, picky, clock=clock)
    picky.refuses = lambda _: False
    (dead,) = rows(shelf, "SELECT uid::text FROM outbox WHERE id = 1")[0]
    again = event_log.retry(shelf, ["listener"], clock.now, events=[dead], actor="ann")
    assert again == 1
    tell(shelf, picky, clock=clock)
    assert sorted(one.data["edition"] for one in picky.heard if one.type == "release.live") == [
        1,
        2,
    ]
    assert rows(shelf, "SELECT count(*) FROM delivery") == [(0,)]
    assert rows(shelf, "SELECT action, book FROM audit") == [("deliver_again", "emma")]


def test_who_was_disabled_is_told_again_when_somebody_asks(shelf: Database) -> None:
    gone = Listener()
    gone.refuses, gone.error = lambda _: True, Gone("410")
    say(shelf, "emma", 1)
    tell(shelf, gone)
    gone.refuses = lambda _: False
    event_log.retry(shelf, ["listener"], Clock().now, actor="ann")
    tell(shelf, gone)
    assert [one.type for one in gone.heard] == ["release.live", "delivery.disabled"]


def test_a_replay_tells_all_since_then_again_with_the_same_ids(shelf: Database) -> None:
    listener = Listener()
    say(shelf, "emma", 1)
    say(shelf, "hamlet", 1)
    tell(shelf, listener)
    event_log.replay(shelf, "listener", _LONG_AGO, Clock().now, actor="ann")
    say(shelf, "emma", 2)
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [1, 1, 2], "hamlet": [1, 1]}
    assert len({one.id for one in listener.heard}) == 3


def test_a_replay_of_one_book_leaves_the_others_alone(shelf: Database) -> None:
    listener = Listener()
    say(shelf, "emma", 1, 2)
    say(shelf, "hamlet", 1)
    tell(shelf, listener)
    now = Clock().now
    event_log.replay(shelf, "listener", _LONG_AGO, now, book="emma", actor="ann")
    say(shelf, "emma", 3)
    tell(shelf, listener)
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [1, 2, 1, 2, 3], "hamlet": [1]}


def test_a_replay_from_before_what_waits_keeps_the_order(shelf: Database) -> None:
    clock, picky = Clock(), Listener()
    say(shelf, "emma", 1)
    tell(shelf, picky, clock=clock)
    picky.refuses = lambda _: True
    say(shelf, "emma", 2, 3)
    tell(shelf, picky, clock=clock)
    event_log.replay(shelf, "listener", _LONG_AGO, clock.now, actor="ann")
    picky.refuses = lambda _: False
    for _ in range(3):
        tell(shelf, picky, clock=clock)
        clock.turn(minutes=1)
    assert picky.by_book() == {"emma": [1, 1, 2, 3]}


def test_a_replay_to_nobody_is_not_found(shelf: Database) -> None:
    with pytest.raises(NotFound, match="no subscriber is called 'nobody'"):
        event_log.replay(shelf, "nobody", _LONG_AGO, Clock().now, actor="ann")
