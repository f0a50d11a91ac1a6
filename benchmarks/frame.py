"""What every table of the benchmarks shares: shape, corpus, how work is measured, how one is asked.

A table is a module with ``table(options: Options) -> Table``; they lie by topic in packages beside
this module (`format_tables`, `quality_tables`, …), which their command (`formats.py`, …) names.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

Cell = str | int | float | None
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@dataclass(frozen=True)
class Table:
    """One table: `said` is what it shows, in one sentence."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    said: str

    def as_facts(self) -> dict[str, Any]:
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "rows": rows, "said": self.said}


@dataclass(frozen=True)
class Options:
    """Where the books lie, where outputs may be kept between runs, and how many books are taken."""

    corpus: Path
    work: Path
    books: int | None = None

    def entries(self, *classes: str) -> list[dict[str, Any]]:
        """The manifest's entries of these classes (all if none), the first `books` of each."""
        manifest = json.loads((self.corpus / "manifest.json").read_text(encoding="utf-8"))["files"]
        kinds = classes or tuple(dict.fromkeys(entry["class"] for entry in manifest))
        by_kind = ([one for one in manifest if one["class"] == kind] for kind in kinds)
        return [entry for kind in by_kind for entry in kind[: self.books]]

    def folder(self, name: str) -> Path:
        """A folder of that name below `work`, kept between runs."""
        folder = self.work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class Measured:
    """What some work took: `cpu` counts its process and all children that it waited for.

    `result` is the function's, or the command's ``CompletedProcess``.
    """

    wall: float
    cpu: float
    result: Any


def measured(function: Callable[..., Any], /, *args: object) -> Measured:
    """`function` (importable by name) called in a fresh process; raises what it raised."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_report, args=(there, function, args))
    before, start = cpu_seconds(), time.perf_counter()
    process.start()
    there.close()
    try:
        done, result = here.recv()
    except EOFError:
        done, result = False, RuntimeError(f"{function.__name__} died")
    process.join()
    taken = Measured(time.perf_counter() - start, cpu_seconds() - before, result)
    if not done:
        raise taken.result
    return taken


def measured_command(argv: Sequence[str | Path], **options: Any) -> Measured:
    """A command run to its end with its output kept; `options` are those of `subprocess.run`."""
    before, start = cpu_seconds(), time.perf_counter()
    done = subprocess.run([str(part) for part in argv], capture_output=True, **options)
    return Measured(time.perf_counter() - start, cpu_seconds() - before, done)


def cpu_seconds() -> float:
    """Processor time of all children that have ended and were waited for, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(said: str, package: str, names: Sequence[str]) -> None:
    """The command line of the tables `names` in `package`: each printed when it is ready."""
    arguments = _arguments(said, names)
    options = Options(arguments.corpus.absolute(), arguments.work.absolute(), arguments.books)
    options.work.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or names:
        table: Table = importlib.import_module(f"benchmarks.{package}.{name}").table(options)
        if arguments.json:
            print(json.dumps(table.as_facts(), ensure_ascii=False), flush=True)
        else:
            print_table(table)


def print_table(table: Table) -> None:
    """Aligned text, whatever the width of the terminal: numbers to the right."""
    grid = Grid(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(table.columns):
        texts = any(isinstance(row[index], str) for row in table.rows)
        grid.add_column(name, justify="left" if texts else "right")
    for row in table.rows:
        grid.add_row(*(escape(_shown(cell)) for cell in row))
    console = Console(highlight=False, width=240)
    console.print(f"[bold]{escape(table.title)}[/]")
    console.print(grid)
    console.print(f"{escape(table.said)}\n", soft_wrap=True)


def _arguments(said: str, names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=said)
    work = Path(tempfile.gettempdir()) / f"{Path(sys.argv[0]).stem}-benchmark"
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=" ".join(names))
    parser.add_argument("--books", type=int, help="only the first so many files of each class")
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    parser.add_argument("--corpus", type=Path, default=corpus, help="the folder of manifest.json")
    parser.add_argument("--work", type=Path, default=work, help="outputs kept between runs")
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    return parser.parse_args()


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell or ""


def _report(there: Any, function: Callable[..., Any], args: tuple[object, ...]) -> None:
    try:
        answer: tuple[bool, Any] = True, function(*args)
    except Exception as error:  # noqa: BLE001
        answer = False, error
    there.send(answer)
    there.close()
