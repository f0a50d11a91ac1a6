"""Figures of ingestion, and the wish to try again."""

import pytest

from ebook_pipeline.books.records import IngestionMetrics
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.launching import retry
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting import ingestion_metrics
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


def test_a_later_run_writes_over_the_figures(database: Database) -> None:
    arrive(database)
    for words in (10, 20):
        ingestion_metrics.save_metrics(
            database, "emma", 1, IngestionMetrics(words=words, seconds={"raw_file": 1.5})
        )
    (row,) = ingestion_metrics.analytics_rows(database).metrics
    assert (row["words"], row["seconds"], row["verdict"]) == (20, {"raw_file": 1.5}, "pass")


def test_the_report_sees_every_stage_run(database: Database) -> None:
    arrive(database)
    Journal(database).record("run", "emma", 1, "raw_file", Outcome.REJECTED, 0.5)
    (row,) = ingestion_metrics.analytics_rows(database).stage_runs
    assert (row["book"], row["outcome"], row["seconds"]) == ("emma", "rejected", 0.5)
    assert row["at"].tzinfo is not None


def test_a_retry_says_who_asked(database: Database) -> None:
    arrive(database)
    retry(database, "emma", actor="ann")
    assert ("ann", "retry") in rows(database, "SELECT actor, action FROM audit")
    with pytest.raises(NotFound):
        retry(database, "unknown", actor="ann")
