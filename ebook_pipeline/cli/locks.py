"""``ebooks lock``: fields of a book that a person decides, whatever the next runs find."""

import json

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.services.describing import overrides
from ebook_pipeline.settings import Settings


@click.command()
@click.argument("book")
@click.argument("field", required=False)
@click.argument("value", required=False)
@as_json
def lock(book: str, field: str | None, value: str | None, as_json: bool) -> None:
    """Decide a FIELD of a book, or show what is decided.

    VALUE is JSON as `ebooks metadata --json` prints the field, or plain text. `ebooks retry BOOK`
    describes the book anew with it.
    """
    if (field is None) != (value is None):
        raise click.UsageError("a FIELD needs a VALUE")
    settings = Settings()
    with changing(settings):
        database = opened(settings).database
        known_book(database, book)
        if field is not None:
            overrides.override_field(database, book, field, _read(value or ""), actor=actor())
        held = overrides.overrides_of(database, book).values
    if as_json:
        print_json([{"book": book, "locks": held}])
        return
    if not held:
        messages().print("nothing of it is decided by a person")
    for name, kept in held.items():
        console().print(f"{name}: {safe(json.dumps(kept, ensure_ascii=False))}", soft_wrap=True)
    if field is not None:
        console().print(f"`ebooks retry {book}` describes it anew", markup=False)


@click.command()
@click.argument("book")
@click.argument("field")
def unlock(book: str, field: str) -> None:
    """Let the next run find a FIELD of a book again."""
    settings = Settings()
    with changing(settings):
        database = opened(settings).database
        known_book(database, book)
        overrides.clear_override(database, book, field, actor=actor())
    console().print(f"{field} is free; `ebooks retry {book}` describes it anew", markup=False)


def _read(value: str) -> object:
    """Plain text, or JSON; no field is a bare number, but a title may look like one: ``1984``."""
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(read, int | float) else read
