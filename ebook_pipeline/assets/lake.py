"""The lake and the figures of each day, as assets: what they hold, and whether they are fresh."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ebook_pipeline.assets import charts
from ebook_pipeline.assets.ui_metadata import picture, rows_table
from ebook_pipeline.books.measuring.metrics import METRICS
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.measuring import figures, pages
from ebook_pipeline.services.measuring.alarms import STALE, Alarms, oldest_waiting
from ebook_pipeline.services.measuring.figures import Figures
from ebook_pipeline.services.measuring.lake import Lake
from ebook_pipeline.services.notifying.composing import notice_composer

FIRST_DAY = "2026-01-01"
DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, end_offset=1)
"""Of UTC; today is a partition too, whose figures grow."""
REPORT = "lake/figures.html"
"""Where the page of figures lies in the object store."""
_DRAWN = ("submissions", "released", "rejected")
_DRAWN_DAYS = timedelta(days=29)
_WAIT_SECONDS = 60.0


def lake_of(resources: Resources, wait_seconds: float = _WAIT_SECONDS) -> Lake:
    """The lake of this home, or of production."""
    return Lake(resources.database, resources.object_store, wait_seconds)


def lake_assets(resources: Resources) -> list[dg.AssetsDefinition]:
    """`event_lake`, `daily_figures` by day and their page; nothing is opened before they run."""
    return [_event_lake(resources), _daily_figures(resources), _figures_report(resources)]


def lake_checks(resources: Resources) -> list[dg.AssetChecksDefinition]:
    """What is asked of the lake after each turn."""
    return [_each_event_once(resources), _is_fresh(resources), _as_usual(resources)]


def _event_lake(resources: Resources) -> dg.AssetsDefinition:
    @dg.asset(group_name="measure", kinds={"parquet"}, owners=["team:analytics"])
    def event_lake() -> dg.MaterializeResult[None]:
        """Every event of the outbox once, as Parquet by day in the object store."""
        lake = lake_of(resources)
        loaded, compacted = lake.load(), lake.compact()
        files = lake.files()
        return dg.MaterializeResult(
            metadata={
                "events": loaded.events,
                "files_written": loaded.written,
                "files_merged": compacted.merged,
                "files": len(files),
                "rows": sum(file.rows for file in files),
                "bytes": sum(file.bytes for file in files),
            }
        )

    return event_lake


def _daily_figures(resources: Resources) -> dg.AssetsDefinition:
    @dg.asset(
        deps=["event_lake"],
        group_name="measure",
        kinds={"ibis", resources.settings.lake_engine, "postgres"},
        owners=["team:analytics"],
        partitions_def=DAYS,
    )
    def daily_figures(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        """Every metric of these days, by publisher, format, language, stage and rule."""
        first, last = _days(context)
        made = Figures(resources.database, lake_of(resources), resources.lake_engine)
        done = made.reckon(first, last)
        return dg.MaterializeResult(
            metadata={
                "days": done.days,
                "figures": done.figures,
                "totals": _totals(resources, first, last),
            }
        )

    return daily_figures


def _figures_report(resources: Resources) -> dg.AssetsDefinition:
    @dg.asset(
        deps=["daily_figures"], group_name="measure", kinds={"html"}, owners=["team:analytics"]
    )
    def figures_report() -> dg.MaterializeResult[None]:
        """The last month in one page, in the object store, and in pictures."""
        page = pages.figures_page(resources.database)
        resources.object_store.write(REPORT, page.encode())
        return dg.MaterializeResult(
            metadata={
                "page": REPORT,
                "bytes": len(page.encode()),
                "days": picture(
                    _plot(resources), "image/png", "what came, went on sale, was refused"
                ),
            }
        )

    return figures_report


def _each_event_once(resources: Resources) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="event_lake", description="An event that came twice would count twice.")
    def each_event_once() -> dg.AssetCheckResult:
        lake = lake_of(resources)
        since = datetime.now(UTC).date() - timedelta(days=1)
        ids = [lake.read(file)["id"] for file in lake.files(first=since)]
        rows = sum(len(column) for column in ids)
        different = len({value for column in ids for value in column.to_pylist()})
        return dg.AssetCheckResult(
            passed=rows == different, metadata={"rows": rows, "events": different}
        )

    return each_event_once


def _as_usual(resources: Resources) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="daily_figures", description="What is odd about today and yesterday.")
    def as_usual() -> dg.AssetCheckResult:
        today = datetime.now(UTC).date()
        alarms = Alarms(resources.database, notice_composer(resources))
        odd = [one for day in (today, today - timedelta(days=1)) for one in alarms.look(day)]
        facts = {f"{one.day} {one.kind} {one.subject}": one.message for one in odd}
        return dg.AssetCheckResult(
            passed=not odd, severity=dg.AssetCheckSeverity.WARN, metadata={"odd": len(odd), **facts}
        )

    return as_usual


def _is_fresh(resources: Resources) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="event_lake", description="Events do not wait for the lake.")
    def is_fresh() -> dg.AssetCheckResult:
        oldest, now = oldest_waiting(resources.database), datetime.now(UTC)
        seconds = (now - oldest).total_seconds() if oldest else 0.0
        return dg.AssetCheckResult(
            passed=seconds < STALE.total_seconds(), metadata={"oldest_waits_seconds": seconds}
        )

    return is_fresh


def _days(context: dg.AssetExecutionContext) -> tuple[date, date]:
    window = context.partition_time_window
    return window.start.date(), window.end.date() - timedelta(days=1)


def _plot(resources: Resources) -> bytes:
    last = datetime.now(UTC).date()
    first = last - _DRAWN_DAYS
    lines: dict[str, dict[date, float]] = {METRICS[name].title: {} for name in _DRAWN}
    for figure in figures.figures(resources.database, first, last, metrics=_DRAWN):
        line = lines[METRICS[figure.metric].title]
        line[figure.day] = line.get(figure.day, 0.0) + figure.value
    return charts.daily_png(lines, first, last)


def _totals(resources: Resources, first: date, last: date) -> dg.TableMetadataValue:
    """A row for each metric that there is something of: its title, and of how many events."""
    counted: Counter[str] = Counter()
    for figure in figures.figures(resources.database, first, last):
        counted[figure.metric] += figure.events
    rows = [
        {"metric": metric.title, "unit": metric.unit, "events": counted[name]}
        for name, metric in METRICS.items()
        if name in counted
    ]
    return rows_table(rows, {"metric": "", "unit": "", "events": 0})
