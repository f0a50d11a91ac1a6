"""Covers of manuscripts: set, taken away, shown, and given to what is submitted."""

import hashlib
from typing import Literal

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.writing.cover_picture import CoverPicture
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, writing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

_TABLE = writing_tables.manuscript_cover
_COVER = _TABLE.c
_PIXELS = {"picture", "small"}


def set_cover(
    database: Database,
    manuscript: str,
    cover: CoverPicture,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """Let this be its cover. Raises `NotFound`, `NoDraft`, and what `precondition` raises."""
    with database.begin() as connection:
        manuscripts.lock_draft(connection, manuscript, precondition)
        return put(connection, manuscript, cover, actor)


def put(connection: Connection, manuscript: str, cover: CoverPicture, actor: str) -> Manuscript:
    """The same within a transaction that holds the manuscript."""
    sha256 = hashlib.sha256(cover.picture).hexdigest()
    values = {
        "picture": cover.picture,
        "small": cover.small,
        "sha256": sha256,
        "facts": cover.model_dump(mode="json", exclude=_PIXELS),
        "actor": actor,
    }
    statement = insert(_TABLE).values(manuscript=manuscript, **values)
    there = {**values, "at": func.now()}
    connection.execute(statement.on_conflict_do_update(index_elements=["manuscript"], set_=there))
    facts = {"manuscript": manuscript, "sha256": sha256}
    return _changed(connection, manuscript, actor, "manuscript.cover", facts)


def remove_cover(
    database: Database,
    manuscript: str,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """Let it have none. Raises as `set_cover` does."""
    with database.begin() as connection:
        manuscripts.lock_draft(connection, manuscript, precondition)
        connection.execute(delete(_TABLE).where(_COVER.manuscript == manuscript))
        facts = {"manuscript": manuscript}
        return _changed(connection, manuscript, actor, "manuscript.no-cover", facts)


def picture(database: Database, manuscript: str, size: Literal["picture", "small"]) -> bytes:
    """The JPEG in this size. Raises `NotFound` where it has none."""
    with database.begin() as connection:
        found = _picture(connection, manuscript, size)
    if found is None:
        raise NotFound("the manuscript has no cover")
    return found


def cover_of(connection: Connection, manuscript: str) -> bytes | None:
    """The whole one, within a transaction; None where it has none."""
    return _picture(connection, manuscript, "picture")


def _picture(connection: Connection, manuscript: str, size: str) -> bytes | None:
    query = select(_COVER[size]).where(_COVER.manuscript == manuscript)
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def _changed(
    connection: Connection, manuscript: str, actor: str, action: str, facts: dict[str, str]
) -> Manuscript:
    manuscripts.changed(connection, manuscript)
    audit(connection, actor, action, "", facts)
    return manuscripts.manuscript_of(connection, manuscript)
