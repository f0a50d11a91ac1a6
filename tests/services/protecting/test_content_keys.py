"""One content key per edition, in the database only as the vault wrapped it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.protecting.content_keys import ContentKeys, named_secret
from ebook_pipeline.services.protecting.rewrapping import rewrap, rotate
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


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


def test_a_corrected_edition_keeps_its_key_when_that_is_wished(
    keys: ContentKeys, database: Database, tmp_path: Path
) -> None:
    first = keys.for_edition("emma", 1)
    keeping = ContentKeys(database, LocalKeyVault(tmp_path / "vault"), keep=True)
    corrected = keeping.for_edition("emma", 2)
    assert corrected.key == first.key
    assert corrected.id != first.id
    assert keys.for_edition("emma", 2) == corrected


def test_after_a_rewrap_everything_opens_with_the_new_master_key_alone(
    keys: ContentKeys, database: Database, tmp_path: Path
) -> None:
    vault = LocalKeyVault(tmp_path / "vault")
    before = keys.for_edition("emma", 1)
    ContentKeys(database, vault, keep=True).for_edition("emma", 2)
    secret = named_secret(database, vault, "marking")
    vault.rotate()
    done = rewrap(database, vault, actor="ann")
    assert (done.content_keys, done.user_keys, done.house_keys) == (2, 0, 1)
    (tmp_path / "vault" / "0001.key").unlink()
    assert keys.for_edition("emma", 1) == before
    assert keys.for_edition("emma", 2).key == before.key
    assert named_secret(database, vault, "marking") == secret
    assert ("ann", "rewrap") in rows(database, "SELECT actor, action FROM audit")


def test_a_new_master_key_wraps_what_the_old_one_did(
    keys: ContentKeys, database: Database, tmp_path: Path
) -> None:
    key, vault = keys.for_edition("emma", 1), LocalKeyVault(tmp_path / "vault")
    made = rotate(database, vault, actor="cli:eve")
    assert rewrap(database, vault, actor="cli:eve").content_keys == 1
    ((wrapped,),) = rows(database, "SELECT wrapped FROM content_key")
    assert bytes(wrapped)[4:12].hex() == made
    assert keys.for_edition("emma", 1) == key
    assert rows(database, "SELECT actor FROM audit WHERE action = 'rotate'") == [("cli:eve",)]


def test_nobody_makes_no_master_key(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Denied):
        rotate(database, LocalKeyVault(tmp_path / "vault"), actor="cli:nobody")
    assert not (tmp_path / "vault").exists()
