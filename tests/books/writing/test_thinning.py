"""Saves are thinned out, and no word that was ever saved is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.writing.thinning import SavedVersion, stands_in, superfluous

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def saved(*texts: str, minutes: float = 1, **more: object) -> list[SavedVersion]:
    return [
        SavedVersion(
            number=number, heading="One", text=text, at=NOON + timedelta(minutes=minutes * number),
            pinned=more.get("pinned") == number,
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip


def test_of_what_is_typed_on_the_last_of_an_hour_stays() -> None:
    typed = ["It", "It ra", "It rained.", "It rained.\n\nShe", "It rained.\n\nShe left."]
    assert superfluous(saved(*typed)) == {1, 2, 3}
    assert superfluous(saved(*typed, pinned=2)) == {1, 3}
    assert superfluous(saved(*typed, minutes=20)) == {1, 3}


def test_words_that_were_taken_out_stay_in_the_version_that_has_them() -> None:
    typed = ["It", "It rained cats.", "It rained.", "It rained. So"]
    assert superfluous(saved(*typed)) == {2}


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [
        ("", "", True),
        ("A\nB", "A x\n\nB y", True),
        ("A\nB", "B\nA", False),
        ("A\nA", "A", False),
        ("the cat", "the  cat", False),
    ],
)
def test_lines_stand_in_a_text_in_their_order(before: str, after: str, stands: bool) -> None:
    assert stands_in(before, after) is stands


TEXTS = st.lists(st.text(alphabet="ab\n ", max_size=12), min_size=1, max_size=12)


@given(TEXTS, st.integers(1, 40))
def test_every_line_ever_saved_stands_in_a_version_that_is_kept(
    texts: list[str], minutes: int
) -> None:
    versions = saved(*texts, minutes=minutes)
    gone = superfluous(versions)
    kept = [one.text for one in versions if one.number not in gone]
    assert versions[-1].number not in gone
    for one in versions:
        assert any(stands_in(one.text, text) for text in kept)
