"""Programs as rights see them: what they are in which account, how much of it, and who made them.

A program never may more than who makes it: the role is one that they have there or give away, and
each scope is something that they may do themselves. It ends with that person, who has seen its
secret.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table, select

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.rights import Actor, Resource, grants, may, vocabulary
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import token_tables
from ebook_pipeline.services.owning import accounts

_LONGEST_NAME = 200
_EVERY = "*"
_PEOPLES = frozenset({("person", "change"), ("dagster", "use")}) | frozenset(
    ("session", action) for action in ("create", "read", "delete")
)


class ProgramRole(StrEnum):
    """What a program may be: a role of an account, or a shop's or partner's own."""

    AUTHOR = Role.AUTHOR.value
    EDITOR = Role.EDITOR.value
    PUBLISHER = Role.PUBLISHER.value
    READER = Role.READER.value
    OPERATOR = Role.OPERATOR.value
    CLIENT = "client"


class ProgramRights(Record):
    """What a program is to be: `scopes` are ``book:read`` or ``book:*``, none of them all."""

    name: str
    account: str
    role: ProgramRole
    scopes: tuple[str, ...]


class Program(ProgramRights):
    """A program that has been made; `id` is what it is called by."""

    id: str
    person: str
    at: datetime
    ended_at: datetime | None = None

    def actor(self, scopes: Iterable[str] | None = None, *, door: str = "api") -> Actor:
        """The program in its own name, with `scopes` of its own at most."""
        mine = frozenset(self.scopes)
        held = mine if scopes is None else narrowed(scopes, mine)
        return Actor(client=self.id, memberships=self._memberships, scopes=held, door=door)

    @property
    def _memberships(self) -> tuple[Membership, ...]:
        if self.role is ProgramRole.CLIENT:
            return ()
        return (Membership(account=self.account, role=Role(self.role.value)),)


def check_rights(connection: Connection, wanted: ProgramRights, maker: Actor, kind: str) -> None:
    """Whether `maker` may make such a program of `kind` (``key``, ``client``).

    Raises ServiceError for what can be no program, `NotFound` for an unknown account, `Denied`
    where the maker may not, or would give away more than they have.
    """
    if not 1 <= len(wanted.name.strip()) <= _LONGEST_NAME:
        raise ServiceError(f"a name has 1 to {_LONGEST_NAME} characters")
    accounts.known(connection, wanted.account)
    check_scopes(wanted.scopes)
    if not maker.login or maker.client:
        raise Denied("programs are made by people")
    if not may(maker, "create", Resource(kind=kind, account=wanted.account)):
        raise Denied(f"{maker.login} may make no such program for {wanted.account}")
    _check_role(wanted, maker)
    beyond = [scope for scope in wanted.scopes if not _holds(maker, scope)]
    if beyond:
        raise Denied(f"{maker.login} may not do this themselves: {' '.join(beyond)}")


def check_scopes(scopes: Iterable[str]) -> None:
    """Raise ServiceError where one of `scopes` is none, or there is none at all."""
    named = tuple(scopes)
    if not named:
        raise ServiceError("a program needs scopes, such as book:read")
    unknown = [scope for scope in named if scope not in all_scopes()]
    if unknown:
        known = " ".join(sorted(all_scopes()))
        raise ServiceError(f"no such scope: {' '.join(unknown)[:200]}; there are {known}")


def all_scopes() -> frozenset[str]:
    """Every scope that there is: the matrix's words, and all actions of one resource.

    But for what only people do, in a browser: who may change a person's address or make them a
    password is that person soon, whatever else the scopes say.
    """
    named = {f"{kind}:{action}" for kind, action in vocabulary() - _PEOPLES}
    whole = {kind for kind, _ in vocabulary()} - {kind for kind, _ in _PEOPLES}
    return frozenset(named | {f"{kind}:{_EVERY}" for kind in whole})


def narrowed(wanted: Iterable[str], held: Iterable[str]) -> frozenset[str]:
    """Those of `wanted` that are among `held`, by name or as one action of a whole resource."""
    mine = frozenset(held)
    return frozenset(
        scope for scope in wanted if {scope, f"{scope.partition(':')[0]}:{_EVERY}"} & mine
    )


def key_resource(connection: Connection, key: str, kind: str) -> Resource:
    """The key as rights see it. Raises `NotFound` where there is none."""
    return _resource(connection, token_tables.api_key, key, kind)


def client_resource(connection: Connection, client: str, kind: str) -> Resource:
    """The client as rights see it. Raises `NotFound` where there is none."""
    return _resource(connection, token_tables.oauth_client, client, kind)


def _resource(connection: Connection, table: Table, identifier: str, kind: str) -> Resource:
    query = select(table.c.account).where(table.c.id == identifier.replace("\0", ""))
    account = connection.execute(query).scalar_one_or_none()
    if account is None:
        raise NotFound(f"no {kind} is called {identifier[:20]!r}")
    return Resource(kind=kind, account=account)


def _check_role(wanted: ProgramRights, maker: Actor) -> None:
    """Operators give every role; publishers those of their account, and no shop's."""
    roles = {role.role for role in maker.memberships if role.account == wanted.account}
    is_operator = any(role.role is Role.OPERATOR for role in maker.memberships)
    outside = {ProgramRole.OPERATOR, ProgramRole.CLIENT}
    if not is_operator and (Role.PUBLISHER not in roles or wanted.role in outside):
        raise Denied(f"{maker.login} may give no program the role {wanted.role}")
    if wanted.role is ProgramRole.OPERATOR and wanted.account != HOUSE:
        raise Denied("operators look after the pipeline: they belong to the house's account")


def _holds(maker: Actor, scope: str) -> bool:
    kind, _, action = scope.partition(":")
    wanted = [action] if action != _EVERY else [one for of, one in vocabulary() if of == kind]
    return all(grants(maker, one, kind) for one in wanted)
