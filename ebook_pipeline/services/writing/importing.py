"""Manuscripts that were written elsewhere taken into the writing room, whole or not at all."""

from collections.abc import Sequence

from sqlalchemy import Connection

from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.writing.manuscript_file import ImportedManuscript, WrittenChapter
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.writing import chapters, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript


def begin_with(
    database: Database, account: str, imported: ImportedManuscript, *, actor: str
) -> Manuscript:
    """A new manuscript of these chapters, described as their file describes itself.

    Raises `NotFound` for an unknown account.
    """
    with database.begin() as connection:
        made = manuscripts.begin(connection, account, imported.claims, actor=actor)
        return _take(connection, made.id, imported.chapters, actor)


def append(
    database: Database,
    manuscript: str,
    imported: ImportedManuscript,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """The chapters behind those that there are; what is not yet said of the book, the file says.

    Raises `NotFound`, `NoDraft`, `TooManyChapters`, and what `precondition` raises.
    """
    with database.begin() as connection:
        seen = manuscripts.lock_draft(connection, manuscript, precondition)
        chapters.require_room(seen, len(imported.chapters))
        said = _completed(seen.claims, imported.claims)
        if said != seen.claims:
            manuscripts.describe_as(connection, manuscript, said)
        return _take(connection, manuscript, imported.chapters, actor)


def _take(
    connection: Connection, manuscript: str, written: Sequence[WrittenChapter], actor: str
) -> Manuscript:
    chapters.append(connection, manuscript, written, actor)
    detail = {"manuscript": manuscript, "chapters": len(written)}
    audit(connection, actor, "manuscript.import", "", detail)
    return manuscripts.manuscript_of(connection, manuscript)


def _completed(said: Claims, file: Claims) -> Claims:
    names = ("title", "subtitle", "authors", "language")
    lacking = {name: getattr(file, name) for name in names if not getattr(said, name)}
    if said.title and said.title != file.title:
        lacking.pop("subtitle", None)  # another book's
    return said.model_copy(update=lacking)
