"""All outcomes summed up: how many books ended how, what stages take, day by day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from ebook_pipeline.resources.database import Database

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = text(
    """
    SELECT ended_at AT TIME ZONE 'UTC' AS ended, CASE
            WHEN outcome NOT IN ('done', 'reused') THEN outcome
            WHEN stage = 'ingestion_analytics' OR state IN ('released', 'withdrawn')
                THEN 'released' ELSE 'unfinished'
        END AS outcome
    FROM book_progress WHERE outcome IS NOT NULL
    """
)
_DAYS = text(
    f"""
    SELECT to_char(ended, 'YYYY-MM-DD') AS day, outcome, count(*) AS books
    FROM ({_ENDINGS.text}) AS ending GROUP BY 1, 2 ORDER BY 1, 2
    """  # noqa: S608 - nothing of a user's
)
_STAGES = text(
    """
    SELECT stage, count(*) FILTER (WHERE outcome = 'done') AS runs,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE outcome = 'done')
            AS median,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE outcome = 'done')
            AS p95,
        count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
        count(*) FILTER (WHERE outcome = 'failed') AS failed
    FROM stage_run WHERE outcome <> 'reused' GROUP BY stage ORDER BY min(id)
    """
)
_STAGE_COLUMNS = ["stage", "runs", "median", "p95", "rejected", "failed"]


@dataclass(frozen=True)
class OutcomeSummary:
    """Frames with plain columns.

    `outcomes`: outcome, books. `stages`: stage, runs, median, p95 (seconds), failed, rejected.
    `days`: day, books, released, rejected, failed, waiting.
    """

    books: int
    pass_rate: float
    outcomes: "pd.DataFrame"
    stages: "pd.DataFrame"
    days: "pd.DataFrame"


def outcome_summary(database: Database) -> OutcomeSummary:
    """What the outcomes of all books say, rejections and failures included; counted in Postgres."""
    import pandas as pd

    with database.begin() as connection:
        endings = _frame(connection, _DAYS, ["day", "outcome", "books"])
        stages = _frame(connection, _STAGES, _STAGE_COLUMNS)
    books = int(endings["books"].sum())
    released = int(endings.loc[endings["outcome"] == "released", "books"].sum())
    figures = stages[["median", "p95"]].astype(float).round(3)
    days = endings.pivot_table("books", "day", "outcome", aggfunc="sum", fill_value=0)
    return OutcomeSummary(
        books=books,
        pass_rate=round(released / books, 3) if books else 0.0,
        outcomes=endings.groupby("outcome")["books"].sum().reset_index(name="books"),
        stages=stages.assign(**figures).fillna(0),
        days=days.reset_index() if books else pd.DataFrame({"day": []}),
    )


def plain_rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """A frame as plain rows, for tables that know no frames."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _frame(connection: Connection, query: Any, columns: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=columns)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
