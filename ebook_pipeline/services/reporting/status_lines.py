"""One line for each of many books: one query, whatever their number, and no record is read."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import Field
from sqlalchemy import ARRAY, Row, Select, Text, func, literal, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import Database, progress_tables, tables
from ebook_pipeline.services.reporting.book_list import BookFilter, BookSummary, books_query
from ebook_pipeline.services.reporting.status import reason_of

_BOOK = tables.book.c
_PROGRESS = progress_tables.book_progress.c
_DETAIL = tables.stage_run.c.detail
_METRICS = tables.ingestion_metrics.c
_AT_A_TIME = 1000
_SECONDS: Any = literal_column(
    """
    (SELECT jsonb_object_agg(stage, seconds) FROM (
        SELECT DISTINCT ON (stage) stage, seconds FROM stage_run AS earlier
        WHERE earlier.book = book_progress.book AND earlier.edition = book_progress.edition
            AND earlier.outcome = 'done'
        ORDER BY stage, id DESC
    ) AS done)
    """,
    JSONB(),
)
_FOUND: Any = literal_column(
    """
    (SELECT jsonb_object_agg(severity, number) FROM (
        SELECT told->>'severity' AS severity, count(*) AS number
        FROM jsonb_array_elements(coalesce(stage_run.detail->'findings',
            jsonb_build_array(stage_run.detail->'finding'))) AS told
        WHERE told->>'severity' IS NOT NULL GROUP BY 1
    ) AS counted)
    """,
    JSONB(),
)


class StatusLine(BookSummary):
    """A book of a table: `findings` by severity, of its whole edition once it was ingested, else
    of what stopped it; `seconds` by stage."""

    reason: str = ""
    findings: dict[str, int] = Field(default_factory=dict)
    seconds: dict[str, float] = Field(default_factory=dict)
    pages: int = 0
    words: int = 0


def status_lines(database: Database, wanted: BookFilter) -> Iterator[StatusLine]:
    """A line for every book that is wanted, in order of name, read as it is asked for.

    Raises `BadCondition`.
    """
    query = _lines(wanted).execution_options(yield_per=_AT_A_TIME)
    with database.begin() as connection:
        for row in connection.execute(query):
            yield _line(row)


def lines_of(database: Database, books: Iterable[str]) -> Iterator[StatusLine]:
    """The same of these books; unknown ones are left out."""
    for part in slices(sorted(set(books)), _AT_A_TIME):
        query = _lines(BookFilter()).where(_BOOK.id == func.any(literal(part, ARRAY(Text))))
        with database.ask() as connection:
            rows = connection.execute(query).all()
        yield from map(_line, rows)


def _lines(wanted: BookFilter) -> Select[Any]:
    query = books_query(wanted).add_columns(
        _DETAIL["reason"].astext.label("told"),
        _PROGRESS.outcome,
        func.coalesce(_METRICS.findings, _FOUND).label("findings"),
        _SECONDS.label("seconds"),
        _METRICS.pages,
        _METRICS.words,
    )
    figures = (_METRICS.book == _PROGRESS.book) & (_METRICS.edition == _PROGRESS.edition)
    return (
        query.outerjoin(tables.stage_run, tables.stage_run.c.id == _PROGRESS.stage_run)
        .outerjoin(tables.ingestion_metrics, figures)
        .order_by(_BOOK.id)
    )


def _line(row: Row[Any]) -> StatusLine:
    summary = BookSummary.of(row)
    outcome = Outcome(row.outcome) if row.outcome else None
    return StatusLine(
        **dict(summary),
        reason=reason_of(row.id, summary.state, row.stage, outcome, row.told or ""),
        findings=row.findings or {},
        seconds=row.seconds or {},
        pages=row.pages or 0,
        words=row.words or 0,
    )
