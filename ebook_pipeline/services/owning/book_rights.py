"""What rights hang on, as the tables have it: a book's account, states and reviewers.

A state is derived, never stored (DESIGN D12), by one expression each, which both a single book and
a list are asked by:

published    the catalogue has it on sale
withdrawn    the catalogue has it off sale
draft        it was never on sale, and nothing is under way: not submitted yet, or sent back
submitted    an edition that the catalogue does not have is under way, or waits for a person
ready        that edition is past the gate: approved, or being packed and released
"""

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from ebook_pipeline.books.owning.rights import Actor, Grant, Resource, RightsState, Whose, grants
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import notice_tables, tables

_BOOK = tables.book.c


# Inner names are aliases of our own; `book` is the row that is asked about.
_NEWEST = "(SELECT max(e.number) FROM edition AS e WHERE e.book = book.id)"
_LAST_OUTCOME = f"""(SELECT r.outcome FROM stage_run AS r
    WHERE r.book = book.id AND r.edition = {_NEWEST} ORDER BY r.id DESC LIMIT 1)"""
_OPEN = "EXISTS (SELECT FROM submission AS s WHERE s.book = book.id AND s.state = 'open')"
_IN_CATALOG = "EXISTS (SELECT FROM catalog AS c WHERE c.book = book.id{})"
_IS_RELEASED = f"""EXISTS (
    SELECT FROM catalog AS c JOIN release AS l ON l.id = c.release AND l.book = c.book
    WHERE c.book = book.id AND coalesce(c.rolled_back_from, l.edition) >= {_NEWEST})"""
_APPROVED = f"""coalesce((
    SELECT d.approved FROM decision AS d JOIN review_task AS t ON t.id = d.task
    WHERE t.book = book.id AND t.edition = {_NEWEST} ORDER BY d.id DESC LIMIT 1), false)"""
_PAST_THE_GATE = f"""EXISTS (SELECT FROM stage_run AS r
    WHERE r.book = book.id AND r.edition = {_NEWEST}
    AND r.stage IN ('drm_package', 'cdn_release') AND r.outcome IN ('done', 'reused'))"""
_REVIEWED = "EXISTS (SELECT FROM review_task AS t WHERE t.book = book.id AND t.state = 'open')"
_UNDER_WAY = f"""({_OPEN} OR ({_NEWEST} IS NOT NULL AND NOT {_IS_RELEASED}
    AND {_LAST_OUTCOME} IS DISTINCT FROM 'rejected'))"""
_IS_READY = f"""({_UNDER_WAY} AND NOT {_OPEN} AND NOT {_REVIEWED}
    AND ({_APPROVED} OR {_PAST_THE_GATE}))"""
_STATES = {
    RightsState.DRAFT: f"NOT {_IN_CATALOG.format('')} AND NOT {_UNDER_WAY}",
    RightsState.SUBMITTED: f"{_UNDER_WAY} AND NOT {_IS_READY}",
    RightsState.READY: _IS_READY,
    RightsState.PUBLISHED: _IN_CATALOG.format(" AND c.state = 'live'"),
    RightsState.WITHDRAWN: _IN_CATALOG.format(" AND c.state = 'withdrawn'"),
}
_STATE_IS = {state: literal_column(f"({sql})", Boolean()) for state, sql in _STATES.items()}
_ROUTE = notice_tables.review_route
_TASK = tables.review_task


def book_resource(connection: Connection, book: str, kind: str = "book") -> Resource:
    """The book, or a thing of it, as rights see it. Raises `NotFound` where there is none."""
    states = [is_so.label(state.value) for state, is_so in _STATE_IS.items()]
    query = select(_BOOK.account, *states).where(_BOOK.id == book)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(f"no book is called {book[:80]!r}")
    assigned = _routes_of(literal(book)).where(_ROUTE.c.assignee.is_not(None))
    return Resource(
        kind=kind,
        account=row["account"],
        states=frozenset(state for state in RightsState if row[state.value]),
        assignees=frozenset(connection.execute(assigned).scalars()),
    )


def book_condition(actor: Actor, action: str, kind: str = "book") -> ColumnElement[bool]:
    """Which rows of `tables.book` the actor may do this to: `may`, for a list."""
    return or_(false(), *(_granted(grant, actor) for grant in grants(actor, action, kind)))


def _granted(grant: Grant, actor: Actor) -> ColumnElement[bool]:
    in_state: ColumnElement[bool] = true()
    if grant.states is not None:
        in_state = or_(*(_STATE_IS[state] for state in sorted(grant.states)))
    match grant.whose:
        case Whose.ANY:
            return and_(true(), in_state)
        case Whose.OWN if grant.personal:
            return false()
        case Whose.OWN:
            return and_(_BOOK.account.in_(sorted(grant.accounts)), in_state)
        case Whose.ASSIGNED:
            theirs = _ROUTE.c.assignee.in_(sorted(actor.names))
            return and_(_routes_of(_BOOK.id).where(theirs).exists(), in_state)


def _routes_of(book: ColumnElement[str]) -> Select[tuple[str]]:
    """Who the open reviews of `book` are assigned to: sealed, so that only equality finds them."""
    is_open = and_(_TASK.c.book == book, _TASK.c.state == "open")
    return select(_ROUTE.c.assignee).join(_TASK, _TASK.c.id == _ROUTE.c.task).where(is_open)
