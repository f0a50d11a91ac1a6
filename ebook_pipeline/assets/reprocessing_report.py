"""What became of the books of each reprocessing: done, reused, rejected, failed, and why."""

import dagster as dg

from ebook_pipeline.assets.ui_metadata import rows_table
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reprocessing import chunks, reprocessings, summary
from ebook_pipeline.services.reprocessing.summary import ENDS

REPORT = "reprocessing_report"
_NO_REASON = {"outcome": "", "stage": "", "reason": "", "books": 0, "example": ""}


@dg.asset(
    name=REPORT,
    group_name="measure",
    kinds={"postgres"},
    owners=["team:analytics"],
    config_schema={"number": dg.Field(int, description="Which reprocessing.")},
)
def reprocessing_report(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]
) -> dg.MaterializeResult[None]:
    """The end of a reprocessing in two tables: its books by outcome, and the reasons."""
    one = reprocessings.find(database, context.op_execution_context.op_config["number"])
    seen = summary.progress(database, one)
    why = [reason.model_dump() for reason in summary.reasons(database, one.id)]
    chunks.told(database, one.id)
    ended = [{"outcome": name, "books": seen.counts.get(name, 0)} for name in ENDS]
    return dg.MaterializeResult(
        metadata={
            "reprocessing": one.id,
            "state": one.state.value,
            "stage": one.stage,
            "condition": one.condition or "all",
            "books": one.books,
            "planned_hours": one.planned_hours,
            "hours": round(((one.ended_at or one.at) - one.at).total_seconds() / 3600, 3),
            "outcomes": rows_table(ended, {}),
            "reasons": rows_table(why, _NO_REASON),
        }
    )


@dg.asset_check(asset=REPORT, description="Every book of the newest reprocessing has an outcome.")
def nothing_left(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    newest = reprocessings.list_newest(database, most=1)
    seen = summary.progress(database, newest[0]) if newest else None
    left = seen.left + seen.out if seen else 0
    return dg.AssetCheckResult(
        passed=left == 0, severity=dg.AssetCheckSeverity.WARN, metadata={"left": left}
    )
