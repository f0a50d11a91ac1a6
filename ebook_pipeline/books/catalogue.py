"""A book as the shop lists it, made of its metadata and its release."""

from ebook_pipeline.books.distribution import COVER, PREVIEW
from ebook_pipeline.books.records import CatalogEntry, Distribution, Edition, Product


def entry(edition: Edition, product: Product, distribution: Distribution) -> CatalogEntry:
    """The catalogue's entry of one release."""
    return CatalogEntry(
        book=edition.book,
        edition=edition.number,
        release=distribution.release,
        title=product.title,
        authors=tuple(creator.name for creator in product.creators),
        language=product.languages[0] if product.languages else "",
        isbn13=next((one.isbn13 for one in product.identifiers if one.isbn13), None),
        preview=distribution.path(PREVIEW),
        cover=distribution.path(COVER),
    )
