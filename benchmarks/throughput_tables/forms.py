"""The same stages in batches, and as Dagster does by default: a run a book, a process a stage."""

from pathlib import Path

from benchmarks.frame import Options, Table, measured
from benchmarks.throughput_tables.ingesting import benchmark_home, small_books
from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.cli import ingest, running
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.settings import Settings

BATCH, ALONE = 20, 2
"""Books of a batch, and how many are done by the other form, which takes long."""
COLUMNS = ("form", "books", "CPU s a book")


def table(options: Options) -> Table:
    files = small_books(options.folder("small"), options.books or BATCH)
    batch = measured(in_a_batch, files).result
    few = dict(list(files.items())[:ALONE])
    alone = measured(a_process_a_stage, few).result
    rows = [["a batch", len(files), batch], ["a process a stage", len(few), alone]]
    said = f"Small manuscripts through all nine stages: {alone / batch:.1f} times the CPU."
    return Table("Forms of work", COLUMNS, rows, said)


def in_a_batch(files: dict[str, Path]) -> float:
    with benchmark_home() as home:
        return home.ingest(files).per_book


def a_process_a_stage(files: dict[str, Path]) -> float:
    """CPU seconds a book, where each stage is a run's step in a process of its own."""
    with benchmark_home(in_flight=1) as home:
        begun = home.clock.seconds()
        resources = opened(home.settings)
        run = running.new_run(home.settings)
        books, _ = ingest.submit_files(resources, files, run)
        for book in books:
            for stage in BOOK_CHAIN.names:
                measured(one_stage, book, stage)
        return (home.clock.seconds() - begun) / len(books)


def one_stage(book: str, stage: str) -> None:
    settings = Settings()
    run = running.new_run(settings)
    asked = running.BookRun([book], {"stages": [stage]}, lambda _: None)
    running.take_through(settings, opened(settings), run, asked)
