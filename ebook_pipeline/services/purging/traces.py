"""Where a book has left something outside the database: read from its rows while they are there."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select, text

from ebook_pipeline.books.records import BlobRef, Distribution, Record
from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, notice_tables
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.protecting.license_records import license_path, status_path
from ebook_pipeline.services.purging import rows as book_rows

_RECORDS = "records/"
_NOTICE = notice_tables.notice.c


class Traces(Record):
    """Paths at the edge, blobs and documents of the store, notices sent, events told."""

    edge: tuple[str, ...] = ()
    stored: tuple[BlobRef, ...] = ()
    documents: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    arrivals: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()


def traces_of(database: Database, store: ObjectStore, book: str) -> Traces:
    """All that is to be taken away; less of it each time that a purge was cut off."""
    documents = tuple(_documents(store, book))
    with database.begin() as connection:
        rows = {name: tuple(_rows(connection, query, book)) for name, query in _ROWS.items()}
        edge = tuple(dict.fromkeys(_edge(connection, book)))
        questions = tuple(_questions(connection, book))
    referring = [*rows["editions"], *rows["submitted"], *rows["releases"]]
    referring += [_read(store, key) for key in documents]
    return Traces(
        edge=edge,
        stored=tuple(dict.fromkeys(_blobs(referring))),
        documents=documents,
        notices=rows["notices"] + questions,
        events=rows["events"],
        arrivals=rows["arrivals"],
        contents=tuple(edition["sha256"] for edition in rows["editions"]),
    )


_ROWS = {
    "editions": "SELECT to_jsonb(edition) FROM edition WHERE book = :book",
    "submitted": "SELECT blob FROM submission WHERE book = :book AND blob IS NOT NULL",
    "releases": "SELECT distribution FROM release WHERE book = :book",
    "notices": "SELECT id FROM notice WHERE book = :book"
    " UNION SELECT sent_as FROM notice WHERE book = :book AND sent_as IS NOT NULL",
    "events": "SELECT uid::text FROM outbox WHERE book = :book",
    "arrivals": "SELECT encode(sha256(convert_to(version, 'UTF8') || '\\x00'::bytea"
    " || convert_to(landing_key, 'UTF8')), 'hex') FROM submission WHERE book = :book",
}


def _rows(connection: Connection, query: str, book: str) -> Iterator[Any]:
    yield from connection.execute(text(query), {"book": book}).scalars()


def _questions(connection: Connection, book: str) -> Iterator[str]:
    """What contacts were asked that nobody needs any more, and the messages it went out in."""
    contacts = book_rows.lone_contacts(connection, book)
    these = book_rows.questions_to(accounts.owner(connection, book), contacts)
    for row in connection.execute(select(_NOTICE.id, _NOTICE.sent_as).where(these)):
        yield from filter(None, row)


def _edge(connection: Connection, book: str) -> Iterator[str]:
    yield pointer_path(book)
    for document in _rows(connection, _ROWS["releases"], book):
        yield from (file.path for file in Distribution.model_validate(document).files)
    for code in _rows(connection, "SELECT code FROM preview_link WHERE book = :book", book):
        yield short_links.path(code)
    for identity in _rows(connection, "SELECT id FROM license WHERE book = :book", book):
        yield from (license_path(identity), status_path(identity))


def _documents(store: ObjectStore, book: str) -> Iterator[str]:
    """``records/<stage>/<book>/…``, of every stage that there ever was."""
    for key in store.keys(_RECORDS):
        if key.split("/")[2:3] == [book]:
            yield key


def _read(store: ObjectStore, key: str) -> Any:
    try:
        return json.loads(store.read(key))
    except (NotFound, ValueError):
        return None


def _blobs(documents: Any) -> Iterator[BlobRef]:
    """Every reference to a blob at any depth of these documents."""
    waiting = list(documents)
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            named = {name: item.get(name) for name in BlobRef.model_fields}
            with contextlib.suppress(ValidationError):
                yield BlobRef.model_validate(named)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
