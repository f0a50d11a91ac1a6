"""All outcomes summed up: how many books ended how, what stages take, day by day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting import ingestion_metrics

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["book", "edition", "stage", "run", "outcome", "seconds", "at"]
_LAST_STAGE = "ingestion_analytics"


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
    """What the `stage_run` rows of all books say, rejections and failures included."""
    import pandas as pd

    rows = ingestion_metrics.analytics_rows(database).stage_runs
    runs = pd.DataFrame(rows, columns=_COLUMNS).astype({"seconds": float})
    endings = _endings(runs)
    released = (endings["outcome"] == "released").mean() if len(endings) else 0.0
    return OutcomeSummary(
        books=len(endings),
        pass_rate=round(float(released), 3),
        outcomes=_counted(endings),
        stages=_by_stage(runs),
        days=_by_day(endings),
    )


def plain_rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """A frame as plain rows, for tables that know no frames."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _endings(runs: "pd.DataFrame") -> "pd.DataFrame":
    """How each book's newest edition ended: its last row says so."""
    import pandas as pd

    newest = runs[runs["edition"] == runs.groupby("book")["edition"].transform("max")]
    last = newest.groupby("book", as_index=False).tail(1).copy()
    finished = (last["stage"] == _LAST_STAGE) & last["outcome"].isin(["done", "reused"])
    unfinished = ~finished & last["outcome"].isin(["done", "reused"])
    last.loc[finished, "outcome"] = "released"
    last.loc[unfinished, "outcome"] = "unfinished"
    last["day"] = pd.to_datetime(last["at"], utc=True).dt.strftime("%Y-%m-%d")
    return last


def _counted(endings: "pd.DataFrame") -> "pd.DataFrame":
    return endings.groupby("outcome").size().reset_index(name="books")


def _by_stage(runs: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    done = runs[runs["outcome"] == "done"].groupby("stage", sort=False)["seconds"]
    stages = pd.DataFrame(
        {"runs": done.size(), "median": done.median().round(3), "p95": done.quantile(0.95).round(3)}
    )
    for outcome in ("rejected", "failed"):
        stages[outcome] = runs[runs["outcome"] == outcome].groupby("stage").size()
    return stages.fillna(0).reset_index()


def _by_day(endings: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    days = pd.crosstab(endings["day"], endings["outcome"])
    return days.reset_index()


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
