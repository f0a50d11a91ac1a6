"""What is older than the settings allow goes, in batches; what is younger, or unset, stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.retaining import retention
from ebook_pipeline.services.retaining.retention import Retention, RetentionTerms
from tests.support.servers.postgres import rows
from tests.support.services.notices import RecordingNotifier
from tests.support.services.submissions import arrive

EVERYTHING = RetentionTerms(claims=30, notices=90, audit=90, refusals=30)
_NOTICES = """
INSERT INTO notice (id, kind, cause, about, who, channel, address, language, message, state, due,
    at) SELECT 'n' || n, 'edge_restored', 'c' || n, '', 'team', 'mail', '', 'en', '{}',
    CASE WHEN n = 1 THEN 'queued' ELSE 'sent' END, now(), now() - n * interval '40 days'
    FROM generate_series(0, 6) n;
INSERT INTO refused_arrival (digest, landing_key, finding, actor, at) VALUES
    ('old', 'k', '{}', 'ann', now() - interval '31 days'), ('new', 'k', '{}', 'ann', now());
INSERT INTO notice (id, kind, cause, about, who, channel, address, language, message, state, due,
    at) VALUES ('told', 'file_refused', 'refused new', '', 'team', 'mail', '', 'en', '{}', 'sent',
    now(), now() - interval '400 days');
INSERT INTO audit (actor, action, book, detail, at) SELECT 'ann', 'a', '', '{}',
    now() - n * interval '40 days' FROM generate_series(0, 6) n;
"""


@pytest.fixture
def kept(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Retention:
    monkeypatch.setattr(retention, "BATCH", 2)
    arrive(database, claims=Claims(contact="old@example.org"))
    with database.begin() as connection:
        connection.exec_driver_sql(_NOTICES)
    store = LocalObjectStore(tmp_path / "objects")
    return Retention(database, store, RecordingNotifier(), EVERYTHING)


def names(database: Database) -> list[str]:
    return [name for (name,) in rows(database, "SELECT id FROM notice ORDER BY id")]


def test_what_is_too_old_goes_and_the_rest_stays(kept: Retention) -> None:
    database = kept.database
    done = kept.tidy()
    assert (done.notices, done.audit, done.refusals, done.claims, done.more) == (4, 4, 1, 0, False)
    assert names(database) == ["n0", "n1", "n2", "told"]  # queued, young, or of a refusal
    assert rows(database, "SELECT digest FROM refused_arrival") == [("new",)]


def test_contacts_of_closed_submissions_go_from_edition_and_record_too(kept: Retention) -> None:
    database = kept.database
    assert submissions.current_edition(database, "emma").claims.contact == "old@example.org"
    done = kept.tidy(datetime.now(UTC) + timedelta(days=31))
    assert done.claims == 1
    assert submissions.current_edition(database, "emma").claims.contact is None
    told = rows(database, "SELECT claims ->> 'contact' FROM submission")
    assert told == [(None,)]


def test_nothing_goes_where_nothing_is_set_and_time_bounds_a_look(kept: Retention) -> None:
    database = kept.database
    before = names(database)
    assert Retention(database, kept.store, kept.notifier, RetentionTerms()).tidy().notices == 0
    assert names(database) == before
    short = kept.tidy(seconds=-1)
    assert (short.more, short.notices + short.audit) == (True, 2)
    with database.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM notice")).scalar_one() > 4
