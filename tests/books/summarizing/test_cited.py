"""Of what a model says, only sentences that name opinions that it was shown are shown."""

import pytest

from ebook_pipeline.books.summarizing.cited import cited_sentences


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        ("Readers praise the prose [1, 2].", [("Readers praise the prose.", (1, 2))]),
        ("Readers praise the prose. [1] The end is weak [2].",
         [("Readers praise the prose.", (1,)), ("The end is weak.", (2,))]),
        ("It is good [1]. It sold well.", [("It is good.", (1,))]),
        ("It is good [9].", []),
        ("It is good [1, 9].", []),
        ("It is good.", []),
        ("[1]", []),
        ("<b>Good</b> [1].", []),
        ("See https://evil.example [1].", []),
        (f"{'long ' * 100}[1].", []),
        ("It is good [1][2].", [("It is good.", (1, 2))]),
        (f"It is good [{'9' * 5000}].", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_sentence_stands_on_opinions_or_is_dropped(
    answer: str, sentences: list[tuple[str, tuple[int, ...]]]
) -> None:
    found = cited_sentences(answer, {1, 2})
    assert [(one.text, one.opinions) for one in found] == sentences


def test_no_more_than_six_are_shown() -> None:
    assert len(cited_sentences("Good [1]. " * 50, {1})) == 6
