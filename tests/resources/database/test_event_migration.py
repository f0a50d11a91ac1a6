"""Events that were written before they had ids keep their order and are not told again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.servers.postgres import migrated_to, rows
from tests.support.services.events import Clock, Listener, say, tell

_OLD = """
INSERT INTO work DEFAULT VALUES;
INSERT INTO book (id, work) SELECT 'emma', id FROM work;
INSERT INTO outbox (event, book, payload, at) SELECT 'release.live', 'emma',
    jsonb_build_object('edition', one, 'release', 'r'), now() - interval '3 days'
    FROM generate_series(1, 3) AS one;
"""


@pytest.fixture
def before(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A database of the release before events had ids, with three of them."""
    with migrated_to(postgres_server, "0006") as database:
        with database.begin() as connection:
            connection.execute(text(_OLD))
        yield database


def test_old_events_have_an_id_a_cause_and_a_place(before: Database) -> None:
    before.migrate()
    query = "SELECT uid::text = correlation, version, position FROM outbox ORDER BY id"
    assert rows(before, query) == [(True, 1, 1), (True, 1, 2), (True, 1, 3)]


def test_they_are_told_only_to_who_asks(before: Database) -> None:
    before.migrate()
    listener = Listener()
    say(before, "emma", 4)
    tell(before, listener, clock=Clock())
    assert listener.by_book() == {"emma": [4]}
