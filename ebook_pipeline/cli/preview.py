"""``ebooks preview``: short links to a book's excerpt, given out and taken back."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.services.releasing.preview_links import PreviewLink, PreviewLinks


@click.command()
@click.argument("book")
@click.option("--days", type=click.IntRange(1, 365), help="How long it works; as set if unset.")
@click.option("--list", "listed", is_flag=True, help="Every link that the book ever had.")
@click.option("--revoke", "code", help="Let the link of this code lead nowhere any more.")
@as_json
def preview(book: str, days: int | None, listed: bool, code: str | None, as_json: bool) -> None:
    """Make a short link to the first tenth of a book that is on sale; it expires by itself.

    Who has the link can read the excerpt. With --json an object per link: code, book, url, at,
    expires_at, removed_at.
    """
    if listed and code:
        raise click.UsageError("--list and --revoke exclude each other")
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        known_book(resources.database, book)
        links = previews_of(resources)
        if listed:
            found = links.of_book(book)
        elif code:
            found = (links.revoke(code, actor=actor()),)
        else:
            valid = timedelta(days=days or settings.preview_days)
            found = (links.mint(book, valid, actor=actor()),)
    print_json(found) if as_json else _show(found)


def previews_of(resources: Resources) -> "PreviewLinks":
    """The shop's links; the embedded edge has a shorter address for them than its files have."""
    from ebook_pipeline.services.releasing.preview_links import PreviewLinks

    settings = resources.settings
    here = f"http://{settings.host}:{settings.edge_port}"
    ours = "" if settings.env == "aws" else f"{settings.edge_url or here}/p"
    return PreviewLinks(resources.database, resources.cdn, settings.short_url or ours)


def _show(links: "tuple[PreviewLink, ...]") -> None:
    for one in links:
        until = f"until {one.expires_at:%Y-%m-%d %H:%M} UTC" if one.works else "leads nowhere"
        console().print(f"{one.url}  {until}", markup=False, soft_wrap=True)
