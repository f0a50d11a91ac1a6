"""Prices and rights of many books from a file: a table (CSV), or a message of ONIX 3.0.

Everything is read and understood before anything is written.
"""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.selling.onix.reading import OnixProductTerms, read_offers
from ebook_pipeline.books.selling.sales_terms import PriceRule
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.selling import availability, prices
from ebook_pipeline.services.selling.list_falls import Ruled, fallen

COLUMNS = ("book", "territory", "amount", "currency", "type", "from", "until")
"""Of a table; the last three may be left out."""

_NAMES = {"from": "valid_from", "until": "valid_until"}
_MOST_LINES = 1_000_000
_MOST_FAULTS = 20
_KNOWN = text(
    """
    SELECT asked.at, coalesce(book.id, (
        SELECT edition.book FROM manifestation JOIN edition ON edition.id = manifestation.edition
        WHERE isbn13 = asked.isbn ORDER BY edition.id DESC LIMIT 1)) AS book
    FROM unnest(CAST(:references AS text[]), CAST(:isbns AS text[])) WITH ORDINALITY
        AS asked (reference, isbn, at)
    LEFT JOIN book ON book.id = asked.reference ORDER BY at
    """
)


class ImportSummary(Record):
    """What a file changed, and what in it was not understood or not ours.

    `held` are prices that fall too far: none of them was set.
    """

    books: int
    prices: int
    rights: int = 0
    ignored: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def from_table(
    database: Database, path: Path, *, actor: str, most_fall: float | None = None
) -> ImportSummary:
    """Set the prices of a CSV file with the columns `COLUMNS`.

    One that falls by more than the share `most_fall` (or what its account says) is held; None holds
    none. Raises BookError, before anything is written, that names the lines with a fault, and
    `NotFound` for unknown books.
    """
    ruled = _rules(path)
    prices.require_books(database, [book for book, _ in ruled])
    meant, held = _sifted(database, ruled, most_fall)
    books, rules = prices.set_prices(database, meant, actor=actor)
    return ImportSummary(books=books, prices=rules, held=held)


def from_onix(
    database: Database, path: Path, *, actor: str, most_fall: float | None = None
) -> ImportSummary:
    """Set the prices and rights of a message; books are known by our reference or their ISBN.

    Products that we don't have are ignored; prices are held as of a table. Raises BookError where
    it is no message of ONIX.
    """
    offers = list(read_offers(path))
    with database.begin() as connection:
        books = _known(connection, offers)
    ignored = [f"{offer.reference}: {what}" for offer in offers for what in offer.ignored]
    ignored += [
        f"{offer.reference}: no such book" for offer in offers if offer.reference not in books
    ]
    ours = [(books[offer.reference], offer) for offer in offers if offer.reference in books]
    ruled = [(book, rule) for book, offer in ours for rule in offer.prices]
    meant, held = _sifted(database, ruled, most_fall)
    prices.set_prices(database, meant, actor=actor)
    for book, offer in ours:
        availability.set_rights(database, book, offer.rights, actor=actor)
    return ImportSummary(
        books=len(ours),
        prices=len(meant),
        rights=sum(len(offer.rights) for _, offer in ours),
        ignored=tuple(ignored),
        held=held,
    )


def _sifted(
    database: Database, ruled: list[Ruled], most_fall: float | None
) -> tuple[list[Ruled], tuple[str, ...]]:
    """Those to be set, and what is said of those that are held."""
    falls = {} if most_fall is None else fallen(database, ruled, most_fall)
    held = tuple(f"{book}, {rule.territory}: {fall}" for (book, rule), fall in falls.items())
    return [one for one in ruled if one not in falls], held


def _known(connection: Connection, offers: list[OnixProductTerms]) -> dict[str, str]:
    """Our book of each reference, where we have it."""
    asked = {"references": [offer.reference for offer in offers]}
    rows = connection.execute(_KNOWN, asked | {"isbns": [offer.isbn13 for offer in offers]})
    pairs = zip(offers, rows, strict=True)
    return {offer.reference: row.book for offer, row in pairs if row.book}


def _rules(path: Path) -> list[tuple[str, PriceRule]]:
    faults: list[str] = []
    rules: list[tuple[str, PriceRule]] = []
    for number, row in _lines(path):
        try:
            rules.append((row.pop("book"), PriceRule.model_validate(row)))
        except (KeyError, ValidationError) as error:
            faults.append(f"line {number}: {_why(error)}")
    if faults:
        shown = "; ".join(faults[:_MOST_FAULTS])
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        remedy = f"The columns are {', '.join(COLUMNS)}; days are written as 2027-01-31."
        raise BookError("prices.table", shown + more, place=path.name, remedy=remedy)
    return rules


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line with its number from the top, without what is left empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(_bounded(file), strict=True)
            for row in reader:
                filled = {str(name): value for name, value in row.items() if value}
                yield reader.line_num, {_NAMES.get(name, name): filled[name] for name in filled}
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"This is no table in UTF-8: {error}"
        raise BookError("prices.table", message, place=path.name) from error


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    return islice(lines, _MOST_LINES)


def _why(error: KeyError | ValidationError) -> str:
    if isinstance(error, KeyError):
        return "no book"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
