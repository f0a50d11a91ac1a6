"""Who may do what to what: the matrix of rights, and the question that is asked of it.

`matrix.toml` is the matrix; nothing else grants anything. A list asks for `grants`, and turns them
into a condition; everything else asks `may`.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from pydantic import Field, model_validator

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside


class Who(StrEnum):
    """For whom a right is: the roles of memberships, and three that nobody is given."""

    AUTHOR = Role.AUTHOR.value
    EDITOR = Role.EDITOR.value
    PUBLISHER = Role.PUBLISHER.value
    READER = Role.READER.value
    OPERATOR = Role.OPERATOR.value
    CLIENT = "client"
    PERSON = "person"
    ANYONE = "anyone"


class Whose(StrEnum):
    """Whose things a right is about."""

    OWN = "own"
    ASSIGNED = "assigned"
    ANY = "any"


class RightsState(StrEnum):
    """What rights hang on. A book on sale whose next edition is under way is in two of them."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    READY = "ready"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_PERSONAL = frozenset({Who.READER, Who.PERSON})


class Right(Record):
    """One row of the matrix; `states` unset: whichever, and where there is no book besides."""

    role: Who
    resource: str = Field(pattern=r"^[a-z_]+$")
    actions: tuple[str, ...] = Field(min_length=1)
    whose: Whose
    states: frozenset[RightsState] | None = None
    house: bool = False

    @model_validator(mode="after")
    def _house_is_of_a_membership(self) -> "Right":
        if self.house and self.role in {Who.CLIENT, Who.PERSON, Who.ANYONE}:
            raise ValueError(f"nobody is {self.role} in an account")
        return self


class Actor(Record):
    """Who asks: a person by `login`, a program by `client`, or nobody.

    `door` is what they came by, `request` the id of what they ask. `names`: under which reviews are
    assigned to them. `scopes` unset: all that their roles may do; else ``book:read``, ``book:*``.
    """

    login: str = ""
    client: str = ""
    memberships: tuple[Membership, ...] = ()
    names: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    door: str = "desk"
    request: str = ""

    @property
    def name(self) -> str:
        """The actor as services and audit rows know it: ``desk:ann``, ``client:shop``."""
        return f"{self.door}:{self.login}" if self.login else f"client:{self.client}"

    @property
    def is_shop(self) -> bool:
        """Whether it is a program in its own name: of no account, and of no person."""
        return bool(self.client) and not self.login and not self.memberships

    @property
    def is_somebody(self) -> bool:
        """Whether they have signed in, a person or a program."""
        return bool(self.login or self.client)


NOBODY = Actor()


class Resource(Record):
    """What is asked about: a book or a thing of it by `account`, a thing of somebody by `person`.

    `assignees`: who has an open review of the book.
    """

    kind: str
    account: str = ""
    person: str = ""
    states: frozenset[RightsState] = frozenset()
    assignees: frozenset[str] = frozenset()


class Grant(Record):
    """What an actor may act on; `accounts` are those where they have the role (`Whose.OWN`).

    A `personal` one is about things of the actor's own, whatever account they are of.
    """

    whose: Whose
    states: frozenset[RightsState] | None = None
    accounts: frozenset[str] = frozenset()
    personal: bool = False


def may(actor: Actor, action: str, resource: Resource) -> bool:
    """Whether `actor` may do `action` to `resource`. LookupError where no right ever names it."""
    return any(_covers(grant, actor, resource) for grant in grants(actor, action, resource.kind))


def grants(actor: Actor, action: str, kind: str) -> tuple[Grant, ...]:
    """Everything of this kind that `actor` may do `action` to; none: nothing.

    Raises LookupError for what the matrix does not speak of: a slip of ours, not a refusal.
    What anyone may is no program's to be kept from: it would only ask without its key.
    """
    if (kind, action) not in vocabulary():
        raise LookupError(f"matrix.toml has no action {action!r} of {kind!r}")
    in_scope = _in_scope(actor, action, kind)
    return tuple(
        grant
        for right in matrix()
        if right.resource == kind and action in right.actions
        if in_scope or right.role is Who.ANYONE
        for grant in _granted(right, actor)
    )


def unscoped(actor: Actor) -> Actor | None:
    """The actor with all that their roles may do; None where no scope takes anything away."""
    return None if actor.scopes is None else actor.model_copy(update={"scopes": None})


def accounts_of(actor: Actor, action: str, kind: str) -> frozenset[str] | None:
    """Of which accounts' things of this kind `actor` may do `action` to some; None: everybody's.

    What a right gives of books under review, or of a person's own, is of no account.
    """
    given = grants(actor, action, kind)
    if any(grant.whose is Whose.ANY for grant in given):
        return None
    return frozenset(account for grant in given for account in grant.accounts)


@cache
def matrix() -> tuple[Right, ...]:
    """Every right, in the file's order."""
    document = toml_beside(__file__, "matrix.toml")
    return tuple(map(Right.model_validate, document["right"]))


@cache
def vocabulary() -> frozenset[tuple[str, str]]:
    """Every pair of a resource and an action that somebody may do to it."""
    return frozenset((right.resource, action) for right in matrix() for action in right.actions)


def _in_scope(actor: Actor, action: str, kind: str) -> bool:
    return actor.scopes is None or bool(actor.scopes & {f"{kind}:{action}", f"{kind}:*"})


def _granted(right: Right, actor: Actor) -> Iterator[Grant]:
    """The right as it is this actor's; at most one grant."""
    accounts = frozenset(
        membership.account
        for membership in actor.memberships
        if membership.role == right.role.value and (membership.account == HOUSE or not right.house)
    )
    holds = {
        Who.ANYONE: True,
        Who.PERSON: bool(actor.login),
        Who.CLIENT: actor.is_shop,
    }.get(right.role, bool(accounts))
    if holds:
        personal = right.role in _PERSONAL
        yield Grant(whose=right.whose, states=right.states, accounts=accounts, personal=personal)


def _covers(grant: Grant, actor: Actor, resource: Resource) -> bool:
    if grant.states is not None and not grant.states & resource.states:
        return False
    match grant.whose:
        case Whose.ANY:
            return True
        case Whose.ASSIGNED:
            return bool(resource.assignees & actor.names)
        case Whose.OWN:
            if grant.personal or not resource.account:
                return resource.person != "" and resource.person == actor.login
            return resource.account in grant.accounts
