"""``ebooks ingest``: files and folders through the whole chain, here and now."""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from ebook_pipeline.books.formats.book_files import by_key
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.cli.book_ends import print_ends
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.given_files import books_among
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.run_timing import Watch
from ebook_pipeline.cli.running import actor, end, new_run, run_books
from ebook_pipeline.cli.terminal import as_json, messages, print_finding
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.intake import file_submission, submissions
from ebook_pipeline.services.intake.submissions import SubmissionReceipt
from ebook_pipeline.services.owning.ownership import SubmissionRefused
from ebook_pipeline.settings import Settings

_ASKED_AT_A_TIME = 500


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--account", default=HOUSE, show_default=True, help="Whose books they are.")
@click.option("--force", is_flag=True, help="Do again what is current already.")
@as_json
def ingest(paths: tuple[Path, ...], account: str, force: bool, as_json: bool) -> None:
    """Take files and folders of books through the whole chain, and wait for them.

    Ends with 0 when all were released or wait for review, 1 when one was rejected or failed, or
    refused because it touches what is another account's.
    """
    books_among(paths)
    files = by_key(paths)
    settings = Settings()
    watch = Watch()
    with changing(settings):
        resources, run = opened(settings), new_run(settings)
        books, refused = submit_files(resources, files, run, account=account)
        if books:
            run_books(settings, resources, books, run=run, force=force)
        ends = print_ends(resources, books, as_json=as_json)
    messages().print(watch.summary(ends), markup=False, soft_wrap=True)
    end(ends.bad + refused)


def submit_files(
    resources: Resources, files: dict[str, Path], run: str, *, account: str = HOUSE
) -> tuple[list[str], int]:
    """Submit files by key, for `run` to take: the books that they are, and how many are refused."""
    by = actor()
    books: dict[str, None] = {}
    refused = 0
    for part in _parts(files):
        known = file_submission.known_files(
            resources.database, resources.object_store, part, actor=by, account=account
        )
        for key, path in part.items():
            if key in known:
                books[known[key]] = None
                continue
            submitted = _submit(resources, key, path, account, by)
            if submitted is None:
                refused += 1
                continue
            submissions.set_run(resources.database, [submitted.submission], run)
            books[submitted.book] = None
    messages().print(f"{len(files) - refused} files, {len(books)} books", markup=False)
    return list(books), refused


def _parts(files: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """As many files at a time as one question is about."""
    items = iter(files.items())
    while part := dict(itertools.islice(items, _ASKED_AT_A_TIME)):
        yield part


def _submit(
    resources: Resources, key: str, path: Path, account: str, by: str
) -> SubmissionReceipt | None:
    """Where the file went; None where it is refused, which is said."""
    database, store = resources.database, resources.object_store
    try:
        return file_submission.submit_file(database, store, key, path, actor=by, account=account)
    except SubmissionRefused as error:
        print_finding(messages(), error.finding)
        return None
