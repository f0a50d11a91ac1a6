"""Figures of a day follow from the lake: reckoned again they replace those that there were."""

import importlib.util
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from ebook_pipeline.books.measuring.lake_rows import TakenEvent, event_table, lake_row
from ebook_pipeline.books.measuring.metrics import METRICS
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.lake_engine import DuckDbEngine, LakeEngine, SparkEngine
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.measuring import figures as figures_module
from ebook_pipeline.services.measuring import frames
from ebook_pipeline.services.measuring.figures import Figures, figures, reckoned
from ebook_pipeline.services.measuring.lake import Lake
from tests.support.services.submissions import arrive

TODAY = datetime.now(UTC).date()
BEGUN = datetime(2026, 11, 1, 6, 0, 0, 730_000, tzinfo=UTC)


@pytest.fixture
def made(database: Database, tmp_path: Path) -> Figures:
    lake = Lake(database, LocalObjectStore(tmp_path / "objects"))
    return Figures(database, lake, DuckDbEngine())


def told(made: Figures, kind: str, book: str, **data: object) -> None:
    with made.database.begin() as connection:
        emit(connection, kind, book, data)


def reckon(made: Figures) -> dict[str, float]:
    made.lake.load()
    made.reckon(TODAY, TODAY)
    return {
        f"{one.metric} {one.stage} {one.rule}".strip(): one.value
        for one in figures(made.database, TODAY, TODAY)
    }


def test_a_day_is_counted_by_publisher_format_stage_and_rule(made: Figures) -> None:
    arrive(made.database, "emma", "emma.epub")
    finding = {"rule": "epub.x", "severity": "error", "message": "", "place": "", "remedy": ""}
    for seconds in (1.0, 3.0):
        told(made, "stage.finished", "emma", edition=1, stage="qa_report", seconds=seconds,
             findings=[finding], more=0)  # fmt: skip
    for _ in range(2):
        told(made, "book.rejected", "emma", edition=1, stage="qa_report", reason="", findings=[])
    seen = reckon(made)
    assert seen["stage_median qa_report"] == 2.0
    assert seen["stage_seconds qa_report"] == 4.0
    assert seen["findings qa_report epub.x"] == 2
    assert seen["rejected qa_report"] == 1
    [one] = figures(made.database, TODAY, TODAY, metrics=["rejected"])
    assert (one.account, one.format) == ("house", "epub")
    assert figures(made.database, TODAY, TODAY, accounts=["other"]) == ()


@pytest.mark.prove
def test_reckoned_twice_a_day_has_its_figures_once(made: Figures) -> None:
    arrive(made.database, "emma", "emma.epub")
    told(made, "license.issued", "emma", license="l-1", reader="r")
    first = reckon(made)
    assert reckon(made) == first
    told(made, "license.issued", "emma", license="l-2", reader="r")
    assert reckon(made)["licences"] == 2


def test_a_day_of_which_nothing_is_left_has_no_figures(made: Figures) -> None:
    arrive(made.database, "emma", "emma.epub")
    told(made, "release.live", "emma", edition=1, release="1")
    assert reckon(made)["released"] == 1
    made.lake.forget("emma")
    assert reckon(made) == {}


def test_frames_carry_units_and_are_written_as_asked(made: Figures, tmp_path: Path) -> None:
    arrive(made.database, "emma", "emma.epub")
    told(made, "release.live", "emma", edition=1, release="1")
    reckon(made)
    frame = frames.figures_frame(made.database, TODAY, TODAY, metrics=["released"])
    assert frame["unit"].tolist() == ["releases"]
    for name, read in (("f.csv", pd.read_csv), ("f.parquet", pd.read_parquet)):
        frames.write(frame, tmp_path / name)
        assert read(tmp_path / name)["value"].tolist() == [1.0]
    with pytest.raises(NotFound, match=r"\.csv or \.parquet"):
        frames.write(frame, tmp_path / "f.xls")
    with pytest.raises(NotFound, match="no metric is called 'x'"):
        frames.figures_frame(made.database, TODAY, TODAY, metrics=["x"])


