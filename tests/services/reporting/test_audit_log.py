"""The audit as it is read: by book, person, action and time, newest first, page by page."""

from datetime import UTC, datetime, timedelta

import pytest

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.reporting.audit_log import AuditFilter, newest

DEEDS = [
    ("ann", "book.retry", "emma"),
    ("cli:ann", "book.withdraw", "emma"),
    ("desk:eve", "book.retry", "persuasion"),
    ("pipeline", "review.asked", "emma"),
]


@pytest.fixture
def audited(database: Database) -> Database:
    for actor, action, book in DEEDS:
        with database.begin() as connection:
            audit(connection, actor, action, book, {"why": action})
    return database


FILTERS = [
    (AuditFilter(), [3, 2, 1, 0]),
    (AuditFilter(book="emma"), [3, 1, 0]),
    (AuditFilter(person="ann"), [1, 0]),
    (AuditFilter(person="cli:ann"), [1]),
    (AuditFilter(person="%"), []),
    (AuditFilter(person="an_"), []),
    (AuditFilter(person="\\"), []),
    (AuditFilter(action="book.retry"), [2, 0]),
    (AuditFilter(action="book."), [2, 1, 0]),
    (AuditFilter(action="%."), []),
    (AuditFilter(book="emma", person="ann", action="book.withdraw"), [1]),
    (AuditFilter(since=datetime.now(UTC) + timedelta(days=1)), []),
    (AuditFilter(until=datetime.now(UTC) - timedelta(days=1)), []),
    (AuditFilter(since=datetime.now(UTC) - timedelta(days=1)), [3, 2, 1, 0]),
]


def test_deeds_are_found_by_what_is_asked_for(audited: Database) -> None:
    for wanted, places in FILTERS:
        found = newest(audited, wanted, most=9)
        deeds = [DEEDS.index((row.actor, row.action, row.book)) for row in found]
        assert deeds == places, wanted


def test_deeds_come_page_by_page(audited: Database) -> None:
    first = newest(audited, AuditFilter(), most=3)
    rest = newest(audited, AuditFilter(), most=3, before=first[-1].id)
    assert [row.actor for row in (*first, *rest)] == [actor for actor, *_ in reversed(DEEDS)]
    assert first[0].detail == {"why": "review.asked"}
