"""The audit as people read it: who did what to which book, and what caused it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.clean import clean_text

_AUDIT = tables.audit.c
_BOOK = tables.book.c
_HIGHEST = 2**63 - 1
_LIKE = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class AuditRow(Record):
    """One deed; `book` is empty where it was about none, `correlation` names what caused it."""

    id: int
    at: datetime
    actor: str
    action: str
    book: str
    detail: dict[str, Any]
    correlation: str | None = None


class AuditFilter(Record):
    """What is asked for; what is unset does not matter.

    `person`: whoever's deeds by whatever door (``ann`` is ``cli:ann`` and ``desk:ann`` too), or a
    program's. `action` is one, or all of a kind (``book.``). `since` is included, `until` is not.
    `accounts`: only of these accounts' books.
    """

    book: str | None = None
    person: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    accounts: frozenset[str] | None = None


def newest(
    database: Database, wanted: AuditFilter, *, most: int, before: int | None = None
) -> tuple[AuditRow, ...]:
    """The last `most` deeds, the newest first; those older than the row `before`, if it is set."""
    query = _found(wanted)
    if before is not None:
        query = query.where(_AUDIT.id < max(0, min(before, _HIGHEST)))
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_AUDIT.id.desc()).limit(most)).mappings()
        return tuple(AuditRow.model_validate(dict(row)) for row in rows)


def _found(wanted: AuditFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.book is not None:
        conditions.append(_AUDIT.book == clean_text(wanted.book))
    if wanted.person is not None:
        by_a_door = _AUDIT.actor.like(f"%:{wanted.person.translate(_LIKE)}", escape="\\")
        conditions.append(or_(_AUDIT.actor == wanted.person, by_a_door))
    if wanted.action is not None:
        conditions.append(_of_action(wanted.action))
    if wanted.since is not None:
        conditions.append(_AUDIT.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(_AUDIT.at < wanted.until)
    if wanted.accounts is not None:
        theirs = select(_BOOK.id).where(_BOOK.account.in_(sorted(wanted.accounts)))
        conditions.append(_AUDIT.book.in_(theirs))
    return select(tables.audit).where(*conditions)


def _of_action(action: str) -> ColumnElement[bool]:
    clean = clean_text(action)
    if clean.endswith("."):
        return _AUDIT.action.startswith(clean, autoescape=True)
    return _AUDIT.action == clean
