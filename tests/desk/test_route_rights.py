"""Role × state × ownership × route: what each route lets pass is what the documents' tables say."""

import functools
import itertools
from collections.abc import Iterator, Mapping

import pytest

from ebook_pipeline.books.owning.rights import RightsState, may, vocabulary
from ebook_pipeline.routes_doc import route_rules, routes_page
from tests.books.owning.test_rights import ACTORS, SCENES, actor, thing, told
from tests.support.paths import PROJECT

PAGE = PROJECT / "docs" / "routes.md"
Route = tuple[str, str]
Right = tuple[str, str]
CASES = tuple(itertools.product(ACTORS, SCENES, RightsState))


def documented() -> Iterator[tuple[str, str, str, str]]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "`" in line:
            method, path, action, kind = (cell.strip() for cell in line.split("|")[1:-1])
            yield method, path.strip("`"), action, kind


@functools.cache
def passing(action: str, kind: str) -> frozenset[tuple[str, str, str]]:
    """Who passes in which case, by the rules that routes ask."""
    return frozenset(
        (name, scene, state)
        for name, scene, state in CASES
        if may(actor(name), action, thing(kind, scene, name, state))
    )


@functools.cache
def promised(action: str, kind: str) -> frozenset[tuple[str, str, str]]:
    """The same by the words of the page's table of rights."""
    return frozenset(
        (name, scene, state)
        for name, scene, state in CASES
        if told(name, action, kind, scene, state)
    )


RULES = {(method, path): rule for method, path, rule in route_rules()}
RIGHTS = {route: (rule.action, rule.kind) if rule else None for route, rule in RULES.items()}
ROWS = {(method, path): (action, kind) for method, path, action, kind in documented()}


def test_the_page_has_every_route() -> None:
    assert PAGE.read_text(encoding="utf-8") == routes_page(), "run `make docs`"
    assert set(ROWS) == set(RULES)


def disagreeing(rights: Mapping[Route, Right | None]) -> list[Route]:
    """The routes that let others pass than the tables say."""
    return [
        route
        for route, (action, kind) in ROWS.items()
        if (passing(*found) if (found := rights[route]) else None)
        != (None if kind == "everybody" else promised(action, kind))
    ]


def test_every_route_lets_pass_whom_the_tables_say() -> None:
    assert disagreeing(RIGHTS) == []


@pytest.mark.parametrize("step", [1, 7, 31])
def test_a_route_that_asks_for_another_right_is_caught(step: int) -> None:
    """Or for none: each route flipped alone, unless the other right is the same people's."""
    others = [*sorted((action, kind) for kind, action in vocabulary()), None]
    flipped = 0
    for number, (route, right) in enumerate(RIGHTS.items()):
        other = others[(number * step + step) % len(others)]
        if (passing(*other) if other else None) != (passing(*right) if right else None):
            flipped += 1
            assert disagreeing({**RIGHTS, route: other}) == [route]
    assert flipped > len(RIGHTS) / 2
