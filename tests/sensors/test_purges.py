"""What the desk has purged, Dagster forgets: a tombstone knows its book by a digest alone."""

from collections.abc import Iterator

import dagster as dg
import pytest

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors import purges
from ebook_pipeline.sensors.purges import purged_books
from ebook_pipeline.services.owning import tombstones
from ebook_pipeline.services.purging import rows as book_rows
from tests.support.services.submissions import arrive


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """One in memory, without the tables that `forget_partition` is tested on elsewhere."""

    def forget(instance: dg.DagsterInstance, name: str, key: str) -> None:
        instance.delete_dynamic_partition(name, key)

    monkeypatch.setattr(purges, "forget_partition", forget)
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def tick(database: Database, instance: dg.DagsterInstance) -> str:
    with dg.build_sensor_context(instance=instance, resources={"database": database}) as context:
        return str(purged_books.evaluate_tick(context).skip_message)


def raise_stone(database: Database, book: str) -> None:
    with database.begin() as connection:
        tombstones.raise_stone(connection, book, "a court said so", actor="ann")


def test_a_purged_book_is_forgotten_once_and_its_tombstone_ended(
    database: Database, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions(PARTITION, ["emma", "persuasion"])
    raise_stone(database, "emma")
    assert tick(database, instance) == "1 purged, 1 of them forgotten here"
    assert instance.get_dynamic_partitions(PARTITION) == ["persuasion"]
    assert tombstones.standing(database, "emma").ended_at is not None
    assert tick(database, instance) == "no book was purged"


def test_a_purge_that_is_under_way_is_left_alone(
    database: Database, instance: dg.DagsterInstance
) -> None:
    book = arrive(database).book
    instance.add_dynamic_partitions(PARTITION, [book])
    raise_stone(database, book)
    assert tick(database, instance) == "no book was purged"
    with database.begin() as connection:
        book_rows.delete_rows(connection, book)
    assert tick(database, instance) == "1 purged, 1 of them forgotten here"
