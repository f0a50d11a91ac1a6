"""The matrix of rights: what docs/desk.md tells of it holds, row by row, for each role and none."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.rights import (
    NOBODY,
    Actor,
    Resource,
    Right,
    RightsState,
    Who,
    Whose,
    grants,
    matrix,
    may,
    unscoped,
    vocabulary,
)
from ebook_pipeline.rights_doc import put_in
from tests.support.paths import PROJECT

PAGE = PROJECT / "docs" / "desk.md"
SCENES = ("own", "assigned", "others")
ACTORS = (
    "nobody",
    "client",
    *(f"{role} of {account}" for role in Role for account in ("press", HOUSE)),
)


class Row(NamedTuple):
    """A row of the page's table."""

    role: str
    actions: frozenset[str]
    resource: str
    whose: str
    states: frozenset[str]


def rows_of(page: Path) -> Iterator[Row]:
    table = page.read_text(encoding="utf-8").partition("<!-- rights")[2].partition("<!-- end")[0]
    for line in table.splitlines()[3:]:
        role, actions, resource, whose, states = (cell.strip() for cell in line.split("|")[1:-1])
        yield Row(
            role, frozenset(actions.split(", ")), resource, whose, frozenset(states.split(", "))
        )


TABLE = list(rows_of(PAGE))


def actor(name: str) -> Actor:
    if name == "nobody":
        return NOBODY
    if name == "client":
        return Actor(client="shop")
    role, _, account = name.partition(" of ")
    return Actor(
        login="ann",
        memberships=(Membership(account=account, role=Role(role)),),
        names=frozenset({"ann"}),
    )


def thing(kind: str, scene: str, name: str, state: RightsState) -> Resource:
    """A book's thing: of the actor's account, reviewed by them, or neither."""
    account = name.partition(" of ")[2] if scene == "own" else "another"
    return Resource(
        kind=kind,
        account=account or "another",
        person="ann" if scene == "own" else "bob",
        states=frozenset({state}),
        assignees=frozenset({"ann"} if scene == "assigned" else ()),
    )


def told(name: str, action: str, kind: str, scene: str, state: str) -> bool:
    """What the page says, by its words."""
    role, _, account = name.partition(" of ")
    roles = {role, "anyone"} | ({"person"} if account else set())
    roles |= {f"{role} of the house"} if account == HOUSE else set()
    fits = {"any", scene}
    return any(
        row.role in roles
        and action in row.actions
        and row.resource == kind
        and row.whose in fits
        and row.states & {"any", state}
        for row in TABLE
    )


def test_the_page_shows_the_matrix_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == put_in(page), "run `make docs`"
    assert len(TABLE) == len(matrix())


@pytest.mark.parametrize("name", ACTORS)
def test_every_row_holds_for_every_role_and_for_nobody(name: str) -> None:
    cases = itertools.product(sorted(vocabulary()), SCENES, RightsState)
    wrong = [
        (kind, action, scene, state)
        for (kind, action), scene, state in cases
        if may(actor(name), action, thing(kind, scene, name, state))
        != told(name, action, kind, scene, state)
    ]
    assert wrong == []


def test_a_thing_of_a_person_is_theirs_alone() -> None:
    ann, bob = actor("reader of press"), Actor(login="bob")
    own = Resource(kind="opinion", person="ann")
    assert may(ann, "change", own)
    assert not may(ann.model_copy(update={"login": "bob"}), "change", own)
    assert not may(bob, "change", own)
    assert not may(NOBODY, "change", Resource(kind="opinion", person=""))


SEED = [
    ("author", "change", "draft", True),
    ("author", "delete", "draft", True),
    ("author", "read", "submitted", True),
    ("author", "change", "submitted", False),
    ("author", "read", "ready", True),
    ("author", "read", "published", True),
    ("author", "delete", "published", False),
    ("editor", "change", "submitted", True),
    ("editor", "change", "ready", False),
    ("editor", "read", "draft", False),
    ("publisher", "change", "ready", True),
    ("publisher", "change", "submitted", False),
    ("reader", "read", "published", True),
    ("reader", "read", "ready", False),
    ("operator", "purge", "withdrawn", True),
]


@pytest.mark.parametrize(("role", "action", "state", "allowed"), SEED)
def test_the_rights_that_were_asked_for_are_there(
    role: str, action: str, state: str, allowed: bool
) -> None:
    book = thing("book", "own", f"{role} of {HOUSE}", RightsState(state))
    assert may(actor(f"{role} of {HOUSE}"), action, book) is allowed


def test_a_book_on_sale_with_an_edition_under_way_is_in_both_states() -> None:
    both = frozenset({RightsState.PUBLISHED, RightsState.SUBMITTED})
    book = Resource(kind="book", account=HOUSE, states=both)
    assert may(actor("reader of press"), "read", book)
    assert may(actor("editor of house"), "change", book)
    assert not may(actor("author of house"), "delete", book)


def test_a_reader_of_an_account_does_not_own_what_its_other_readers_do() -> None:
    theirs = Resource(
        kind="license", account="press", person="bob", states=frozenset({RightsState.PUBLISHED})
    )
    assert not may(actor("reader of press"), "read", theirs)
    assert may(actor("publisher of press"), "read", theirs)


def test_scopes_only_take_away() -> None:
    operator = actor("operator of house")
    book = Resource(kind="book", account="press", states=frozenset({RightsState.READY}))
    for scopes, allowed in (
        ({"book:read"}, True),
        ({"book:*"}, True),
        ({"book:change"}, False),
        (set(), False),
    ):
        scoped = operator.model_copy(update={"scopes": frozenset(scopes)})
        assert may(scoped, "read", book) is allowed
    reader = actor("reader of press").model_copy(update={"scopes": frozenset({"book:*"})})
    assert not may(reader, "change", book)


def test_what_anyone_may_no_scope_takes_away() -> None:
    shop = Actor(client="shop", scopes=frozenset({"license:issue"}))
    assert grants(shop, "read", "catalog") == grants(NOBODY, "read", "catalog") != ()
    whole = unscoped(shop)
    assert whole is not None
    assert unscoped(whole) is None


def test_what_the_matrix_does_not_speak_of_is_a_slip() -> None:
    with pytest.raises(LookupError):
        grants(NOBODY, "fly", "book")


def test_a_right_of_the_house_is_of_a_membership() -> None:
    with pytest.raises(ValidationError):
        Right(role=Who.ANYONE, resource="book", actions=("read",), whose=Whose.ANY, house=True)
