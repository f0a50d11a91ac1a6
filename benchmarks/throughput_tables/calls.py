"""CPU seconds by what is called: children, tools, models' workers, EPUBCheck; novels, in turn."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.frame import Cell, Measured, Options, Table, measured
from benchmarks.process_clock import ProcessClock
from benchmarks.throughput_tables.ingesting import Cost, benchmark_home, told
from ebook_pipeline.tools import sandbox, worker
from ebook_pipeline.tools.epubcheck import EpubCheck

COLUMNS = ("called", "times a book", "CPU s a book", "first call", "later ones")
_LEAST = 0.02
"""CPU seconds a book below which a row says nothing."""

Calls = dict[str, list[float]]


def table(options: Options) -> Table:
    entries = options.entries("novel")
    words = sum(entry["expect"]["word_count"] for entry in entries)
    files = {entry["name"].replace("/", "-"): options.corpus / entry["name"] for entry in entries}
    done: Measured = measured(by_call, files)
    calls, cost = done.result
    rows = sorted(_rows(calls, cost.books), key=lambda row: -float(row[2] or 0))
    rest = cost.per_book - sum(sum(seconds) for seconds in calls.values()) / cost.books
    rows.append(["our own process, the database, the edge", None, rest, None, None])
    said = (
        f"{cost.books} novels one by one, {words:,} words: {cost.per_book:.1f} CPU s a book, "
        f"{1e5 * cost.cpu / words:.1f} per 100,000 words; {told(cost.states)}."
    )
    return Table("By call", COLUMNS, rows, said)


def _rows(calls: Calls, books: int) -> Iterator[list[Cell]]:
    for name, seconds in calls.items():
        if sum(seconds) / books >= _LEAST:
            later = seconds[1:]
            mean = sum(later) / len(later) if later else None
            yield [name, len(seconds) / books, sum(seconds) / books, seconds[0], mean]


def by_call(files: Mapping[str, Path]) -> tuple[Calls, Cost]:
    """CPU seconds of each call by what was called, and of the whole."""
    with benchmark_home(in_flight=1) as home, counted(home.clock) as calls:
        cost = home.ingest(files)
        return dict(calls), cost


@contextmanager
def counted(clock: ProcessClock) -> Iterator[Mapping[str, list[float]]]:
    """What is called within the block, with what all processes worked meanwhile: one at a time."""
    calls: defaultdict[str, list[float]] = defaultdict(list)

    def counting(called: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            begun = clock.seconds()
            try:
                return called(*given, **named)
            finally:
                calls[name(*given)].append(clock.seconds() - begun)

        return call

    with (
        mock.patch.object(sandbox, "call", counting(sandbox.call, _function)),
        mock.patch.object(sandbox, "run_tool", counting(sandbox.run_tool, _tool)),
        mock.patch.object(worker.Worker, "call", counting(worker.Worker.call, _asked)),
        mock.patch.object(EpubCheck, "check", counting(EpubCheck.check, _check)),
    ):
        yield calls


def _function(function: Callable[..., object], *_: object) -> str:
    return f"{function.__module__.removeprefix('ebook_pipeline.')}.{function.__qualname__}"


def _tool(argv: list[object], *_: object) -> str:
    return Path(str(argv[0])).name


def _asked(_: object, function: Callable[..., object], *__: object) -> str:
    return f"{_function(function)} (worker)"


def _check(*_: object) -> str:
    return "EPUBCheck"
