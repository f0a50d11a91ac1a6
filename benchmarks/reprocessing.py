"""What a reprocessing of very many books costs whoever plans, begins, hands out and looks on.

Books are those of `benchmarks.many_books`, in an embedded Postgres of its own.

    python -m benchmarks.reprocessing --books 10000 --books 100000
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.catalog import Watch
from benchmarks.frame import Cell, Table, print_table
from benchmarks.many_books import filled
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing import chunks, reprocessings, summary, versions
from ebook_pipeline.services.reprocessing.reprocessings import ReprocessingRequest
from ebook_pipeline.services.reprocessing.versions import MadeWith

COLUMNS = ("books", "step", "ms", "CPU ms", "result")
_STAGE = "raw_file"
_ACTOR = "setup"
_CHUNK = 50


def main() -> None:
    """One table for each number of books."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--books", type=int, action="append", help="may be given again")
    for number in parser.parse_args().books or [1000]:
        with filled(number) as database:
            print_table(table(database, number))


@dataclass
class Steps:
    """What is done with one reprocessing, each step with what it counts."""

    database: Database

    request = ReprocessingRequest(stage=_STAGE, books_per_run=_CHUNK)

    def plan(self) -> int:
        self.planned = reprocessings.plan(self.database, self.request)
        return len(self.planned.books)

    def begin(self) -> int:
        begin = reprocessings.begin
        self.begun = begin(self.database, self.request, self.planned, actor=_ACTOR)
        return self.begun.books

    def settle(self) -> int:
        chunks.settle(self.database, self.begun.id)
        return summary.progress(self.database, self.begun).ended

    def hand_out(self) -> int:
        chunk = chunks.hand_out(self.database, self.begun.id, "run")
        return len(chunk.books) if chunk else 0

    def work(self) -> int:
        with self.database.begin() as connection:
            made = connection.exec_driver_sql(_DONE)
        return made.rowcount

    def goes_on(self) -> int:
        return int(chunks.goes_on(self.database, self.begun.id))

    def reasons(self) -> int:
        return len(summary.reasons(self.database, self.begun.id))


def table(database: Database, books: int) -> Table:
    """Every step once, in the order in which they come."""
    watch, lines, reprocessing = Watch(database), [], Steps(database)
    steps: dict[str, Callable[[], int]] = {
        "plan": reprocessing.plan,
        "begin": reprocessing.begin,
        f"hand out {_CHUNK}": reprocessing.hand_out,
        f"({_CHUNK} books are done)": reprocessing.work,
        f"settle {_CHUNK}, and how far it is": reprocessing.settle,
        "whether it goes on": reprocessing.goes_on,
        "reasons": reprocessing.reasons,
        "a first version": lambda: _note(database, "a"),
        "a new version: books that it is about": lambda: _note(database, "b"),
    }
    for name, step in steps.items():
        taken, result = watch.timed(partial(_done, step), "")
        cells: list[Cell] = [books, name, 1000 * taken.passed, 1000 * taken.worked, result]
        lines.append(cells)
    return Table(f"A reprocessing of {books:,} books", COLUMNS, lines, "")


def _done(step: Callable[[], int], _: str) -> int:
    return step()


def _note(database: Database, version: str) -> int:
    made = MadeWith(version=version * 12, facts={"code": version})
    versions.note(database, {_STAGE: made})
    return sum(offer.books for offer in versions.offers(database))


_DONE = """
INSERT INTO stage_run (run, book, edition, stage, outcome, seconds, data_version, detail)
    SELECT 'run', book, 1, 'ingestion_analytics', 'reused', 0, '', '{}'
    FROM reprocessing_book WHERE run = 'run'
"""

if __name__ == "__main__":
    main()
