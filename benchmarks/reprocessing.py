"""What a reprocessing of very many books costs whoever plans, begins, hands out and looks on.

Books are those of `benchmarks.many_books`, in an embedded Postgres of its own.

    python -m benchmarks.reprocessing --books 10000 --books 100000
"""

import argparse
from collections.abc import Callable
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


def table(database: Database, books: int) -> Table:
    """Every step once, in the order in which they come."""
    watch, lines = Watch(database), []
    request = ReprocessingRequest(stage=_STAGE, books_per_run=_CHUNK)
    planned, begun = [], []

    def plan() -> int:
        planned.append(reprocessings.plan(database, request))
        return len(planned[0].books)

    def begin() -> int:
        begun.append(reprocessings.begin(database, request, planned[0], actor=_ACTOR))
        return begun[0].books

    def settle() -> int:
        chunks.settle(database, begun[0].id)
        return summary.progress(database, begun[0]).ended

    def hand_out() -> int:
        chunk = chunks.hand_out(database, begun[0].id, "run")
        return len(chunk.books) if chunk else 0

    def work() -> int:
        with database.begin() as connection:
            made = connection.exec_driver_sql(_DONE)
        return made.rowcount

    steps: dict[str, Callable[[], int]] = {
        "plan": plan,
        "begin": begin,
        f"hand out {_CHUNK}": hand_out,
        f"({_CHUNK} books are done)": work,
        f"settle {_CHUNK}, and how far it is": settle,
        "whether it goes on": lambda: int(chunks.goes_on(database, begun[0].id)),
        "reasons": lambda: len(summary.reasons(database, begun[0].id)),
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
