"""Every event lands in the lake once, whatever is killed; a purge and an erasure reach it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from ebook_pipeline.books.measuring.lake_rows import event_table
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.measuring import lake as lake_module
from ebook_pipeline.services.measuring.lake import FOLDER, NAME, Lake, published
from tests.support.kills import killed_at
from tests.support.services.events import say, shelve

BOOKS = ("emma", "dune")


@pytest.fixture
def lake(database: Database, tmp_path: Path) -> Lake:
    shelve(database, *BOOKS)
    return Lake(database, LocalObjectStore(tmp_path / "objects"))


def editions(lake: Lake) -> list[tuple[str, int]]:
    """Book and edition of each row that counts, in no order."""
    rows = [row for file in lake.files() for row in lake.read(file).to_pylist()]
    return sorted((row["book"], row["edition"]) for row in rows)


def days_apart(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            text("UPDATE outbox SET at = at - make_interval(days => (payload->>'edition')::int)")
        )


def test_each_event_is_taken_once_and_lies_in_the_folder_of_its_day(lake: Lake) -> None:
    say(lake.database, "emma", 1, 2)
    days_apart(lake.database)
    assert lake.load().events == 2
    say(lake.database, "dune", 0)
    assert lake.load().events == 1
    assert lake.load().events == 0
    assert editions(lake) == [("dune", 0), ("emma", 1), ("emma", 2)]
    assert len(lake.files()) == 3
    assert all(f"day={file.day}/" in file.key for file in lake.files())


@pytest.mark.parametrize("step", ["_write", "_commit", "_publish"])
def test_a_load_that_is_killed_loses_and_doubles_nothing(
    lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(lake.database, "emma", 1, 2)
    with killed_at(monkeypatch, Lake, step):
        lake.load()
    say(lake.database, "emma", 3)
    lake.load()
    lake.compact()
    assert editions(lake) == [("emma", 1), ("emma", 2), ("emma", 3)]
    assert set(lake.store.keys(FOLDER)) == {file.key for file in lake.files()}
    assert published(lake.store) == list(lake.files())


def test_a_kill_between_file_and_transaction_leaves_a_file_that_the_compaction_removes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(lake.database, "emma", 1)
    with killed_at(monkeypatch, Lake, "_commit"):
        lake.load()
    assert (len(list(lake.store.keys(FOLDER))), lake.files()) == (1, ())
    assert lake.compact().swept == 1
    lake.load()
    assert editions(lake) == [("emma", 1)]


def several_files(lake: Lake) -> None:
    for edition in (1, 2, 3):
        say(lake.database, "emma", edition)
        lake.load()


def test_days_that_are_over_become_one_file(lake: Lake) -> None:
    several_files(lake)
    assert lake.compact(date(2000, 1, 1)).merged == 0
    assert lake.compact(date(2100, 1, 1)).merged == 3
    assert len(lake.files()) == len(list(lake.store.keys(FOLDER))) == 1
    assert editions(lake) == [("emma", 1), ("emma", 2), ("emma", 3)]


@pytest.mark.parametrize("step", ["_written", "_sweep"])
def test_a_compaction_that_is_killed_loses_and_doubles_nothing(
    lake: Lake, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_files(lake)
    with killed_at(monkeypatch, Lake, step):
        lake.compact(date(2100, 1, 1))
    assert editions(lake) == [("emma", 1), ("emma", 2), ("emma", 3)]
    lake.compact(date(2100, 1, 1))
    assert len(list(lake.store.keys(FOLDER))) == 1
    assert editions(lake) == [("emma", 1), ("emma", 2), ("emma", 3)]


def test_a_file_of_an_earlier_release_lacks_columns_and_is_merged(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(lake.database, "emma", 1)
    made = event_table
    monkeypatch.setattr(
        lake_module, "event_table", lambda rows: made(rows).drop_columns(["license", "point"])
    )
    lake.load()
    monkeypatch.setattr(lake_module, "event_table", made)
    say(lake.database, "emma", 2)
    lake.load()
    lake.compact(date(2100, 1, 1))
    (file,) = lake.files()
    assert lake.read(file)["license"].to_pylist() == [None, None]


def test_a_purged_book_is_in_no_file(lake: Lake) -> None:
    say(lake.database, "emma", 1, 2)
    say(lake.database, "dune", 1)
    lake.load()
    say(lake.database, "emma", 3)
    lake.load()
    assert lake.forget("emma") == 3
    assert editions(lake) == [("dune", 1)]
    bodies = b"".join(lake.store.read(key) for key in lake.store.keys("lake/"))
    assert b"emma" not in bodies
    assert lake.forget("emma") == 0


def test_nobody_is_named_in_the_lake(lake: Lake) -> None:
    with lake.database.begin() as connection:
        emit(connection, "license.issued", "emma", {"license": "l-1", "reader": "mallory"})
        emit(connection, "book.retried", "emma", {"actor": "desk:mallory"})
    lake.load()
    (file,) = lake.files()
    rows = lake.read(file).to_pylist()
    assert not any(word in repr(rows) for word in ("mallory", "l-1", "p1:"))
    assert rows[0]["license"]


def test_while_something_is_taken_away_the_lake_waits_for_its_next_turn(lake: Lake) -> None:
    say(lake.database, "emma", 1)
    with lake.database.lock(TAKING_AWAY), pytest.raises(ServiceError):
        lake.load()
    assert lake.load().events == 1


def test_days_are_new_until_they_are_loaded(lake: Lake) -> None:
    say(lake.database, "emma", 0, 2)
    days_apart(lake.database)
    assert len(lake.new_days()) == 2
    lake.load()
    assert lake.new_days() == []
    assert lake.files(first=datetime.now(UTC).date())[0].rows == 1


def test_whoever_reads_parquet_reads_the_lake(lake: Lake, tmp_path: Path) -> None:
    say(lake.database, "emma", 1)
    lake.load()
    (path,) = lake.fetch(lake.files(), tmp_path)
    assert pq.read_table(path)["type"].to_pylist() == ["release.live"]


def test_an_event_stays_in_the_outbox_until_the_lake_has_it(lake: Lake) -> None:
    from ebook_pipeline.services.delivering import queue

    say(lake.database, "emma", 1)
    lake.load()
    say(lake.database, "emma", 2)
    queue.assign_positions(lake.database)
    assert queue.prune(lake.database, [NAME], datetime(2100, 1, 1, tzinfo=UTC)) == 1
