"""``ebooks ingest``: files and folders through the whole chain, here and now."""

from pathlib import Path

import click

from ebook_pipeline.books.formats.book_files import by_key
from ebook_pipeline.cli.book_tables import print_books
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.given_files import books_among
from ebook_pipeline.cli.run_timing import Watch
from ebook_pipeline.cli.running import actor, end, new_run, run_books
from ebook_pipeline.cli.terminal import as_json, messages, print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.intake import file_submission, submissions
from ebook_pipeline.services.reporting.status import BookStatus
from ebook_pipeline.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--force", is_flag=True, help="Do again what is current already.")
@as_json
def ingest(paths: tuple[Path, ...], force: bool, as_json: bool) -> None:
    """Take files and folders of books through the whole chain, and wait for them.

    Ends with 0 when all were released or wait for review, 1 when one was rejected or failed.
    """
    books_among(paths)
    files = by_key(paths)
    settings = Settings()
    watch = Watch()
    with changing(settings):
        books = ingest_files(settings, files, force=force)
    print_json(books) if as_json else print_books(books)
    messages().print(watch.summary(books), markup=False, soft_wrap=True)
    end(books)


def ingest_files(
    settings: Settings, files: dict[str, Path], *, force: bool = False
) -> list[BookStatus]:
    """Submit files by key and take their books through the chain; the services must be up."""
    resources = Resources(settings)
    database, store = resources.database, resources.object_store
    run = new_run(settings)
    books: dict[str, None] = {}
    for key, path in files.items():
        submitted = file_submission.submit_file(database, store, key, path, actor=actor())
        submissions.set_run(database, [submitted.submission], run)
        books[submitted.book] = None
    messages().print(f"{len(files)} files, {len(books)} books", markup=False)
    return run_books(settings, resources, list(books), run=run, force=force)
