"""A reader's shelf as an OPDS 2.0 feed: what they hold licences of, and where those are fetched."""

from collections.abc import Mapping, Sequence

from ebook_pipeline.books.protecting.lcp.license import MEDIA_TYPE, utc_timestamp
from ebook_pipeline.books.selling.opds import (
    Feed,
    Json,
    Offer,
    Pagination,
    ShopUrls,
    link,
    publication,
)
from ebook_pipeline.books.selling.opds.vocabulary import ACQUISITION
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.protecting.license_records import License
from ebook_pipeline.services.selling import offers
from ebook_pipeline.services.selling.feed_root import SHELF_TITLE

SHELF_PAGE = 50
"""How many licences stand on a page of a shelf."""


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
        SHELF_TITLE,
        shop.feed("shelf"),
        links=[link(shop.feeds, rel="start")],
        publications=held,
        pages=Pagination(SHELF_PAGE, next=next_page or None),
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
