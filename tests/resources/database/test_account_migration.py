"""What was there before accounts came is the house's, with the policies and contacts it had."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.owning import accounts, contacts, imprints, people
from tests.support.servers.postgres import migrated_to, rows

_BOOK = """
WITH made AS (INSERT INTO work DEFAULT VALUES RETURNING id)
    INSERT INTO book (id, work) SELECT :book, id FROM made;
INSERT INTO edition (book, number, sha256, length, media_type, source, claims)
    VALUES (:book, 1, repeat('a', 64), 1, 'text/plain', 's', '{}');
INSERT INTO description (book, edition, data_version, document, title, work_key, isbns, sketch)
    VALUES (:book, 1, 'v', CAST(:document AS jsonb), 't', '', '{}', '{}');
"""
_NOTICE = """
INSERT INTO notice (id, kind, cause, about, book, who, channel, address, language, message, state,
    due) VALUES (:id, 'book_on_sale', 'c', '', 'one', :who, 'mail', :who, 'en', '{}', :state, now())
"""
PUBLISHERS = {
    "one": ["Straße  Press", "Other"],
    "two": ["STRASSE Press"],
    "three": [" "],
    "four": [],
}


@pytest.fixture
def before(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A database of the release before accounts, with four books."""
    with migrated_to(postgres_server, "0011") as database:
        with database.begin() as connection:
            for book, publishers in PUBLISHERS.items():
                document = json.dumps({"publishers": publishers})
                connection.execute(text(_BOOK), {"book": book, "document": document})
            for who, state in (("told@example.org", "sent"), ("new@example.org", "queued")):
                connection.execute(text(_NOTICE), {"id": who, "who": who, "state": state})
        yield database


def test_books_are_the_houses_and_first_publishers_its_imprints(before: Database) -> None:
    before.migrate()
    (house,) = accounts.summaries(before)
    assert (house.account.id, house.books, len(house.imprints)) == ("house", 4, 1)
    assert {imprints.imprint_of(before, book) for book in ("one", "two")} == set(house.imprints)
    assert rows(before, "SELECT id FROM book WHERE imprint IS NULL ORDER BY id") == [
        ("four",),
        ("three",),
    ]


def test_who_was_written_to_goes_on_being_told_and_nobody_else(before: Database) -> None:
    before.migrate()
    assert [one.address for one in contacts.list_contacts(before)] == ["told@example.org"]


def test_old_code_that_makes_a_book_meanwhile_makes_one_of_the_house(before: Database) -> None:
    before.migrate()
    rows(before, "INSERT INTO book (id, work) SELECT 'five', min(id) FROM work RETURNING 1")
    assert rows(before, "SELECT account FROM book WHERE id = 'five'") == [("house",)]
    assert people.operators(before) == []
