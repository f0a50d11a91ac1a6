"""Several workers on one machine, each with a home of its own: what a kill and restarts cost.

They share a Postgres, an S3 server (SeaweedFS) and a broker, as docs/servers.md says; Celery's
messages lie in a folder here, where Compose has Valkey. Books are put into the landing bucket, and
Dagster's daemon does the rest. While they are worked on, a worker is killed, the database restarted
and the S3 server restarted, as asked for; in the end every book must be on sale once.

    python -m benchmarks.workers --workers 3 --books 200 --fault kill --fault database
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from benchmarks.frame import Table, print_table
from benchmarks.home import free_port
from benchmarks.release_tables.upload import KEYS
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

FAULTS = ("kill", "database", "s3")
PROJECT = Path(__file__).resolve().parents[1]
_LOOK_SECONDS = 1.0
_PATIENCE = 1200.0
"""Seconds without a book that moved, after which all is given up."""
_PORTS = ("master", "volume", "filer", "s3", "edge", "code")
_HIGHEST_PORT = 55_000
"""SeaweedFS listens for its own at a port that is 10,000 higher."""
_S3 = '{"identities": [{"name": "b", "credentials": [%s], "actions": ["Admin"]}]}'
_WORDS = "A small house stood at the end of a long road, and nobody had asked who lived in it. "
_ON_SALE = text("SELECT count(*) FROM catalog")
_DOUBLED = text(
    """
    SELECT (SELECT count(*) FROM (SELECT book FROM edition GROUP BY book HAVING count(*) > 1) e)
        + (SELECT count(*) FROM (SELECT book FROM release GROUP BY book HAVING count(*) > 1) r)
    """
)
_BOOKS = text("SELECT count(*) FROM book")
_LEFT = text(
    """
    SELECT DISTINCT book FROM stage_run WHERE run = :run AND NOT EXISTS (
        SELECT FROM catalog WHERE catalog.book = stage_run.book)
    """
)
_STILL_LEFT = text(
    "SELECT id FROM book WHERE id = ANY(:books) AND id NOT IN (SELECT book FROM catalog)"
)


def _low_ports() -> Mapping[str, int]:
    """A free port for each server of the site."""
    free = (port for port in iter(free_port, 0) if port < _HIGHEST_PORT)
    return {name: next(free) for name in _PORTS}


@dataclass
class Site:
    """What several machines share, in `folder`; each process has a home of its own there."""

    folder: Path
    weed: Path
    workers: int
    per_run: int
    programs: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=_low_ports)

    @property
    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.folder / "postgres")

    def environment(self, home: str) -> dict[str, str]:
        """What a process of `home` is told."""
        queue = self.folder / "queue"
        mine = self.folder / home
        mine.mkdir(parents=True, exist_ok=True)
        (mine / "dagster.yaml").write_text(_dagster_yaml(queue, self.workers))
        return {
            **{n: v for n, v in os.environ.items() if not n.startswith(("EBOOK_", "DAGSTER_"))},
            **KEYS,
            "PYTHONPATH": os.pathsep.join((str(PROJECT), str(self.folder))),
            "DAGSTER_HOME": str(mine),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "CELERY_BROKER_URL": "filesystem://",
            "CELERY_RESULT_URL": f"file://{queue}/results",
            "CODE_HOST": "127.0.0.1",
            "EBOOK_ENV": "server",
            "EBOOK_HOME": str(mine),
            "EBOOK_DATABASE_URL": self.postgres.url("ebooks"),
            "EBOOK_DAGSTER_DATABASE_URL": self.postgres.url("dagster"),
            "EBOOK_AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3']}",
            "EBOOK_AWS_REGION": "us-east-1",
            "EBOOK_LANDING_BUCKET": "landing",
            "EBOOK_OBJECTS_BUCKET": "objects",
            "EBOOK_RELEASE_BUCKET": "releases",
            "EBOOK_VAULT_FOLDER": str(self.folder / "vault"),
            "EBOOK_EDGE_URL": f"http://127.0.0.1:{self.ports['edge']}",
            "EBOOK_EDGE_PORT": str(self.ports["edge"]),
            "EBOOK_BOOKS_PER_RUN": str(self.per_run),
            "EBOOK_BOOKS_IN_FLIGHT": "1",
            "EBOOK_KEEP_TRYING_SECONDS": "120",
        }

    def start(self, name: str, *argv: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        environment = self.environment(name)
        self.programs[name] = subprocess.Popen(
            argv, env=environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
        )

    def start_s3(self) -> None:
        data = self.folder / "s3"
        data.mkdir(exist_ok=True)
        keys = f'{{"accessKey": "{KEYS["AWS_ACCESS_KEY_ID"]}", "secretKey": "%s"}}'
        config = self.folder / "s3.json"
        config.write_text(_S3 % (keys % KEYS["AWS_SECRET_ACCESS_KEY"]))
        ports = (f"-{n}.port={self.ports[n]}" for n in ("master", "volume", "filer", "s3"))
        self.start(
            "s3-server", str(self.weed), "-logdir", str(self.folder), "server", f"-dir={data}",
            "-ip=127.0.0.1", "-filer", "-s3", f"-s3.config={config}", "-volume.max=500",
            "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.volumeSizeLimitMB=256", *ports,
        )  # fmt: skip

    def start_worker(self, number: int) -> None:
        self.start(
            f"worker-{number}", sys.executable, "-m", "celery", "-A", "dagster_celery.app",
            "worker", "--concurrency=1", "-Q", "dagster", "-n", f"books-{number}@%h",
            "--loglevel", "WARNING",
        )  # fmt: skip

    def start_dagster(self) -> None:
        """Code server and daemon apart, as they are deployed: one that the daemon started itself
        would be another every minute, and forget which runs it misses.
        """
        port = str(self.ports["code"])
        workspace = (PROJECT / "deploy" / "workspace.yaml").read_text(encoding="utf-8")
        (self.folder / "workspace.yaml").write_text(workspace.replace("4000", port))
        grpc = ("api", "grpc", "-m", "ebook_pipeline.definitions", "-h", "127.0.0.1", "-p", port)
        self.start("code", sys.executable, "-m", "dagster", *grpc)
        self.start("daemon", sys.executable, "-m", "dagster._daemon", "run", "-w", "workspace.yaml")

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a program and to all that it started, and wait for it."""
        program = self.programs.pop(name)
        children = psutil.Process(program.pid).children(recursive=True)
        for process in (psutil.Process(program.pid), *children):
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        program.wait()

    def end(self) -> None:
        """Kill all that runs but the database."""
        for name in list(self.programs):
            self.kill(name)

    def ask(self, question: object, **values: object) -> list[str]:
        """The first column of an answer; nothing while the database is away."""
        engine = create_engine(self.postgres.url("ebooks"))
        try:
            with engine.connect() as connection:
                rows = connection.execute(question, values)  # type: ignore[call-overload]
                return [str(row[0]) for row in rows]
        except DBAPIError:
            return []
        finally:
            engine.dispose()


