"""``ebooks picture-book canva``: a brand template at Canva filled with a book, and its PDF."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from ebook_pipeline.cli.terminal import messages
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.books.picture_books.finished_book import PictureBook
    from ebook_pipeline.resources.models.canva import Canva


def fill(book: "PictureBook", template: str, target: Path) -> None:
    """Sign in, upload what the template asks for, fill it, write its PDF to `target`."""
    from ebook_pipeline.books.picture_books import canva_fields

    canva = _signed_in()
    asked = canva.dataset(template)
    texts, pages = canva_fields.text_fields(book), canva_fields.picture_fields(book)
    assets = {
        name: canva.upload(f"{book.title} {name}", canva_fields.picture_of(book, pages[name]))
        for name, kind in asked.items()
        if kind == "image" and name in pages
    }
    wanted = {name: texts[name] for name, kind in asked.items() if kind == "text" and name in texts}
    design = canva.autofill(template, book.title, wanted, assets)
    target.write_bytes(canva.export(design))
    messages().print(f"{click.format_filename(target)} was written: design {design}", markup=False)


def _signed_in() -> "Canva":
    """After the person has opened the address and pasted the one that they were sent to."""
    from ebook_pipeline.resources.models.canva import Canva, begin, client_of

    client = client_of(Settings())
    if client is None:
        raise click.UsageError("set EBOOK_CANVA_CLIENT_ID and EBOOK_CANVA_CLIENT_SECRET")
    attempt = begin(client)
    messages().print(attempt.url, markup=False, soft_wrap=True)
    back = click.prompt("Open this address, and paste the one that Canva sends you to")
    answer = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    if "code" not in answer:
        raise Denied("Canva sent no code: it was not allowed")
    canva = Canva(client)
    canva.take_code(attempt, answer.get("state", ""), answer["code"])
    return canva
