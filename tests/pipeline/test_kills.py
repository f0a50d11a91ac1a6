"""Killed ten times at random moments, a batch ends as one that nobody disturbed."""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

from ebook_pipeline.books.protecting.lcp import encryption
from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.intake import offering, submissions
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.releasing import releases
from tests.support.homes import Home, open_home
from tests.support.paths import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

KILLS = 10
SEED = 5
BOOKS = {
    "river-bank": "river-bank.epub",
    "fables-choisies": "fables-choisies.epub",
    "flatland": "flatland.pdf",
    "broken-links": "broken-links.epub",
}
FILES = [SAMPLES / name for name in BOOKS.values()]
TABLES = [
    "work", "book", "edition", "submission", "release", "catalog", "content_key", "manifestation",
    "ingestion_metrics", "review_task",
]  # fmt: skip


@dataclass
class Ingestion:
    """A home after its batch, and what is known of how that went."""

    home: Home
    temporary: Path
    begun: float = 0.0
    """Seconds from the start of the command to its first finished stage."""
    seconds: float = 0.0
    left_running: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingestion]:
    with _home(tmp_path_factory.mktemp("undisturbed")) as batch:
        started = time.time()
        batch.home.shell("ingest", *FILES, "--json")
        batch.seconds = time.time() - started
        batch.begun = _first_stage(batch.home) - started
        yield batch


@pytest.fixture(scope="module")
def killed(undisturbed: Ingestion, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingestion]:
    """The moments advance with the work, so that every stage has its chance."""
    moments = random.Random(SEED)
    step = (undisturbed.seconds - undisturbed.begun) / KILLS
    with _home(tmp_path_factory.mktemp("killed")) as batch:
        for turn in range(KILLS):
            delay = undisturbed.begun + moments.uniform(-0.5, 2.5 * step)
            batch.left_running += _killed_run(batch.home, turn, delay)
        final = batch.home.shell("ingest", *FILES, "--json")
        assert final.code == 1, final.err
        batch.home.stack.prepare()
        batch.home.stack.start(batch.home.stack.edge())
        yield batch


class _home:  # noqa: N801 - a context manager
    """A home whose tools keep what is temporary in a folder that can be looked at."""

    def __init__(self, folder: Path) -> None:
        self._temporary = Path(tempfile.mkdtemp(prefix="kill-"))
        self._opened = open_home(folder, TMPDIR=str(self._temporary))

    def __enter__(self) -> Ingestion:
        return Ingestion(self._opened.__enter__(), self._temporary)

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)
        shutil.rmtree(self._temporary)


def _killed_run(home: Home, turn: int, delay: float) -> tuple[str, ...]:
    """Start a run, kill it; what it had started and is still there ten seconds later."""
    words = ("retry", *BOOKS) if turn % 3 == 2 and _known(home) else ("ingest", *FILES)
    process = home.started(*words)
    time.sleep(delay)
    if turn == 3:
        psutil.Process(_postmaster(home)).kill()
        time.sleep(1)
    if turn == 6 and (edge := home.stack.process("edge")):
        edge.kill()
        time.sleep(1)
    family = _family(process.pid)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(family, timeout=10)
    return tuple(" ".join(one.cmdline())[:200] for one in alive if _works(one))


