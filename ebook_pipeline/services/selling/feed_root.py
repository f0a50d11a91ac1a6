"""The catalogue's first page and its lists of values, as OPDS 2.0 feeds."""

from urllib.parse import urlencode

from ebook_pipeline.books.selling.facets import FACETS, facet_label
from ebook_pipeline.books.selling.opds import (
    Feed,
    Json,
    ShopUrls,
    group,
    link,
    publication,
)
from ebook_pipeline.books.selling.opds.vocabulary import NEWEST, SHELF
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.services.selling import feeds, offers

_SHOWN = 20
_NEWEST_TITLE = "New books"
SHELF_TITLE = "Your shelf"


def root(database: Database, shop: ShopUrls) -> Json:
    """The way in: the newest books, lists by facet, the search, and the reader's shelf."""
    with offers.snapshot(database) as connection:
        newest = list(offers.newest(connection, limit=_SHOWN, territory=shop.territory))
        counts = offers.facet_counts(connection, (), catalog.CANDIDATES, shop.territory)
    browse = shop.feed("browse")
    named = [name for name in FACETS if any(facet.startswith(f"{name}=") for facet in counts)]
    ways = [
        link(browse, rel=NEWEST, title=_NEWEST_TITLE),
        *(link(shop.feed(f"by/{name}"), rel="subsection", title=f"By {name}") for name in named),
        link(shop.feed("shelf"), rel=SHELF, title=SHELF_TITLE),
    ]
    shown = [publication(offer, shop) for offer in newest]
    groups = [group(_NEWEST_TITLE, browse, shown, len(shown))] if shown else []
    links = [feeds.search_link(shop), link(shop.feed("shelf"), rel=SHELF)]
    feed = Feed("Catalogue", shop.feeds, links=links, navigation=ways, groups=groups)
    return feed.document()


def values(database: Database, shop: ShopUrls, name: str) -> Json:
    """The values of a facet as ways into the catalogue. Raises `NotFound` for no facet."""
    if name not in FACETS:
        raise NotFound(f"books are not listed by {name[:40]!r}")
    with offers.snapshot(database) as connection:
        counts = offers.facet_counts(connection, (), catalog.CANDIDATES, shop.territory)
    ways = [
        link(
            f"{shop.feed('browse')}?{urlencode({name: facet.partition('=')[2]})}",
            rel="subsection",
            title=facet_label(facet),
        )
        for facet in counts
        if facet.startswith(f"{name}=")
    ]
    links = [link(shop.feeds, rel="start")]
    publications: list[Json] | None = None if ways else []
    return Feed(
        f"By {name}",
        shop.feed(f"by/{name}"),
        links=links,
        navigation=ways,
        publications=publications,
    ).document()
