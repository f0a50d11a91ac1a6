"""Passages that speak for a book: whole sentences of narration, never twice the same."""

from ebook_pipeline.books.describing.enrich.passages import SampledPassage
from ebook_pipeline.books.describing.enrich.summary import summary
from tests.support.fake_models import Models

TALE = "The captain of the schooner looked for a treasure that others had buried in the cave."
SPOKEN = "“The captain of the schooner will look for that treasure in the cave,” said the parrot."
END = "And so they all went on and on until somebody came"


def told(*texts: str) -> tuple[str, ...]:
    passages = [SampledPassage(text, at / 10) for at, text in enumerate(texts)]
    models = Models()
    return summary(passages, models.vectors([one.text for one in passages]), models)


def test_a_heading_is_no_part_of_the_sentence_below_it() -> None:
    assert told(*[f"The Voyage of {at} Lives\n{TALE}\n{END}" for at in range(4)]) == (TALE,)


def test_narration_comes_before_speech_and_speech_before_nothing() -> None:
    assert told(*[f"{SPOKEN}\n{TALE}\n{END}"] * 4) == (TALE,)
    assert told(*[f"{SPOKEN}\n{END}"] * 4) == (SPOKEN,)
