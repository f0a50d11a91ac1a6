"""``ebooks demo``: services up, the sample books through the whole chain, and what came of it."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from ebook_pipeline.books.formats.book_files import by_key
from ebook_pipeline.cli.book_tables import findings_in_short
from ebook_pipeline.cli.ingest import submit_files
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import (
    book_statuses,
    make_report,
    new_run,
    nothing_to_do,
    run_books,
)
from ebook_pipeline.cli.terminal import console, messages
from ebook_pipeline.services.reporting.status import BookState, BookStatus
from ebook_pipeline.settings import Settings

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_BROKEN_ON_PURPOSE = "broken"


@click.command()
def demo() -> None:
    """Start the services, ingest the sample books, and say what came of it."""
    settings = Settings()
    stack = Stack(settings)
    messages().print("Starting Postgres, the edge and Dagster …")
    stack.up()
    books = ingested_samples(settings)
    _print(books)
    _say_where_to_look(stack, settings)
    if not all(map(_as_expected, books)):
        raise click.ClickException("a sample did not end as it should: see `ebooks show BOOK`")


def ingested_samples(settings: Settings) -> list[BookStatus]:
    """The sample books after their run, which there is none of where nothing is to be done."""
    files = by_key([*sorted(SAMPLES.glob("*.epub")), *sorted(SAMPLES.glob("*.pdf"))])
    resources, run = opened(settings), new_run(settings)
    books, _ = submit_files(resources, files, run)
    if nothing_to_do(resources, books, run=run):
        messages().print("All of them are as the last run left them: nothing to do.")
    else:
        run_books(settings, resources, books, run=run)
        make_report(settings, resources)
    return book_statuses(resources).statuses(books)


def _as_expected(book: BookStatus) -> bool:
    wanted = BookState.REJECTED if book.book.startswith(_BROKEN_ON_PURPOSE) else BookState.RELEASED
    return book.state is wanted


def _print(books: list[BookStatus]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("book", "verdict", "findings"):
        table.add_column(name, overflow="fold")
    for name in ("pages", "words", "seconds"):
        table.add_column(name, justify="right")
    for book in books:
        table.add_row(
            escape(book.book),
            book.state.value,
            findings_in_short(book),
            f"{book.pages:,}",
            f"{book.words:,}",
            f"{sum(book.seconds.values()):.1f}",
        )
    console().print(table)
    console().print("\nReleases (links of an hour):")
    for book in books:
        if "release" in book.links:
            console().print(f"{book.book:18} {book.links['release']}", soft_wrap=True, markup=False)


def _say_where_to_look(stack: Stack, settings: Settings) -> None:
    out = console()
    for what, path in (
        ("\nEvery book, run and asset:  ", "/asset-groups"),
        ("A book's pages in the UI:   ", "/assets/converted_book?view=partitions"),
        ("All books summed up:        ", "/assets/ingestion_report"),
    ):
        out.print(f"{what} {stack.web_link(path)}", soft_wrap=True, markup=False)
    out.print(f"The desk, for everybody:     {stack.desk_url}")
    for operator in stack.operators[:1]:
        out.print(f"A password for its pages:    .venv/bin/ebooks users link {operator}")
    out.print(f"Drop your own books into:    {settings.root / 'landing'}")
    out.print("One book, with its links:    .venv/bin/ebooks show river-bank")
    out.print("Stop everything:             .venv/bin/ebooks down")
