"""``ebooks review``: what waits for a person, and what that person decides."""

from pathlib import Path

import click

from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.stack import Stack
from ebook_pipeline.cli.telling import changing
from ebook_pipeline.cli.terminal import as_json, console, print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.services import reviews
from ebook_pipeline.settings import Settings


@click.group()
def review() -> None:
    """Books that wait for a person."""


@review.command("list")
@as_json
def list_tasks(as_json: bool) -> None:
    """What waits, oldest first."""
    settings = Settings()
    with Stack(settings).borrowed():
        tasks = reviews.tasks(Resources(settings).database)
    if as_json:
        print_json(tasks)
        return
    for task in tasks:
        reason = task.evidence.get("reason", "")
        console().print(f"{task.book}  edition {task.edition}  {reason}", markup=False)


@review.command("show")
@click.argument("book")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the editor's page, which opens at the passages, to this file.",
)
def show_task(book: str, page: Path | None) -> None:
    """One task with its evidence, as JSON."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = Resources(settings)
        task = reviews.task(resources.database, book)
        if page is not None:
            page.write_bytes(reviews.page(task, resources.object_store))
    print_json([task])


@review.command()
@click.argument("book")
@click.option("--note", default="", help="Why; the author may read it.")
@as_json
def approve(book: str, note: str, as_json: bool) -> None:
    """Let a book through the release gate."""
    _decide(book, note, approved=True, as_json=as_json)


@review.command()
@click.argument("book")
@click.option("--note", default="", help="Why; the author may read it.")
@as_json
def reject(book: str, note: str, as_json: bool) -> None:
    """Close the release gate for this edition of a book."""
    _decide(book, note, approved=False, as_json=as_json)


def _decide(book: str, note: str, *, approved: bool, as_json: bool) -> None:
    settings = Settings()
    stack = Stack(settings)
    with changing(settings):
        database = Resources(settings).database
        decision = reviews.decide(database, book, approved=approved, note=note, actor=actor())
    if as_json:
        print_json([decision])
        return
    then = "is taken up within seconds" if stack.process("dagster") else f"`ebooks retry {book}`"
    console().print(f"{book}: {'approved' if approved else 'rejected'}; {then}", markup=False)
