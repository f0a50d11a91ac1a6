"""Figures as pandas frames, for who reckons on elsewhere."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.measuring.metrics import METRICS
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.measuring.figures import Figure, figures

if TYPE_CHECKING:
    import pandas as pd


def figures_frame(
    database: Database,
    first: date,
    last: date,
    *,
    metrics: Collection[str] = (),
    accounts: Collection[str] = (),
) -> "pd.DataFrame":
    """A row a figure, with the unit of its metric; all metrics and accounts where none is named.

    Raises `NotFound` for a metric that there is not.
    """
    import pandas as pd

    if unknown := set(metrics) - set(METRICS):
        raise NotFound(
            f"no metric is called {sorted(unknown)[0]!r}: there are {', '.join(METRICS)}"
        )
    found = figures(database, first, last, metrics=metrics or METRICS, accounts=accounts or None)
    frame = pd.DataFrame([f.model_dump() for f in found], columns=list(Figure.model_fields))
    frame["unit"] = [METRICS[name].unit for name in frame["metric"]]
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def write(frame: "pd.DataFrame", target: Path) -> None:
    """As Parquet or CSV, as the name's suffix says. Raises `NotFound` for another one."""
    if target.suffix == ".parquet":
        frame.to_parquet(target, index=False)
    elif target.suffix == ".csv":
        frame.to_csv(target, index=False)
    else:
        raise NotFound(f"{target.name}: figures are written as .csv or .parquet")
