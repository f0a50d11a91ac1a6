"""What a reviewer judges: an edition's files before their release, taken out and noted down.

Readers' copies come from the edge and by licence; this is the one way to the plain files.
"""

import contextlib
from typing import NamedTuple

from sqlalchemy import Connection, select

from ebook_pipeline.books.records import BlobRef, Submission
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.file_types import suffix_of
from ebook_pipeline.resources.database import Database, account_tables, tables
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import login_behind
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.reporting.book_files import BookFile, files_of
from ebook_pipeline.services.reviewing.evidence import all_findings

_BOOK = tables.book.c
_MEMBER = account_tables.membership.c
_MAY_READ = frozenset({"author", "editor", "publisher"})
"""Roles in a book's account that may have its files; an operator may have any book's."""


class TakenFiles(NamedTuple):
    """The files of one edition by the names that they get, and everything that was found of it."""

    edition: int
    files: tuple[BookFile, ...]
    findings: bytes


def take_files(database: Database, records: RecordStore, book: str, *, actor: str) -> TakenFiles:
    """The newest edition's original and EPUB, PDF and quality page, as far as they are made.

    `findings` are those of all stages, as JSON, a line each. An audit row says who took them.
    Raises `NotFound` for a book without an edition, `Denied` for a person who is neither an
    operator nor of the book's account.
    """
    of_edition = files_of(database, records, book)
    received = records.read("raw_file", book, of_edition.edition, Submission)
    files = tuple(_named(file, received) for file in of_edition.files)
    with database.begin() as connection:
        _require_right(connection, book, actor)
        names = [file.name for file in files]
        audit(connection, actor, "files", book, {"edition": of_edition.edition, "files": names})
    found = all_findings(records, book, of_edition.edition)
    body = "".join(f"{finding.model_dump_json()}\n" for finding in found)
    return TakenFiles(of_edition.edition, files, body.encode())


def quality_page(database: Database, records: RecordStore, book: str) -> BlobRef:
    """The editor's page on the newest edition. Raises `NotFound` where there is none yet."""
    try:
        return files_of(database, records, book).blob("report")
    except NotFound as error:
        raise NotFound(f"nothing was judged of {book} yet") from error


def _named(file: BookFile, received: Submission | None) -> BookFile:
    """With the suffix of what it is; an original that nobody has looked at is any bytes."""
    blob = received.blob if received is not None and file.name == "original" else file.blob
    with contextlib.suppress(ValueError):
        return file.model_copy(update={"name": f"{file.name}{suffix_of(blob.media_type)}"})
    return file


def _require_right(connection: Connection, book: str, actor: str) -> None:
    """Operators may take any book's files, the people of an account those of its own."""
    login = login_behind(actor)
    roles = select(_MEMBER.account, _MEMBER.role).where(_MEMBER.person == login)
    owner = connection.execute(select(_BOOK.account).where(_BOOK.id == book)).scalar_one()
    for member in connection.execute(roles):
        if member.role == "operator" or (member.account == owner and member.role in _MAY_READ):
            return
    raise Denied(f"{actor} may not take the files of {book}: it is another account's")
