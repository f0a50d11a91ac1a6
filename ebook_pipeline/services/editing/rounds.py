"""Rounds of editing: each is about the chapters as they were submitted, and ends with a decision.

No row of a round is changed once it has ended, so what was said of what is told for ever.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from ebook_pipeline.books.owning.accounts import HOUSE, Role
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import (
    Database,
    account_tables,
    editing_tables,
)
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.chapters import ChapterText, pinned
from ebook_pipeline.services.writing.manuscripts import Manuscript

_EDITORS, _ROUNDS = editing_tables.manuscript_editor, editing_tables.edit_round
_CHAPTERS = editing_tables.round_chapter
_MEMBER, _PERSON = account_tables.membership.c, account_tables.person.c
MOST_EDITORS = 20


class Round(Record):
    """`actor` submitted it; `decision` is the step that ended it, None while it is open."""

    number: int
    actor: str
    at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    note: str


def assign(database: Database, manuscript: str, person: str, *, actor: str) -> Manuscript:
    """Let `person`, an editor of some account, edit it. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        if not _is_editor(connection, person):
            raise NotFound("no editor is called so")
        row = {"manuscript": manuscript, "person": person, "actor": actor}
        connection.execute(insert_or(_EDITORS).values(row).on_conflict_do_nothing())
        return _changed_editors(connection, manuscript, "manuscript.assign", person, actor)


def dismiss(database: Database, manuscript: str, person: str, *, actor: str) -> Manuscript:
    """Let them edit it no more; what they said stays. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        theirs = (_EDITORS.c.manuscript == manuscript) & (_EDITORS.c.person == person)
        if not connection.execute(delete(_EDITORS).where(theirs)).rowcount:
            raise NotFound("they do not edit it")
        return _changed_editors(connection, manuscript, "manuscript.dismiss", person, actor)


def editors_to_choose(database: Database, account: str) -> tuple[str, ...]:
    """The editors of the account and of the house, by login."""
    theirs = _MEMBER.account.in_((account, HOUSE)) & (_MEMBER.role == Role.EDITOR.value)
    with database.begin() as connection:
        query = select(_MEMBER.person).where(theirs).distinct().order_by(_MEMBER.person).limit(200)
        return tuple(connection.execute(query).scalars())


def begin(connection: Connection, seen: Manuscript, actor: str) -> None:
    """The next round, about the chapters as they stand."""
    last = select(func.coalesce(func.max(_ROUNDS.c.number), 0))
    number = connection.execute(last.where(_ROUNDS.c.manuscript == seen.id)).scalar_one() + 1
    row = {"manuscript": seen.id, "number": number, "actor": actor}
    connection.execute(insert(_ROUNDS).values(row))
    rows = [
        {
            "manuscript": seen.id,
            "round": number,
            "place": place,
            "chapter": line.id,
            "version": line.version,
        }
        for place, line in enumerate(seen.chapters)
    ]
    connection.execute(insert(_CHAPTERS), rows)


def end(connection: Connection, manuscript: str, decision: str, note: str, actor: str) -> None:
    """The open round ends so."""
    facts = {"decision": decision, "decided_by": actor, "decided_at": func.now(), "note": note}
    connection.execute(update(_ROUNDS).where(_is_open(manuscript)).values(facts))


def open_round(connection: Connection, manuscript: str) -> int | None:
    """Its number; None where the manuscript is not with its editors."""
    query = select(_ROUNDS.c.number).where(_is_open(manuscript))
    return connection.execute(query).scalar_one_or_none()


def rounds_of(connection: Connection, manuscript: str) -> tuple[Round, ...]:
    """All of them, the oldest first."""
    columns = (_ROUNDS.c[name] for name in Round.model_fields)
    query = select(*columns).where(_ROUNDS.c.manuscript == manuscript)
    rows = connection.execute(query.order_by(_ROUNDS.c.number))
    return tuple(Round(**row._mapping) for row in rows)


def chapters_of(connection: Connection, manuscript: str, number: int) -> tuple[ChapterText, ...]:
    """What the round of this number is about."""
    here = (_CHAPTERS.c.manuscript == manuscript) & (_CHAPTERS.c.round == number)
    return pinned(connection, _CHAPTERS, here)


def _is_editor(connection: Connection, person: str) -> bool:
    here = (_MEMBER.person == person) & (_MEMBER.role == Role.EDITOR.value)
    stays = (_PERSON.login == _MEMBER.person) & _PERSON.left_at.is_(None)
    return bool(connection.execute(select(exists().where(here, stays))).scalar_one())


def _is_open(manuscript: str) -> ColumnElement[bool]:
    return (_ROUNDS.c.manuscript == manuscript) & _ROUNDS.c.decision.is_(None)


def _changed_editors(
    connection: Connection, manuscript: str, action: str, person: str, actor: str
) -> Manuscript:
    audit(connection, actor, action, "", {"manuscript": manuscript, "editor": person})
    return manuscripts.manuscript_of(connection, manuscript)
