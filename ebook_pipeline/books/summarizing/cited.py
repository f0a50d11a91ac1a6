"""What a model writes of opinions: sentences that each name the opinions they are from.

Nothing of it is believed: a sentence without an opinion that the model was shown is dropped.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from ebook_pipeline.books.summarizing.aspects import sentences
from ebook_pipeline.books.summarizing.book_summary import TellingSentence
from ebook_pipeline.books.summarizing.summary import CitedSentence, WrittenOpinion

MOST_SHOWN = 40
"""Opinions, the most helpful first, of which a model is told."""
LONGEST_SHOWN = 600
"""Characters of each."""
MOST_SENTENCES = 6
LONGEST_SENTENCE = 400
_MOST_CITED = 5
_CITED = re.compile(r"\[(\d{1,18}(?:, ?\d{1,18}){0,9})\]")
_MARKUP = re.compile(r"[<>*_#`|{}]|https?:|www\.")
_SPACED_END = re.compile(r"([.!?…]) {0,3}(\[[\d, ]{1,200}\])")


class SummaryWriter(Protocol):
    """Writes about opinions; what it says is judged by `cited_sentences`."""

    @property
    def version(self) -> str:
        """Which model writes, by which instructions; empty: none does."""

    def write(self, opinions: Sequence[WrittenOpinion]) -> tuple[CitedSentence, ...]:
        """What many say, in a few sentences; none where it said nothing that can be shown."""

    def write_of_book(self, passages: Sequence[TellingSentence]) -> tuple[CitedSentence, ...]:
        """What a book is about, by passages of it whose numbers each sentence names."""


class QuotationsAlone:
    """Nobody writes: summaries are readers' own words."""

    version = ""

    def write(self, opinions: Sequence[WrittenOpinion]) -> tuple[CitedSentence, ...]:  # noqa: ARG002
        return ()

    def write_of_book(self, passages: Sequence[TellingSentence]) -> tuple[CitedSentence, ...]:  # noqa: ARG002
        return ()


def shown(opinions: Sequence[WrittenOpinion]) -> list[WrittenOpinion]:
    """Those that a model is told of, shortened."""
    written = [one for one in opinions if one.text][:MOST_SHOWN]
    return [one.model_copy(update={"text": one.text[:LONGEST_SHOWN]}) for one in written]


def cited_sentences(answer: str, known: Collection[int]) -> tuple[CitedSentence, ...]:
    """The sentences of an answer that name opinions among `known`, and none besides."""
    return tuple(_sentences(answer, frozenset(known)))[:MOST_SENTENCES]


def _sentences(answer: str, known: frozenset[int]) -> Iterator[CitedSentence]:
    moved = _SPACED_END.sub(r" \2\1", answer)
    for sentence in sentences(moved):
        named = [int(one) for group in _CITED.findall(sentence) for one in group.split(",")]
        text = " ".join(_CITED.sub("", sentence).split())
        text = re.sub(r" (?=[.,;!?…])", "", text)
        if not named or not text or not known.issuperset(named):
            continue
        if len(text) > LONGEST_SENTENCE or _MARKUP.search(text):
            continue
        yield CitedSentence(text=text, opinions=tuple(dict.fromkeys(named))[:_MOST_CITED])
