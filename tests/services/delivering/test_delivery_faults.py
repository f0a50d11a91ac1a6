"""Nothing is lost and nothing told out of order, whoever dies, sleeps or lies."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.webhooks import Endpoint, Webhook
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering import event_log
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.servers.webhook_receiver import SECRET, Receiver, receiving
from tests.support.services.events import Clock, Listener, say, shelve, tell

pytestmark = pytest.mark.prove

_BOOKS = ("emma", "hamlet", "ulysses", "walden")
DELIVERER = """
import sys
from pathlib import Path
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.event_bus import EventFolder
from ebook_pipeline.services.delivering.dispatch import DeliveryLimits, deliver

class Noted(EventFolder):
    name = "noted"
    def deliver(self, event):
        with open(sys.argv[2], "a") as file:
            file.write(f"{event.book} {event.data['edition']} {event.id}\\n")
        if sys.argv[3] == "hangs" and event.data["edition"] == 3:
            print("sent", flush=True)
            sys.stdin.read()

database = Database(sys.argv[1])
for _ in range(int(sys.argv[4])):
    deliver(database, [Noted(Path("unused"))], DeliveryLimits())
"""


@pytest.fixture
def shelf(database: Database) -> Database:
    shelve(database, *_BOOKS)
    return database


def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def shop(receiver: Receiver, **options: Any) -> Webhook:
    endpoint = Endpoint(name="shop", url=receiver.url, types="*", secret_env="X")
    return Webhook(endpoint, [Secret(SECRET)], **options)


def deliverer(
    database: Database, notes: Path, manner: str = "goes on", turns: int = 1
) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", DELIVERER, url(database), str(notes), manner, str(turns)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def heard(notes: Path) -> dict[str, list[int]]:
    """Of each book what came, each event when it first came."""
    first = dict.fromkeys(line for line in notes.read_text().splitlines())
    found: dict[str, list[int]] = {}
    for line in first:
        book, number, _ = line.split()
        found.setdefault(book, []).append(int(number))
    return found


DOWN = ((500, "at once"), (502, "at once"), (500, "hanging"), (500, "cut off"))


def test_a_webhook_that_is_down_for_an_hour_hears_everything_in_order(shelf: Database) -> None:
    clock = Clock()
    with receiving() as receiver:
        hook = shop(receiver, seconds=0.3)
        for minute in range(60):
            clock.turn(minutes=1)
            if minute % 10 == 0:
                say(shelf, "emma", minute // 10 + 1)
                say(shelf, "hamlet", minute // 10 + 1)
            receiver.status, receiver.manner = DOWN[minute % 4 if minute < 8 else 0]
            tell(shelf, hook, clock=clock)
        refused = len(receiver.received)
        receiver.status, receiver.manner = 204, "at once"
        receiver.received.clear()
        clock.turn(minutes=61)
        tell(shelf, shop(receiver), clock=clock)
        told = [one.verified() for one in receiver.received]
    assert refused < 40
    for book in ("emma", "hamlet"):
        said = [one["data"]["edition"] for one in told if one["subject"] == book]
        assert said == [1, 2, 3, 4, 5, 6]
    assert rows(shelf, "SELECT count(*) FROM delivery") == [(0,)]


def test_who_is_killed_between_sending_and_noting_sends_again_with_the_same_id(
    shelf: Database, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    say(shelf, "emma", 1, 2, 3, 4)
    with deliverer(shelf, notes, "hangs") as killed:
        assert existing(killed.stdout).readline() == "sent\n"
        os.kill(killed.pid, signal.SIGKILL)
    with deliverer(shelf, notes) as second:
        assert second.wait() == 0
    ids = [line.split()[2] for line in notes.read_text().splitlines()]
    assert len(ids) == 7
    assert len(set(ids)) == 4
    assert heard(notes) == {"emma": [1, 2, 3, 4]}


def test_processes_that_deliver_at_once_never_tell_out_of_order(
    shelf: Database, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    say(shelf, "emma", *range(1, 16))
    delivering = [deliverer(shelf, notes, turns=8) for _ in range(2)]
    while not notes.read_text():
        time.sleep(0.05)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda book: say(shelf, book, *range(1, 16)), _BOOKS[1:]))
    for process in delivering:
        process.communicate()
        assert process.returncode == 0
    rest = Listener("noted")
    tell(shelf, rest)
    by_processes = heard(notes)
    together = {book: by_processes.get(book, []) + rest.numbers(book) for book in _BOOKS}
    assert together == {book: list(range(1, 16)) for book in _BOOKS}
    assert len(notes.read_text().splitlines()) + len(rest.heard) == 15 * len(_BOOKS)


def _written(database: Database, book: str, seed: int) -> list[int]:
    """Fifteen transactions held open for a while, some of them rolled back; the events kept."""
    own, kept = random.Random(f"{seed}{book}"), []
    held = text("SELECT 1 FROM book WHERE id = :book FOR UPDATE")
    for number in range(1, 16):
        with database.engine.connect() as connection:
            connection.execute(held, {"book": book})
            emit(connection, "release.live", book, {"edition": number, "release": "x"})
            time.sleep(own.random() * 0.01)
            if own.random() < 0.8:
                connection.commit()
                kept.append(number)
    return kept


@pytest.mark.parametrize("seed", range(6))
def test_no_interleaving_of_writers_refusals_and_deliverers_loses_or_turns_anything(
    shelf: Database, seed: int
) -> None:
    chance = random.Random(seed)
    listener, clock, over = Listener(), Clock(), threading.Event()
    listener.refuses = lambda _: chance.random() < 0.2

    def deliver() -> None:
        while not over.is_set():
            tell(shelf, listener, clock=clock)
            clock.turn(seconds=20)

    with ThreadPoolExecutor(6) as pool:
        delivering = [pool.submit(deliver) for _ in range(2)]
        kept = list(pool.map(lambda book: _written(shelf, book, seed), _BOOKS))
        over.set()
        for one in delivering:
            one.result()
    listener.refuses = lambda _: False
    clock.turn(hours=2)
    for _ in range(3):
        tell(shelf, listener, clock=clock)
    assert listener.by_book() == dict(zip(_BOOKS, kept, strict=True))


def test_a_postgres_that_ends_in_the_middle_costs_a_repetition(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    database = Database(server.url("ebooks"))
    try:
        database.migrate()
        shelve(database, "emma")
        say(database, "emma", 1, 2, 3)

        class Stopping(Listener):
            def deliver(self, event: Event) -> None:
                super().deliver(event)
                if len(self.heard) == 2:
                    server.stop()

        listener = Stopping()
        (first,) = tell(database, listener)
        server.start()
        assert first.trouble.startswith("the database:")
        (second,) = tell(database, listener)
        assert second.trouble == ""
        assert listener.by_book() == {"emma": [1, 2, 3, 1, 2, 3]}
        assert len({one.id for one in listener.heard}) == 3
    finally:
        database.close()
        server.stop()


def test_who_was_overtaken_notes_nothing(shelf: Database) -> None:
    listener = Listener()
    say(shelf, "emma", 1, 2)
    tell(shelf, listener)
    say(shelf, "emma", 3)
    now = Clock().now

    def replay(event: Event) -> bool:
        if event.data["edition"] == 3:
            event_log.replay(shelf, "listener", now.replace(year=2000), now, actor="ann")
        return False

    listener.refuses = replay
    (tally,) = tell(shelf, listener)
    assert "was moved by somebody else" in tally.trouble
    listener.refuses = lambda _: False
    tell(shelf, listener)
    assert listener.by_book() == {"emma": [1, 2, 3, 1, 2, 3]}


def test_no_secret_of_a_webhook_is_left_in_the_database(
    shelf: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving() as receiver:
        receiver.status = 500
        tell(shelf, shop(receiver))
        say(shelf, "emma", 1)
        tell(shelf, shop(receiver))
    whole = json.dumps([rows(shelf, "SELECT d::text FROM delivery d"), caplog.text])
    assert "webhook:shop answered 500" in whole
    assert SECRET.decode() not in whole
    assert receiver.url not in whole
