"""What `ebooks up` costs while nothing happens, and how soon a file is seen that is dropped then.

Per cent of one core over some minutes, of all processes and of those that ended meanwhile. It is
CPU time, which a machine that is busy otherwise makes somewhat dearer, but never wall time.

    PYTHONPATH=. python benchmarks/idle.py --minutes 5
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from benchmarks.frame import Cell, Table, print_table
from benchmarks.home import temporary_home
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import submissions

_NAMES = {
    "resources.edge.server": "edge",
    "desk.server": "desk",
    "web.local_dagster": "web UI",
    "code-server": "code server",
    "daemon": "daemon",
}
"""How a process is known, by a word of its command line."""
_PATIENCE = 60.0  # seconds that a file is waited for


def main() -> None:
    options = _options()
    with temporary_home() as stack:
        stack.up()
        time.sleep(options.settle)
        print_table(idle_cost(stack, 60 * options.minutes))
        if options.arrivals:
            print_table(arrivals(stack, options.arrivals))


def idle_cost(stack: Stack, seconds: float) -> Table:
    """What each of the running services takes within `seconds`."""
    before, start = cpu_seconds(stack), time.monotonic()
    time.sleep(seconds)
    after, wall = cpu_seconds(stack), time.monotonic() - start
    shares = {name: 100 * (after[name] - before.get(name, 0.0)) / wall for name in after}
    total = sum(shares.values())
    rows: list[list[Cell]] = [[name, share] for name, share in sorted(shares.items())]
    said = f"Idle, the services take {total:.2f} % of one core, over {wall / 60:.1f} minutes."
    return Table("Idle services", ("process", "% of a core"), [*rows, ["all", total]], said)


def arrivals(stack: Stack, count: int) -> Table:
    """Seconds from a file's being dropped until it is submitted, its rest included."""
    landing, database = stack.root / "landing", Resources(stack.settings).database
    waits = [_seen(landing / f"arrival-{number}.md", database) for number in range(count)]
    rows: list[list[Cell]] = [[f"file {n}", wait] for n, wait in enumerate(waits, start=1)]
    return Table("Arrivals", ("file", "seconds"), rows, f"At the latest after {max(waits):.1f} s.")


def cpu_seconds(stack: Stack) -> Mapping[str, float]:
    """What each service has taken since it started, what its ended children took included."""
    taken: dict[str, float] = defaultdict(float)
    for process in _processes(stack):
        try:
            name, times = _name(process), process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # its parent has its time
        taken[name] += sum(times[:4])
    return taken


def _processes(stack: Stack) -> Iterator[psutil.Process]:
    roots = [stack.process(name) for name in ("edge", "desk", "dagster")]
    if stack.postgres is not None:
        lock_file = stack.postgres.folder / "data" / "postmaster.pid"
        roots.append(psutil.Process(int(lock_file.read_text().split()[0])))
    for root in filter(None, roots):
        yield from (root, *root.children(recursive=True))


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return next((name for word, name in _NAMES.items() if word in words), process.name())


def _seen(file: Path, database: Database) -> float:
    start = time.monotonic()
    file.write_text(f"# {file.stem}\n\nIt was dropped into the landing folder.\n", "utf-8")
    while time.monotonic() < start + _PATIENCE:
        try:
            submissions.book_of(database, file.name)
        except NotFound:
            time.sleep(0.05)
        else:
            return time.monotonic() - start
    raise SystemExit(f"{file} was not seen in {_PATIENCE:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5, help="how long is measured")
    parser.add_argument("--settle", type=float, default=60, help="seconds before, for the start")
    parser.add_argument("--arrivals", type=int, default=3, help="files that are dropped then")
    return parser.parse_args()


if __name__ == "__main__":
    main()
