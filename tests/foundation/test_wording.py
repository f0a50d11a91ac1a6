"""Numbers and lists as sentences have them."""

import pytest

from ebook_pipeline.foundation.wording import counted, listed


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (1, ("page",), "1 page"),
        (0, ("page",), "0 pages"),
        (2, ("picture is", "pictures are"), "2 pictures are"),
        (1, ("entry", "entries"), "1 entry"),
        (1234, ("word", "", ","), "1,234 words"),
        (1234, ("page",), "1234 pages"),
    ],
)
def test_one_thing_is_singular_and_all_else_plural(
    count: int, words: tuple[str, ...], said: str
) -> None:
    assert counted(count, *words) == said


def test_a_long_list_names_five_and_counts_the_rest() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["x" * 100, *"bcdefg"]) == f"{'x' * 80}, b, c, d, e and 2 more"
