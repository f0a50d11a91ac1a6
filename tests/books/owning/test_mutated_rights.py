"""Each cell of the matrix of rights, flipped: the page's table tells the difference every time.

A cell is a role, an action on a thing, whose it is, and a state. A right that is given is taken
away, one that is not is given; the proof that the matrix is as the page says must then fail.
"""

import itertools
from collections.abc import Iterator

import pytest

from ebook_pipeline.books.owning import rights
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.rights import Right, RightsState, Who, Whose, matrix, vocabulary
from tests.books.owning.test_rights import ACTORS, SCENES, actor, thing, told

pytestmark = pytest.mark.prove


def flipped(right: Right) -> Iterator[tuple[str, str, Right | None]]:
    """(what, action, the right with one cell of it changed); None where all of it is gone."""
    for action in right.actions:
        left = tuple(one for one in right.actions if one != action)
        changed = right.model_copy(update={"actions": left}) if left else None
        yield "without an action", action, changed
        for state in RightsState:
            if right.states is None:
                states = frozenset(RightsState) - {state}
            else:
                states = right.states ^ {state}
            yield f"states {state}", action, right.model_copy(update={"states": states})
        for whose in Whose:
            if whose is not right.whose:
                yield f"whose {whose}", action, right.model_copy(update={"whose": whose})


def is_caught(kind: str, action: str) -> bool:
    """Whether the matrix as it is now is another one than the page's, where this is asked."""
    cases = itertools.product(ACTORS, SCENES, RightsState)
    return any(
        rights.may(actor(name), action, thing(kind, scene, name, state))
        != told(name, action, kind, scene, state)
        for name, scene, state in cases
    )


def gives(right: Right | None) -> frozenset[tuple[str, str, RightsState]]:
    if right is None or (not right.states and right.states is not None):
        return frozenset()
    states = right.states or frozenset(RightsState)
    scenes = SCENES if right.whose is Whose.ANY else (right.whose.value,)
    return frozenset((right.role, scene, state) for scene in scenes for state in states)


@pytest.mark.parametrize("number", range(len(matrix())))
def test_every_flipped_cell_is_caught(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless other rights of whoever has it give the same: then nothing is flipped."""
    rows = list(matrix())
    right = rows[number]
    uncaught = []
    for what, action, changed in flipped(right):
        others = [*rows[:number], *([changed] if changed else []), *rows[number + 1 :]]
        if _covered(action, right, changed, rows[:number] + rows[number + 1 :]):
            continue
        monkeypatch.setattr(rights, "matrix", lambda others=others: tuple(others))
        if not is_caught(right.resource, action):
            uncaught.append((right.role, action, right.resource, what))
    assert uncaught == []


def test_every_right_that_is_not_given_is_caught_when_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of each role that nobody gave an action of a thing."""
    rows = matrix()
    uncaught = []
    for kind, action in sorted(vocabulary()):
        for who in Who:
            given = any(
                row.resource == kind and action in row.actions and row.role in (who, Who.ANYONE)
                for row in rows
            )
            if given:
                continue
            more = Right(role=who, resource=kind, actions=(action,), whose=Whose.ANY)
            monkeypatch.setattr(rights, "matrix", lambda more=more: (*rows, more))
            if not is_caught(kind, action):
                uncaught.append((who, action, kind))
    assert uncaught == []


def _covered(action: str, right: Right, changed: Right | None, others: list[Right]) -> bool:
    """Whether other rights of the same role, or of anyone, give what the change takes away."""
    before = gives(right)
    after = gives(changed) if changed and action in changed.actions else frozenset()
    beside = frozenset().union(
        *(
            {(right.role.value, scene, state) for _, scene, state in gives(row)}
            for row in others
            if row.resource == right.resource and action in row.actions and _includes(row, right)
        )
    )
    return {cell[1:] for cell in before} | {c[1:] for c in beside} == {
        cell[1:] for cell in after
    } | {c[1:] for c in beside}


def _includes(row: Right, right: Right) -> bool:
    """Whether whoever holds `right`'s role holds `row`'s too."""
    if row.role is Who.ANYONE:
        return True
    return row.role is right.role and (not row.house or right.house)


def test_the_house_alone_is_not_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right of the house's that is given to every account is seen."""
    rows = matrix()
    for number, right in enumerate(rows):
        if not right.house:
            continue
        open_to_all = right.model_copy(update={"house": False})
        others = (*rows[:number], open_to_all, *rows[number + 1 :])
        monkeypatch.setattr(rights, "matrix", lambda others=others: others)
        assert any(is_caught(right.resource, action) for action in right.actions), right
    assert HOUSE in ACTORS[-1]
