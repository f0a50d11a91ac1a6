"""A product as it is offered: the description, and what only the seller knows."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ebook_pipeline.books.records import Product
from ebook_pipeline.books.selling.onix.codes import (
    EpubTechnicalProtection,
    NotificationType,
    ProductAvailability,
    ProductFormDetail,
)
from ebook_pipeline.books.selling.sales_terms import SalesTerms


@dataclass(frozen=True)
class OnixSender:
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
    terms: SalesTerms = field(default_factory=SalesTerms)
    day: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The day for which prices and availability are told."""
