"""The table of a book's life: complete, unambiguous, as the page shows it, and the matrix's own."""

from collections import Counter

import pytest

from ebook_pipeline.books.editing.life import TRANSITIONS, Transition, open_to, transition
from ebook_pipeline.books.owning.rights import RightsState, matrix, vocabulary
from ebook_pipeline.foundation.events import EVENT_TYPES
from ebook_pipeline.life_doc import put_in
from tests.support.paths import PROJECT

PAGE = PROJECT / "docs" / "editing.md"
STEPS = [one for one in TRANSITIONS if one.right]


def test_the_page_shows_the_table_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == put_in(page), "run `make docs`"


def test_a_step_has_one_meaning_in_a_state() -> None:
    told = Counter((one.of, one.name, one.before) for one in TRANSITIONS)
    assert set(told.values()) == {1}
    assert all(one.before is not one.after for one in TRANSITIONS)


@pytest.mark.parametrize("one", STEPS, ids=lambda one: f"{one.name}-{one.before}")
def test_each_step_has_a_right_that_is_given_in_its_state_and_an_event(one: Transition) -> None:
    assert one.right in vocabulary()
    assert "operator" in one.roles
    assert one.event in EVENT_TYPES
    assert transition(one.of, one.name, [one.before]) is one


def test_no_right_of_a_step_is_given_where_there_is_no_such_step() -> None:
    """A button that could never be pressed would be a right without a meaning."""
    taken = {one.right for one in STEPS if one.of == "manuscript"}
    for row in matrix():
        for action in row.actions:
            if (row.resource, action) in taken:
                assert row.states is not None
                for state in row.states:
                    known = [one.right for one in open_to("manuscript", [state])]
                    assert (row.resource, action) in known, (row.role, action, state)


def test_from_every_state_there_is_a_way_to_be_sold_and_a_way_back() -> None:
    for of, goal in (("manuscript", RightsState.PUBLISHED), ("manuscript", RightsState.DRAFT)):
        reached = {goal}
        while (
            more := {one.before for one in TRANSITIONS if one.of == of and one.after in reached}
            - reached
        ):
            reached |= more
        assert reached == set(RightsState)
