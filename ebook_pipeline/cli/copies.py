"""``ebooks copy``: a buyer's own copy of a book on sale; ``ebooks trace``: whose copy a file is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.secrets_from import passphrase_from
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.services.protecting.copies import Copies, Sale


@click.command()
@click.argument("book")
@click.option("--order", required=True, help="The order at your shop: hidden and shown.")
@click.option("--name", default="", help="The buyer's name, for the pages; it is not kept.")
@click.option("--form", type=click.Choice(["epub", "pdf"]), help="What the book is sold as.")
@click.option("--password-from", "source", metavar="FILE|-", help="What opens a locked PDF.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@as_json
def copy(book: str, source: str | None, out: Path, as_json: bool, **said: Any) -> None:
    """Make the copy of BOOK that was sold by ORDER, with the buyer's marks or behind a password.

    Again for the same order it gives the same marked copy. With --json: book, order, form,
    release, edition, sha256, length, actor, at, file.
    """
    from ebook_pipeline.foundation.secrets import Secret

    sale = _sale(book, said)
    if out.exists() or not out.absolute().parent.is_dir():
        raise click.UsageError("name a file for --out that does not exist yet, in a folder")
    password = None if source is None else Secret(passphrase_from(source).encode())
    with changing(Settings()) as resources:
        known_book(resources.database, book)
        made = _copies(resources).make(sale, out, actor=actor(), password=password)
    if as_json:
        print_json([{**made.model_dump(mode="json"), "file": str(out)}])
        return
    said_of = f"{out}: {made.length:,} bytes of {made.release}, order {made.order}"
    console().print(said_of, markup=False, soft_wrap=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def trace(file: Path, as_json: bool) -> None:
    """Say for which order a found EPUB or PDF was made: of which book, and when it was sold.

    Ends with 0 when an order was found, 1 when none was. With --json an object per order: what
    `copy` says, same_file, marks.
    """
    settings = Settings()
    with Stack(settings).borrowed():
        found = _copies(opened(settings)).trace(file)
    if as_json:
        print_json(found)
    for one in () if as_json else found:
        by = "the very file" if one.same_file else f"{one.marks} marks"
        when = one.at.astimezone().strftime("%Y-%m-%d %H:%M")
        line = f"order {one.order}: {one.book} ({one.form}), sold {when}, by {by}"
        console().print(line, markup=False, soft_wrap=True)
    if not found:
        messages().print("no order is known by its bytes or marks")
        click.get_current_context().exit(1)


def _sale(book: str, said: dict[str, Any]) -> "Sale":
    from pydantic import ValidationError

    from ebook_pipeline.books.protecting.marking.token import Buyer
    from ebook_pipeline.services.protecting.copies import Sale

    try:
        Buyer(order=said["order"], name=said["name"])
    except ValidationError as error:
        raise click.UsageError("an order has 1 to 200 letters, a name at most 200") from error
    return Sale(book=book, **said)


def _copies(resources: Resources) -> "Copies":
    from ebook_pipeline.services.protecting.copies import Copies

    return Copies(resources.database, resources.object_store, resources.key_vault)
