"""``ebooks similar``: which books on sale are about like things."""

import click

from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.settings import Settings

_HOW = {
    "exact": "compared with every book: the database has no index of meanings",
    "unknown": "nothing is known of what it is about: `ebooks retry --force` finds out",
}


def country(_: click.Context, option: click.Parameter, written: str | None) -> str | None:
    """A country as every command takes it."""
    from ebook_pipeline.books.selling import territories

    try:
        return territories.country(written) if written else None
    except ValueError as error:
        raise click.BadParameter(str(error), param=option) from error


@click.command()
@click.argument("book")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option(
    "--territory", callback=country, help="Only what may be sold there: a country (ISO 3166)."
)
@as_json
def similar(book: str, limit: int, territory: str | None, as_json: bool) -> None:
    """Books on sale that are most like a book, most alike first; no other editions of it.

    With --json one object: book, how (index, exact, unknown), model, and books with likeness and
    entry. Ends with 0 when some were found, 1 when none were.
    """
    from ebook_pipeline.services.selling import similar as books_like

    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        known_book(database, book)
        found = books_like.similar(database, book, limit, territory=territory)
    if as_json:
        print_json([found])
    else:
        for one in found.books:
            title, authors = safe(one.entry.title), safe(", ".join(one.entry.authors))
            line = f"{one.likeness:.2f}  {one.entry.book}  [bold]{title}[/]  {authors}"
            console().print(line, soft_wrap=True)
        if found.how in _HOW:
            messages().print(f"[dim]{_HOW[found.how]}[/]")
    if not found.books:
        click.get_current_context().exit(1)
