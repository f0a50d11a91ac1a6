"""What orchestration costs a book: our batches against Dagster's own form, eight empty stages each.

CPU seconds of every process that a run starts and of the database server, measured on real runs: a
fresh process each, Dagster's storage in the embedded Postgres. Daemon and webserver do not count.

    python benchmarks/orchestration.py --books 100 --batch 50 --default-books 2
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import serialize_value

from ebook_pipeline.books.records import Record
from ebook_pipeline.execution import BatchContext, Chain, ItemContext, Stage
from ebook_pipeline.execution.dagster_assets import chain_assets
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore

FOLDER = "ORCHESTRATION_FOLDER"
BOOKS = dg.DynamicPartitionsDefinition(name="books")
CHECKED = {2, 5}
CONFIGURATION = """
storage: {{postgres: {{postgres_url: "{url}"}}}}
telemetry: {{enabled: false}}
"""


class Page(Record):
    number: int = 0


def fine() -> bool:
    """Always."""
    return True


def _stage(number: int) -> Stage:
    """An empty stage that reads the one before it."""
    source = f"def stage_{number}({_reads(number)}) -> Page:\n    return Page(number={number})\n"
    space: dict[str, object] = {"Page": Page}
    exec(source, space)
    checks = (fine,) if number in CHECKED else ()
    function: Callable[..., Record] = space[f"stage_{number}"]  # type: ignore[assignment]
    return Stage(function, group="empty", version="1", checks=checks)


def _reads(number: int) -> str:
    return f"stage_{number - 1}: Page" if number > 1 else ""


CHAIN = Chain("empty", ItemContext, [_stage(number) for number in range(1, 9)])


@contextmanager
def _open(key: str, stop: threading.Event) -> Iterator[ItemContext]:  # noqa: ARG001
    yield ItemContext(key, 1)


def _context(_run_id: str) -> BatchContext[ItemContext]:
    store = LocalObjectStore(Path(os.environ[FOLDER]) / "store")
    return BatchContext(RecordStore(store), _open)


def _plain(number: int) -> dg.AssetsDefinition:
    """The same stage as one of Dagster's own assets."""
    upstream = [f"plain_{number - 1}"] if number > 1 else []
    specs = [dg.AssetCheckSpec("fine", asset=f"plain_{number}")] if number in CHECKED else []

    @dg.asset(
        name=f"plain_{number}",
        deps=upstream,
        partitions_def=BOOKS,
        code_version="1",
        check_specs=specs,
    )
    def plain():  # type: ignore[no-untyped-def]  # Dagster reads the annotation
        checks = [dg.AssetCheckResult(passed=True) for _ in specs]
        return dg.MaterializeResult(metadata={"number": number}, check_results=checks)

    return plain


def build_defs() -> dg.Definitions:
    """Our chain, and the same as plain assets, both with all executors that are compared."""
    ours, plain = list(CHAIN.names), [f"plain_{number}" for number in range(1, 9)]
    run_alone, in_process = dg.multiprocess_executor, dg.in_process_executor
    return dg.Definitions(
        assets=[
            chain_assets(CHAIN, BOOKS, _context, per_run=50),
            *(_plain(number) for number in range(1, 9)),
        ],
        jobs=[
            dg.define_asset_job("ours", ours, executor_def=in_process),
            dg.define_asset_job("plain", plain, executor_def=run_alone),
            dg.define_asset_job("plain_in_process", plain, executor_def=in_process),
        ],
    )


@dataclass(frozen=True)
class Cost:
    """What some books cost: CPU seconds and wall seconds, all books together."""

    way: str
    books: int
    runs: int
    processes: float
    database: float
    wall: float

    @property
    def per_book(self) -> float:
        return (self.processes + self.database) / self.books


