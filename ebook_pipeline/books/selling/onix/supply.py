"""Blocks 4 and 6, P.21 and P.26: where a product is sold, from when, and at which prices."""

from collections.abc import Iterator
from datetime import date

from lxml import etree

from ebook_pipeline.books.selling.onix.codes import ProductAvailability
from ebook_pipeline.books.selling.onix.elements import composite, element
from ebook_pipeline.books.selling.onix.listing import Listing, OnixSender
from ebook_pipeline.books.selling.sales_terms import PriceSpan, rights_by_type
from ebook_pipeline.books.selling.territories import COUNTRIES, GROUPS, WORLD

_TO_END_CUSTOMERS, _PRICE_UNKNOWN, _EMBARGO = "09", "04", "02"
_FROM, _UNTIL, _YYYYMMDD = "14", "15", "00"
_REGIONS = ("ECZ",)
_MOSTLY = len(COUNTRIES) // 2
"""So many countries are told as the world without the others."""


def product_supply(listing: Listing, sender: OnixSender) -> etree._Element | None:
    """P.26, or None where nothing is said of supply."""
    if listing.availability is None:
        return None
    supplier = ("SupplierRole", _TO_END_CUSTOMERS), ("SupplierName", sender.name)
    sold_from = listing.terms.sold_from
    waits = _waits(listing)
    availability = ProductAvailability.NOT_YET if waits else listing.availability
    embargo = _day("SupplyDate", "SupplyDateRole", _EMBARGO, sold_from) if waits else None
    prices = [_price(span) for span in listing.terms.spans(listing.day, listing.product.price)]
    return element(
        "ProductSupply",
        element(
            "SupplyDetail",
            composite("Supplier", *supplier),
            element("ProductAvailability", availability),
            embargo,
            *(prices or [element("UnpricedItemType", _PRICE_UNKNOWN)]),
        ),
    )


def sales_rights(listing: Listing) -> Iterator[etree._Element]:
    """P.21, told only where somebody gave rights; then for all countries."""
    if not listing.terms.rights:
        return
    covered: frozenset[str] = frozenset()
    for right, places in rights_by_type(listing.terms).items():
        covered |= places
        yield element("SalesRights", element("SalesRightsType", right), territory(places))
    if covered != COUNTRIES:
        yield element("ROWSalesRightsType", listing.terms.elsewhere)


def territory(places: frozenset[str]) -> etree._Element:
    """These countries: as a region, one by one, or as the world without the others."""
    for region in _REGIONS:
        if places == GROUPS[region]:
            return element("Territory", element("RegionsIncluded", region))
    if len(places) <= _MOSTLY:
        return element("Territory", element("CountriesIncluded", " ".join(sorted(places))))
    without = " ".join(sorted(COUNTRIES - places))
    excluded = element("CountriesExcluded", without) if without else None
    return element("Territory", element("RegionsIncluded", WORLD), excluded)


def _waits(listing: Listing) -> bool:
    """Whether it can be ordered, but not yet bought."""
    open_ = listing.availability is ProductAvailability.AVAILABLE
    return open_ and not listing.terms.can_be_bought(listing.day)


def _price(span: PriceSpan) -> etree._Element:
    return element(
        "Price",
        element("PriceType", span.rule.type),
        element("PriceAmount", f"{span.rule.amount:f}"),
        element("CurrencyCode", span.rule.currency),
        territory(span.places) if span.places != COUNTRIES else None,
        _day("PriceDate", "PriceDateRole", _FROM, span.since),
        _day("PriceDate", "PriceDateRole", _UNTIL, span.until),
    )


def _day(name: str, role_name: str, role: str, day: date | None) -> etree._Element | None:
    if day is None:
        return None
    written = element("Date", day.strftime("%Y%m%d"), dateformat=_YYYYMMDD)
    return element(name, element(role_name, role), written)
