"""Books through the chain in this process, on the same Dagster instance as the web UI's runs."""

import contextlib
import gc
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.terminal import messages
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.reporting.ingestion_metrics import last_work
from ebook_pipeline.services.reporting.status import BookState, BookStatuses
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.execution import Event

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
BAD_ENDS = frozenset({BookState.REJECTED, BookState.FAILED, BookState.IN_PROGRESS})


def new_run(settings: Settings) -> str:
    """The id of a run of this process: it counts as alive from now on, for as long as we do."""
    from ebook_pipeline.execution import scratch

    run = str(uuid.uuid4())
    scratch.claim(settings.scratch, run)
    return run


def run_books(
    settings: Settings,
    resources: Resources,
    books: Sequence[str],
    *,
    run: str,
    force: bool = False,
) -> None:
    """Take `books` through the chain; a bar shows how far it is. `run` is of `new_run`."""
    with _Bar(len(books)) as bar:
        take_through(settings, resources, run, BookRun(books, {"force": force}, bar.hear))


@dataclass(frozen=True)
class BookRun:
    """Books of one run, the options of its config, and who hears of each event."""

    books: Sequence[str]
    options: Mapping[str, Any]
    hear: "Callable[[Event], object]"


def take_through(settings: Settings, resources: Resources, run: str, asked: BookRun) -> None:
    """The books of `asked` through the chain, as run `run` (of `new_run`) of this process."""
    import dagster as dg

    from ebook_pipeline.assets import PARTITION
    from ebook_pipeline.definitions import build_defs
    from ebook_pipeline.jobs import dead_runs, reprocess

    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    with dg.DagsterInstance.get() as instance:
        if settings.env == "local":  # elsewhere the sensor does it, which sees a run missed twice
            dead_runs.fail_dead_runs(instance, settings.scratch)
        with resources.database.lock("launch"):
            instance.add_dynamic_partitions(PARTITION, list(asked.books))
        defs = build_defs(settings, observe=asked.hear, **_connected(resources))
        done = defs.get_job_def(reprocess.NAME).execute_in_process(
            instance=instance,
            run_config=reprocess.config(asked.books, **asked.options) | QUIET,
            raise_on_error=False,
            run_id=run,
            tags={LAUNCHED_BY: actor()},
        )
        if not done.success:
            gc.collect()  # where Dagster's own storage failed, this closes the batch it dropped


def nothing_to_do(resources: Resources, books: Sequence[str], *, run: str) -> bool:
    """Whether a run would find all of `books` as they are, and all of it is told already.

    Nothing is done, and nothing is noted.
    """
    from ebook_pipeline.assets import BOOK_CHAIN
    from ebook_pipeline.assets.book_batches import book_batch
    from ebook_pipeline.execution.settled import is_settled

    if not report_is_current(resources):
        return False
    context = book_batch(resources, lambda _: None, run)
    return all(is_settled(BOOK_CHAIN, context, book) for book in books)


def report_is_current(resources: Resources) -> bool:
    """Whether the asset `ingestion_report` was made since the last work."""
    import dagster as dg

    worked = last_work(resources.database)
    with dg.DagsterInstance.get() as instance:
        made = instance.get_latest_materialization_event(dg.AssetKey("ingestion_report"))
    return made is not None and (worked is None or made.timestamp >= worked.timestamp())


def make_report(settings: Settings, resources: Resources) -> bool:
    """Sum up all books as the asset `ingestion_report`, unless that was done since the last work.

    Whether it was made now.
    """
    import dagster as dg

    from ebook_pipeline.definitions import build_defs

    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    if report_is_current(resources):
        return False
    with dg.DagsterInstance.get() as instance:
        build_defs(settings, **_connected(resources)).resolve_job_def("report").execute_in_process(
            instance=instance, run_config=QUIET, tags={LAUNCHED_BY: actor()}
        )
    return True


def _connected(resources: Resources) -> dict[str, Any]:
    """What the runs of a command take over from it: whose connections it closes."""
    return {"cdn": resources.cdn, "database": resources.database}


def book_statuses(resources: Resources) -> BookStatuses:
    return BookStatuses(resources.database, RecordStore(resources.object_store), resources.cdn)


def actor() -> str:
    """The operator in whose name this shell acts. Raises `Denied` where that is not known."""
    from ebook_pipeline.services.owning.people import shell_operator

    settings = Settings()
    with contextlib.closing(Resources(settings).database) as database:
        return f"cli:{shell_operator(database, settings.operator)}"


def end(bad: int) -> None:
    """End the command with 1 where a book was rejected or failed, or a file refused."""
    if bad:
        click.get_current_context().exit(1)


class _Bar:
    """Stages done of all stages, and a line for every book that goes no further."""

    def __init__(self, books: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        from ebook_pipeline.assets import BOOK_CHAIN

        self._stages = len(BOOK_CHAIN.names)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[doing]}"),
            console=messages(),
        )
        self._task = self._progress.add_task("stages", total=books * self._stages, doing="")
        self._done: dict[str, int] = {}

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def hear(self, event: "Event") -> None:
        from ebook_pipeline.execution import Done, Ended, Stopped

        if isinstance(event, Done):
            self._done[event.key] = self._done.get(event.key, 0) + 1
            self._progress.update(self._task, advance=1, doing=f"{event.key}: {event.stage.name}")
        elif isinstance(event, Stopped) and event.outcome is not Outcome.CANCELLED:
            self._progress.console.print(
                f"{event.key}: {event.outcome}: {event.reason}", markup=False
            )
        elif isinstance(event, Ended):
            left = self._stages - self._done.pop(event.key, 0)
            self._progress.update(self._task, advance=left)
