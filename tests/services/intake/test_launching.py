"""Ranges of neighbouring keys: every wanted key once, none that was not asked for."""

from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.services.intake.launching import KeyRange, ranges


def test_neighbours_are_one_range() -> None:
    assert list(ranges(["a", "b", "c"], {"b", "c"}, 10)) == [KeyRange(first="b", last="c")]


def test_a_stranger_between_two_keys_makes_two_ranges() -> None:
    found = list(ranges(["a", "x", "b"], {"a", "b"}, 10))
    assert found == [KeyRange(first="a", last="a"), KeyRange(first="b", last="b")]


def test_a_thousand_new_keys_are_ten_runs_of_a_hundred() -> None:
    keys = [f"book-{n}" for n in range(1000)]
    assert len(list(ranges(keys, set(keys), 100))) == 10


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 7))
def test_ranges_hold_exactly_the_wanted_keys(wanted: list[bool], most: int) -> None:
    keys = [str(n) for n in range(len(wanted))]
    asked = {key for key, want in zip(keys, wanted, strict=True) if want}
    covered: list[str] = []
    for part in ranges(keys, asked, most):
        inside = keys[keys.index(part.first) : keys.index(part.last) + 1]
        assert len(inside) <= most
        covered += inside
    assert covered == [key for key in keys if key in asked]
