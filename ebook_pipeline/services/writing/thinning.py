"""Versions of chapters that say nothing a later one does not, taken away a day after."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, text, update

from ebook_pipeline.books.writing.thinning import SavedVersion, superfluous
from ebook_pipeline.resources.database import Database, writing_tables
from ebook_pipeline.services.concurrency import TAKING_AWAY

WHOLE_FOR = timedelta(days=1)
"""How long every save is kept."""
_AT_ONCE = 50
_MOST_OF_A_CHAPTER = 2000
_CHAPTER, _VERSION = writing_tables.chapter, writing_tables.chapter_version
_DUE = text(
    """
    SELECT chapter.id FROM chapter
    JOIN chapter_version AS next ON next.chapter = chapter.id AND next.number = chapter.thinned + 1
    WHERE next.at < :before LIMIT :most
    """
)
_VERSIONS = text(
    """
    SELECT number, heading, text, at,
        EXISTS (SELECT FROM round_chapter AS r
            WHERE r.manuscript = chapter.manuscript AND r.chapter = version.chapter
                AND r.version = version.number)
        OR EXISTS (SELECT FROM edit_comment AS c
            WHERE c.manuscript = chapter.manuscript AND c.chapter = version.chapter
                AND c.version = version.number)
        OR EXISTS (SELECT FROM named_chapter AS n
            WHERE n.manuscript = chapter.manuscript AND n.chapter = version.chapter
                AND n.version = version.number) AS pinned
    FROM chapter_version AS version JOIN chapter ON chapter.id = version.chapter
    WHERE version.chapter = :chapter AND number > chapter.thinned AND version.at < :before
    ORDER BY number LIMIT :most
    """
)


def thin(database: Database, now: datetime | None = None, *, seconds: float = 10.0) -> int:
    """How many versions went, in so many `seconds` at most; the rest waits for the next look."""
    before, until = (now or datetime.now(UTC)) - WHOLE_FOR, time.monotonic() + seconds
    gone = 0
    while time.monotonic() < until:
        with database.begin() as connection:
            asked = {"before": before, "most": _AT_ONCE}
            due = list(connection.execute(_DUE, asked).scalars())
        for chapter in due:
            with database.lock(TAKING_AWAY), database.begin() as connection:
                gone += _thin(connection, chapter, before)
        if not due:
            break
    return gone


def _thin(connection: Connection, chapter: str, before: datetime) -> int:
    """The last one stays whatever follows, as it is compared with nothing."""
    asked = {"chapter": chapter, "before": before, "most": _MOST_OF_A_CHAPTER}
    rows = connection.execute(_VERSIONS, asked).mappings()
    versions = [SavedVersion.model_validate(dict(row)) for row in rows]
    going = sorted(superfluous(versions))
    if going:
        these = (_VERSION.c.chapter == chapter) & (_VERSION.c.number == bindparam("gone"))
        connection.execute(delete(_VERSION).where(these), [{"gone": number} for number in going])
    if versions:
        this = update(_CHAPTER).where(_CHAPTER.c.id == chapter)
        connection.execute(this.values(thinned=versions[-1].number))
    return len(going)
