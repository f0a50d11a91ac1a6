"""One book on offer: its metadata, how one gets it, its pictures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from ebook_pipeline.books.records import (
    CatalogEntry,
    Distribution,
    Product,
    Protection,
    ReleaseFile,
)
from ebook_pipeline.books.releasing.distribution import (
    COVER,
    COVER_MEDIUM,
    PREVIEW,
    PUBLICATION,
    THUMBNAIL,
)
from ebook_pipeline.books.selling.opds import vocabulary
from ebook_pipeline.books.selling.opds.metadata import metadata
from ebook_pipeline.books.selling.opds.vocabulary import Json, without_empty
from ebook_pipeline.books.selling.sales_terms import SalesTerms
from ebook_pipeline.books.selling.territories import WORLD


@dataclass(frozen=True)
class Offer:
    """A release in the catalogue, and when what the catalogue says of it changed last."""

    entry: CatalogEntry
    product: Product
    distribution: Distribution
    changed: datetime
    on_sale: bool = True
    terms: SalesTerms = field(default_factory=SalesTerms)

    def file(self, rel: str) -> ReleaseFile | None:
        """The release's file of that relation."""
        return next((file for file in self.distribution.files if file.rel == rel), None)


@dataclass(frozen=True)
class ShopUrls:
    """Where things are: the feeds, the pages that sell a book, and files of a path at the edge.

    `territory` is the country that it sells in: its prices are told, else those for the world.
    """

    feeds: str
    pages: str
    edge: Callable[[str], str]
    territory: str = WORLD

    def feed(self, path: str) -> str:
        """The URL of what lies at `path` among the feeds."""
        return f"{self.feeds.rstrip('/')}/{path}"

    def page(self, book: str) -> str:
        """The URL of the page that sells `book`."""
        return f"{self.pages.rstrip('/')}/books/{book}"

    def self_of(self, book: str) -> str:
        """The URL of the book's own document."""
        return self.feed(f"books/{book}.json")


def publication(offer: Offer, shop: ShopUrls) -> Json:
    """OPDS 2.0, publications: https://drafts.opds.io/opds-2.0#publications"""
    book = offer.entry.book
    return {
        "metadata": metadata(book, offer.product, offer.changed),
        "links": list(_links(offer, shop)),
        "images": list(_images(offer, shop)),
    }


def _links(offer: Offer, shop: ShopUrls) -> Iterator[Json]:
    book, today = offer.entry.book, datetime.now(UTC).date()
    yield {"rel": "self", "href": shop.self_of(book), "type": vocabulary.PUBLICATION}
    properties = {
        "price": _price(offer, shop, today),
        "availability": _availability(offer, today),
        "indirectAcquisition": _bought(offer),
    }
    page = {"rel": vocabulary.BUY, "href": shop.page(book), "type": vocabulary.HTML}
    yield page | {"properties": without_empty(properties)}
    preview = offer.file(PREVIEW)
    if preview:
        href, kind = shop.edge(preview.path), preview.blob.media_type
        yield {"rel": vocabulary.SAMPLE, "href": href, "type": kind}


def _price(offer: Offer, shop: ShopUrls, today: date) -> Json | None:
    price = offer.terms.price(shop.territory, today, offer.product.price)
    return {"currency": price.currency, "value": float(price.amount)} if price else None


def _availability(offer: Offer, today: date) -> Json | None:
    """What can be ordered but not yet had. https://drafts.opds.io/opds-2.0#acquisition-links"""
    day = offer.terms.sold_from
    if day is None or offer.terms.can_be_bought(today):
        return None
    return {"state": "unavailable", "until": datetime.combine(day, time(), UTC).isoformat()}


def _bought(offer: Offer) -> list[Json]:
    """What one holds in the end: the book, by way of its licence where it has one."""
    sold = offer.file(PUBLICATION)
    if sold is None:
        return []
    file = {"type": sold.blob.media_type}
    licensed = offer.distribution.protection is Protection.LCP
    return [{"type": vocabulary.LCP_LICENSE, "child": [file]}] if licensed else [file]


def _images(offer: Offer, shop: ShopUrls) -> Iterator[Json]:
    for rel in (COVER, COVER_MEDIUM, THUMBNAIL):
        file = offer.file(rel)
        if file:
            href, kind = shop.edge(file.path), file.blob.media_type
            yield without_empty(
                {"href": href, "type": kind, "width": file.width, "height": file.height}
            )