def some_files(folder: Path) -> tuple[Path, Path]:
    """Events of every kind that a metric counts, over ten days, and their editions."""
    kinds = (
        *("stage.finished", "book.rejected", "book.failed", "submission.received"),
        *("edition.taken", "review.asked", "review.decided", "release.live", "edge.restored"),
        *("release.withdrawn", "license.issued", "license.returned", "license.revoked"),
        *("license.registered", "copy.made", "edge.broken", "book.downloaded"),
    )
    rows = [
        lake_row(
            TakenEvent(
                number, str(number), kinds[number % 17], 1, f"book-{number % 7}",
                BEGUN + timedelta(hours=number * 0.4, milliseconds=number * 37), "run", {
                    "edition": 1 + number % 2, "stage": f"s{number % 3}", "seconds": number * 0.37,
                    "task": number // 17, "approved": number % 34 < 17, "license": f"l{number}",
                    "findings": [{"rule": f"r{number % 5}", "severity": "error"}] * (number % 3),
                    "what": ("book", "excerpt", "preview")[number // 17 % 3], "times": number % 5,
                    "length": number * 1000,
                },
            ),
            str,
        )
        for number in range(600)
    ]  # fmt: skip
    pq.write_table(event_table(rows), folder / "events.parquet")
    books = [f"book-{number}" for number in range(5)]
    editions = {
        "book": books * 3,
        "number": [0] * 5 + [1] * 5 + [2] * 5,
        "account": ["a", "b", "a", "b", "c"] * 3,
        "format": ["epub", "pdf", "epub"] * 5,
        "language": ["en"] * 15,
    }
    pq.write_table(pa.table(editions), folder / "editions.parquet")
    return folder / "events.parquet", folder / "editions.parquet"


def answers(engine: LakeEngine, folder: Path) -> list[tuple[object, ...]]:
    events, editions = some_files(folder)
    with engine.open([events], editions) as opened:
        rows = reckoned(opened, date(2026, 11, 1), date(2026, 11, 30))
    return sorted(
        tuple(round(v, 9) if isinstance(v, float) else str(v) for v in row.values()) for row in rows
    )


def test_every_metric_has_an_answer(tmp_path: Path) -> None:
    assert {row[0] for row in answers(DuckDbEngine(), tmp_path)} == set(METRICS)


def test_a_lake_that_is_older_than_a_column_answers_without_it(tmp_path: Path) -> None:
    events, editions = some_files(tmp_path)
    pq.write_table(pq.read_table(events).drop_columns(["what", "times"]), events)
    with DuckDbEngine().open([events], editions) as opened:
        rows = reckoned(opened, date(2026, 11, 1), date(2026, 11, 30))
    fetched = {"downloads", "previews", "sent"}
    assert {row["metric"] for row in rows} == set(METRICS) - fetched


@pytest.mark.prove
@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None
    or not (os.getenv("JAVA_HOME") or shutil.which("java")),
    reason="the extra `spark` and a Java of 17 or newer are not installed",
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_spark_gives_the_same_answers_as_duckdb(tmp_path: Path) -> None:
    assert answers(SparkEngine("local[1]"), tmp_path) == answers(DuckDbEngine(), tmp_path)


def test_editions_of_a_book_and_its_newest_have_rows(made: Figures, tmp_path: Path) -> None:
    arrive(made.database, "emma", "emma.epub")
    with made.database.begin() as connection:
        connection.execute(
            text(
                "WITH made AS (INSERT INTO work DEFAULT VALUES RETURNING id)"
                " INSERT INTO book (id, work) SELECT 'empty', id FROM made"
            )
        )
    path = figures_module.write_editions(made.database, tmp_path / "e.parquet")
    rows = {(row["book"], row["number"]): row for row in pq.read_table(path).to_pylist()}
    assert set(rows) == {("emma", 0), ("emma", 1), ("empty", 0)}
    assert rows["empty", 0]["format"] == ""
