"""A service that is away for a while delays books; away for long, it fails them and harms none."""

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.cli.running import book_statuses
from ebook_pipeline.definitions import build_defs
from ebook_pipeline.foundation.errors import Denied, Unavailable
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.services.intake import file_submission
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reporting.status import BookState, BookStatus
from tests.support.existing import existing
from tests.support.homes import Home, open_home
from tests.support.in_process import tools
from tests.support.paths import SAMPLES

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:Parameter `owners`"),  # Dagster warns of its own use
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("down"), EBOOK_KEEP_TRYING_SECONDS="3") as home:
        yield home


class Faulty:
    """A resource that stands in for a real one, and whose calls a test may make fail."""

    def __init__(self, real: object, before: Callable[[str, tuple[Any, ...]], None]) -> None:
        self._real, self._before = real, before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if not callable(found):
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            self._before(name, args)
            return found(*args, **kwargs)

        return called


def manuscript(folder: Path, book: str, mark: str = "") -> Path:
    """The smallest sample that is released, as another book's file."""
    path = folder / f"{book}.epub"
    path.write_bytes((SAMPLES / "fables-choisies.epub").read_bytes())
    with zipfile.ZipFile(path, "a") as container:
        container.comment = f"{book} {mark}".encode()
    return path


def process(home: Home, files: list[Path], **overrides: object) -> Mapping[str, BookStatus]:
    """Take files through the chain in this process; services stand in for real ones by name."""
    resources = home.resources
    books = [
        file_submission.submit_file(
            resources.database, resources.object_store, path.name, path, actor="eve"
        ).book
        for path in files
    ]
    shared = {"database": resources.database, "cdn": resources.cdn, **tools(home.settings)}
    defs = build_defs(home.settings, **(shared | overrides))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(PARTITION, books)
        defs.resolve_job_def(reprocess.NAME).execute_in_process(
            instance=instance, run_config=reprocess.config(books), raise_on_error=False
        )
    return {one.book: one for one in book_statuses(resources).statuses(books)}


def test_an_object_store_that_is_away_for_a_while_delays_a_book(home: Home, tmp_path: Path) -> None:
    calls: list[str] = []

    def away_now_and_then(name: str, _: object) -> None:
        calls.append(name)
        if len(calls) in (3, 4, 9, 20, 35, 50):
            raise Unavailable("the object store: no space left")

    store = Faulty(home.resources.object_store, away_now_and_then)
    done = process(home, [manuscript(tmp_path, "delayed")], object_store=store)
    assert done["delayed"].state is BookState.RELEASED
    assert len(calls) > 40


def test_an_object_store_that_is_away_for_long_fails_a_book_and_says_why(
    home: Home, tmp_path: Path
) -> None:
    def full(name: str, _: object) -> None:
        if name in ("put", "write"):
            raise Unavailable("the object store: no space left")

    store = Faulty(home.resources.object_store, full)
    path = manuscript(tmp_path, "no-room")
    failed = process(home, [path], object_store=store)["no-room"]
    assert failed.state is BookState.FAILED
    assert "no space left" in failed.reason
    assert "ebooks retry no-room" in failed.reason
    assert home.ebooks("retry", "no-room", "--json").books["no-room"]["state"] == "released"


def test_a_vault_that_refuses_one_book_harms_no_other(home: Home, tmp_path: Path) -> None:
    def refuse(_: str, args: tuple[Any, ...]) -> None:
        if any(isinstance(one, Mapping) and one.get("book") == "refused" for one in args):
            raise Denied("the vault refuses this context: ask who keeps its policy")

    vault = Faulty(home.resources.key_vault, refuse)
    files = [manuscript(tmp_path, "refused"), manuscript(tmp_path, "unharmed")]
    done = process(home, files, key_vault=vault)
    assert done["unharmed"].state is BookState.RELEASED
    assert (done["refused"].state, done["refused"].stage) == (BookState.FAILED, "drm_package")
    assert "the vault refuses this context" in done["refused"].reason
    assert releases.current(home.resources.database, "refused") is None


def test_while_the_edge_is_down_nothing_goes_on_sale_and_a_retry_finishes(
    home: Home, tmp_path: Path
) -> None:
    home.stack.stop("edge")
    failed = process(home, [manuscript(tmp_path, "waiting")])["waiting"]
    assert (failed.state, failed.stage) == (BookState.FAILED, "cdn_release")
    assert "ebooks up" in failed.reason
    assert "ebooks retry waiting" in failed.reason
    assert releases.current(home.resources.database, "waiting") is None
    home.stack.start(home.stack.edge())
    retried = home.ebooks("retry", "waiting", "--json").books["waiting"]
    assert retried["state"] == "released"
    assert retried["seconds"]["converted_book"] == pytest.approx(failed.seconds["converted_book"])


def test_while_the_edge_is_down_the_old_release_stays_on_sale(home: Home, tmp_path: Path) -> None:
    first = process(home, [manuscript(tmp_path, "replaced")])["replaced"]
    assert (first.state, first.live_edition) == (BookState.RELEASED, 1)
    home.stack.stop("edge")
    second = process(home, [manuscript(tmp_path, "replaced", "second")])["replaced"]
    assert (second.state, second.edition, second.live_edition) == (BookState.FAILED, 2, 1)
    home.stack.start(home.stack.edge())
    pointer = home.resources.cdn.url("public/books/replaced/current.json")
    assert httpx.get(pointer).json()["edition"] == 1
    home.ebooks("retry", "replaced")
    assert httpx.get(pointer).json()["edition"] == 2


def test_a_restart_of_postgres_in_the_middle_of_a_batch_is_survived(
    home: Home, tmp_path: Path
) -> None:
    """Books, journal and Dagster's own storage lie there: all of them have to try again."""
    path = manuscript(tmp_path, "restarted")
    command = home.started("ingest", path, "--json", EBOOK_KEEP_TRYING_SECONDS="30")
    _wait_for_a_stage(home, "restarted")
    postgres = existing(home.stack.postgres)
    postgres.stop()
    time.sleep(1)
    postgres.start()
    command.communicate(timeout=200)
    assert (
        book_statuses(home.resources).statuses(["restarted"])[0].state is not BookState.IN_PROGRESS
    )
    assert home.ebooks("retry", "restarted", "--json").books["restarted"]["state"] == "released"


def _wait_for_a_stage(home: Home, book: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [one for one in book_statuses(home.resources).statuses([book]) if one.stage]
        if found:
            return
        time.sleep(0.05)
    raise AssertionError(f"no stage of {book} was finished in a minute")
