"""``ebooks search``: the catalogue as the shop's search sees it."""

from typing import TYPE_CHECKING

import click

from ebook_pipeline.books.selling.facets import FACETS, facet, facet_label
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.similar import country
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.resources.database.catalog import SearchResult

_SHOWN = 6  # values of a facet


@click.command()
@click.argument("query")
@click.option(
    "--facet", "facets", multiple=True, metavar="NAME=VALUE", help=f"One of {', '.join(FACETS)}."
)
@click.option("--by-title", is_flag=True, help="In the order of titles, as languages have it.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@click.option(
    "--territory", callback=country, help="Only what may be sold there: a country (ISO 3166)."
)
@as_json
def search(
    query: str,
    facets: tuple[str, ...],
    by_title: bool,
    limit: int,
    territory: str | None,
    as_json: bool,
) -> None:
    """Books on sale, best first: words, "phrases", or, -without; slips are corrected.

    Ends with 0 when something was found, 1 when nothing was.
    """
    from ebook_pipeline.resources.database import catalog

    narrowed = [_facet(one) for one in facets]
    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        search = catalog.search_by_title if by_title else catalog.search_with_facets
        found = search(database, query, narrowed, limit=limit, territory=territory)
    print_json([found]) if as_json else _show(found)
    if not found.entries:
        click.get_current_context().exit(1)


def _facet(written: str) -> str:
    name, _, value = written.partition("=")
    try:
        return facet(name, value)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--facet") from error


def _show(found: "SearchResult") -> None:
    out = console()
    if found.corrected:
        messages().print(f"searched for: {safe(found.searched)}")
    if not found.entries:
        messages().print("no book on sale has these words")
    for entry in found.entries:
        authors = safe(", ".join(entry.authors))
        out.print(f"{entry.book}  [bold]{safe(entry.title)}[/]  {authors}", soft_wrap=True)
    for name in FACETS:
        values = [one for one in found.facets if one.startswith(f"{name}=")]
        values.sort(key=lambda one: (-found.facets[one], one))
        if values:
            told = (f"{safe(facet_label(one))} ({found.facets[one]})" for one in values[:_SHOWN])
            messages().print(f"[dim]{name}: {', '.join(told)}[/]", soft_wrap=True)
