"""A book's summary without a model, and what of a model's is let through."""

from ebook_pipeline.books.summarizing.book_summary import (
    READ_SHARE,
    TellingSentence,
    backed,
    passages,
    summarize_book,
)
from ebook_pipeline.books.summarizing.summary import CitedSentence

_PLACES = ("harbour", "lighthouse", "market", "orchard", "station", "library", "mill", "cellar")
_WHO = ("Marguerite", "Ambrose", "Philippa", "Cornelius")
ENDING = "In the burning lighthouse Marguerite found that Ambrose was the murderer of Philippa."


def novel() -> str:
    """Two hundred paragraphs with talk in them; the last quarter gives all away."""
    lines = []
    for number in range(200):
        who, place = _WHO[number % 4], _PLACES[number * 7 % 8]
        lines.append(
            f"{who} walked slowly from the old {place} towards the water of {'x' * (number % 9)}"
            f" and thought of the {_PLACES[number % 8]} where the storm had begun last winter."
            f" “I shall tell nobody of the {place}, not even you,” said {who}."
            f" Then Mr. {who} went home through the long quiet evening."
        )
    lines[160:] = [ENDING] * 40
    return "\n".join(lines)


def test_sentences_are_the_book_s_own_and_none_is_of_its_last_quarter() -> None:
    written = novel()
    summary = summarize_book(written)
    assert summary is not None
    assert summary.machine
    assert 1 <= len(summary.sentences) <= 5
    for one in summary.sentences:
        assert one.text in written
        assert all(share < READ_SHARE for share in one.shares)
        assert "murderer" not in one.text
        assert not one.text.startswith("I shall tell")
        assert not one.text.endswith("Mr.")
    assert summarize_book(written[:2000]) is None
    assert all("murderer" not in one.text for one in passages(written))


def test_what_names_nobody_and_counts_nothing_from_nowhere_is_kept() -> None:
    told = "a keeper and it, the sea; " * 9 + "the lighthouse of Ambrose"
    shown = [
        TellingSentence(number=1, text="Marguerite keeps the lighthouse.", share=0.1),
        TellingSentence(number=2, text="In 1893 a storm took Ambrose's boat.", share=0.3),
    ]
    said = [
        CitedSentence(text="A keeper named Marguerite watches the sea.", opinions=(1,)),
        CitedSentence(text="Ambrose's boat is lost in 1893.", opinions=(2,)),
        CitedSentence(text="The keeper marries Ambrose.", opinions=(1,)),
        CitedSentence(text="It plays in 1902.", opinions=(2,)),
        CitedSentence(text="Heathcliff keeps the lighthouse.", opinions=(1,)),
    ]
    assert [one.text for one in backed(said, shown, told)] == [said[0].text, said[1].text]
    assert backed(said, shown, told)[0].shares == (0.1,)
