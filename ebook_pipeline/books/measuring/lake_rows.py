"""An event as a row of the data lake: what it holds, and what is left out of it for ever.

The lake is read by whoever analyses: nobody is named in it, no free text of a person's stands in
it, and nothing that opens anything. A licence is told apart by a keyed digest.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1
"""Raised when a column changes its meaning or goes; a new column is null in older files."""
SCHEMA_MARK = b"ebooks.lake.schema"

TEXTS = (
    "stage", "origin", "release", "priority", "form", "territory", "currency", "amount", "point",
    "state", "what",
)  # fmt: skip
NUMBERS = ("edition", "task", "length", "more", "stars", "times")
FLAGS = ("approved", "everything")
LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "actor": "names a person",
        "by": "names a person",
        "manuscript": "of what is no book yet: the desk has its rounds",
        "step": "of what is no book yet: the desk has its rounds",
        "from": "of what is no book yet: the desk has its rounds",
        "to": "of what is no book yet: the desk has its rounds",
        "reader": "names a person",
        "order": "a shop's number of a person's order",
        "reason": "free text, also of persons",
        "error": "free text of others' servers",
        "faults": "addresses at the edge",
        "landing_key": "a file's name, which submitters choose",
        "version": "of that file",
        "due": "follows from the priority",
        "report": "a digest",
        "sha256": "a digest",
        "submission": "a number of no meaning elsewhere",
        "opinion": "a number of no meaning elsewhere",
        "comment": "a number of no meaning elsewhere",
        "answer": "a number of no meaning elsewhere",
        "user": "stands for a person",
        "role": "of a person",
        "account": "the catalogue has whose a book is",
        "assignment": "a number of no meaning elsewhere",
        "field": "which field a person fixed",
        "valid_from": "of a price: the catalogue has it",
        "valid_until": "of a price: the catalogue has it",
        "ended": "of a price: the catalogue has it",
        "type": "of a price or right: the catalogue has it",
        "rights": "the catalogue has them",
        "forgotten": "the catalogue has it",
        "sold_from": "the catalogue has it",
        "subscriber": "about the delivery of events, not about books",
        "event": "about the delivery of events, not about books",
        "attempts": "about the delivery of events, not about books",
    }
)
"""Fields of events that are no columns, and why; each field is here or is a column."""
TAKEN_APART = ("seconds", "findings", "license", "price")


class TakenEvent(NamedTuple):
    """An event of the outbox with its place there; `data` is as it lies in the database."""

    position: int
    id: str
    type: str
    version: int
    book: str
    at: datetime
    correlation: str
    data: Mapping[str, object]


def event_schema() -> "pa.Schema":
    """The columns of ``lake/events``. Times are UTC; `day` is the day of `at` there."""
    import pyarrow as pa

    rule = pa.struct([("rule", pa.string()), ("severity", pa.string())])
    columns = [
        ("position", pa.int64()),
        ("id", pa.string()),
        ("type", pa.string()),
        ("version", pa.int32()),
        ("book", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("day", pa.date32()),
        ("correlation", pa.string()),
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.int64()) for name in NUMBERS),
        *((name, pa.bool_()) for name in FLAGS),
        ("seconds", pa.float64()),
        ("license", pa.string()),
        ("findings", pa.list_(rule)),
    ]
    return pa.schema(columns, metadata={SCHEMA_MARK: str(SCHEMA_VERSION).encode()})


def lake_row(event: TakenEvent, pseudonym: Callable[[str], str]) -> dict[str, object]:
    """The event's row; `pseudonym` gives what stands for a licence's id."""
    at = event.at.astimezone(UTC)
    price = event.data.get("price")
    data = {**price, **event.data} if isinstance(price, Mapping) else event.data
    license = data.get("license")
    return {
        "position": event.position,
        "id": event.id,
        "type": event.type,
        "version": event.version,
        "book": event.book,
        "at": at,
        "day": at.date(),
        "correlation": event.correlation,
        **{name: _text(data.get(name)) for name in TEXTS},
        **{name: _number(data.get(name)) for name in NUMBERS},
        **{name: _flag(data.get(name)) for name in FLAGS},
        "seconds": _seconds(data.get("seconds")),
        "license": pseudonym(license) if isinstance(license, str) and license else None,
        "findings": list(_rules(data.get("findings"))),
    }


def event_table(rows: Iterable[Mapping[str, object]]) -> "pa.Table":
    """Rows as a table in the order of their positions."""
    import pyarrow as pa

    listed = [dict(row) for row in rows]
    return pa.Table.from_pylist(listed, schema=event_schema()).sort_by("position")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _rules(findings: object) -> Iterable[dict[str, str]]:
    for finding in findings if isinstance(findings, list) else ():
        if isinstance(finding, Mapping):
            yield {name: str(finding.get(name, "")) for name in ("rule", "severity")}