def _dagster_yaml(queue: Path, workers: int) -> str:
    """The one of deploy/celery, whose messages lie in a folder."""
    plain = (PROJECT / "deploy" / "celery" / "dagster.yaml").read_text(encoding="utf-8")
    folders = f"{{data_folder_in: {queue}, data_folder_out: {queue}, processed_folder: {queue}}}"
    told = f"config_source:\n      broker_transport_options: {folders}\n"
    plain = plain.replace("max_concurrent_runs: 3", f"max_concurrent_runs: {workers}")
    return plain.replace("config_source:\n", told, 1)


@contextmanager
def running(site: Site) -> Iterator[Site]:
    """All of it up, with nothing to do yet; ended with the block."""
    queue = site.folder / "queue"
    (queue / "results").mkdir(parents=True)
    config = (PROJECT / "deploy" / "celery" / "dagster_celery_config.py").read_text()
    folders = {n: str(queue) for n in ("data_folder_in", "data_folder_out", "processed_folder")}
    (site.folder / "dagster_celery_config.py").write_text(
        f"{config}\nbroker_transport_options = {folders!r}\n"
    )
    with ExitStack() as stack:
        site.postgres.start()
        stack.callback(site.postgres.stop)
        stack.callback(site.end)
        site.start_s3()
        _until_it_ends_well(site, "migrate", sys.executable, "-m", "ebook_pipeline.cli", "migrate")
        site.start("edge", sys.executable, "-m", "ebook_pipeline.cli", "edge")
        for number in range(site.workers):
            site.start_worker(number)
        site.start_dagster()
        yield site


def _until_it_ends_well(site: Site, name: str, *argv: str) -> None:
    """The S3 server needs some seconds before it makes a bucket."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        site.start(name, *argv)
        if site.programs.pop(name).wait() == 0:
            return
        time.sleep(_LOOK_SECONDS)
    raise SystemExit(f"{name} did not end well: see {site.folder / name}.log")


def put_books(site: Site, count: int) -> None:
    """Small manuscripts, each with words of its own, into the house's folder."""
    for name, value in KEYS.items():
        os.environ[name] = value
    s3 = Aws("us-east-1", f"http://127.0.0.1:{site.ports['s3']}").s3()
    for number in range(count):
        body = f"% House number {number}\n% A. Writer\n\n" + "".join(
            f"# Chapter {part}\n\n{_WORDS * 5}In the house number {number} it was {part}.\n\n"
            for part in range(1, 4)
        )
        s3.put_object(Bucket="landing", Key=f"house/house-{number}.md", Body=body.encode())


