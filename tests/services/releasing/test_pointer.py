"""The edge's pointer says what the catalogue says, and every event of a release repairs it."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.origin import OriginFolder
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.releasing.pointer import PointerWriter
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.services.events import Clock, tell
from tests.support.services.sales import sell


@pytest.fixture
def edge(tmp_path: Path) -> LocalEdge:
    return LocalEdge(tmp_path / "origin", tmp_path / "edge.secret", "http://127.0.0.1:1")


@pytest.fixture
def shop(database: Database) -> Database:
    sell(database, "emma")
    return database


def state(tmp_path: Path, book: str = "emma") -> str:
    entry = OriginFolder(tmp_path / "origin").entry(pointer_path(book))
    return str(json.loads(base64.b64decode(existing(entry.body)))["state"])


def test_a_pointer_that_a_release_could_not_write_is_written_by_its_event(
    shop: Database, edge: LocalEdge, tmp_path: Path
) -> None:
    pointers, clock = PointerWriter(shop, edge), Clock()
    tell(shop, pointers, clock=clock)
    assert state(tmp_path) == "live"
    releases.withdraw(shop, "emma", actor="ann")  # and whoever did it died before `rewrite`
    assert state(tmp_path) == "live"
    tell(shop, pointers, clock=clock)
    assert state(tmp_path) == "withdrawn"


def test_an_edge_that_is_away_is_asked_again(
    shop: Database, edge: LocalEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the edge is away")

    pointers, clock = PointerWriter(shop, edge), Clock()
    with monkeypatch.context() as patch:
        patch.setattr(edge, "point", away)
        (tally,) = tell(shop, pointers, clock=clock)
    assert (tally.failed, tally.error) == (1, "the edge is away")
    clock.turn(seconds=6)
    tell(shop, pointers, clock=clock)
    assert state(tmp_path) == "live"
    assert rows(shop, "SELECT count(*) FROM delivery") == [(0,)]


def test_who_asked_the_catalogue_first_does_not_write_last(
    shop: Database, edge: LocalEdge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    point = edge.point

    def slow(*said: Any) -> None:
        if not asked.is_set():
            asked.set()
            go_on.wait(200)
        point(*said)

    monkeypatch.setattr(edge, "point", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pointer.rewrite, shop, edge, "emma")
        asked.wait(200)
        releases.withdraw(shop, "emma", actor="ann")
        second = pool.submit(pointer.rewrite, shop, edge, "emma")
        go_on.set()
        first.result()
        second.result()
    assert state(tmp_path) == "withdrawn"
