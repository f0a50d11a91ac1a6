"""A book's summary: made of the text of its release on sale, and kept with that; or a person's."""

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.describing.enrich.brief import UnusableAnswer
from ebook_pipeline.books.records import Manifestations, Record
from ebook_pipeline.books.summarizing import book_summary
from ebook_pipeline.books.summarizing.book_summary import BookSummary, backed, summarize_book
from ebook_pipeline.books.summarizing.cited import SummaryWriter
from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.resources.database import Database, reader_tables
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.audit_and_outbox import audit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally

LARGEST_TEXT = 8 << 20
"""Bytes of text that is read: some twelve long novels."""
MOST_WRITTEN = 200
"""Books in one night, those that wait longest first."""
_SUMMARY = reader_tables.book_summary
_LIVE = text(
    """
    SELECT release.name, release.edition FROM catalog JOIN release ON release.id = catalog.release
    WHERE catalog.book = :book AND catalog.state = 'live'
    """
)
_DUE = text(
    """
    SELECT catalog.book FROM catalog JOIN release ON release.id = catalog.release
    LEFT JOIN book_summary AS known ON known.book = catalog.book
    WHERE catalog.state = 'live' AND coalesce(known.words, '') = ''
        AND (known.release IS DISTINCT FROM release.name
            OR (:by <> '' AND known.document->>'made_by' IS NOT NULL
                AND known.document->>'asked' IS DISTINCT FROM :by))
    ORDER BY known.at NULLS FIRST, catalog.book LIMIT :most
    """
)
_log = logging.getLogger(__name__)


class KeptSummary(Record):
    """What stands at the book now; `locked`: a person said it. None: nothing can be said."""

    book: str
    summary: BookSummary | None = None
    locked: bool = False


def kept(database: Database, book: str) -> KeptSummary | None:
    """What is known of the book's release on sale; None where it has yet to be made."""
    with database.begin() as connection:
        return _kept(connection, book)


def make(database: Database, store: ObjectStore, book: str) -> KeptSummary:
    """The same, made at once of the book's own sentences where it has yet to be.

    Raises `NotFound` where the book is not on sale.
    """
    found = kept(database, book)
    if found is not None:
        return found
    made = _remake(database, store, book, summarize_book)
    return kept(database, book) or KeptSummary(book=book, summary=made)


def lock(
    database: Database,
    book: str,
    words: str,
    *,
    actor: str,
    precondition: Precondition[KeptSummary] = unconditionally,
) -> KeptSummary:
    """Let these words stand at the book whatever a machine says; empty ones let it speak again.

    Raises `NotFound`, and what `precondition` raises.
    """
    said = " ".join(words.split())
    with database.begin() as connection:
        lock_book_row(connection, book)
        precondition(_kept(connection, book) or KeptSummary(book=book))
        there = {"words": said, "locked_by": actor if said else None, "at": func.now()}
        statement = insert(_SUMMARY).values(book=book, release="", **there)
        connection.execute(statement.on_conflict_do_update(index_elements=["book"], set_=there))
        audit(connection, actor, "summary.lock" if said else "summary.unlock", book, {})
        return _kept(connection, book) or KeptSummary(book=book)


def write_book_summaries(
    database: Database, store: ObjectStore, writer: SummaryWriter, most: int = MOST_WRITTEN
) -> int:
    """Make what is missing or of an earlier release, by `writer` where it writes; how many.

    Raises what `writer` raises where it does not answer; of an answer of no use the book's own
    sentences stand. A book that went off sale meanwhile, or whose text can't be read, holds up no
    other. No transaction is open while anybody thinks.
    """
    with database.begin() as connection:
        asked = {"by": writer.version, "most": most}
        books = list(connection.execute(_DUE, asked).scalars())
    made = 0
    for book in books:
        try:
            _remake(database, store, book, partial(_written, writer), asked=writer.version)
        except (NotFound, Damaged) as error:
            _log.warning("no summary of %s: %s", book, error)
        else:
            made += 1
    return made


def _remake(
    database: Database,
    store: ObjectStore,
    book: str,
    write: Callable[[str], BookSummary | None],
    asked: str = "",
) -> BookSummary | None:
    """Have it written of the text on sale and keep it. Raises `NotFound`."""
    release, edition = _live(database, book)
    words = _text(store, book, edition)
    made = write(words) if words else None
    with database.begin() as connection:
        lock_book_row(connection, book)
        _keep(connection, book, release, made, asked)
    return made


def _written(writer: SummaryWriter, words: str) -> BookSummary | None:
    """By the model, as far as it is backed; else the book's own sentences."""
    own = summarize_book(words)
    if own is None or not writer.version:
        return own
    shown = book_summary.passages(words)
    try:
        said = backed(writer.write_of_book(shown), shown, words)
    except UnusableAnswer as error:
        _log.warning("a book's summary: %s", error)
        said = ()
    facts = {"sentences": said, "made_by": writer.version}
    return own.model_copy(update=facts) if said else own


def _kept(connection: Connection, book: str) -> KeptSummary | None:
    row = connection.execute(select(_SUMMARY).where(_SUMMARY.c.book == book)).first()
    if row is None:
        return None
    if row.words:
        own = BookSummary(words=row.words, machine=False, made_by="")
        return KeptSummary(book=book, summary=own, locked=True)
    live = connection.execute(_LIVE, {"book": book}).first()
    if live is None or live.name != row.release:
        return None
    facts = {name: value for name, value in (row.document or {}).items() if name != "asked"}
    return KeptSummary(book=book, summary=BookSummary.model_validate(facts) if facts else None)


def _keep(
    connection: Connection, book: str, release: str, made: BookSummary | None, asked: str
) -> None:
    """`asked`: which model was, so that it is asked once. Words of a person's stay."""
    document = made.model_dump(mode="json") | {"asked": asked} if made else None
    values = {"release": release, "document": document, "at": func.now()}
    statement = insert(_SUMMARY).values(book=book, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["book"], set_=values))


def _live(database: Database, book: str) -> tuple[str, int]:
    with database.begin() as connection:
        row = connection.execute(_LIVE, {"book": book}).first()
    if row is None:
        raise NotFound("there is no such book on sale")
    return row.name, row.edition


def _text(store: ObjectStore, book: str, edition: int) -> str:
    """What the book says; empty where it is longer than anybody reads at once, or gone."""
    made = RecordStore(store).read("converted_book", book, edition, Manifestations)
    if made is None or made.text.length > LARGEST_TEXT:
        return ""
    with store.open(made.text) as stream:
        return stream.read().decode("utf-8", "replace")
