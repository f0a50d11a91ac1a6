"""The sidecar ``<file>.json`` read: what a submitter says of a book, or why it can't be taken."""

import difflib
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.identifiers import is_book_id
from ebook_pipeline.foundation.regular_files import read_regular

LARGEST_SIDECAR = 1 << 20
_FIELDS = tuple(name for name in Claims.model_fields if name != "defects")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PRICE = re.compile(r"(?P<amount>\d{1,9}(?:\.\d{1,4})?)\s*(?P<currency>[A-Za-z]{3})", re.ASCII)
_PRICE_FORMS = 'write it as "9.99 EUR", or as {"amount": 9.99, "currency": "EUR"}'
_TEXTS = 'a list of texts, such as ["Jane Austen"]'
_PEOPLE = 'a list such as [{"name": "Edith Grossman", "roles": ["trl"]}]'
_EXPECTED = {"authors": _TEXTS, "subjects": _TEXTS, "contributors": _PEOPLE}


def parse_claims(body: bytes, place: str) -> Claims:
    """The claims in a sidecar's `body`; `place` names it in the finding.

    Raises `BookError` of rule ``landing.sidecar`` that names every wrong field. A price is
    ``"9.99 EUR"``, a number beside a field ``currency``, or ``{"amount": …, "currency": …}``.
    """
    if len(body) > LARGEST_SIDECAR:
        raise _refused(
            place, f"the sidecar is larger than {LARGEST_SIDECAR} bytes", "shorten its texts"
        )
    return claims_of(_document(body, place), place)


def claims_of(document: dict[str, object], place: str) -> Claims:
    """The claims that a JSON object of a sidecar's form makes; as `parse_claims`."""
    _refuse_unstorable(document, place)
    _refuse_unknown(document, place)
    claims = _claims(_with_price(document, place), place)
    if claims.book is not None and not is_book_id(claims.book):
        remedy = "use lower-case letters, digits and single hyphens, at most 87 of them"
        raise _refused(place, "book: this can't be the key of a book", f"book: {remedy}")
    return claims


def sidecar_schema() -> dict[str, Any]:
    """What a sidecar's fields may be, as properties of a JSON Schema that refers to nothing."""
    whole = Claims.model_json_schema()
    fields = {name: _plain_schema(whole["properties"][name], whole["$defs"]) for name in _FIELDS}
    written = [{"type": "string"}, {"type": "number"}]
    price = {**fields["price"], "anyOf": [*fields["price"]["anyOf"], *written]}
    return fields | {"price": price, "currency": {"type": "string"}}


def _plain_schema(schema: Any, named: dict[str, Any]) -> Any:
    """`schema` with what it refers to in its place: no record of a sidecar holds itself."""
    if isinstance(schema, list):
        return [_plain_schema(part, named) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain_schema(named[schema["$ref"].rpartition("/")[2]], named)
    return {name: _plain_schema(part, named) for name, part in schema.items()}


def sidecar_claims(path: Path) -> Claims:
    """What the sidecar of the book at `path`, ``<name>.json`` beside it, says: none, nothing.

    A sidecar that cannot be read is a defect of the claims.
    """
    sidecar = path.with_name(f"{path.name}.json")
    try:
        return parse_claims(_body(sidecar), sidecar.name)
    except FileNotFoundError:
        return Claims()
    except BookError as error:
        return Claims(defects=(error.finding,))


def _body(sidecar: Path) -> bytes:
    """A byte more than a sidecar may have, at most; of a regular file only."""
    try:
        return read_regular(sidecar, LARGEST_SIDECAR + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"the sidecar can't be read: {error.strerror}"
        remedy = "put a file there that the program may read"
        raise _refused(sidecar.name, message, remedy) from error


def _document(body: bytes, place: str) -> dict[str, object]:
    remedy = "write one JSON object in UTF-8 with each field once"
    try:
        document = parse_json(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_unique,
        )
    except (ValueError, InvalidOperation) as error:
        message = f"the sidecar is no valid JSON: {_first_line(error)}"
        raise _refused(place, message, remedy) from error
    if not isinstance(document, dict):
        raise _refused(place, "the sidecar is JSON, but no object", remedy)
    return document


def _refuse_unstorable(document: dict[str, object], place: str) -> None:
    for field, value in document.items():
        if any(_CONTROLS.search(text) for text in (field, *_texts(value))):
            name = _CONTROLS.sub("", field)
            raise _refused(place, f"{name}: control characters in it", f"{name}: remove them")


def _refuse_unknown(document: dict[str, object], place: str) -> None:
    unknown = [name for name in document if name not in (*_FIELDS, "currency")]
    if not unknown:
        return
    hints = []
    for name in unknown[:5]:
        close = difflib.get_close_matches(name[:100].lower(), _FIELDS, 1)
        hints.append(f"{name[:100]}: " + (f"did you mean {close[0]}?" if close else "remove it"))
    known = ", ".join(_FIELDS)
    shown = ", ".join(name[:100] for name in unknown[:5])
    raise _refused(place, f"unknown fields: {shown}", f"{'; '.join(hints)} (fields are: {known})")


def _with_price(document: dict[str, object], place: str) -> dict[str, object]:
    """`document` with its price as an object, whichever of the three forms it was written in."""
    claims = {name: value for name, value in document.items() if name != "currency"}
    price, currency = document.get("price"), document.get("currency")
    if isinstance(price, dict):
        if not set(price) <= {"amount", "currency"}:
            raise _refused(place, "price: unknown fields in it", f"price: {_PRICE_FORMS}")
        currency = price.get("currency", currency)
        price = price.get("amount")
    if document.get("price") is None and currency is None:
        return claims
    written = f"{price} {currency}" if currency is not None else str(price)
    match = _PRICE.fullmatch(written.strip())
    if match is None:
        raise _refused(place, "price: no amount and currency", f"price: {_PRICE_FORMS}")
    amount = Decimal(match["amount"])
    return {**claims, "price": {"amount": amount, "currency": match["currency"].upper()}}


def _claims(document: dict[str, object], place: str) -> Claims:
    try:
        return Claims.model_validate(document)
    except ValidationError as error:
        faults = {str(fault["loc"][0]): fault["msg"] for fault in error.errors()}
        message = "; ".join(f"{field}: {fault}" for field, fault in faults.items())
        remedy = "; ".join(f"{field}: write {_EXPECTED.get(field, 'a text')}" for field in faults)
        raise _refused(place, message, remedy) from error


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, with a stack of its own: a sidecar may nest deeper than ours."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a field is written twice")
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _refused(place: str, message: str, remedy: str) -> BookError:
    return BookError("landing.sidecar", message, place=place, remedy=remedy)
