"""Manuscripts: what their authors say of them, their chapters in order, and who may do what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from ebook_pipeline.books.owning.rights import Actor, Resource
from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.identifiers import is_random_id, random_id
from ebook_pipeline.resources.database import Database, writing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.owning import accounts, ownership
from ebook_pipeline.services.owning.thing_rights import account_condition
from ebook_pipeline.services.preconditions import Precondition, unconditionally

_TABLE = writing_tables.manuscript
_MANUSCRIPT = _TABLE.c
_CHAPTER = writing_tables.chapter.c
_VERSION = writing_tables.chapter_version.c


class ChapterLine(Record):
    """A chapter in a list: all of it but its text."""

    id: str
    heading: str
    words: int
    version: int
    saved_at: datetime


class ManuscriptLine(Record):
    """A manuscript in a list, with how much is written."""

    id: str
    account: str
    title: str
    chapters: int
    words: int
    changed_at: datetime
    submitted_at: datetime | None


class Manuscript(Record):
    """A book that is written at the desk. `job`: by which it was last submitted."""

    id: str
    account: str
    claims: Claims
    job: str | None
    actor: str
    at: datetime
    submitted_at: datetime | None
    chapters: tuple[ChapterLine, ...] = ()

    @property
    def words(self) -> int:
        return sum(chapter.words for chapter in self.chapters)


def create(database: Database, account: str, claims: Claims, *, actor: str) -> Manuscript:
    """Begin to write what `claims` describe.

    Raises `SubmissionRefused` where they name another account's book, ISBN or imprint, and
    `NotFound` for an unknown account.
    """
    row = {"id": random_id(), "account": account, "claims": _said(claims), "actor": actor}
    with database.begin() as connection:
        accounts.known(connection, account)
        ownership.require_own_claims(connection, account, "", claims)
        connection.execute(insert(_TABLE), row)
        audit(connection, actor, "manuscript.create", "", {"manuscript": row["id"]})
        return manuscript_of(connection, str(row["id"]))


def read(database: Database, manuscript: str) -> Manuscript:
    """The manuscript. Raises `NotFound`."""
    with database.begin() as connection:
        return manuscript_of(connection, manuscript)


def describe(
    database: Database,
    manuscript: str,
    claims: Claims,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """Say something else of the book. Raises as `create` does, and what `precondition` raises."""
    with database.begin() as connection:
        seen = lock(connection, manuscript)
        precondition(seen)
        ownership.require_own_claims(connection, seen.account, "", claims)
        changed(connection, manuscript, claims=_said(claims))
        audit(connection, actor, "manuscript.describe", "", {"manuscript": manuscript})
        return manuscript_of(connection, manuscript)


def arrange(
    database: Database,
    manuscript: str,
    chapters: Sequence[str],
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """Put the chapters into this order. Raises `NotFound` where they are not those that it has."""
    with database.begin() as connection:
        seen = lock(connection, manuscript)
        precondition(seen)
        if sorted(chapters) != sorted(chapter.id for chapter in seen.chapters):
            raise NotFound("these are not the chapters of the manuscript, each once")
        for place, chapter in enumerate(chapters):
            this = update(writing_tables.chapter).where(_CHAPTER.id == chapter)
            connection.execute(this.values(place=place))
        changed(connection, manuscript)
        audit(connection, actor, "manuscript.arrange", "", {"manuscript": manuscript})
        return manuscript_of(connection, manuscript)


def discard(
    database: Database,
    manuscript: str,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> None:
    """Take the manuscript away for good, with every version; what was submitted of it stays."""
    with database.begin() as connection:
        precondition(lock(connection, manuscript))
        connection.execute(delete(_TABLE).where(_MANUSCRIPT.id == manuscript))
        audit(connection, actor, "manuscript.delete", "", {"manuscript": manuscript})


def lines(
    database: Database,
    condition: ColumnElement[bool],
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> tuple[ManuscriptLine, ...]:
    """Manuscripts, what was changed last first; `after` is where the page before ended."""
    here = (_CHAPTER.manuscript == _MANUSCRIPT.id) & _CHAPTER.removed_at.is_(None)
    stands = (_VERSION.chapter == _CHAPTER.id) & (_VERSION.number == _CHAPTER.version)
    counted = select(func.count(), func.coalesce(func.sum(_VERSION.words), 0))
    each = counted.select_from(writing_tables.chapter).join(
        writing_tables.chapter_version, stands
    ).where(here).subquery().lateral()  # fmt: skip
    query = select(_TABLE, *each.c).join(each, true()).where(condition)
    if after is not None:
        at, name = after
        older = (_MANUSCRIPT.changed_at == at) & (_MANUSCRIPT.id < name)
        query = query.where((_MANUSCRIPT.changed_at < at) | older)
    ordered = query.order_by(_MANUSCRIPT.changed_at.desc(), _MANUSCRIPT.id.desc()).limit(limit)
    with database.begin() as connection:
        rows = connection.execute(ordered).all()
    return tuple(
        ManuscriptLine(
            id=row.id,
            account=row.account,
            title=Claims.model_validate(row.claims).title or "",
            chapters=row[-2],
            words=row[-1],
            changed_at=row.changed_at,
            submitted_at=row.submitted_at,
        )
        for row in rows
    )


def lock(connection: Connection, manuscript: str) -> Manuscript:
    """The manuscript, which nobody else changes before the transaction ends. Raises `NotFound`."""
    hold(connection, manuscript)
    return manuscript_of(connection, manuscript)


def hold(connection: Connection, manuscript: str) -> None:
    """The same where its chapters need not be read. Raises `NotFound`."""
    query = select(_MANUSCRIPT.id).where(_MANUSCRIPT.id == manuscript)
    if connection.execute(query.with_for_update()).first() is None:
        raise _unknown()


def changed(connection: Connection, manuscript: str, **values: object) -> None:
    """Note that it was changed just now, and these columns of it."""
    this = update(_TABLE).where(_MANUSCRIPT.id == manuscript)
    connection.execute(this.values(changed_at=func.now(), **values))


def submitted(connection: Connection, manuscript: str, job: str) -> None:
    """Note by which job it was submitted just now."""
    this = update(_TABLE).where(_MANUSCRIPT.id == manuscript)
    connection.execute(this.values(job=job, submitted_at=func.now()))


def manuscript_of(connection: Connection, manuscript: str) -> Manuscript:
    """The manuscript with its chapters, within a transaction. Raises `NotFound`."""
    row = None
    if is_random_id(manuscript):
        query = select(_TABLE).where(_MANUSCRIPT.id == manuscript)
        row = connection.execute(query).mappings().first()
    if row is None:
        raise _unknown()
    facts = {name: value for name, value in row.items() if name != "changed_at"}
    return Manuscript.model_validate(facts | {"chapters": _chapters(connection, manuscript)})


def _chapters(connection: Connection, manuscript: str) -> tuple[ChapterLine, ...]:
    stands = (_VERSION.chapter == _CHAPTER.id) & (_VERSION.number == _CHAPTER.version)
    query = select(
        _CHAPTER.id, _VERSION.heading, _VERSION.words, _CHAPTER.version, _VERSION.at
    ).join(writing_tables.chapter_version, stands)
    here = (_CHAPTER.manuscript == manuscript) & _CHAPTER.removed_at.is_(None)
    rows = connection.execute(query.where(here).order_by(_CHAPTER.place, _CHAPTER.id))
    return tuple(
        ChapterLine(id=row.id, heading=row.heading, words=row.words, version=row.version,
                    saved_at=row.at)
        for row in rows
    )  # fmt: skip


def manuscript_resource(
    connection: Connection, manuscript: str, kind: str = "manuscript"
) -> Resource:
    """The manuscript as `may` asks about it: its account's. Raises `NotFound`."""
    query = select(_MANUSCRIPT.account).where(_MANUSCRIPT.id == manuscript)
    account = connection.execute(query).scalar_one_or_none()
    if account is None:
        raise _unknown()
    return of_account(account, kind)


def of_account(account: str, kind: str = "manuscript") -> Resource:
    """A manuscript of this account, as `may` asks about it."""
    return Resource(kind=kind, account=account)


def manuscript_condition(actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """Which rows of the table the actor may do this to: `may`, for a list."""
    return account_condition(actor, action, "manuscript", _MANUSCRIPT.account)


def _said(claims: Claims) -> dict[str, object]:
    return claims.model_dump(mode="json", exclude_defaults=True)


def _unknown() -> NotFound:
    return NotFound("there is no such manuscript")
