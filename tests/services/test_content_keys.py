"""One content key per edition, in the database only as the vault wrapped it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from arrivals import arrive
from postgres import rows

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.content_keys import ContentKeys


@pytest.fixture
def keys(database: Database, tmp_path: Path) -> ContentKeys:
    arrive(database, "A")
    arrive(database, "B")
    return ContentKeys(database, LocalKeyVault(tmp_path / "vault"))


def test_an_edition_keeps_its_key_and_another_has_another(keys: ContentKeys) -> None:
    first = keys.for_edition("emma", 1)
    assert keys.for_edition("emma", 1) == first
    second = keys.for_edition("emma", 2)
    assert second.id != first.id
    assert second.key != first.key
    assert len(first.key) == 32


def test_racers_get_the_same_key(keys: ContentKeys) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: keys.for_edition("emma", 1), range(6)))
    assert len({key.id for key in found}) == 1
    assert len({key.key for key in found}) == 1


def test_the_database_holds_no_plain_key(keys: ContentKeys, database: Database) -> None:
    key = keys.for_edition("emma", 1).key.reveal()
    ((wrapped,),) = rows(database, "SELECT wrapped FROM content_key")
    assert isinstance(wrapped, memoryview)
    assert key not in bytes(wrapped)


def test_a_key_is_bound_to_its_edition(keys: ContentKeys, database: Database) -> None:
    keys.for_edition("emma", 1)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE content_key SET edition = 2")
    with pytest.raises(Exception, match="context"):
        keys.for_edition("emma", 2)
