"""A product as it is offered: the description, and what only the seller knows."""

from dataclasses import dataclass

from ebook_pipeline.books.onix.codes import (
    EpubTechnicalProtection,
    NotificationType,
    ProductAvailability,
    ProductFormDetail,
)
from ebook_pipeline.books.records import Product


@dataclass(frozen=True)
class Sender:
    """Who sends a message, and who sells what it tells of."""

    name: str
    email: str = ""


@dataclass(frozen=True)
class Listing:
    """One Product composite to be; `reference` is the same for ever, `size` in bytes.

    Without `availability` nothing is said of supply, as before a book is on sale.
    """

    reference: str
    product: Product
    form: ProductFormDetail = ProductFormDetail.EPUB
    notification: NotificationType = NotificationType.CONFIRMED
    protection: EpubTechnicalProtection | None = None
    availability: ProductAvailability | None = None
    size: int | None = None
    cover: str | None = None
    """URL of the front cover."""
