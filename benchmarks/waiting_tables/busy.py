"""Thirty good books beside eight busy processes: none is rejected, none fails."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from benchmarks.frame import Options, Table
from benchmarks.quality_tables.novels import novels
from benchmarks.waiting_tables.generated import files_of
from benchmarks.waiting_tables.judged import PASS, Judge, JudgedFile, as_table

BOOKS, OTHERS, IN_FLIGHT = 30, 8, 2
ENDS_WELL = frozenset({PASS, "needs_review"})


def table(options: Options) -> Table:
    """A row per book, `options.books` of them at most."""
    folder = options.folder("generated")
    made = (
        path for name, novel in novels(options).items() for path in files_of(name, novel, folder)
    )
    paths = list(islice(made, min(BOOKS, options.books or BOOKS)))
    with (
        Judge(options.folder("home")) as judge,
        kept_busy(OTHERS),
        ThreadPoolExecutor(IN_FLIGHT) as pool,
    ):
        judged = list(pool.map(judge.judge, paths))
    shown = as_table(f"Beside {OTHERS} busy processes", judged)
    return Table(shown.title, shown.columns, shown.rows, _said(judged))


@contextmanager
def kept_busy(processes: int) -> Iterator[None]:
    """So many processes that do nothing but compute, until the block ends."""
    others = [multiprocessing.Process(target=_compute, daemon=True) for _ in range(processes)]
    for process in others:
        process.start()
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.join()


def _compute() -> None:
    while True:
        sum(range(1_000_000))


def _said(judged: list[JudgedFile]) -> str:
    ends = Counter(file.verdict for file in judged)
    lost = sum(count for verdict, count in ends.items() if verdict not in ENDS_WELL)
    return f"{lost} of {len(judged)} good books rejected or failed: {dict(ends)}"
