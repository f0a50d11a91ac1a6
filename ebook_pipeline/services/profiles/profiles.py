"""A person's profile: name, picture, looks of the desk, and what they are told of, and when not.

Wishes about notices stand where the notices look for them, under the login and, once it is
confirmed, under the mail address by which authors are known.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind, ToldAs
from ebook_pipeline.books.notifying.preferences import Preferences
from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, account_tables, desk_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.notifying.recipients import preferences_in, write_preferences

Theme = Literal["auto", "light", "dark"]
Language = Literal["", "en", "de"]
"""Empty: as the browser asks."""
_PERSON, _PROFILE = account_tables.person.c, desk_tables.profile.c
_MEMBERSHIP = account_tables.membership.c
_NOTICES = frozenset({"language", "zone", "quiet_from", "quiet_to", "unsubscribed"})
_TOLD: Mapping[ToldAs, frozenset[Role]] = {
    ToldAs.PERSON: frozenset({Role.READER}),
    ToldAs.AUTHOR: frozenset({Role.AUTHOR, Role.PUBLISHER}),
    ToldAs.REVIEWER: frozenset({Role.EDITOR, Role.OPERATOR}),
}
"""Which roles are told as what; the team's notices are nobody's own."""
_WRITING = frozenset({Role.AUTHOR, Role.PUBLISHER, Role.EDITOR, Role.OPERATOR})


class Profile(Record):
    """`email` is confirmed; quiet hours are of `zone`'s clock; `choices` are the kinds of notice
    that the person gets and may refuse, `unsubscribed` those that they have refused."""

    login: str
    name: str
    email: str
    language: Language
    theme: Theme
    zone: str
    quiet_from: time | None
    quiet_to: time | None
    choices: tuple[NoticeKind, ...]
    unsubscribed: tuple[NoticeKind, ...]
    has_avatar: bool


class ProfileChanges(Record):
    """What should be otherwise; what is left out stays."""

    name: str = Field("", max_length=200)
    language: Language = ""
    theme: Theme = "auto"
    zone: str = Field("", max_length=60)
    quiet_from: time | None = None
    quiet_to: time | None = None
    unsubscribed: tuple[NoticeKind, ...] = Field((), max_length=len(NoticeKind))


def profile(database: Database, login: str) -> Profile:
    """Theirs, with what holds where they have chosen nothing. Raises `NotFound`."""
    with database.begin() as connection:
        return _profile(connection, login)


def change(
    database: Database,
    login: str,
    wanted: ProfileChanges,
    *,
    actor: str,
    precondition: Precondition[Profile] = unconditionally,
) -> Profile:
    """Change the fields that were set in `wanted`.

    Raises `NotFound`, ServiceError where something can't be, and what `precondition` raises.
    """
    changes = wanted.model_dump(exclude_unset=True)
    with database.begin() as connection:
        _lock(connection, login)
        before = _profile(connection, login)
        precondition(before)
        _write_looks(connection, login, changes)
        notices = {name: value for name, value in changes.items() if name in _NOTICES}
        for who in filter(None, (login, before.email)) if notices else ():
            write_preferences(connection, who, notices)
        audit(connection, actor, "user.profile", "", {"user": login, "changed": sorted(changes)})
        return _profile(connection, login)


def avatar(database: Database, login: str) -> bytes:
    """Their picture, a JPEG. Raises `NotFound` where they have none."""
    query = select(_PROFILE.avatar).where(_PROFILE.person == login)
    with database.begin() as connection:
        coded = connection.execute(query).scalar_one_or_none()
    if not coded:
        raise NotFound("there is no picture")
    return base64.b64decode(coded)


def set_avatar(database: Database, login: str, picture: bytes | None, *, actor: str) -> Profile:
    """Let this JPEG, made by `avatars.square`, be their picture; None: none."""
    coded = base64.b64encode(picture).decode() if picture else ""
    with database.begin() as connection:
        _lock(connection, login)
        _keep(connection, login, {"avatar": coded})
        audit(connection, actor, "user.picture", "", {"user": login, "set": bool(picture)})
        return _profile(connection, login)


def _profile(connection: Connection, login: str) -> Profile:
    row = _row(connection, login)
    email = row.email if row.email and row.email_confirmed_at else ""
    wishes = preferences_in(connection, login) or Preferences()
    return Profile(
        login=login,
        name=row.name,
        email=email,
        language=row.language or "",
        theme=row.theme or "auto",
        zone=wishes.zone,
        quiet_from=wishes.quiet_from,
        quiet_to=wishes.quiet_to,
        choices=_choices(_roles(connection, login)),
        unsubscribed=tuple(sorted(set(wishes.unsubscribed))),
        has_avatar=bool(row.has_avatar),
    )


def _row(connection: Connection, login: str) -> Row[Any]:
    known = select(
        *(_PERSON.name, _PERSON.email, _PERSON.email_confirmed_at),
        *(_PROFILE.language, _PROFILE.theme, (_PROFILE.avatar != "").label("has_avatar")),
    ).outerjoin_from(account_tables.person, desk_tables.profile, _PROFILE.person == _PERSON.login)
    row = connection.execute(known.where(_PERSON.login == login)).first()
    if row is None:
        raise NotFound("there is no such person")
    return row


def _lock(connection: Connection, login: str) -> None:
    """First locked, then read: who changes the same at once comes after."""
    hold = select(_PERSON.id).where(_PERSON.login == login).with_for_update()
    if connection.execute(hold).first() is None:
        raise NotFound("there is no such person")


def _roles(connection: Connection, login: str) -> set[Role]:
    query = select(_MEMBERSHIP.role).where(_MEMBERSHIP.person == login)
    return {Role(role) for role in connection.execute(query).scalars()}


def _choices(roles: Iterable[Role]) -> tuple[NoticeKind, ...]:
    held = frozenset(roles)
    return tuple(
        kind
        for kind, nature in NOTICE_KINDS.items()
        if not nature.essential and held & _told(kind, nature.to)
    )


def _told(kind: NoticeKind, to: ToldAs) -> frozenset[Role]:
    """Both sides of a comment may be answered."""
    if kind is NoticeKind.EDITING_ANSWERED:
        return _WRITING
    return _TOLD.get(to, frozenset())


def _write_looks(connection: Connection, login: str, changes: Mapping[str, Any]) -> None:
    if "name" in changes:
        named = update(account_tables.person).where(_PERSON.login == login)
        connection.execute(named.values(name=changes["name"].strip()))
    looks = {name: changes[name] for name in ("language", "theme") if name in changes}
    if looks:
        _keep(connection, login, looks)


def _keep(connection: Connection, login: str, values: Mapping[str, Any]) -> None:
    statement = insert(desk_tables.profile).values(person=login, **values)
    now = {**values, "changed_at": func.now()}
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=now))