def _family(pid: int) -> list[psutil.Process]:
    """All that a run has started, but for the services, which outlive it on purpose."""
    found = psutil.Process(pid).children(recursive=True)
    return [one for one in found if _works(one) and "resources.edge" not in " ".join(_words(one))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def _works(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _postmaster(home: Home) -> int:
    file = home.settings.root / "postgres" / "data" / "postmaster.pid"
    return int(file.read_text().splitlines()[0])


def _known(home: Home) -> bool:
    try:
        return _rows(home, "SELECT count(*) FROM book") == [(len(BOOKS),)]
    except Exception:  # noqa: BLE001 - Postgres is down, as this test wants it
        return False


def _rows(home: Home, query: str, database: str = "ebooks") -> list[tuple[Any, ...]]:
    server = home.resources.postgres
    engine = create_engine(server.url(database), poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _first_stage(home: Home) -> float:
    ((first,),) = _rows(home, "SELECT extract(epoch FROM min(at)) FROM stage_run")
    return float(first)


def test_every_book_ends_as_without_kills(undisturbed: Ingestion, killed: Ingestion) -> None:
    assert _told(killed.home) == _told(undisturbed.home)
    assert {facts["state"] for facts in _told(killed.home).values()} == {"released", "rejected"}


def _told(home: Home) -> dict[str, Any]:
    told = home.shell("status", "--json").books
    for book in told.values():
        del book["seconds"]
        book["links"] = sorted(book["links"])
    return told


def test_no_row_is_missing_and_none_is_there_twice(
    undisturbed: Ingestion, killed: Ingestion
) -> None:
    for table in TABLES:
        query = f"SELECT count(*) FROM {table}"
        assert _rows(killed.home, query) == _rows(undisturbed.home, query), table


def test_editions_and_the_catalogue_say_the_same(undisturbed: Ingestion, killed: Ingestion) -> None:
    for query in (
        "SELECT book, number, sha256, length, claims FROM edition ORDER BY book, number",
        "SELECT book, state, title, subtitle, creators, subjects, description, languages, isbn13,"
        " published FROM catalog ORDER BY book",
        "SELECT book, edition FROM release ORDER BY book",
        "SELECT event, book FROM outbox WHERE event <> 'book.retried' ORDER BY event, book",
    ):
        assert _rows(killed.home, query) == _rows(undisturbed.home, query)


@pytest.mark.parametrize("book", ["river-bank", "fables-choisies", "flatland"])
def test_the_release_on_sale_is_whole_and_the_pointer_names_it(
    undisturbed: Ingestion, killed: Ingestion, book: str, tmp_path: Path
) -> None:
    relations = []
    for batch in (undisturbed, killed):
        live = releases.current(batch.home.resources.database, book)
        assert live is not None
        cdn = batch.home.resources.cdn
        pointer = httpx.get(cdn.url(f"public/books/{book}/current.json")).json()
        assert pointer["release"] == live.release
        for file in live.distribution.files:
            assert cdn.fetch(file.path, tmp_path / "fetched") == file.blob.sha256
        relations.append([file.rel for file in live.distribution.files])
    assert relations[0] == relations[1]


@pytest.mark.parametrize("book", ["river-bank", "fables-choisies", "flatland"])
def test_what_is_sold_decrypts_to_the_same_book(
    undisturbed: Ingestion, killed: Ingestion, book: str, tmp_path: Path
) -> None:
    plain = undisturbed.home.resources.object_store.fetch(
        _made(undisturbed.home, book).epub, tmp_path / "plain.epub"
    )
    resources = killed.home.resources
    live = releases.current(resources.database, book)
    sold = tmp_path / "sold.epub"
    resources.cdn.fetch(live.distribution.path("publication"), sold)
    key = ContentKeys(resources.database, resources.key_vault).for_edition(book, 1).key
    assert encryption.same_resources(plain, sold, key) == ()


def _made(home: Home, book: str) -> Manifestations:
    found = RecordStore(home.resources.object_store).read("converted_book", book, 1, Manifestations)
    assert found is not None
    return found


def test_nothing_half_lies_at_the_edge(undisturbed: Ingestion, killed: Ingestion) -> None:
    assert _published(killed.home) == _published(undisturbed.home)


def _published(home: Home) -> int:
    return len(list((home.settings.root / "released" / "objects").rglob("@entry.json")))


def test_the_tools_of_a_killed_run_die_with_it(killed: Ingestion) -> None:
    assert killed.left_running == ()


def test_dead_runs_leave_no_scratch_files(killed: Ingestion) -> None:
    assert list(killed.home.settings.scratch.iterdir()) == []
    assert list(killed.temporary.iterdir()) == []


def test_dagster_waits_for_no_dead_run(killed: Ingestion) -> None:
    ended = _rows(killed.home, "SELECT DISTINCT status FROM runs", "dagster")
    assert {status for (status,) in ended} <= {"SUCCESS", "FAILURE"}


@pytest.mark.parametrize("how", ["ingest", "retry"])
def test_what_was_submitted_by_a_killed_run_is_found_again(
    undisturbed: Ingestion, tmp_path: Path, how: str
) -> None:
    home, name = undisturbed.home, f"found-by-{how}"
    path = shutil.copy(SAMPLES / "broken-links.epub", tmp_path / f"{name}.epub")
    database, store = home.resources.database, home.resources.object_store
    submitted = offering.submit_file(database, store, f"{name}.epub", path, actor="cli:eve")
    submissions.set_run(database, [submitted.submission], "a-run-that-was-killed")
    answer = home.shell(how, path if how == "ingest" else name, "--json")
    assert (answer.books[name]["state"], answer.books[name]["edition"]) == ("rejected", 1)
