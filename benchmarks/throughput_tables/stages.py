"""CPU seconds by stage, of real books one after the other: what comes first pays for the start."""

from collections import defaultdict
from pathlib import Path

from benchmarks.frame import Cell, Measured, Options, Table, measured
from benchmarks.throughput_tables.ingesting import Cost, benchmark_home, mixed, told
from ebook_pipeline.execution import Done, Event

COLUMNS = ("stage", "CPU s", "CPU s a book", "%")


def table(options: Options) -> Table:
    done: Measured = measured(by_stage, mixed(options))
    stages, cost = done.result
    rows: list[list[Cell]] = [
        [name, seconds, seconds / cost.books, 100 * seconds / cost.cpu]
        for name, seconds in stages.items()
    ]
    rest = cost.cpu - sum(stages.values())
    rows.append(["start, ends, the report", rest, rest / cost.books, 100 * rest / cost.cpu])
    said = (
        f"{cost.books} books one by one: {cost.per_book:.1f} CPU s a book, "
        f"{cost.megabytes:.0f} MB at most; {told(cost.states)}."
    )
    return Table("By stage", COLUMNS, rows, said)


def by_stage(files: dict[str, Path]) -> tuple[dict[str, float], Cost]:
    """CPU seconds by stage, and of the whole."""
    with benchmark_home(in_flight=1) as home:
        seconds: defaultdict[str, float] = defaultdict(float)
        last = home.clock.seconds()

        def hear(event: Event) -> None:
            nonlocal last
            now = home.clock.seconds()
            if isinstance(event, Done):
                seconds[event.stage.name] += now - last
            last = now

        cost = home.ingest(files, hear)
        return dict(seconds), cost
