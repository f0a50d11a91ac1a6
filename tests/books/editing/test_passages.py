"""Passages are found again where their words are, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.editing.paragraphs import paragraphs
from ebook_pipeline.books.editing.passages import LONGEST_QUOTE, Passage, SearchedText

TEXT = "It rained.\n\nShe waited at the gate.\n\nIt rained. He came\nlate, as ever."


def passage(quote: str, near: int = 0, text: str = TEXT) -> Passage:
    found = SearchedText(text).passage(quote, near)
    assert found is not None
    return found


def test_a_passage_knows_its_words_their_surroundings_and_its_place() -> None:
    found = passage("at the\r\n gate.")
    assert (found.exact, TEXT[found.start : found.end]) == ("at the gate.", "at the gate.")
    assert found.prefix.endswith("She waited ")
    quote, position = found.selectors()
    assert (quote["type"], position["start"]) == ("TextQuoteSelector", found.start)


def test_of_words_that_stand_twice_the_nearer_ones_are_meant() -> None:
    assert passage("It rained.").start == 0
    assert passage("It rained.", 40).start == TEXT.rindex("It rained.")


@pytest.mark.parametrize(
    ("later", "start"),
    [
        ("It snowed first.\n\n" + TEXT, True),
        (TEXT.replace("late", "very late"), True),
        (TEXT.replace("\n\n", "\n"), True),
        (TEXT.replace("It rained. He", "It poured. He"), True),
        (TEXT.replace("rained", "poured"), False),
    ],
)
def test_a_passage_survives_what_changes_around_it(later: str, start: bool) -> None:
    found = SearchedText(later).found_again(passage("It rained.", 40))
    assert (found is not None) == start
    if found:
        assert later[slice(*found)] == "It rained."


def test_surroundings_tell_which_of_two_is_meant_in_a_later_version() -> None:
    second = passage("It rained.", 40)
    later = "It rained. So be it.\n\n" + TEXT
    found = SearchedText(later).found_again(second)
    assert found is not None
    assert found[0] == later.rindex("It rained.")


@pytest.mark.parametrize("quote", ["", " \n", "nowhere", "gate. She"])
def test_what_stands_nowhere_is_no_passage(quote: str) -> None:
    assert SearchedText(TEXT).passage(quote) is None
    assert SearchedText("").passage("a") is None


WORDS = st.text(alphabet="ab é\n\t", max_size=60)


@given(WORDS, st.integers(0, 60), st.integers(1, 20), WORDS)
def test_what_is_quoted_is_found_again_behind_anything(
    text: str, start: int, length: int, before: str
) -> None:
    quote = text[start : start + length]
    found = SearchedText(text).passage(quote, start)
    assert (found is not None) == bool(quote.strip())
    if found is not None:
        assert text[found.start : found.end].split() == quote.split()
        later = f"{before}\n\n{text}"
        place = SearchedText(later).found_again(found)
        assert place is not None
        assert later[slice(*place)].split() == quote.split()


@pytest.mark.parametrize("text", ["a " * 200_000, "a" * 400_000, "\n" * 400_000])
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    """A search that tried each word at each place would take hours for these."""
    searched = SearchedText(text)
    assert searched.passage("a " * (LONGEST_QUOTE // 2 - 1) + "b") is None


@given(WORDS)
def test_paragraphs_are_the_text_but_for_blanks_between_them(text: str) -> None:
    found = list(paragraphs(text))
    assert "".join(part.text for part in found).split() == text.split() or "\n" in text
    for part in found:
        assert text[part.start : part.end] == part.text
        assert part.text == part.text.strip() != ""
