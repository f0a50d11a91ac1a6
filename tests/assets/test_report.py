"""The report as the UI gets it: tables and a picture, for no books and for some."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest

from ebook_pipeline.assets.report import ingestion_report
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recording.journal import Journal
from tests.support.dagster_metadata import markdown, table
from tests.support.services.submissions import arrive


def reported(database: Database) -> Mapping[str, dg.MetadataValue[Any]]:
    done = dg.materialize([ingestion_report], resources={"database": database})
    [made] = done.get_asset_materialization_events()
    return made.materialization.metadata


@pytest.mark.parametrize("books", [(), ("emma", "persuasion")])
def test_the_report_counts_and_draws(database: Database, books: tuple[str, ...]) -> None:
    for book in books:
        arrive(database, book, f"{book}.epub")
        Journal(database).record("run", book, 1, "ingestion_analytics", Outcome.DONE, 2.0)
    metadata = reported(database)
    assert metadata["books"].value == len(books)
    shown = markdown(metadata["plot"])
    assert shown.startswith("![outcomes and durations](data:image/png;base64,")
    assert table(metadata["outcomes"])
