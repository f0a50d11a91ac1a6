"""All outcomes in one table and one plot: what was ingested, how it ended, what it took."""

from typing import TYPE_CHECKING

import dagster as dg

from ebook_pipeline.assets import charts
from ebook_pipeline.assets.edge_health import figures_table
from ebook_pipeline.assets.ui_metadata import picture, rows_table
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting import outcomes

if TYPE_CHECKING:
    import pandas as pd


@dg.asset(
    deps=["ingestion_analytics"],
    group_name="sell",
    kinds={"pandas"},
    owners=["team:analytics"],
)
def ingestion_report(database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """Counts, pass rates and durations over all books, rejections and failures included."""
    summary = outcomes.outcome_summary(database)
    return dg.MaterializeResult(
        metadata={
            "books": dg.MetadataValue.int(summary.books),
            "pass_rate": dg.MetadataValue.float(summary.pass_rate),
            "outcomes": _table(summary.outcomes),
            "seconds_by_stage": _table(summary.stages),
            "by_day": _table(summary.days),
            "edge": figures_table(database),
            "plot": picture(_plot(summary), "image/png", "outcomes and durations"),
        }
    )


def _table(frame: "pd.DataFrame") -> dg.TableMetadataValue:
    return rows_table(outcomes.plain_rows(frame), dict.fromkeys(map(str, frame.columns), ""))


def _plot(summary: outcomes.OutcomeSummary) -> bytes:
    ended = dict(zip(summary.outcomes["outcome"], summary.outcomes["books"], strict=True))
    seconds = dict(zip(summary.stages["stage"], summary.stages["median"], strict=True))
    return charts.report_png(ended, seconds)
