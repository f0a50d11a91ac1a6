"""The audit's end as the object store keeps it: what was cut off is found, and nothing is noted."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.sensors.audit_heads import noted_audit
from ebook_pipeline.services import audit_heads
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.settings import Settings
from tests.support.servers.postgres import rows

Change = Callable[[Database, LocalObjectStore], None]


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    return LocalObjectStore(tmp_path / "objects")


def write(database: Database, times: int = 1) -> None:
    for number in range(times):
        with database.begin() as connection:
            audit(connection, "ann", "do", "", {"number": number})


def why(database: Database, store: LocalObjectStore) -> list[str]:
    return [link.why for link in audit_heads.verify(database, store).broken]


def _cut(database: Database, _: LocalObjectStore) -> None:
    """The last row and its link, as who has the database alone does it."""
    with database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in (
            "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
            "DELETE FROM audit_link WHERE position = (SELECT max(position) FROM audit_link)",
            "DELETE FROM audit_head",
        ):
            connection.execute(text(statement))


def _remove(_: Database, store: LocalObjectStore) -> None:
    for key in list(store.keys(audit_heads.PREFIX)):
        store.remove(key)


def _forge(_: Database, store: LocalObjectStore) -> None:
    [key] = store.keys(audit_heads.PREFIX)
    store.write(key, store.read(key).replace(b'"position":', b'"position":1'))


def _spoil(_: Database, store: LocalObjectStore) -> None:
    [key] = store.keys(audit_heads.PREFIX)
    store.write(key, b"{")


def _older(database: Database, store: LocalObjectStore) -> None:
    [key] = store.keys(audit_heads.PREFIX)
    before = store.read(key)
    write(database)
    audit_heads.note(database, store)
    store.write(key, before)


def test_a_head_is_noted_where_the_chain_has_grown(
    database: Database, store: LocalObjectStore
) -> None:
    assert audit_heads.note(database, store) is None or rows(database, "SELECT id FROM audit")
    write(database, 3)
    first = audit_heads.note(database, store)
    assert first is not None
    assert audit_heads.note(database, store) == first
    write(database)
    later = audit_heads.note(database, store)
    assert later is not None
    assert (later.position, len(list(store.keys("")))) == (first.position + 1, 1)
    assert why(database, store) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_cut, "rows were cut off: the head noted at"),
        (_remove, "the heads that were noted in the object store are gone"),
        (_forge, "the head that was noted last is not as it was written"),
        (_spoil, "the head that was noted last is not as it was written"),
        (_older, "a head was noted at link"),
    ],
)
def test_what_is_cut_off_is_told_until_somebody_accepts_it(
    database: Database, store: LocalObjectStore, tmp_path: Path, change: Change, fault: str
) -> None:
    write(database, 3)
    audit_heads.note(database, store)
    change(database, store)
    assert any(fault in one for one in why(database, store))
    write(database)
    settings = Settings(home=tmp_path)
    resources = Resources(settings, database=database, object_store=store)
    sensor = noted_audit(resources)
    for _ in range(2):
        with dg.build_sensor_context() as context, pytest.raises(Damaged, match=fault):
            sensor.evaluate_tick(context)
    told = rows(database, "SELECT kind, count(*) FROM notice GROUP BY kind")
    assert told == [(NoticeKind.AUDIT_BROKEN, 1)]
    accepted = audit_heads.accept_end(database, store, "restored", actor="ann")
    assert why(database, store) == []
    assert audit_heads.note(database, store) == accepted
    [(reason,)] = rows(
        database, "SELECT detail->>'reason' FROM audit WHERE action = 'audit.accept-end'"
    )
    assert reason == "restored"
