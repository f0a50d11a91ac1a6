"""States of a manuscript that somebody gave a name: “first draft”; any two are compared."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.edition_changes import EditionChanges
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, writing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.writing import chapters, manuscripts
from ebook_pipeline.services.writing.chapters import ChapterText

MOST_NAMES = 100
"""Of one manuscript."""
LONGEST_NAME = 80
_NAMES, _CHAPTERS = writing_tables.manuscript_name, writing_tables.named_chapter


class NamedVersion(Record):
    """What it is called, by whom, and of which versions of which chapters, by their ids."""

    name: str
    actor: str
    at: datetime
    chapters: Mapping[str, int]


class ChapterChanges(Record):
    """What a chapter has otherwise; without `before` it is new, without `after` it went."""

    heading: str
    before: bool
    after: bool
    changes: EditionChanges


def name(database: Database, manuscript: str, called: str, *, actor: str) -> NamedVersion:
    """Call the manuscript as it stands so. Raises `NotFound`, `Denied` for a name that is taken,
    or one too many."""
    words = " ".join(called.split())[:LONGEST_NAME]
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        known = _names(connection, manuscript)
        if not words:
            raise Denied("Say what it is to be called.")
        if any(one.name == words for one in known):
            raise Denied("Another version is called so already.")
        if len(known) >= MOST_NAMES:
            raise Denied(f"A manuscript has {MOST_NAMES} names at most.")
        row = {"manuscript": manuscript, "name": words, "actor": actor}
        connection.execute(insert(_NAMES), row)
        _pin(connection, manuscript, words)
        audit(connection, actor, "manuscript.name", "", {"manuscript": manuscript, "name": words})
        return next(one for one in _names(connection, manuscript) if one.name == words)


def forget(database: Database, manuscript: str, called: str, *, actor: str) -> None:
    """Let it be called so no more; its versions stay. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        if not connection.execute(delete(_NAMES).where(_is(manuscript, called))).rowcount:
            raise NotFound("no version is called so")
        detail = {"manuscript": manuscript, "name": called}
        audit(connection, actor, "manuscript.forget-name", "", detail)


def names(database: Database, manuscript: str) -> tuple[NamedVersion, ...]:
    """Every named version, the newest first."""
    with database.begin() as connection:
        return _names(connection, manuscript)


def changes(
    database: Database, manuscript: str, before: str, after: str
) -> tuple[ChapterChanges, ...]:
    """What the version named `after` has otherwise than that named `before`, chapter by chapter;
    an empty name is what stands now. Raises `NotFound`."""
    with database.begin() as connection:
        old, new = (_state(connection, manuscript, one) for one in (before, after))
    gone = [one for one in old.values() if one.chapter not in new]
    found = []
    for chapter in (*new.values(), *gone):
        was, now = old.get(chapter.chapter), new.get(chapter.chapter)
        if was != now:
            found.append(_changed(was, now))
    return tuple(found)


def _changed(was: ChapterText | None, now: ChapterText | None) -> ChapterChanges:
    shown = now or was
    assert shown is not None
    return ChapterChanges(
        heading=shown.heading,
        before=was is not None,
        after=now is not None,
        changes=chapters.compared(was, now),
    )


def _pin(connection: Connection, manuscript: str, words: str) -> None:
    rows = [
        {
            "manuscript": manuscript,
            "name": words,
            "place": place,
            "chapter": one.chapter,
            "version": one.version,
        }
        for place, one in enumerate(chapters.standing(connection, manuscript))
    ]
    if rows:
        connection.execute(insert(_CHAPTERS), rows)


def _names(connection: Connection, manuscript: str) -> tuple[NamedVersion, ...]:
    query = select(_NAMES).where(_NAMES.c.manuscript == manuscript)
    rows = connection.execute(query.order_by(_NAMES.c.at.desc(), _NAMES.c.name)).all()
    pinned: dict[str, dict[str, int]] = defaultdict(dict)
    for one in connection.execute(select(_CHAPTERS).where(_CHAPTERS.c.manuscript == manuscript)):
        pinned[one.name][one.chapter] = one.version
    return tuple(
        NamedVersion(name=row.name, actor=row.actor, at=row.at, chapters=pinned[row.name])
        for row in rows
    )


def _state(connection: Connection, manuscript: str, called: str) -> dict[str, ChapterText]:
    if not called:
        return {one.chapter: one for one in chapters.standing(connection, manuscript)}
    if not connection.execute(select(exists().where(_is(manuscript, called)))).scalar_one():
        raise NotFound("no version is called so")
    here = (_CHAPTERS.c.manuscript == manuscript) & (_CHAPTERS.c.name == called)
    return {one.chapter: one for one in chapters.pinned(connection, _CHAPTERS, here)}


def _is(manuscript: str, called: str) -> ColumnElement[bool]:
    return (_NAMES.c.manuscript == manuscript) & (_NAMES.c.name == called)
