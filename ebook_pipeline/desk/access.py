"""The rule of a route: every route has one, or the app is not made.

    @router.get("/books/{book}")
    def read_book(access: Annotated[Access, Depends(allow("book", "read"))]) -> …

A rule with a thing in its path finds it and asks `may` before the route begins. One without, such
as a list's, makes sure that the actor may do this to something; the route then takes
`access.books()` as its condition, or asks `access.require(...)` once it knows what it is about.

What the actor may not even read is not there: 404, so that ids tell nothing. What they may read
but not change is 403; who has not signed in is told to, 401, whether the thing is there or not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import MappingProxyType

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from sqlalchemy import ColumnElement, Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from ebook_pipeline.books.owning.rights import Actor, Resource, grants, may, unscoped, vocabulary
from ebook_pipeline.desk.authentication import CurrentActor, not_signed_in
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.authorizing.programs import client_resource, key_resource
from ebook_pipeline.services.intake.job_rights import job_resource, upload_resource
from ebook_pipeline.services.owning.book_rights import book_condition, book_resource
from ebook_pipeline.services.owning.thing_rights import (
    license_resource,
    opinion_resource,
    review_resource,
)
from ebook_pipeline.services.picture_books.briefs import picture_book_resource
from ebook_pipeline.services.writing.manuscripts import manuscript_resource

Finder = Callable[[Connection, str, str], Resource]
"""The thing of a kind (third) that the path names (second). Raises `NotFound` where there is none.
"""

FINDERS: Mapping[str, Finder] = MappingProxyType(
    {
        "book": book_resource,
        "client": client_resource,
        "key": key_resource,
        "license": license_resource,
        "opinion": opinion_resource,
        "manuscript": manuscript_resource,
        "picture_book": picture_book_resource,
        "review": review_resource,
        "job": job_resource,
        "upload": upload_resource,
    }
)
"""By the name of the path's parameter: ``/books/{book}/files`` finds its book."""


@dataclass(frozen=True)
class Access:
    """What a rule found: who asks, by which right, about what."""

    actor: Actor
    kind: str
    action: str
    context: DeskContext = field(repr=False)
    resource: Resource | None = None

    def require(self, resource: Resource) -> None:
        """Raise the `Problem` of an actor who may not do this to `resource`."""
        if may(self.actor, self.action, resource):
            return
        if not self.actor.is_somebody:
            _require_some(self.actor, self.kind, self.action)
        whole = unscoped(self.actor)
        if whole is not None and may(whole, self.action, resource):
            raise _out_of_scope(self.kind, self.action)
        if self.action != "read" and _may_read(self.actor, resource):
            raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", "You may not do this here.")
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing.")

    def may(self, kind: str, action: str) -> bool:
        """Whether they may do another thing to what the rule found, as a thing of another kind."""
        assert self.resource is not None
        return may(self.actor, action, self.resource.model_copy(update={"kind": kind}))

    def books(self) -> ColumnElement[bool]:
        """Which books of `tables.book` a list may show."""
        return book_condition(self.actor, self.action, self.kind)


class Rule:
    """A dependency that lets a request pass to its route, or raises a `Problem`.

    It takes a thread only where it asks the database: half of what a search cost were threads.
    """

    def __init__(self, kind: str, action: str) -> None:
        if (kind, action) not in vocabulary():
            raise LookupError(f"matrix.toml has no action {action!r} of {kind!r}")
        self.kind, self.action = kind, action

    async def __call__(
        self, connection: HTTPConnection, actor: CurrentActor, context: Context
    ) -> Access:
        access = Access(actor, self.kind, self.action, context)
        named = next((name for name in connection.path_params if name in FINDERS), None)
        if named is None or not actor.is_somebody:
            _require_some(actor, self.kind, self.action)
        if named is None:
            return access
        found = await run_in_threadpool(
            self._find, context, FINDERS[named], connection.path_params[named]
        )
        access.require(found)
        return replace(access, resource=found)

    def _find(self, context: DeskContext, finder: Finder, name: str) -> Resource:
        with context.database.begin() as database:
            return finder(database, name, self.kind)


def _require_some(actor: Actor, kind: str, action: str) -> None:
    """That the actor may do this to something, whatever it is."""
    if grants(actor, action, kind):
        return
    if not actor.is_somebody:
        raise not_signed_in("Sign in to do this.")
    whole = unscoped(actor)
    if whole is not None and grants(whole, action, kind):
        raise _out_of_scope(kind, action)
    raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", "You may not do this.")


def _out_of_scope(kind: str, action: str) -> Problem:
    """What a program lacks is said: its maker is who can give it."""
    text = f"The scope {kind}:{action} is needed for this, and this key or token has it not."
    return Problem(HTTPStatus.FORBIDDEN, "scope", text)


class OpenRule:
    """The rule of what everybody may ask, signed in or not; `why` is for who reads the source."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        return None


def allow(kind: str, action: str) -> Rule:
    """The rule that the matrix has for this. LookupError where it has none."""
    return Rule(kind, action)


def everybody(why: str) -> OpenRule:
    """The rule of a route that is for everybody, and why."""
    return OpenRule(why)


class NoRule(TypeError):
    """A route without a rule: the app is not made."""


def require_rules(routes: Sequence[BaseRoute]) -> None:
    """Raise `NoRule` where one of `routes` has none, or is of a kind that can have none."""
    for route in iter_route_contexts(routes):
        if not isinstance(route.original_route, APIRoute | APIWebSocketRoute):
            raise NoRule(f"{route.path!r} is of a kind that can have no rule")
        if not any(isinstance(call, Rule | OpenRule) for call in _calls(route.dependant)):
            raise NoRule(f"{route.path!r} has no rule: see desk/access.py")


def rule_of(dependant: Dependant) -> Rule | None:
    """The right that a route asks for; None where it is everybody's."""
    return next((call for call in _calls(dependant) if isinstance(call, Rule)), None)


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for part in dependant.dependencies:
        yield from _calls(part)


def _may_read(actor: Actor, resource: Resource) -> bool:
    return (resource.kind, "read") in vocabulary() and may(actor, "read", resource)
