"""Conditions on books in SQL: every field of ``--where``, and what it is compared with."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.file_types import media_type_of
from ebook_pipeline.resources.database import progress_tables, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.reporting.conditions import (
    BadCondition,
    Comparison,
    Condition,
    parse_condition,
)
from ebook_pipeline.services.reporting.status import BookState

_BOOK = tables.book.c
_EDITION = tables.edition.c
_STAGE_RUN = tables.stage_run.c
_DESCRIPTION = tables.description.c
_METRICS = tables.ingestion_metrics.c
_PROGRESS = progress_tables.book_progress.c
_LARGEST = 2**31 - 1

LOCKED_KEYS = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""The keys of all locks that are held in this database."""

IS_HELD: ColumnElement[bool] = literal_column(
    f"book_progress.lock_key IN ({LOCKED_KEYS})", Boolean()
)
"""Of a row of book_progress: a run has the book, as its lock tells and no table does.

All locks are read once, not once for each book; the row keeps the key of `Database.lock`.
"""

Meaning = Callable[[str, str], ColumnElement[bool]]
"""What an operator and a value mean of the book at hand."""


def condition_on_books(text: str) -> ColumnElement[bool]:
    """What `text` says of rows of book joined with book_progress. Raises `BadCondition`."""
    return _compiled(parse_condition(text))


def _compiled(condition: Condition) -> ColumnElement[bool]:
    if isinstance(condition, Comparison):
        return _compared(condition)
    parts = [_compiled(part) for part in condition.parts]
    if condition.kind == "not":
        return not_(func.coalesce(parts[0], False))
    return and_(*parts) if condition.kind == "and" else or_(*parts)


def _compared(comparison: Comparison) -> ColumnElement[bool]:
    meaning = FIELDS.get(comparison.field)
    if meaning is None:
        raise BadCondition(f"no field is called {comparison.field[:40]!r}: {', '.join(FIELDS)}")
    operator = "=" if comparison.operator == "in" else comparison.operator
    try:
        return or_(*(meaning(operator, clean_text(value)) for value in comparison.values))
    except BadCondition as error:
        raise BadCondition(f"{comparison.field}: {error}") from error


_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column.is_distinct_from(value),
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}


def _text(column: ColumnElement[Any]) -> Meaning:
    def meaning(operator: str, value: str) -> ColumnElement[bool]:
        if operator == "~":
            return func.coalesce(column.icontains(value, autoescape=True), False)
        return _equal(column, operator, value)

    return meaning


def _equal(column: ColumnElement[Any], operator: str, value: Any) -> ColumnElement[bool]:
    if operator not in ("=", "!="):
        raise BadCondition("it is equal or not, no more and no less")
    compared: ColumnElement[bool] = _ORDER[operator](column, value)
    return compared


def _number(column: ColumnElement[Any]) -> Meaning:
    def meaning(operator: str, value: str) -> ColumnElement[bool]:
        if operator not in _ORDER:
            raise BadCondition("a number contains nothing")
        if not value.isdecimal() or not value.isascii() or int(value) > _LARGEST:
            raise BadCondition(f"{value[:40]!r} is no whole number up to {_LARGEST}")
        compared: ColumnElement[bool] = _ORDER[operator](column, int(value))
        return compared

    return meaning


def _time(column: ColumnElement[Any]) -> Meaning:
    def meaning(operator: str, value: str) -> ColumnElement[bool]:
        if operator not in _ORDER:
            raise BadCondition("a time contains nothing")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise BadCondition(f"{value[:40]!r} is no time such as 2027-01-31") from error
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        compared: ColumnElement[bool] = _ORDER[operator](column, aware)
        return compared

    return meaning


def _state(operator: str, value: str) -> ColumnElement[bool]:
    if value not in list(BookState):
        raise BadCondition(f"{value[:40]!r} is none of {', '.join(BookState)}")
    return _equal(func.coalesce(_now(), ""), operator, value)


def _now() -> ColumnElement[str]:
    return case((IS_HELD, BookState.IN_PROGRESS.value), else_=_PROGRESS.state)


def _format(operator: str, value: str) -> ColumnElement[bool]:
    kind = media_type_of(f".{value.lower().lstrip('.')}")
    newest = _of_edition(_EDITION.media_type, _EDITION.book, _EDITION.number)
    return _equal(newest.scalar_subquery(), operator, kind)


def _of_edition(column: Any, book: Any, edition: Any) -> Select[Any]:
    query = select(column).where(book == _BOOK.id, edition == _PROGRESS.edition)
    return query.correlate(tables.book, progress_tables.book_progress)


def _described() -> Select[Any]:
    query = select(_DESCRIPTION.document).where(_DESCRIPTION.book == _BOOK.id)
    return query.order_by(_DESCRIPTION.id.desc()).limit(1).correlate(tables.book)


def _among(name: str, wanted: Callable[[ColumnElement[str], str], ColumnElement[bool]]) -> Meaning:
    """Any element of a list of the book's last description."""

    def meaning(operator: str, value: str) -> ColumnElement[bool]:
        if operator not in ("=", "!="):
            raise BadCondition("it is one of them or not, no more and no less")
        listed = _described().scalar_subquery()[name]
        element = func.jsonb_array_elements_text(listed).column_valued("element")
        found = select(1).where(wanted(element, value)).correlate(tables.book).exists()
        return found if operator == "=" else ~found

    return meaning


def _same_language(element: ColumnElement[str], value: str) -> ColumnElement[bool]:
    first: ColumnElement[str] = func.lower(func.split_part(element, "-", 1))
    return first == primary_tag(value)


def _same_text(element: ColumnElement[str], value: str) -> ColumnElement[bool]:
    folded: ColumnElement[bool] = func.lower(element) == value.lower()
    return folded


def _genre(operator: str, value: str) -> ColumnElement[bool]:
    """Thema's codes grow at their end: what begins with `value` is below it."""
    if operator not in ("=", "!="):
        raise BadCondition("a book is of a genre or not, no more and no less")
    document = _described().scalar_subquery()
    both = document["genres"].op("||")(document["subjects"])
    subject = func.jsonb_array_elements(both, type_=JSONB).column_valued("subject")
    named = func.starts_with(subject["code"].astext, value)
    of_thema = select(1).where(named, subject["scheme"].astext == "thema")
    found = of_thema.correlate(tables.book).exists()
    return found if operator == "=" else ~found


_REASON = (
    select(_STAGE_RUN.detail["reason"].astext)
    .where(_STAGE_RUN.id == _PROGRESS.stage_run)
    .correlate(progress_tables.book_progress)
    .scalar_subquery()
)
FIELDS: Mapping[str, Meaning] = {
    "book": _text(_BOOK.id),
    "account": _text(_BOOK.account),
    "imprint": _text(_BOOK.imprint),
    "publisher": _among("publishers", _same_text),
    "language": _among("languages", _same_language),
    "genre": _genre,
    "title": _text(_described().with_only_columns(_DESCRIPTION.title).scalar_subquery()),
    "format": _format,
    "state": _state,
    "stage": _text(_PROGRESS.stage),
    "reason": _text(_REASON),
    "edition": _number(_PROGRESS.edition),
    "words": _number(
        _of_edition(_METRICS.words, _METRICS.book, _METRICS.edition).scalar_subquery()
    ),
    "submitted": _time(_PROGRESS.submitted),
    "changed": _time(_PROGRESS.changed),
}
"""What may be asked of a book; `language` is its first subtag, `genre` a Thema code with all below,
`format` the suffix of what was submitted, `reason` why its last stage ended so."""
