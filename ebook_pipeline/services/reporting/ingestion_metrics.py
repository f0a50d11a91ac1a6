"""Figures of each edition's ingestion, and the rows that reports are made from."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import IngestionMetrics
from ebook_pipeline.resources.database import Database, tables

_RUN = tables.stage_run.c
_METRICS = tables.ingestion_metrics.c


class AnalyticsRows(NamedTuple):
    """Rows for data frames; times are aware datetimes, `seconds` of a metrics row is by stage."""

    stage_runs: list[dict[str, Any]]
    metrics: list[dict[str, Any]]


def save_metrics(database: Database, book: str, edition: int, metrics: IngestionMetrics) -> None:
    """Write the edition's figures over those of an earlier run."""
    figures = metrics.model_dump(mode="json")
    statement = insert(tables.ingestion_metrics).values(book=book, edition=edition, **figures)
    changed = {name: statement.excluded[name] for name in (*figures, "at")}
    with database.begin() as connection:
        connection.execute(
            statement.on_conflict_do_update(index_elements=["book", "edition"], set_=changed)
        )


def saved_metrics(database: Database, book: str, edition: int) -> IngestionMetrics | None:
    """The edition's figures as they stand in Postgres."""
    fields = [_METRICS[name] for name in IngestionMetrics.model_fields]
    mine = (_METRICS.book == book) & (_METRICS.edition == edition)
    with database.begin() as connection:
        row = connection.execute(select(*fields).where(mine)).mappings().first()
    return IngestionMetrics.model_validate(dict(row)) if row is not None else None


def analytics_rows(database: Database) -> AnalyticsRows:
    """Every stage run (book, edition, stage, run, outcome, seconds, at) and every metrics row."""
    runs = select(
        _RUN.book, _RUN.edition, _RUN.stage, _RUN.run, _RUN.outcome, _RUN.seconds, _RUN.at
    ).order_by(_RUN.id)
    figures = select(tables.ingestion_metrics).order_by(_METRICS.book, _METRICS.edition)
    with database.begin() as connection:
        return AnalyticsRows(_rows(connection, runs), _rows(connection, figures))


def _rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def last_work(database: Database) -> datetime | None:
    """When a stage was last done, or ended for a book, rather than found done; None for never."""
    query = select(func.max(_RUN.at)).where(_RUN.outcome != "reused")
    with database.begin() as connection:
        at: datetime | None = connection.execute(query).scalar_one()
    return at
