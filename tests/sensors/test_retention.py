"""Dagster lists no more books than the setting says, and none is lost that waits."""

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.retention import archive_books
from ebook_pipeline.sensors.retries import desk_retries
from ebook_pipeline.services.intake.launching import retry
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.settings import Settings
from tests.support.services.submissions import arrive


def test_the_longest_settled_books_are_taken_off_until_something_happens_to_them(
    database: Database, settings: Settings, instance: dg.DagsterInstance
) -> None:
    journal = Journal(database)
    ends = (Outcome.DONE, Outcome.FAILED, Outcome.REJECTED, Outcome.WAITING, Outcome.REUSED)
    books = [arrive(database, f"{at}", key=f"b{at}.epub").book for at in range(len(ends))]
    for book, outcome in zip(books, ends, strict=True):
        journal.record("run", book, 1, "ingestion_analytics", outcome, 1.0)
    instance.add_dynamic_partitions(PARTITION, books)
    allowed = settings.model_copy(update={"dagster_books": 3})
    resources = Resources(allowed, database=database)
    assert archive_books(instance, resources) == 2
    assert instance.get_dynamic_partitions(PARTITION) == [books[1], books[3], books[4]]
    assert archive_books(instance, resources) == 0
    retry(database, books[0], actor="desk:ann")
    context = dg.build_sensor_context(instance=instance, resources={"database": database})
    assert len(desk_retries.evaluate_tick(context).run_requests or ()) == 1
    assert instance.has_dynamic_partition(PARTITION, books[0])
    none = Resources(settings.model_copy(update={"dagster_books": 1}), database=database)
    assert archive_books(instance, none) == 2
    assert set(instance.get_dynamic_partitions(PARTITION)) == {books[1], books[3]}
