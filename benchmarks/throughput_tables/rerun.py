"""A catalogue that nothing has happened to, once more: books a second, CPU, memory, by its number.

Ten books go through the whole chain, the others are planted; everything that the rerun compares is
compared.
"""

import os
from pathlib import Path

from benchmarks.frame import Cell, Options, Table, measured
from benchmarks.planted_books import planted
from benchmarks.process_clock import ProcessClock
from benchmarks.throughput_tables.ingesting import (
    Cost,
    Home,
    benchmark_home,
    small_books,
    told,
)
from ebook_pipeline.settings import Settings

COLUMNS = ("books", "books a second", "CPU ms a book", "MB at most", "ends")
NUMBERS = (100, 1_000, 10_000)
MADE = 10


def table(options: Options) -> Table:
    wanted = (options.books,) if options.books else NUMBERS
    rows = []
    for number in wanted:
        cost: Cost = measured(again, options.folder("small"), number).result
        cells: list[Cell] = [number, number / cost.wall, 1000 * cost.per_book, cost.megabytes]
        rows.append([*cells, told(cost.states)])
    said = f"Unchanged books ingested again, load {os.getloadavg()[0]:.1f}."
    return Table("Unchanged", COLUMNS, rows, said)


def again(folder: Path, number: int) -> Cost:
    """What `number` unchanged books take."""
    with benchmark_home() as home:
        files = measured(made, small_books(folder, MADE), number // MADE - 1).result
        return home.ingest(files)


def made(files: dict[str, Path], copies: int) -> dict[str, Path]:
    """Books that the home has done. In a process of its own: its memory is no rerun's."""
    home = Home(Settings(), ProcessClock(os.getpid()))
    home.ingest(files)
    return planted(home.settings, files, copies)
