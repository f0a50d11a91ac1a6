"""Commands about books that are known: where they stand, and again."""

from typing import Any

import click

from ebook_pipeline.cli.book_ends import print_ends
from ebook_pipeline.cli.book_filter import book_filter, filters, where
from ebook_pipeline.cli.book_tables import print_book, print_books, print_lines
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import all_known, known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor, book_statuses, end, new_run, run_books
from ebook_pipeline.cli.terminal import as_json, messages, print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.intake.launching import retry as ask_again
from ebook_pipeline.services.intake.refusals import refused_since
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reporting.status import BookState
from ebook_pipeline.services.reporting.status_lines import status_lines
from ebook_pipeline.settings import Settings


@click.command()
@click.argument("books", nargs=-1)
@filters
@as_json
def status(books: tuple[str, ...], as_json: bool, **narrowed: Any) -> None:
    """Where books stand: all of them, those that the options choose, or those named.

    A book that is named is told in full as JSON; of many, findings are counted by severity.
    """
    settings = Settings()
    wanted = book_filter(**narrowed)
    if books and wanted != BookFilter():
        raise click.UsageError("name books, or narrow all of them: not both")
    with Stack(settings).borrowed():
        if not books:
            lines = status_lines(opened(settings).database, wanted)
            print_json(lines) if as_json else print_lines(lines)
            return
        found = book_statuses(opened(settings)).statuses(books)
    all_known(books, {one.book for one in found})
    print_json(found) if as_json else print_books(found)


@click.command()
@click.argument("book")
@as_json
def show(book: str, as_json: bool) -> None:
    """One book in full: findings with remedies, links, seconds by stage."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = book_statuses(opened(settings)).statuses([book])
    all_known((book,), {one.book for one in found})
    print_json(found) if as_json else print_book(found[0])


@click.command()
@click.argument("books", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that have failed.")
@where
@click.option("--force", is_flag=True, help="Do again what is current already.")
@as_json
def retry(
    books: tuple[str, ...], everything: bool, where: str | None, force: bool, as_json: bool
) -> None:
    """Take books up again where they stopped; what is finished is not done twice.

    Those named, whatever their state; with --all or --where those that have failed.
    """
    if sum((bool(books), everything, where is not None)) != 1:
        raise click.UsageError("name books, or --all, or --where: one of them")
    settings = Settings()
    with changing(settings):
        resources = opened(settings)
        known_book(resources.database, *books)
        chosen = books or _failed(resources, where)
        for book in chosen:
            ask_again(resources.database, book, actor=actor())
        if chosen:
            run_books(settings, resources, chosen, run=new_run(settings), force=force)
        ends = print_ends(resources, chosen, as_json=as_json)
    end(ends.bad)


@click.command()
@as_json
def refused(as_json: bool) -> None:
    """Files that arrived and can't be taken, the newest first: why, and what to do."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = refused_since(opened(settings).database)
    if as_json:
        print_json(found)
        return
    if not found:
        messages().print("no file was refused")
    for arrival in found:
        click.echo(f"{arrival.finding.place}: {arrival.finding.message} {arrival.finding.remedy}")


def _failed(resources: Resources, where: str | None) -> tuple[str, ...]:
    wanted = BookFilter(states=(BookState.FAILED,), where=where)
    return tuple(line.book for line in status_lines(resources.database, wanted))
