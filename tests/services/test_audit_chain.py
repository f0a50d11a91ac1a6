"""The audit only grows: what is done to it past that is refused, and found where it was forced."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.roles import allow_taking_away
from ebook_pipeline.services import audit_chain
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.audit_chain import ChainReport, verify
from tests.support.servers.postgres import rows


@pytest.fixture
def noted(database: Database) -> Database:
    """Six rows, of which the last is of a book."""
    for number in range(5):
        with database.begin() as connection:
            audit(connection, "eve", "do", "", {"number": number, "user": "mallory"})
    with database.begin() as connection:
        audit(connection, "ann", "do", "emma", {})
    return database


def _force(database: Database, statement: str) -> None:
    """As who has the database alone, and knows its guards."""
    with database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(text(statement))


def _why(report: ChainReport) -> list[str]:
    return [link.why for link in report.broken]


def test_rows_are_linked_once_in_order_and_whole(noted: Database) -> None:
    before = len(rows(noted, "SELECT id FROM audit"))
    assert audit_chain.link_new(noted, most=4) == 4
    report = verify(noted)
    assert (report.whole, report.broken, len(report.head)) == (before, (), 64)
    assert audit_chain.link_new(noted) == 0
    with noted.begin() as connection:
        audit(connection, "ann", "do", "", {})
    later = verify(noted, head=report.head)
    assert (later.whole, later.broken, later.head != report.head) == (before + 1, (), True)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit WHERE book = 'emma'"]
)
def test_the_database_refuses_to_change_or_take_out_a_row(noted: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="the audit only grows"), noted.begin() as connection:
        connection.execute(text(statement))
    assert verify(noted).broken == ()


LAST = "(SELECT max(id) FROM audit)"
LINKS = f"DELETE FROM audit_link WHERE audit = {LAST}"


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ([f"UPDATE audit SET actor = 'bob' WHERE id = {LAST}"], "the row was changed"),
        ([f"UPDATE audit SET at = now() WHERE id = {LAST}"], "the row was changed"),
        ([f"UPDATE audit SET action = 'x' WHERE id = {LAST}"], "the row was changed"),
        ([f"DELETE FROM audit WHERE id = {LAST}"], "the row was taken out"),
        (
            [f"UPDATE audit_link SET facts = 'x' WHERE audit = {LAST}"],
            "the link itself was changed",
        ),
        (["DELETE FROM audit_link WHERE position = 2"], "a link before it is gone, or was put in"),
        (
            ["INSERT INTO audit (actor, action, book, detail) VALUES ('bob', 'x', '', '{}')"],
            "the row was put in past the chain",
        ),
        (
            [LINKS, f"DELETE FROM audit WHERE id = {LAST}"],
            "the head that was noted is no link any more",
        ),
    ],
)
def test_what_is_forced_is_found(noted: Database, statements: list[str], why: str) -> None:
    head = verify(noted).head
    for statement in statements:
        _force(noted, statement)
    assert why in _why(verify(noted, head=head))


def test_an_erasure_a_purge_and_its_age_break_nothing(noted: Database) -> None:
    verify(noted)
    with noted.begin() as connection:
        allow_taking_away(connection)
        connection.exec_driver_sql(
            "INSERT INTO erasure (digest, pseudonym, actor) VALUES ('d', 'erased-1', 'eve')"
        )
        connection.exec_driver_sql(
            "UPDATE audit SET detail = detail || '{\"user\": \"erased-1\"}' WHERE detail ? 'user'"
            " AND action = 'do'"
        )
        connection.exec_driver_sql("DELETE FROM audit WHERE book = 'emma'")
    assert _why(verify(noted)) == ["the row was taken out"]
    with noted.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tombstone (digest, reason, actor)"
            " VALUES (encode(sha256('emma'), 'hex'), 'asked', 'eve')"
        )
    report = verify(noted)
    assert (report.retold, report.purged, report.broken) == (5, 1, ())
    _force(noted, "DELETE FROM audit")
    assert verify(noted, kept_days=1).broken != ()
    assert verify(noted, kept_days=1e-9).broken == ()
