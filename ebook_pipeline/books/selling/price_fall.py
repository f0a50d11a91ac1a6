"""When a price falls so far that a person should have meant it."""

from collections.abc import Iterable

from ebook_pipeline.books.records import Price


def price_fall(before: Iterable[Price], after: Price | None, share: float) -> str:
    """How `after` falls by more than `share` (0 to 1) of a price `before`; empty where it doesn't.

    The highest price in its currency counts. Prices in other currencies alone can't be compared,
    which is said instead. No price at all is no lower price.
    """
    known = list(before)
    if after is None or not known:
        return ""
    alike = [price.amount for price in known if price.currency == after.currency]
    if not alike:
        was = ", ".join(dict.fromkeys(map(_printed, known)))
        return f"the price was {was} and is {_printed(after)}, which can't be compared"
    highest = max(alike)
    if highest <= 0 or float((highest - after.amount) / highest) <= share:
        return ""
    fall = float((highest - after.amount) / highest)
    was = _printed(Price(amount=highest, currency=after.currency))
    return f"the price falls from {was} to {_printed(after)}, by {fall:.0%}"


def _printed(price: Price) -> str:
    return f"{price.amount:f} {price.currency}"
