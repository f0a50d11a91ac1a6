"""How pages print what is no text: moments, sizes, durations."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from markupsafe import Markup

from ebook_pipeline.books.notifying.finding_words import finding_words
from ebook_pipeline.books.rating.opinion_text import clean
from ebook_pipeline.desk.refusals import told
from ebook_pipeline.services.actors import login_behind

_UNITS = ("B", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_MINUTE, _HOUR = 60, 3600
_GERMAN = str.maketrans(",.", ".,")


def moment(at: datetime) -> Markup:
    """A moment in UTC, which `static/times.js` puts into the reader's own zone and language."""
    utc = at.astimezone(UTC)
    iso, shown = utc.isoformat(timespec="seconds"), utc.strftime("%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}">{}</time>').format(iso, shown)


def decimal(number: float, language: str, places: int = 1) -> str:
    """The number with so many places, as people write it: ``1,024.5``, in German ``1.024,5``."""
    written = f"{number:,.{places}f}"
    return written.translate(_GERMAN) if language == "de" else written


def amount(price: Decimal, language: str) -> str:
    """What a book costs, with the places that it has: ``9.90``, in German ``9,90``."""
    return f"{price:f}".replace(".", ",") if language == "de" else f"{price:f}"


def count(number: int, language: str) -> str:
    """A whole number as people write it: ``12,000``."""
    return decimal(number, language, 0)


def size(length: int, language: str) -> str:
    """Bytes as people read them: ``1.4 MB``."""
    value, unit = float(length), 0
    while value >= _THOUSAND and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    return f"{decimal(value, language, 1 if unit and value < 10 else 0)} {_UNITS[unit]}"


def duration(seconds: float, language: str) -> str:
    """Seconds as people read them: ``0.4 s``, ``2 min``."""
    if seconds < 10:
        return f"{decimal(seconds, language)} s"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.0f} h"


def cleaned(words: str) -> Markup:
    """What a reader wrote, as the markup that is allowed: cleaned again, whoever stored it."""
    return Markup(clean(words))  # noqa: S704 - that is what cleaning is for


FILTERS: Mapping[str, Callable[..., object]] = {
    "moment": moment,
    "cleaned": cleaned,
    "amount": amount,
    "decimal": decimal,
    "number": count,
    "size": size,
    "duration": duration,
    "finding_words": finding_words,
    "told": told,
    "login": login_behind,
}