class Bench:
    """Runs jobs as a launcher does, one after the other, and reads the clocks around them."""

    def __init__(self, folder: Path, server: EmbeddedPostgres, instance: dg.DagsterInstance):
        self._folder, self._server, self._instance = folder, server, instance
        here = Path(__file__)
        self._repository = ReconstructableRepository.for_file(str(here), "build_defs")

    def measure(self, way: str, job: str, keys: Sequence[str], per_run: int) -> Cost:
        batches = list(slices(keys, per_run))
        before = self._clocks()
        for batch in batches:
            self._run(job, batch)
        after = self._clocks()
        spent = [end - start for start, end in zip(before, after, strict=True)]
        return Cost(way, len(keys), len(batches), *spent)

    def _run(self, job: str, keys: Sequence[str]) -> None:
        recon = self._repository.get_reconstructable_job(job)
        run = self._instance.create_run_for_job(
            recon.get_definition(), tags=_tags(keys), job_code_origin=recon.get_python_origin()
        )
        arguments = ExecuteRunArgs(
            job_origin=recon.get_python_origin(),
            run_id=run.run_id,
            instance_ref=self._instance.get_ref(),
        )
        command = [
            sys.executable,
            "-m",
            "dagster",
            "api",
            "execute_run",
            serialize_value(arguments),
        ]
        environment = os.environ | {"PYTHONWARNINGS": "ignore", FOLDER: str(self._folder)}
        with (self._folder / "runs.log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, env=environment)
        ended = self._instance.get_run_by_id(run.run_id)
        if ended is None or not ended.is_success:
            raise SystemExit(f"a run of {job} failed: see {log.name}")

    def _clocks(self) -> tuple[float, float, float]:
        """CPU seconds of all runs so far, of the database so far, and the wall clock."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime, self._database(), time.monotonic()

    def _database(self) -> float:
        pid = int((self._server.folder / "data" / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        own = postmaster.cpu_times()
        live = sum(_used(session) for session in postmaster.children())
        return float(own.user + own.system + live + _ended(postmaster))


def _used(process: psutil.Process) -> float:
    """CPU seconds of one session; of one that has just ended, the postmaster's sum tells."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _ended(postmaster: psutil.Process) -> float:
    times = postmaster.cpu_times()
    return float(times.children_user + times.children_system)


def _tags(keys: Sequence[str]) -> dict[str, str]:
    if len(keys) == 1:
        return {"dagster/partition": keys[0]}
    first, last = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
    return {first: keys[0], last: keys[-1]}


@contextmanager
def _bench() -> Iterator[tuple[Bench, dg.DagsterInstance]]:
    with tempfile.TemporaryDirectory(prefix="orchestration-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        try:
            home = folder / "home"
            home.mkdir()
            text = CONFIGURATION.format(url=server.url("dagster"))
            (home / "dagster.yaml").write_text(text)
            with dg.DagsterInstance.from_config(str(home)) as instance:
                yield Bench(folder, server, instance), instance
        finally:
            server.stop()


def table(costs: Sequence[Cost]) -> str:
    """The costs as lines; ratios are to the first one."""
    lines = [f"{'':28}{'books':>6}{'runs':>6}{'CPU s/book':>12}{'database':>10}{'wall':>8}{'':>9}"]
    for cost in costs:
        ratio = cost.per_book / costs[0].per_book
        lines.append(
            f"{cost.way:28}{cost.books:6}{cost.runs:6}{cost.per_book:12.3f}"
            f"{cost.database / cost.books:10.3f}{cost.wall / cost.books:8.2f}{ratio:8.1f}x"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--books", type=int, default=100, help="through our batches")
    parser.add_argument("--batch", type=int, default=50, help="books of one of our runs")
    parser.add_argument("--default-books", type=int, default=2, help="through Dagster's own form")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    keys = [f"book-{number:06}" for number in range(options.books)]
    few = keys[: options.default_books]
    with _bench() as (bench, instance):
        os.environ[FOLDER] = str(bench._folder)
        instance.add_dynamic_partitions("books", keys)
        costs = [
            bench.measure(f"ours, batches of {options.batch}", "ours", keys, options.batch),
            bench.measure("ours again, all reused", "ours", keys, options.batch),
        ]
        if few:
            costs.append(bench.measure("Dagster's assets, in process", "plain_in_process", few, 1))
            costs.append(bench.measure("Dagster's default", "plain", few, 1))
    print(table(costs))


if __name__ == "__main__":
    main()
