"""Chapters of a manuscript: every save is a version, and none is lost or overwritten."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, select, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.edition_changes import EditionChanges, edition_changes
from ebook_pipeline.books.text import word_count
from ebook_pipeline.books.writing.manuscript_file import MOST_CHAPTERS, WrittenChapter
from ebook_pipeline.books.writing.parts import Part, heading_of, place_of
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.identifiers import random_id
from ebook_pipeline.resources.database import Database, writing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

_TABLE = writing_tables.chapter
_CHAPTER = _TABLE.c
_VERSIONS = writing_tables.chapter_version
_VERSION = _VERSIONS.c


class TooManyChapters(ServiceError):
    """The manuscript has as many chapters as one can have."""


class Chapter(Record):
    """A chapter as it was saved as version `version`."""

    id: str
    version: int
    heading: str
    text: str
    words: int
    actor: str
    saved_at: datetime


class ChapterText(WrittenChapter):
    """What a chapter says in one of its versions."""

    chapter: str
    version: int


def add(database: Database, manuscript: str, written: WrittenChapter, *, actor: str) -> Chapter:
    """A new chapter behind the others. Raises `NotFound`, `TooManyChapters`."""
    with database.begin() as connection:
        require_room(manuscripts.lock_draft(connection, manuscript), 1)
        return _add(connection, manuscript, written, actor)


def add_part(database: Database, manuscript: str, part: Part, text: str, *, actor: str) -> Chapter:
    """A dedication, an epigraph … under its heading in the book's language, where books have it.

    Raises as `add` does.
    """
    with database.begin() as connection:
        seen = manuscripts.lock_draft(connection, manuscript)
        require_room(seen, 1)
        written = WrittenChapter(heading=heading_of(part, seen.claims.language), text=text)
        made = _add(connection, manuscript, written, actor)
        ids = [line.id for line in seen.chapters]
        ids.insert(place_of(part, [line.heading for line in seen.chapters]), made.id)
        manuscripts.put_in_order(connection, ids)
        return made


def append(
    connection: Connection, manuscript: str, written: Iterable[WrittenChapter], actor: str
) -> None:
    """New chapters behind the others, within a transaction that holds the manuscript."""
    for chapter in written:
        _add(connection, manuscript, chapter, actor)


def require_room(seen: Manuscript, more: int) -> None:
    """Raise `TooManyChapters` where the manuscript has no room for so many more."""
    if len(seen.chapters) + more > MOST_CHAPTERS:
        raise TooManyChapters(f"a manuscript has {MOST_CHAPTERS} chapters at most")


def read(database: Database, manuscript: str, chapter: str, version: int | None = None) -> Chapter:
    """The chapter as it stands, or as it was saved then. Raises `NotFound`."""
    with database.begin() as connection:
        return _chapter_of(connection, manuscript, chapter, version)


def save(
    database: Database,
    manuscript: str,
    chapter: str,
    written: WrittenChapter,
    *,
    actor: str,
    precondition: Precondition[Chapter] = unconditionally,
) -> Chapter:
    """The chapter's next version; what says the same as the one that stands is none.

    Raises `NotFound`, and what `precondition` raises of the chapter as it stands.
    """
    with database.begin() as connection:
        manuscripts.hold_draft(connection, manuscript)
        now = _chapter_of(connection, manuscript, chapter, None)
        precondition(now)
        if (now.heading, now.text) == (written.heading, written.text):
            return now
        return _save(connection, manuscript, chapter, written, actor)


def remove(
    database: Database,
    manuscript: str,
    chapter: str,
    *,
    actor: str,
    precondition: Precondition[Chapter] = unconditionally,
) -> None:
    """Leave the chapter out of the manuscript; its versions are kept with it."""
    with database.begin() as connection:
        manuscripts.hold_draft(connection, manuscript)
        precondition(_chapter_of(connection, manuscript, chapter, None))
        this = update(_TABLE).where(_CHAPTER.id == chapter)
        connection.execute(this.values(removed_at=func.now()))
        manuscripts.changed(connection, manuscript)
        detail = {"manuscript": manuscript, "chapter": chapter}
        audit(connection, actor, "chapter.remove", "", detail)


def standing(connection: Connection, manuscript: str) -> tuple[ChapterText, ...]:
    """The chapters as they stand, in their order."""
    stands = (_VERSION.chapter == _CHAPTER.id) & (_VERSION.number == _CHAPTER.version)
    query = select(
        _CHAPTER.id.label("chapter"), _CHAPTER.version, _VERSION.heading, _VERSION.text
    ).join(_VERSIONS, stands)
    here = (_CHAPTER.manuscript == manuscript) & _CHAPTER.removed_at.is_(None)
    rows = connection.execute(query.where(here).order_by(_CHAPTER.place, _CHAPTER.id))
    return tuple(ChapterText(**row._mapping) for row in rows)


def pinned(
    connection: Connection, pins: Table, here: ColumnElement[bool]
) -> tuple[ChapterText, ...]:
    """The chapters in the versions that these rows of `pins` name, in their order there."""
    stands = (_VERSION.chapter == pins.c.chapter) & (_VERSION.number == pins.c.version)
    query = select(pins.c.chapter, pins.c.version, _VERSION.heading, _VERSION.text)
    rows = connection.execute(query.join(_VERSIONS, stands).where(here).order_by(pins.c.place))
    return tuple(ChapterText(**row._mapping) for row in rows)


def history(database: Database, manuscript: str, chapter: str, most: int) -> tuple[Chapter, ...]:
    """The last `most` versions, the newest first. Raises `NotFound`."""
    with database.begin() as connection:
        _chapter_of(connection, manuscript, chapter, None)
        query = select(_VERSIONS).where(_VERSION.chapter == chapter)
        rows = connection.execute(query.order_by(_VERSION.number.desc()).limit(most))
        return tuple(map(_chapter, rows))


def changes(
    database: Database, manuscript: str, chapter: str, before: int, after: int
) -> EditionChanges:
    """What version `after` has otherwise than `before`, by paragraph. Raises `NotFound`."""
    old, new = (read(database, manuscript, chapter, number) for number in (before, after))
    return compared(old, new)


def compared(
    before: Chapter | ChapterText | None, after: Chapter | ChapterText | None
) -> EditionChanges:
    """What the one has otherwise than the other, headings too; None says nothing."""
    texts = (f"{one.heading}\n{one.text}" if one else "" for one in (before, after))
    return edition_changes(*texts)


def _add(connection: Connection, manuscript: str, written: WrittenChapter, actor: str) -> Chapter:
    last = select(func.coalesce(func.max(_CHAPTER.place), -1) + 1)
    place = last.where(_CHAPTER.manuscript == manuscript).scalar_subquery()
    chapter = random_id()
    connection.execute(
        insert(_TABLE).values(id=chapter, manuscript=manuscript, place=place, version=0)
    )
    return _save(connection, manuscript, chapter, written, actor)


def _save(
    connection: Connection, manuscript: str, chapter: str, written: WrittenChapter, actor: str
) -> Chapter:
    raised = update(_TABLE).where(_CHAPTER.id == chapter).values(version=_CHAPTER.version + 1)
    number = connection.execute(raised.returning(_CHAPTER.version)).scalar_one()
    row = {
        "chapter": chapter,
        "number": number,
        "heading": written.heading,
        "text": written.text,
        "words": word_count(written.text),
        "actor": actor,
    }
    connection.execute(insert(_VERSIONS), row)
    manuscripts.changed(connection, manuscript)
    detail = {"manuscript": manuscript, "chapter": chapter, "version": number}
    audit(connection, actor, "chapter.save", "", detail)
    return _chapter_of(connection, manuscript, chapter, number)


def _chapter_of(
    connection: Connection, manuscript: str, chapter: str, version: int | None
) -> Chapter:
    number = _CHAPTER.version if version is None else version
    found = (_VERSION.chapter == _CHAPTER.id) & (_VERSION.number == number)
    here = (_CHAPTER.id == chapter) & (_CHAPTER.manuscript == manuscript)
    query = select(_VERSIONS).join(_TABLE, found).where(here, _CHAPTER.removed_at.is_(None))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("there is no such chapter")
    return _chapter(row)


def _chapter(row: Row[Any]) -> Chapter:
    return Chapter(
        id=row.chapter,
        version=row.number,
        heading=row.heading,
        text=row.text,
        words=row.words,
        actor=row.actor,
        saved_at=row.at,
    )
