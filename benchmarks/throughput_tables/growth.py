"""Small books by their number: time in proportion, memory flat; and once more, unchanged."""

from pathlib import Path

from benchmarks.frame import Options, Table, measured
from benchmarks.throughput_tables.ingesting import Cost, benchmark_home, small_books

COLUMNS = ("books", "CPU s a book", "MB at most", "again: books/s", "CPU ms a book", "MB at most")
NUMBERS = (10, 100, 1_000, 10_000)


def table(options: Options) -> Table:
    numbers = [number for number in NUMBERS if number <= (options.books or NUMBERS[-1])]
    rows = []
    for number in numbers:
        first, again = measured(twice, options.folder("small"), number).result
        once = (first.per_book, first.megabytes)
        rows.append((number, *once, number / again.wall, 1000 * again.per_book, again.megabytes))
    small, large = rows[0], rows[-1]
    said = (
        f"{large[0] / small[0]:.0f} times as many books take {large[1] / small[1]:.2f} of the CPU "
        f"a book and {large[2] / small[2]:.2f} of the memory."
    )
    return Table("By number", COLUMNS, rows, said)


def twice(folder: Path, number: int) -> tuple[Cost, Cost]:
    """`number` books made, and the same again."""
    files = small_books(folder, number)
    with benchmark_home() as home:
        return home.ingest(files), home.ingest(files)
