"""Real books of every format on all cores: books a minute, CPU a book, memory."""

from pathlib import Path

from benchmarks.frame import Cell, Options, Table, measured
from benchmarks.throughput_tables.ingesting import Cost, benchmark_home, mixed, told

COLUMNS = ("books", "books a minute", "cores busy", "CPU s a book", "MB at most", "ends")


def table(options: Options) -> Table:
    cost: Cost = measured(ingested, mixed(options)).result
    a_minute, busy = 60 * cost.books / cost.wall, cost.cpu / cost.wall
    row: list[Cell] = [cost.books, a_minute, busy, cost.per_book, cost.megabytes, told(cost.states)]
    said = f"{cost.books} books of the corpus, {cost.per_book:.1f} CPU s a book."
    return Table("A catalogue", COLUMNS, [row], said)


def ingested(files: dict[str, Path]) -> Cost:
    with benchmark_home() as home:
        return home.ingest(files)
