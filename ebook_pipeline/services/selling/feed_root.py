"""The catalogue's first page, its lists of values, and a reader's shelf, as OPDS 2.0 feeds."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from ebook_pipeline.books.protecting.lcp.license import MEDIA_TYPE, utc_timestamp
from ebook_pipeline.books.selling.facets import FACETS, facet_label
from ebook_pipeline.books.selling.opds import (
    Feed,
    Json,
    Offer,
    Pagination,
    ShopUrls,
    group,
    link,
    publication,
)
from ebook_pipeline.books.selling.opds.vocabulary import ACQUISITION, NEWEST, SHELF
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.services.protecting.license_records import License
from ebook_pipeline.services.selling import feeds, offers

_SHOWN = 20
_NEWEST_TITLE, _SHELF_TITLE = "New books", "Your shelf"


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
        link(shop.feed("shelf"), rel=SHELF, title=_SHELF_TITLE),
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


def shelf(
    database: Database, shop: ShopUrls, licenses: Sequence[License], *, next_page: str = ""
) -> Json:
    """What a reader holds licences of, each with where the licence is fetched."""
    with offers.snapshot(database) as connection:
        known = {
            offer.entry.book: offer
            for offer in offers.known(connection, [one.book for one in licenses])
        }
    held = [
        _held(known[license.book], license, shop) for license in licenses if license.book in known
    ]
    feed = Feed(
        _SHELF_TITLE,
        shop.feed("shelf"),
        links=[link(shop.feeds, rel="start")],
        publications=held,
        pages=Pagination(len(licenses), next=next_page or None),
    )
    return feed.document()


def _held(offer: Offer, license: License, shop: ShopUrls) -> Json:
    """The publication, acquired already: the licence leads to the file."""
    document = publication(offer, shop)
    kept = [one for one in document["links"] if one["rel"] == "self"]
    sold = offer.file(license.form)
    properties: dict[str, object] = {"availability": _until(license)}
    if sold is not None:
        properties["indirectAcquisition"] = [{"type": sold.blob.media_type}]
    href = shop.feed(f"shelf/{license.id}/license.lcpl")
    acquisition = link(href, rel=ACQUISITION, kind=MEDIA_TYPE) | {"properties": properties}
    return document | {"links": [*kept, acquisition]}


def _until(license: License) -> Mapping[str, str]:
    end = license.rights.end
    return {"state": "available"} | ({"until": utc_timestamp(end)} if end else {})
