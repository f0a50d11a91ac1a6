"""Manuscripts: what their authors say of them, their chapters in order, and who may do what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)

from ebook_pipeline.books.owning.rights import (
    Actor,
    Grant,
    Resource,
    RightsState,
    Whose,
    grants,
)
from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.books.writing.cover_picture import CoverFacts
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.identifiers import is_random_id, random_id
from ebook_pipeline.resources.database import Database, editing_tables, writing_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.owning import accounts, ownership

_TABLE = writing_tables.manuscript
_MANUSCRIPT = _TABLE.c
_CHAPTER = writing_tables.chapter.c
_VERSION = writing_tables.chapter_version.c
_COVER = writing_tables.manuscript_cover.c
_EDITORS = editing_tables.manuscript_editor
_RELEASED = literal_column(
    """(SELECT c.state FROM upload AS u JOIN submission AS s ON s.landing_key = u.landing_key
        JOIN catalog AS c ON c.book = s.book WHERE u.job = manuscript.job LIMIT 1)""",
    Text(),
)
_PHASE = case(
    (_MANUSCRIPT.state != "sent", _MANUSCRIPT.state),
    (_RELEASED == "live", RightsState.PUBLISHED.value),
    (_RELEASED == "withdrawn", RightsState.WITHDRAWN.value),
    else_=RightsState.READY.value,
)
"""What was sent on is what the release says of its book, and ready until there is one."""


class NoDraft(Denied):
    """Its editors have it, or it is on its way: it is not written on meanwhile."""


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
    phase: RightsState = RightsState.DRAFT


class ManuscriptCover(CoverFacts):
    """What is kept of a cover, by its SHA-256."""

    sha256: str


class Manuscript(Record):
    """A book that is written at the desk. `job`: by which it was last submitted; `editors`: who
    edits it, by login; without any it goes to the chain as its author submits it."""

    id: str
    account: str
    claims: Claims
    job: str | None
    actor: str
    at: datetime
    submitted_at: datetime | None
    phase: RightsState = RightsState.DRAFT
    editors: tuple[str, ...] = ()
    chapters: tuple[ChapterLine, ...] = ()
    cover: ManuscriptCover | None = None

    @property
    def words(self) -> int:
        return sum(chapter.words for chapter in self.chapters)


def create(database: Database, account: str, claims: Claims, *, actor: str) -> Manuscript:
    """Begin to write what `claims` describe.

    Raises `SubmissionRefused` where they name another account's book, ISBN or imprint, and
    `NotFound` for an unknown account.
    """
    with database.begin() as connection:
        return begin(connection, account, claims, actor=actor)


def begin(connection: Connection, account: str, claims: Claims, *, actor: str) -> Manuscript:
    """The same within a transaction."""
    row = {"id": random_id(), "account": account, "claims": _said(claims), "actor": actor}
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
        seen = lock_draft(connection, manuscript, precondition)
        ownership.require_own_claims(connection, seen.account, "", claims)
        describe_as(connection, manuscript, claims)
        audit(connection, actor, "manuscript.describe", "", {"manuscript": manuscript})
        return manuscript_of(connection, manuscript)


def describe_as(connection: Connection, manuscript: str, claims: Claims) -> None:
    """Put this in place of what is said of it, within a transaction."""
    changed(connection, manuscript, claims=_said(claims))


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
        seen = lock_draft(connection, manuscript, precondition)
        if sorted(chapters) != sorted(chapter.id for chapter in seen.chapters):
            raise NotFound("these are not the chapters of the manuscript, each once")
        put_in_order(connection, chapters)
        changed(connection, manuscript)
        audit(connection, actor, "manuscript.arrange", "", {"manuscript": manuscript})
        return manuscript_of(connection, manuscript)


def put_in_order(connection: Connection, chapters: Sequence[str]) -> None:
    """Each chapter at its place in this order, within a transaction that holds the manuscript."""
    for place, chapter in enumerate(chapters):
        this = update(writing_tables.chapter).where(_CHAPTER.id == chapter)
        connection.execute(this.values(place=place))


def discard(
    database: Database,
    manuscript: str,
    *,
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> None:
    """Take the manuscript away for good, with every version; what was submitted of it stays."""
    with database.begin() as connection:
        lock_draft(connection, manuscript, precondition)
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
    query = select(_TABLE, _PHASE.label("phase"), *each.c).join(each, true()).where(condition)
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
            phase=RightsState(row.phase),
        )
        for row in rows
    )


def lock_draft(
    connection: Connection,
    manuscript: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """The manuscript, locked, to be written on. Raises `NotFound`, `NoDraft`, what `precondition`
    raises."""
    seen = lock(connection, manuscript)
    precondition(seen)
    _require_draft(seen.phase)
    return seen


def lock(connection: Connection, manuscript: str) -> Manuscript:
    """The manuscript, which nobody else changes before the transaction ends. Raises `NotFound`."""
    hold(connection, manuscript)
    return manuscript_of(connection, manuscript)


def hold_draft(connection: Connection, manuscript: str) -> None:
    """The same of one that is to be written on, unread. Raises `NotFound`, `NoDraft`."""
    _require_draft(hold(connection, manuscript))


def _require_draft(state: str) -> None:
    if state != RightsState.DRAFT:
        raise NoDraft("it is no draft: take it back first")


def hold(connection: Connection, manuscript: str) -> str:
    """The same where its chapters need not be read: in which state it is. Raises `NotFound`."""
    query = select(_MANUSCRIPT.state).where(_MANUSCRIPT.id == manuscript)
    state = connection.execute(query.with_for_update()).scalar_one_or_none()
    if state is None:
        raise _unknown()
    return str(state)


def changed(connection: Connection, manuscript: str, **values: object) -> None:
    """Note that it was changed just now, and these columns of it."""
    this = update(_TABLE).where(_MANUSCRIPT.id == manuscript)
    connection.execute(this.values(changed_at=func.now(), **values))


def submitted(connection: Connection, manuscript: str, job: str, **values: object) -> None:
    """Note by which job it was submitted just now, and these columns of it."""
    this = update(_TABLE).where(_MANUSCRIPT.id == manuscript)
    connection.execute(this.values(job=job, submitted_at=func.now(), **values))


def manuscript_of(connection: Connection, manuscript: str) -> Manuscript:
    """The manuscript with its chapters, within a transaction. Raises `NotFound`."""
    row = None
    if is_random_id(manuscript):
        query = select(_TABLE, _PHASE.label("phase")).where(_MANUSCRIPT.id == manuscript)
        row = connection.execute(query).mappings().first()
    if row is None:
        raise _unknown()
    facts = {name: value for name, value in row.items() if name not in ("changed_at", "state")}
    facts["chapters"] = _chapters(connection, manuscript)
    facts["editors"] = editors_of(connection, manuscript)
    facts["cover"] = _cover(connection, manuscript)
    return Manuscript.model_validate(facts)


def editors_of(connection: Connection, manuscript: str) -> tuple[str, ...]:
    """Who edits it, by login, in order."""
    query = select(_EDITORS.c.person).where(_EDITORS.c.manuscript == manuscript)
    return tuple(connection.execute(query.order_by(_EDITORS.c.person)).scalars())


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


def _cover(connection: Connection, manuscript: str) -> ManuscriptCover | None:
    query = select(_COVER.sha256, _COVER.facts).where(_COVER.manuscript == manuscript)
    row = connection.execute(query).first()
    return None if row is None else ManuscriptCover(sha256=row.sha256, **row.facts)


def manuscript_resource(
    connection: Connection, manuscript: str, kind: str = "manuscript"
) -> Resource:
    """The manuscript as `may` asks about it: its account's, its editors'. Raises `NotFound`."""
    query = select(_MANUSCRIPT.account, _PHASE.label("phase"))
    row = connection.execute(query.where(_MANUSCRIPT.id == manuscript)).first()
    if row is None:
        raise _unknown()
    return Resource(
        kind=kind,
        account=row.account,
        states=frozenset({RightsState(row.phase)}),
        assignees=frozenset(editors_of(connection, manuscript)),
    )


def of_account(account: str, kind: str = "manuscript") -> Resource:
    """A manuscript of this account, which is begun, as `may` asks about it."""
    return Resource(kind=kind, account=account, states=frozenset({RightsState.DRAFT}))


def manuscript_condition(actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """Which rows of the table the actor may do this to: `may`, for a list."""
    given = grants(actor, action, "manuscript")
    return or_(false(), *(_granted(grant, actor) for grant in given))


def _granted(grant: Grant, actor: Actor) -> ColumnElement[bool]:
    in_state: ColumnElement[bool] = true()
    if grant.states is not None:
        in_state = _PHASE.in_(sorted(state.value for state in grant.states))
    match grant.whose:
        case Whose.ANY:
            return and_(true(), in_state)
        case Whose.OWN:
            return and_(_MANUSCRIPT.account.in_(sorted(grant.accounts)), in_state)
        case Whose.ASSIGNED:
            theirs = _EDITORS.c.person.in_(sorted(actor.names))
            edits = select(_EDITORS.c.person).where(_EDITORS.c.manuscript == _MANUSCRIPT.id, theirs)
            return and_(edits.exists(), in_state)


def _said(claims: Claims) -> dict[str, object]:
    return claims.model_dump(mode="json", exclude_defaults=True)


def _unknown() -> NotFound:
    return NotFound("there is no such manuscript")
