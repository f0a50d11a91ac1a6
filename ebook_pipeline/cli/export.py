"""``ebooks export``: the catalogue for the trade (ONIX) and for reading systems (OPDS)."""

from pathlib import Path

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.similar import country
from ebook_pipeline.cli.terminal import as_json, console, print_json
from ebook_pipeline.settings import Settings


@click.command()
@click.option(
    "--onix",
    "message",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one ONIX 3.0 message to this file.",
)
@click.option(
    "--opds",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the catalogue as static OPDS 2.0 feeds into this folder.",
)
@click.option("--base-url", help="The URL at which you will serve the folder.")
@click.option(
    "--territory", callback=country, help="Feeds for a country: its prices, what is sold there."
)
@as_json
def export(
    message: Path | None,
    folder: Path | None,
    base_url: str | None,
    territory: str | None,
    as_json: bool,
) -> None:
    """Write all books on sale; what stood there before is replaced when all is written."""
    if message is None and folder is None:
        raise click.UsageError("say what to write: --onix FILE, --opds FOLDER, or both")
    if folder is not None and base_url is None:
        raise click.UsageError("--opds needs --base-url, the URL of the folder where you serve it")
    from ebook_pipeline.books.selling import onix
    from ebook_pipeline.books.selling.opds import ShopUrls
    from ebook_pipeline.books.selling.territories import WORLD
    from ebook_pipeline.services.selling import export as exports
    from ebook_pipeline.services.selling import opds_feed

    settings = Settings()
    done = []
    with Stack(settings).borrowed():
        resources = opened(settings)
        # A message has no feeds of its own: those at the edge stand beside it.
        feeds = base_url or settings.shop_url or resources.cdn.url(opds_feed.FOLDER)
        pages = settings.shop_url or feeds
        shop = ShopUrls(feeds, pages, resources.cdn.url, territory or WORLD)
        if message is not None:
            sender = onix.OnixSender(settings.trade_name, settings.mail_from or "")
            target = message.absolute()
            done.append(exports.onix_message(resources.database, shop, target, sender))
        if folder is not None:
            done.append(exports.opds_tree(resources.database, shop, folder.absolute()))
    if as_json:
        print_json(done)
        return
    for one in done:
        console().print(f"{one.target}: {one.books} books in {one.files} files", markup=False)
