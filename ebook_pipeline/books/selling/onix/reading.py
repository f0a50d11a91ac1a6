"""Prices and rights that a message of ONIX 3.0 states: what a publisher sends for its books.

Reference names, release 3.0 or 3.1. Read a product at a time, without entities and network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lxml import etree
from pydantic import ValidationError

from ebook_pipeline.books.selling.sales_terms import PriceRule, PriceType, RightType, SalesRight
from ebook_pipeline.books.selling.territories import COUNTRIES, GROUPS, WORLD
from ebook_pipeline.foundation.errors import BookError

LARGEST_MESSAGE = 1 << 30
_SOLD = {"01": RightType.EXCLUSIVE, "02": RightType.NON_EXCLUSIVE, "07": RightType.EXCLUSIVE}
_SOLD |= {"08": RightType.NON_EXCLUSIVE}
_ISBN_13, _FROM, _UNTIL, _YYYYMMDD = "15", "14", "15", "00"


@dataclass(frozen=True)
class OnixProductTerms:
    """What a message says of one product; `ignored` is what we have no word for, for people."""

    reference: str
    isbn13: str | None
    prices: tuple[PriceRule, ...]
    rights: tuple[SalesRight, ...]
    ignored: tuple[str, ...] = ()


def read_offers(path: Path) -> Iterator[OnixProductTerms]:
    """Every product of the message at `path`. Raises BookError where it is no message of ONIX."""
    if path.stat().st_size > LARGEST_MESSAGE:
        raise BookError("onix.size", "The message is larger than 1 GiB.", place=path.name)
    try:
        events = etree.iterparse(
            str(path), tag="{*}Product", resolve_entities=False, no_network=True, load_dtd=False
        )
        for _, product in events:
            yield _offered(_without_namespace(product))
            product.clear(keep_tail=False)
            while product.getprevious() is not None:
                del product.getparent()[0]
        if etree.QName(events.root).localname != "ONIXMessage":
            raise BookError("onix.message", "This is no ONIXMessage.", place=path.name)
    except etree.XMLSyntaxError as error:
        raise BookError("onix.malformed", str(error)[:200], place=path.name) from error


def _without_namespace(product: etree._Element) -> etree._Element:
    for element in product.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return product


def _offered(product: etree._Element) -> OnixProductTerms:
    ignored: list[str] = []
    isbn = next(
        (
            identifier.findtext("IDValue")
            for identifier in product.iterfind("ProductIdentifier")
            if identifier.findtext("ProductIDType") == _ISBN_13
        ),
        None,
    )
    return OnixProductTerms(
        reference=(product.findtext("RecordReference") or "").strip(),
        isbn13=isbn.replace("-", "").strip() if isbn else None,
        prices=tuple(_prices(product, ignored)),
        rights=tuple(_rights(product, ignored)),
        ignored=tuple(dict.fromkeys(ignored)),
    )


def _prices(product: etree._Element, ignored: list[str]) -> Iterator[PriceRule]:
    for price in product.iterfind("ProductSupply/SupplyDetail/Price"):
        kind = (price.findtext("PriceType") or "").strip()
        if kind not in {*PriceType} or price.find("PriceAmount") is None:
            ignored.append(f"a price of type {kind or '?'} (list 58)")
            continue
        for territory in _territories(price.find("Territory"), ignored) or (WORLD,):
            try:
                yield _rule(price, kind, territory)
            except (ValidationError, ValueError) as error:
                ignored.append(f"a price: {str(error).splitlines()[0]}")


def _rule(price: etree._Element, kind: str, territory: str) -> PriceRule:
    since, until = _day(price, _FROM), _day(price, _UNTIL)
    return PriceRule.model_validate(
        {
            "territory": territory,
            "type": kind,
            "currency": (price.findtext("CurrencyCode") or "").strip(),
            "amount": (price.findtext("PriceAmount") or "").strip(),
            "valid_until": until,
            **({"valid_from": since} if since else {}),
        }
    )


def _day(price: etree._Element, role: str) -> date | None:
    """Raises ValueError for a date that is not written as YYYYMMDD."""
    for dated in price.iterfind("PriceDate"):
        if (dated.findtext("PriceDateRole") or "").strip() == role:
            return date.fromisoformat((dated.findtext("Date") or "").strip())
    return None


def _rights(product: etree._Element, ignored: list[str]) -> Iterator[SalesRight]:
    detail = product.find("PublishingDetail")
    if detail is None:
        return
    rest = (detail.findtext("ROWSalesRightsType") or "").strip()
    if rest:
        yield SalesRight(territory=WORLD, type=_SOLD.get(rest, RightType.NOT_FOR_SALE))
    for right in detail.iterfind("SalesRights"):
        kind = (right.findtext("SalesRightsType") or "").strip()
        for territory in _territories(right.find("Territory"), ignored):
            yield SalesRight(territory=territory, type=_SOLD.get(kind, RightType.NOT_FOR_SALE))


def _territories(territory: etree._Element | None, ignored: list[str]) -> tuple[str, ...]:
    """Countries as the group that they are, else one by one; the world as it is.

    What is excluded from the world has a rule of its own in a message that says all.
    """
    if territory is None:
        return ()
    countries = frozenset((territory.findtext("CountriesIncluded") or "").split())
    regions = (territory.findtext("RegionsIncluded") or "").split()
    unknown = sorted(
        (countries - COUNTRIES) | {region for region in regions if region not in GROUPS}
    )
    ignored.extend(f"the territory {name}" for name in unknown)
    group = [name for name, inside in GROUPS.items() if inside == countries]
    names = group or sorted(countries & COUNTRIES)
    return (*names, *(region for region in regions if region in GROUPS))
