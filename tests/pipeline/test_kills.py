"""Killed at ten events of its work, a batch ends as one that nobody disturbed."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ebook_pipeline.books.protecting.lcp import encryption
from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.releasing import releases
from tests.support.existing import existing
from tests.support.homes import Home, home_with_samples, open_home, samples
from tests.support.kills import (
    Event,
    counted,
    kill_edge,
    kill_postgres,
    killed_run,
    nothing,
    published,
    recorded,
    rows,
)

pytestmark = [pytest.mark.prove, pytest.mark.browser, pytest.mark.timeout(600)]

GOOD = ["river-bank", "fables-choisies", "flatland"]
BOOKS = [*GOOD, "broken-links"]
TABLES = [
    "work", "book", "edition", "submission", "release", "catalog", "content_key", "manifestation",
    "ingestion_metrics", "review_task",
]  # fmt: skip


EVENTS: list[Event] = [
    partial(counted, "submission"),
    partial(recorded, "raw_file"),
    partial(recorded, "validated_book"),
    partial(recorded, "converted_book"),
    partial(recorded, "book_metadata"),
    partial(recorded, "qa_report"),
    partial(counted, "content_key"),
    published,
    partial(counted, "release"),
    partial(recorded, "catalog_row"),
]
"""In the order in which a book meets them."""


@dataclass
class Ingestion:
    """A home after its batch, and what is known of how that went."""

    home: Home
    temporary: Path
    left_running: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with home_with_samples(tmp_path_factory.mktemp("undisturbed") / "home") as (home, _):
        yield home


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingestion]:
    """Each run is killed a step further on, two of them after a service; the last one may end."""
    with _watched_home(tmp_path_factory.mktemp("killed")) as batch:
        for turn, event in enumerate(EVENTS):
            words = ("retry", *BOOKS) if turn % 3 == 2 else ("ingest", *samples())
            first = {3: kill_postgres, 7: kill_edge}.get(turn, nothing)
            batch.left_running += killed_run(batch.home, words, event, first)
        final = batch.home.shell("ingest", *samples(), "--json")
        assert final.code == 1, final.err
        batch.home.stack.prepare()
        batch.home.stack.start(batch.home.stack.edge())
        yield batch


class _watched_home:  # noqa: N801 - a context manager
    """A home whose tools keep what is temporary in a folder that can be looked at."""

    def __init__(self, folder: Path) -> None:
        self._temporary = Path(tempfile.mkdtemp(prefix="kill-"))
        self._opened = open_home(folder, TMPDIR=str(self._temporary))

    def __enter__(self) -> Ingestion:
        return Ingestion(self._opened.__enter__(), self._temporary)

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)
        shutil.rmtree(self._temporary)


def test_every_book_ends_as_without_kills(undisturbed: Home, killed: Ingestion) -> None:
    assert _told(killed.home) == _told(undisturbed)
    assert {facts["state"] for facts in _told(killed.home).values()} == {"released", "rejected"}


def _told(home: Home) -> dict[str, Any]:
    names = home.ebooks("status", "--json").books
    told = home.ebooks("status", *names, "--json").books
    for book in told.values():
        del book["seconds"]
        book["links"] = sorted(book["links"])
    return told


def test_no_row_is_missing_and_none_is_there_twice(undisturbed: Home, killed: Ingestion) -> None:
    for table in TABLES:
        query = f"SELECT count(*) FROM {table}"
        assert rows(killed.home, query) == rows(undisturbed, query), table


def test_editions_and_the_catalogue_say_the_same(undisturbed: Home, killed: Ingestion) -> None:
    for query in (
        "SELECT book, number, sha256, length, claims - 'contact' FROM edition"
        " ORDER BY book, number",
        "SELECT book, state, title, subtitle, creators, subjects, description, languages, isbn13,"
        " published FROM catalog ORDER BY book",
        "SELECT book, edition FROM release ORDER BY book",
        # a stage that was killed in the middle begins once more, and says so
        "SELECT event, book FROM outbox WHERE event <> 'book.retried'"
        " AND split_part(event, '.', 1) <> 'stage' ORDER BY event, book",
    ):
        assert rows(killed.home, query) == rows(undisturbed, query)


@pytest.mark.parametrize("book", GOOD)
def test_the_release_on_sale_is_whole_and_the_pointer_names_it(
    undisturbed: Home, killed: Ingestion, book: str, tmp_path: Path
) -> None:
    relations = []
    for home in (undisturbed, killed.home):
        live = releases.current(home.resources.database, book)
        assert live is not None
        cdn = home.resources.cdn
        pointer = httpx.get(cdn.url(f"public/books/{book}/current.json")).json()
        assert pointer["release"] == live.release
        for file in live.distribution.files:
            assert cdn.fetch(file.path, tmp_path / "fetched") == file.blob.sha256
        relations.append([file.rel for file in live.distribution.files])
    assert relations[0] == relations[1]


@pytest.mark.parametrize("book", GOOD)
def test_what_is_sold_decrypts_to_the_same_book(
    undisturbed: Home, killed: Ingestion, book: str, tmp_path: Path
) -> None:
    plain = undisturbed.resources.object_store.fetch(
        _made(undisturbed, book).epub, tmp_path / "plain.epub"
    )
    resources = killed.home.resources
    live = existing(releases.current(resources.database, book))
    sold = tmp_path / "sold.epub"
    resources.cdn.fetch(existing(live.distribution.path("publication")), sold)
    key = ContentKeys(resources.database, resources.key_vault).for_edition(book, 1).key
    assert encryption.same_resources(plain, sold, key) == ()


def _made(home: Home, book: str) -> Manifestations:
    found = RecordStore(home.resources.object_store).read("converted_book", book, 1, Manifestations)
    assert found is not None
    return found


def test_nothing_half_lies_at_the_edge(undisturbed: Home, killed: Ingestion) -> None:
    assert published(killed.home) == published(undisturbed)


def test_the_tools_of_a_killed_run_die_with_it(killed: Ingestion) -> None:
    assert killed.left_running == ()


def test_dead_runs_leave_no_scratch_files(killed: Ingestion) -> None:
    assert list(killed.home.settings.scratch.iterdir()) == []
    assert list(killed.temporary.iterdir()) == []


def test_dagster_waits_for_no_dead_run(killed: Ingestion) -> None:
    ended = rows(killed.home, "SELECT DISTINCT status FROM runs", "dagster")
    assert {status for (status,) in ended} <= {"SUCCESS", "FAILURE"}
