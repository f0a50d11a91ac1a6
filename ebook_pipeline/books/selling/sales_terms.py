"""At what price a book is sold, where, and from when: by the most specific rule that there is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, field_validator

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.territories import (
    COUNTRIES,
    WORLD,
    countries,
    most_specific,
    territory,
)
from ebook_pipeline.foundation.record import Record

_A_DAY = timedelta(days=1)


class PriceType(StrEnum):
    """ONIX list 58: recommended to shops, or fixed by law or contract; with or without tax."""

    WITHOUT_TAX = "01"
    WITH_TAX = "02"
    FIXED_WITHOUT_TAX = "03"
    FIXED_WITH_TAX = "04"

    @property
    def taxed(self) -> bool:
        """Whether the amount includes the tax."""
        return self in (PriceType.WITH_TAX, PriceType.FIXED_WITH_TAX)


class PriceRule(Record):
    """An amount in a territory, on the days from `valid_from` to `valid_until`, both included."""

    territory: str = WORLD
    type: PriceType = PriceType.WITH_TAX
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    amount: Decimal = Field(ge=0, max_digits=12, decimal_places=3)
    valid_from: date = date.min
    valid_until: date | None = None

    @field_validator("territory")
    @classmethod
    def _known(cls, written: str) -> str:
        return territory(written)

    @field_validator("amount")
    @classmethod
    def _as_money(cls, amount: Decimal) -> Decimal:
        """With two decimals, and a third only where it says something."""
        exact = amount.normalize()
        return exact if -int(exact.as_tuple().exponent) > 2 else exact.quantize(Decimal("0.01"))

    def holds(self, day: date) -> bool:
        """Whether it is valid that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class RightType(StrEnum):
    """ONIX list 46."""

    EXCLUSIVE = "01"
    NON_EXCLUSIVE = "02"
    NOT_FOR_SALE = "03"


class SalesRight(Record):
    """Whether the book may be sold in a territory."""

    territory: str
    type: RightType

    @field_validator("territory")
    @classmethod
    def _known(cls, written: str) -> str:
        return territory(written)


class SalesTerms(Record):
    """All rules of one book. Without any it is sold everywhere, at once, at the stated price."""

    prices: tuple[PriceRule, ...] = ()
    rights: tuple[SalesRight, ...] = ()
    sold_from: date | None = None

    def price(
        self, place: str, day: date, stated: Price | None = None, currency: str | None = None
    ) -> PriceRule | None:
        """What one pays in the country (or for the world) `place` that day.

        The most specific territory wins, in it the rule that began last, of equals the later one;
        where no rule holds, the price that the submitter `stated` does. Only prices in `currency`,
        where one is named.
        """
        holding = [rule for rule in self._and(stated) if rule.holds(day)]
        if currency is not None:
            holding = [rule for rule in holding if rule.currency == currency]
        latest = {
            rule.territory: rule for rule in sorted(holding, key=lambda begun: begun.valid_from)
        }
        return most_specific(latest, place)

    def sold_in(self, place: str) -> bool:
        """Whether it may be sold in the country `place`."""
        right_type = most_specific({right.territory: right.type for right in self.rights}, place)
        return (
            self.elsewhere is not RightType.NOT_FOR_SALE
            if right_type is None
            else _sells(right_type)
        )

    @property
    def elsewhere(self) -> RightType:
        """What holds where no rule does: who was granted some countries has no others."""
        granted = any(_sells(right.type) for right in self.rights)
        return RightType.NOT_FOR_SALE if granted else RightType.NON_EXCLUSIVE

    @property
    def barred(self) -> tuple[str, ...]:
        """The countries where it may not be sold, sorted."""
        if not self.rights:
            return ()
        return tuple(sorted(place for place in COUNTRIES if not self.sold_in(place)))

    def can_be_bought(self, day: date) -> bool:
        """Whether its day has come."""
        return self.sold_from is None or self.sold_from <= day

    def spans(self, today: date, stated: Price | None = None) -> "list[PriceSpan]":
        """Which price holds where and when, from `today` on: no two for one country and day."""
        rules = tuple(self._and(stated))
        spans: list[PriceSpan] = []
        days = sorted(_turns(rules, today))
        for day, following in zip(days, (*days[1:], None), strict=True):
            until = following - _A_DAY if following else None
            for rule, places in _winners(self, day, stated):
                _append(spans, PriceSpan(rule, places, day if day > today else None, until))
        return spans

    def _and(self, stated: Price | None) -> Iterator[PriceRule]:
        if stated is not None:
            yield PriceRule(currency=stated.currency, amount=stated.amount)
        yield from self.prices


@dataclass(frozen=True)
class PriceSpan:
    """A price in these countries, from `since` (now, where None) to `until` (for ever, alike)."""

    rule: PriceRule
    places: frozenset[str]
    since: date | None = None
    until: date | None = None


def _append(spans: list[PriceSpan], span: PriceSpan) -> None:
    """What goes on unchanged is one span with what was before."""
    for at, earlier in enumerate(spans):
        goes_on = earlier.until is not None and earlier.until + _A_DAY == span.since
        if goes_on and (earlier.rule, earlier.places) == (span.rule, span.places):
            spans[at] = PriceSpan(span.rule, span.places, earlier.since, span.until)
            return
    spans.append(span)


def _winners(
    terms: SalesTerms, day: date, stated: Price | None
) -> list[tuple[PriceRule, frozenset[str]]]:
    """Each rule that holds somewhere that day, with the countries in which it does."""
    places: dict[PriceRule, set[str]] = {}
    if not terms.prices:
        rule = terms.price(WORLD, day, stated)
        return [(rule, COUNTRIES)] if rule else []
    for place in sorted(COUNTRIES):
        rule = terms.price(place, day, stated)
        if rule is not None:
            places.setdefault(rule, set()).add(place)
    return [(rule, frozenset(inside)) for rule, inside in places.items()]


def _turns(rules: Sequence[PriceRule], today: date) -> set[date]:
    """The days from today on at which another price may hold."""
    starts = {rule.valid_from for rule in rules}
    ends = {rule.valid_until + _A_DAY for rule in rules if rule.valid_until}
    return {today} | {day for day in starts | ends if day > today}


def _sells(right: RightType) -> bool:
    return right is not RightType.NOT_FOR_SALE


def rights_by_type(terms: SalesTerms) -> dict[RightType, frozenset[str]]:
    """The countries of each right, as the most specific rules give them."""
    rules = {right.territory: right.type for right in terms.rights}
    by_type: dict[RightType, set[str]] = {}
    for place in all_countries(right.territory for right in terms.rights):
        right = most_specific(rules, place)
        if right is not None:
            by_type.setdefault(right, set()).add(place)
    return {right: frozenset(inside) for right, inside in sorted(by_type.items())}


def all_countries(names: Iterable[str]) -> frozenset[str]:
    """The countries of all these territories."""
    return frozenset().union(*map(countries, names))
