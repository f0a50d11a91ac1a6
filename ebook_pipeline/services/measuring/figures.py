"""Daily figures: every metric over the lake, kept in Postgres by day and dimension."""

import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.measuring.metrics import COLUMNS, METRICS, daily, with_books
from ebook_pipeline.foundation.file_types import suffix_of
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.lake_tables import daily_figure
from ebook_pipeline.services.measuring.lake import Lake

if TYPE_CHECKING:
    from ebook_pipeline.resources.lake_engine import LakeEngine, LakeTables

LOOK_BACK = timedelta(days=30)
"""So far back a metric finds what a day's events answer: a longer wait is not measured."""
_FIGURE = daily_figure.c
_EDITIONS = text(
    """
    WITH known AS (
        SELECT edition.book, edition.number, book.account, edition.media_type, (
            SELECT document -> 'languages' ->> 0 FROM description
            WHERE description.book = edition.book AND description.edition = edition.number
            ORDER BY id DESC LIMIT 1
        ) AS language
        FROM edition JOIN book ON book.id = edition.book
    )
    SELECT book, number, account, media_type, language FROM known
    UNION ALL (
        SELECT DISTINCT ON (book) book, 0, account, media_type, language FROM known
        ORDER BY book, number DESC
    )
    UNION ALL
    SELECT id, 0, account, NULL, NULL FROM book
    WHERE NOT EXISTS (SELECT FROM edition WHERE edition.book = book.id)
    """
)


class Figure(Record):
    """One metric of one day (UTC); a dimension that it is not told apart by is ''."""

    day: date
    metric: str
    account: str
    format: str
    language: str
    stage: str
    rule: str
    value: float
    events: int


class FiguresSummary(Record):
    """What was reckoned: days with events, figures kept."""

    days: int
    figures: int


@dataclass(frozen=True)
class Figures:
    """Reckons figures of days anew, and replaces those that there were."""

    database: Database
    lake: Lake
    engine: "LakeEngine"

    def reckon(self, first: date, last: date) -> FiguresSummary:
        """The figures of the days from `first` to `last`, both included."""
        files = self.lake.files(first - LOOK_BACK, last)
        rows: list[dict[str, Any]] = []
        if files:
            with tempfile.TemporaryDirectory(prefix="ebook-lake-") as name:
                folder = Path(name)
                editions = write_editions(self.database, folder / "editions.parquet")
                with self.engine.open(self.lake.fetch(files, folder), editions) as opened:
                    rows = reckoned(opened, first, last)
        self._replace(first, last, rows)
        return FiguresSummary(days=len({row["day"] for row in rows}), figures=len(rows))

    def _replace(self, first: date, last: date, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.database.begin() as connection:
            connection.execute(delete(daily_figure).where(_FIGURE.day.between(first, last)))
            if rows:
                connection.execute(insert(daily_figure), list(rows))


def reckoned(opened: "LakeTables", first: date, last: date) -> list[dict[str, Any]]:
    """Rows of all metrics, as `daily_figure` keeps them."""
    events = with_books(opened.events, opened.editions)
    rows: list[dict[str, Any]] = []
    for name, metric in METRICS.items():
        figures = daily(metric, events)
        chosen = figures.filter(figures.day.between(first, last)).to_pyarrow()
        rows += [{"metric": name, **row} for row in chosen.to_pylist()]
    return rows


def write_editions(database: Database, target: Path) -> Path:
    """What figures are told apart by, of each edition and, as number 0, of each book."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with database.begin() as connection:
        rows = [_edition(row) for row in connection.execute(_EDITIONS)]
    texts = [(name, pa.string()) for name in ("book", "account", "format", "language")]
    pq.write_table(pa.Table.from_pylist(rows, pa.schema([*texts, ("number", pa.int64())])), target)
    return target


def figures(
    database: Database,
    first: date,
    last: date,
    *,
    metrics: Iterable[str] = METRICS,
    accounts: Collection[str] | None = None,
) -> tuple[Figure, ...]:
    """Figures as they are kept, by day; only of `accounts` where these are given."""
    query = (
        select(*(_FIGURE[name] for name in ("metric", *COLUMNS)))
        .where(_FIGURE.metric.in_(list(metrics)), _FIGURE.day.between(first, last))
        .order_by(_FIGURE.day, _FIGURE.metric)
    )
    if accounts is not None:
        query = query.where(_FIGURE.account.in_(list(accounts)))
    with database.begin() as connection:
        return tuple(
            Figure.model_validate(dict(row)) for row in connection.execute(query).mappings()
        )


def last_reckoned(database: Database) -> Any:
    """When figures were last reckoned; None for never."""
    with database.begin() as connection:
        return connection.execute(select(func.max(_FIGURE.at))).scalar_one()


def _edition(row: Any) -> dict[str, Any]:
    return {
        "book": row.book,
        "number": row.number,
        "account": row.account,
        "format": _format(row.media_type),
        "language": primary_tag(row.language or ""),
    }


def _format(media_type: str | None) -> str:
    """As people call it: the suffix without its point."""
    if not media_type:
        return ""
    try:
        return suffix_of(media_type).lstrip(".")
    except ValueError:
        return "other"
