"""What KDP's form asks of a book, filled in: to be copied field by field.

Names of fields are those of https://kdp.amazon.com/en_US/bookshelf; what is generated must be
declared there even if it was edited, what is assisted need not.
"""

import math
from typing import Literal

from ebook_pipeline.books.picture_books.brief import AgeGroup, BookKind
from ebook_pipeline.books.picture_books.finished_book import Credit, PictureBook
from ebook_pipeline.books.printing.print_rules import PaperKind, PrinterRules
from ebook_pipeline.books.producing.interior import trim_of
from ebook_pipeline.foundation.record import Record

MOST_KEYWORDS = 7
LONGEST_KEYWORD = 50
"""Characters of one of the seven boxes."""
LONGEST_DESCRIPTION = 4000
_EARNED = 1.5
"""US dollars a copy that the suggested price leaves to the author."""
_READERS = {
    AgeGroup.BABIES: ("Baby", "2", "–"),
    AgeGroup.PRESCHOOL: ("3", "5", "Preschool – Kindergarten"),
    AgeGroup.EARLY_READERS: ("6", "8", "1st – 3rd grade"),
    AgeGroup.MIDDLE: ("9", "12", "4th – 7th grade"),
}
_STORY = (
    "Children's Books › Animals",
    "Children's Books › Growing Up & Facts of Life › Friendship, Social Skills & School Life",
    "Children's Books › Early Learning › Basic Concepts",
)
_COLOURING = (
    "Children's Books › Activities, Crafts & Games › Activity Books › Coloring Books",
    "Children's Books › Animals",
    "Children's Books › Arts, Music & Photography › Art › Drawing",
)

Extent = Literal["none", "assisted", "entire work"]


class AiDisclosure(Record):
    """How much of a part a model made, and which; `declare` says what to answer KDP."""

    part: str
    extent: Extent
    model: str
    maker: str
    declare: bool


class PriceHint(Record):
    """US dollars; a suggestion from the printing cost, not a promise."""

    printing_cost: float
    lowest_price: float
    suggested_price: float
    earned_per_copy: float


class KdpSheet(Record):
    """The form of a paperback."""

    language: str
    title: str
    subtitle: str
    author: str
    series: str
    volume: int | None
    description: str
    keywords: tuple[str, ...]
    categories: tuple[str, ...]
    reading_age: tuple[str, str]
    grade_range: str
    trim: str
    bleed: bool
    ink_and_paper: str
    pages: int
    spine_inches: float | None
    ai: tuple[AiDisclosure, ...]
    price: PriceHint | None
    rules_read: str


def kdp_sheet(book: PictureBook, pages: int, rules: PrinterRules) -> KdpSheet:
    """The sheet of a book whose interior has so many pages."""
    paper = PaperKind(book.paper)
    youngest, oldest, grades = _READERS[book.age_group]
    return KdpSheet(
        language=book.language,
        title=book.title,
        subtitle=book.subtitle,
        author=book.author,
        series=book.series,
        volume=book.volume or None,
        description=book.description[:LONGEST_DESCRIPTION],
        keywords=_keywords(book),
        categories=_COLOURING if book.kind is BookKind.COLOURING else _STORY,
        reading_age=(youngest, oldest),
        grade_range=grades,
        trim=str(trim_of(book)),
        bleed=True,
        ink_and_paper=rules.papers[paper].name if paper in rules.papers else str(paper),
        pages=pages,
        spine_inches=rules.spine_width(pages, paper),
        ai=tuple(_disclosure(credit) for credit in book.credits),
        price=price_hint(book, pages, rules),
        rules_read=rules.read.isoformat(),
    )


def price_hint(book: PictureBook, pages: int, rules: PrinterRules) -> PriceHint | None:
    """The lowest price that pays the printing, and one that leaves something; None without data."""
    cost = rules.printing_cost(trim_of(book), PaperKind(book.paper), pages)
    royalty = rules.royalty
    if cost is None or royalty is None:
        return None
    lowest = _paying(0.0, cost, (royalty.below, royalty.rate), royalty.from_price)
    suggested = math.ceil(_paying(_EARNED, cost, (royalty.below, royalty.rate), royalty.from_price))
    price = suggested - 0.01
    return PriceHint(
        printing_cost=round(cost, 2),
        lowest_price=round(lowest, 2),
        suggested_price=round(price, 2),
        earned_per_copy=round(price * royalty.of(price) - cost, 2),
    )


def as_markdown(sheet: KdpSheet) -> str:
    """The sheet for people, in the order of the form."""
    ages = " to ".join(sheet.reading_age)
    lines = [
        f"# {sheet.title}: KDP paperback",
        f"Rules read on {sheet.rules_read}. Look at KDP's own form before you publish.",
        f"**Language:** {sheet.language}",
        f"**Book title:** {sheet.title}",
        f"**Subtitle:** {sheet.subtitle}",
        f"**Author:** {sheet.author}",
        *_series(sheet),
        f"**Description:**\n\n{sheet.description}",
        f"**Reading age:** {ages}. **Grade range:** {sheet.grade_range}",
        "**Categories** (suggestions, choose them in KDP's list):\n\n"
        + "\n".join(f"- {category}" for category in sheet.categories),
        "**Keywords:**\n\n"
        + "\n".join(f"{at}. {word}" for at, word in enumerate(sheet.keywords, 1)),
        f"**Ink and paper:** {sheet.ink_and_paper}. **Trim:** {sheet.trim}. **Bleed:** yes. "
        f"**Pages:** {sheet.pages}.",
        "**AI-generated content:**\n\n" + "\n".join(_answer(part) for part in sheet.ai),
        _priced(sheet.price),
    ]
    return "\n\n".join(lines) + "\n"


def _series(sheet: KdpSheet) -> list[str]:
    if not sheet.series:
        return []
    number = f" **Number in it:** {sheet.volume}" if sheet.volume else ""
    return [f"**Series:** {sheet.series}.{number}"]


def _keywords(book: PictureBook) -> tuple[str, ...]:
    """Seven at most, none that the title says already."""
    title = book.title.casefold()
    words = (word.strip()[:LONGEST_KEYWORD] for word in book.keywords)
    return tuple(word for word in dict.fromkeys(words) if word and word.casefold() not in title)[
        :MOST_KEYWORDS
    ]


def _disclosure(credit: Credit) -> AiDisclosure:
    extents: dict[str, Extent] = {
        "none": "none",
        "assisted": "assisted",
        "generated": "entire work",
    }
    return AiDisclosure(
        part=credit.part,
        extent=extents[credit.ai],
        model=credit.model,
        maker=credit.maker,
        declare=credit.ai == "generated",
    )


def _answer(part: AiDisclosure) -> str:
    model = f", made with {part.model}" if part.model else ""
    answer = f"Yes: {part.extent}{model}" if part.declare else "No"
    return f"- {part.part}: {answer} ({part.maker})"


def _priced(price: PriceHint | None) -> str:
    if price is None:
        return "**Price:** no printing cost is published for this book."
    return (
        f"**Price (hint):** printing costs {price.printing_cost:.2f} USD a copy, so the lowest "
        f"price is {price.lowest_price:.2f}; at {price.suggested_price:.2f} about "
        f"{price.earned_per_copy:.2f} remain."
    )


def _paying(earned: float, cost: float, rates: tuple[float, float], step: float) -> float:
    """The lowest price that pays the cost and leaves so much."""
    low = (cost + earned) / rates[0]
    return low if low < step else max(step, (cost + earned) / rates[1])
