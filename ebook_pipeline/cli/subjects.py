"""``ebooks subject``: the Thema subjects of a book, suggested by models, confirmed by a person."""

from collections.abc import Iterator

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.services.describing import subjects
from ebook_pipeline.services.describing.subjects import BookSubjects
from ebook_pipeline.settings import Settings


@click.command()
@click.argument("book")
@click.argument("codes", nargs=-1)
@click.option("--free", is_flag=True, help="Let the next run suggest again.")
@as_json
def subject(book: str, codes: tuple[str, ...], free: bool, as_json: bool) -> None:
    """Show the Thema subjects of a BOOK, or confirm CODES, the main one first.

    Codes that begin with a digit are qualifiers: of place, language, time and age.

    What is confirmed no run changes, and shops are told it as the main subject; what a model told
    is marked as such. `ebooks retry BOOK` describes the book anew with it.
    """
    if free and codes:
        raise click.UsageError("--free takes no CODES")
    settings = Settings()
    with changing(settings):
        database = opened(settings).database
        known_book(database, book)
        if codes:
            told = subjects.confirm(database, book, codes, actor=actor())
        elif free:
            told = subjects.free(database, book, actor=actor())
        else:
            told = subjects.subjects_of(database, book)
    if as_json:
        print_json([told])
        return
    for line in _lines(told):
        console().print(line, markup=False, soft_wrap=True)
    if codes or free:
        console().print(f"`ebooks retry {book}` describes it anew", markup=False)


def _lines(told: BookSubjects) -> Iterator[str]:
    for genre in told.confirmed:
        yield f"{genre.code} {safe(genre.term)}: confirmed by {safe(told.confirmed_by)}"
    for genre in told.suggested:
        doubt = "told" if genre.assigned else "suggested"
        line = f"{genre.code} {safe(genre.term)}: {doubt} by a model, {genre.confidence:.0%}"
        yield f"{line} ({safe(genre.evidence)})" if genre.evidence else line
    if not (told.confirmed or told.suggested):
        yield "no subject is known"