@dataclass
class Watch:
    """How far the books are, and what was done to the machines meanwhile."""

    site: Site
    books: int
    faults: list[str]
    began: float = field(default_factory=time.monotonic)
    notes: list[tuple[str, float, str]] = field(default_factory=list)
    _moved: tuple[int, float] = (0, 0.0)
    _lost: tuple[set[str], float] = (set(), 0.0)

    def until_all_are_on_sale(self) -> None:
        """Faults come one after the other, at equal shares of the books; SystemExit if stuck."""
        steps = len(self.faults) + 1
        due = [self.books * (at + 1) // steps for at in range(len(self.faults))]
        while (done := self._done()) < self.books:
            if due and done >= due[0]:
                due.pop(0)
                self._break(self.faults.pop(0), done)
            if time.monotonic() - self._moved[1] > _PATIENCE:
                raise SystemExit(f"stuck at {done} of {self.books}: see {self.site.folder}")
            self._see_lost_books()
            time.sleep(_LOOK_SECONDS)
        self._see_lost_books()
        self._note("on sale", f"{done} books")

    def _done(self) -> int:
        done = int((self.site.ask(_ON_SALE) or [str(self._moved[0])])[0])
        if done > self._moved[0] or not self._moved[1]:
            self._moved = done, time.monotonic()
        return done

    def _break(self, fault: str, done: int) -> None:
        self._note(fault, f"at {done} books")
        if fault == "kill":
            self._kill_the_worker_at_work()
        elif fault == "database":
            self.site.postgres.stop()
            time.sleep(5)
            self.site.postgres.start()
        else:
            self.site.kill("s3-server")
            time.sleep(5)
            self.site.start_s3()

    def _kill_the_worker_at_work(self) -> None:
        """The one whose home has the scratch of a run that has books left; they are watched."""
        for name in [name for name in self.site.programs if name.startswith("worker")]:
            for folder in (self.site.folder / name / "scratch").glob("run-*"):
                run = folder.name.removeprefix("run-")
                if books := set(self.site.ask(_LEFT, run=run)):
                    self.site.kill(name)
                    self._lost = books, time.monotonic()
                    self._note("killed", f"{name} with {len(books)} books begun")
                    return

    def _see_lost_books(self) -> None:
        books, since = self._lost
        left = set(self.site.ask(_STILL_LEFT, books=list(books))) if books else books
        if books - left and self.site.ask(_BOOKS):
            self._note("went on", f"{len(books - left)} after {time.monotonic() - since:.0f} s")
            self._lost = left, since

    def _note(self, what: str, detail: str) -> None:
        self.notes.append((what, time.monotonic() - self.began, detail))


def table(site: Site, books: int, faults: Sequence[str]) -> Table:
    put_books(site, books)
    watch = Watch(site, books, list(faults))
    watch.until_all_are_on_sale()
    there, doubled = (int(site.ask(question)[0]) for question in (_BOOKS, _DOUBLED))
    said = (
        f"{site.workers} workers, {books} books, {', '.join(faults) or 'no fault'}: "
        f"{there - books} books too many, {doubled} doubled, "
        f"{books / watch.notes[-1][1] * 60:.1f} books a minute."
    )
    if there != books or doubled:
        raise SystemExit(said)
    return Table("Workers", ("what", "seconds", "detail"), watch.notes, said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weed", type=Path, default=_weed(), help="SeaweedFS's program")
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--books", type=int, default=200)
    parser.add_argument("--per-run", type=int, default=5, help="books of one run")
    parser.add_argument("--fault", choices=FAULTS, action="append", default=[])
    options = parser.parse_args()
    if options.weed is None:
        parser.error("there is no weed: install the group `servers`, or name it by --weed")
    for workers in options.workers or [3]:
        with tempfile.TemporaryDirectory(prefix="ebooks-workers-") as folder:
            site = Site(Path(folder), options.weed, workers, options.per_run)
            with running(site):
                print_table(table(site, options.books, options.fault))


def _weed() -> Path | None:
    """The one beside this Python, or on the PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    found = shutil.which("weed", path=path)
    return Path(found) if found else None


if __name__ == "__main__":
    main()
