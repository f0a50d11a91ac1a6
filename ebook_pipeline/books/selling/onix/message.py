"""The message: a header, then a Product composite per listing, written as they come."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from lxml import etree

from ebook_pipeline.books.records import Identifier, Product
from ebook_pipeline.books.selling.onix.codes import ProductIdType
from ebook_pipeline.books.selling.onix.descriptive import descriptive_detail
from ebook_pipeline.books.selling.onix.elements import NAMESPACE, block_or_none, composite, element
from ebook_pipeline.books.selling.onix.listing import Listing, OnixSender
from ebook_pipeline.books.selling.onix.supply import product_supply, sales_rights

_DESCRIPTION, _UNRESTRICTED = "03", "00"
_FRONT_COVER, _IMAGE, _LINKABLE = "01", "03", "01"
_PUBLISHER, _FORTHCOMING, _ACTIVE, _PUBLICATION_DATE = "01", "02", "04", "01"
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_DATE_FORMATS = {4: "05", 6: "01", 8: "00"}
_OUR_SCHEME = "ebook-pipeline"


def message(listings: Iterable[Listing], sender: OnixSender, sent: datetime) -> bytes:
    """A whole message of ONIX 3.0, reference names, as UTF-8."""
    stream = io.BytesIO()
    write(stream, listings, sender, sent)
    return stream.getvalue()


def write(
    target: BinaryIO, listings: Iterable[Listing], sender: OnixSender, sent: datetime
) -> None:
    """The same into `target`, one product in memory at a time."""
    write_products(target, (product(listing, sender) for listing in listings), sender, sent)


def write_products(
    target: BinaryIO, products: Iterable[etree._Element], sender: OnixSender, sent: datetime
) -> None:
    """A message of these Product composites, one in memory at a time."""
    root = f"{{{NAMESPACE}}}ONIXMessage"
    with (
        etree.xmlfile(target, encoding="utf-8") as document,
        _declared(document).element(root, {"release": "3.0"}, nsmap={None: NAMESPACE}),
    ):
        document.write(_header(sender, sent), pretty_print=True)
        any_product = False
        for one in products:
            document.write(one, pretty_print=True)
            any_product = True
        if not any_product:
            document.write(element("NoProduct"), pretty_print=True)


def _declared(document: "etree._IncrementalFileWriter") -> "etree._IncrementalFileWriter":
    document.write_declaration()
    return document


def _header(sender: OnixSender, sent: datetime) -> etree._Element:
    return element(
        "Header",
        element(
            "Sender",
            element("SenderName", sender.name),
            element("EmailAddress", sender.email) if sender.email else None,
        ),
        element("SentDateTime", sent.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")),
    )


def product(listing: Listing, sender: OnixSender) -> etree._Element:
    """The whole record of a product."""
    return element(
        "Product",
        element("RecordReference", listing.reference),
        element("NotificationType", listing.notification),
        *_identifiers(listing),
        descriptive_detail(listing),
        block_or_none("CollateralDetail", _collateral(listing)),
        block_or_none("PublishingDetail", _publishing(listing, sender)),
        product_supply(listing, sender),
    )


def _identifiers(listing: Listing) -> Iterator[etree._Element]:
    """Our own reference always; the ISBN of a file is that of its manifestation."""
    yield composite(
        "ProductIdentifier",
        ("ProductIDType", ProductIdType.PROPRIETARY),
        ("IDTypeName", _OUR_SCHEME),
        ("IDValue", listing.reference),
    )
    types: set[ProductIdType] = set()
    for identifier in listing.product.identifiers:
        kind, value = _typed(identifier)
        if kind is not None and kind not in types:
            types.add(kind)
            yield composite("ProductIdentifier", ("ProductIDType", kind), ("IDValue", value))


def _typed(identifier: Identifier) -> tuple[ProductIdType | None, str]:
    value = identifier.value.strip()
    if identifier.isbn13:
        return ProductIdType.ISBN_13, identifier.isbn13
    if value.lower().startswith("doi:10."):
        return ProductIdType.DOI, value[4:]
    if value.lower().startswith("urn:"):
        return ProductIdType.URN, value
    return None, value


def _collateral(listing: Listing) -> Iterator[etree._Element]:
    product = listing.product
    if product.description:
        yield _description(product)
    if listing.cover:
        yield element(
            "SupportingResource",
            element("ResourceContentType", _FRONT_COVER),
            element("ContentAudience", _UNRESTRICTED),
            element("ResourceMode", _IMAGE),
            composite(
                "ResourceVersion", ("ResourceForm", _LINKABLE), ("ResourceLink", listing.cover)
            ),
        )


def _description(product: Product) -> etree._Element:
    """Whoever reads the message must be able to tell what no person wrote."""
    made = "description" in product.generated
    by = f"Made by a model: {product.provenance['description'].model}" if made else ""
    return element(
        "TextContent",
        element("TextType", _DESCRIPTION),
        element("ContentAudience", _UNRESTRICTED),
        element("Text", product.description),
        element("TextSourceCorporate", by) if by else None,
    )


def _publishing(listing: Listing, sender: OnixSender) -> Iterator[etree._Element]:
    """Nothing without a publisher: the schema wants one before anything else of this block.

    Where rights were given but nobody is named, who sells the book publishes it.
    """
    product = listing.product
    publishers = product.publishers or ((sender.name,) if listing.terms.rights else ())
    for name in publishers:
        yield composite("Publisher", ("PublishingRole", _PUBLISHER), ("PublisherName", name))
    date = _date(product.published)
    if publishers and date:
        yield element("PublishingStatus", _ACTIVE if _is_out(listing) else _FORTHCOMING)
        yield element(
            "PublishingDate",
            element("PublishingDateRole", _PUBLICATION_DATE),
            element("Date", date, dateformat=_DATE_FORMATS[len(date)]),
        )
    yield from sales_rights(listing)


def _is_out(listing: Listing) -> bool:
    return listing.terms.can_be_bought(listing.day)


def _date(stated: str | None) -> str:
    """YYYYMMDD, YYYYMM or YYYY (list 55), as much as is stated."""
    match = _DATE.match(stated or "")
    return "".join(filter(None, match.groups())) if match else ""
