"""Words one slip away, by numbers: exactly those that spelling every edit out finds."""

from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.judging.lexicon import english_edits
from ebook_pipeline.books.judging.near_words import NearWords

SHORT = st.text("abe'z", min_size=1, max_size=4)
LONG = st.builds(lambda word, end: word + "ab" * 4 + end, SHORT, SHORT)
FOREIGN = st.text("aé-ß", min_size=1, max_size=3)


@given(st.sets(SHORT | LONG | FOREIGN), st.sets(SHORT | LONG | FOREIGN))
def test_the_words_one_slip_away_are_those_of_every_edit_spelt_out(
    meant: set[str], words: set[str]
) -> None:
    near = NearWords(meant).of_all(words)
    assert {word: set(found) for word, found in near.items()} == {
        word: meant.intersection(english_edits(word)) - {word} for word in words
    }


def test_a_letter_lost_changed_added_and_two_swapped_are_one_slip() -> None:
    near = NearWords({"their", "the", "thee", "three", "tree"}).of_all(["there", "thier", "tre"])
    assert {word: sorted(found) for word, found in near.items()} == {
        "there": ["thee", "three"],
        "thier": ["their"],
        "tre": ["the", "tree"],
    }
