"""Manuscripts that were written elsewhere taken into the writing room, whole or not at all."""

from sqlalchemy import Connection

from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.writing.manuscript_file import ImportedManuscript
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.writing import chapters, covers, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript


def begin_with(
    database: Database, account: str, imported: ImportedManuscript, *, actor: str
) -> Manuscript:
    """A new manuscript of these chapters, described as their file describes itself, with its cover.

    Raises `NotFound` for an unknown account.
    """
    with database.begin() as connection:
        made = manuscripts.begin(connection, account, imported.claims, actor=actor)
        return _take(connection, made, imported, actor)


def append(
    database: Database,
    manuscript: str,
    imported: ImportedManuscript,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """The chapters behind those that there are; what is not yet said of the book, the file says,
    and its cover is taken where there is none.

    Raises `NotFound`, `NoDraft`, `TooManyChapters`, and what `precondition` raises.
    """
    with database.begin() as connection:
        seen = manuscripts.lock_draft(connection, manuscript, precondition)
        chapters.require_room(seen, len(imported.chapters))
        said = _completed(seen.claims, imported.claims)
        if said != seen.claims:
            manuscripts.describe_as(connection, manuscript, said)
        return _take(connection, seen, imported, actor)


def _take(
    connection: Connection, seen: Manuscript, imported: ImportedManuscript, actor: str
) -> Manuscript:
    chapters.append(connection, seen.id, imported.chapters, actor)
    if imported.cover is not None and seen.cover is None:
        covers.put(connection, seen.id, imported.cover, actor)
    detail = {"manuscript": seen.id, "chapters": len(imported.chapters)}
    audit(connection, actor, "manuscript.import", "", detail)
    return manuscripts.manuscript_of(connection, seen.id)


def _completed(said: Claims, file: Claims) -> Claims:
    names = ("title", "subtitle", "authors", "language")
    lacking = {name: getattr(file, name) for name in names if not getattr(said, name)}
    if said.title and said.title != file.title:
        lacking.pop("subtitle", None)  # another book's
    return said.model_copy(update=lacking)
