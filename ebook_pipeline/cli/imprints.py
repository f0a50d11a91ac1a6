"""``ebooks imprints``: under which names accounts publish, and which one a book has."""

import click
from rich.table import Table

from ebook_pipeline.books.owning.accounts import HOUSE, Imprint
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, print_rows, safe
from ebook_pipeline.services.owning import imprints as service
from ebook_pipeline.settings import Settings


@click.group()
def imprints() -> None:
    """Names under which accounts publish: the policies of a book are those of its imprint."""


@imprints.command("add")
@click.argument("name")
@click.option("--account", default=HOUSE, show_default=True, help="Whose imprint it is.")
@as_json
def add_imprint(name: str, account: str, as_json: bool) -> None:
    """Let an account publish as NAME; new books that name no imprint have the account's first."""
    with changing(Settings()) as resources:
        made = service.add(resources.database, name, account, actor=actor())
    _tell(made, as_json, f"an imprint of {made.account}")


@imprints.command("assign")
@click.argument("name")
@click.argument("books", nargs=-1, required=True)
@as_json
def assign_imprint(name: str, books: tuple[str, ...], as_json: bool) -> None:
    """Publish BOOKS as NAME, an imprint of their own account; `ebooks retry` applies it."""
    with changing(Settings()) as resources:
        known_book(resources.database, *books)
        for book in books:
            imprint = service.assign(resources.database, book, name, actor=actor())
            _tell(imprint, as_json, f"the imprint of {book}")


@imprints.command("list")
@as_json
def list_imprints(as_json: bool) -> None:
    """Every imprint with its account."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = service.list_imprints(opened(settings).database)
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("imprint", "account"):
        table.add_column(name, overflow="fold")
    for imprint in found:
        table.add_row(safe(imprint.name), imprint.account)
    print_rows(table, "no imprint: `ebooks imprints add` makes one")


def _tell(imprint: Imprint, as_json: bool, said: str) -> None:
    if as_json:
        print_json([imprint])
    else:
        console().print(f"{safe(imprint.name)}: {said}")
