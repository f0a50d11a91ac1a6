"""Passages of the book that tell what it is about, without its end."""

import re
from collections.abc import Sequence

import numpy as np

from ebook_pipeline.books.describing.enrich.background import FloatArray
from ebook_pipeline.books.describing.enrich.encoder import Encoder
from ebook_pipeline.books.describing.enrich.passages import SampledPassage
from ebook_pipeline.books.text import sentences

NUMBER = 4
SPOILERS_FROM = 0.8
"""The last fifth of a book tells how it ends."""
_DIVERSITY = 0.5
_SENTENCES = 2
_FEWEST_WORDS, _MOST_WORDS = 8, 60
_FEWEST_PASSAGES = 4
_SENTENCE_END = re.compile(r"[.!?…。][)”’\"»]*$")
_SPEECH = re.compile('[“”„«»"]')


def summary(
    passages: Sequence[SampledPassage], vectors: FloatArray, encoder: Encoder
) -> tuple[str, ...]:
    """At most `NUMBER` passages of a sentence or two, in the book's order.

    Chosen by maximal marginal relevance: near to the whole book, far from each other
    (Carbonell and Goldstein 1998, https://doi.org/10.1145/290941.291025).
    """
    early = [index for index, passage in enumerate(passages) if passage.at < SPOILERS_FROM]
    if len(early) < _FEWEST_PASSAGES:
        return ()
    centre = vectors.mean(axis=0)
    chosen = [early[i] for i in _marginal(vectors[early], centre, NUMBER)]
    return _sentences([passages[index] for index in sorted(chosen)], centre, encoder)


def _marginal(vectors: FloatArray, centre: FloatArray, number: int) -> list[int]:
    """Indices of `number` vectors that are like `centre` and unlike each other."""
    relevance = vectors @ centre
    alike = vectors @ vectors.T
    chosen: list[int] = []
    while len(chosen) < min(number, len(vectors)):
        seen = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(vectors))
        worth = _DIVERSITY * relevance - (1 - _DIVERSITY) * seen
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
    return chosen


def _sentences(
    chosen: Sequence[SampledPassage], centre: FloatArray, encoder: Encoder
) -> tuple[str, ...]:
    """Of each passage the sentences, side by side, that are most like the book."""
    windows = [_windows(passage.text) for passage in chosen]
    vectors = iter(encoder.embed([window for pairs in windows for window in pairs]))
    chosen_sentences: dict[str, None] = {}
    for pairs in windows:
        likeness = [float(np.dot(next(vectors), centre)) for _ in pairs]
        if pairs:
            chosen_sentences[pairs[int(np.argmax(likeness))]] = None
    return tuple(chosen_sentences)


def _windows(text: str) -> list[str]:
    """Neighbouring sentences of one paragraph; of narration, if the passage has any.

    The last line of a passage may be cut anywhere.
    """
    pairs = [pair for line in text.splitlines()[:-1] for pair in _pairs(sentences(line))]
    pairs += _pairs(sentences(text.splitlines()[-1])[:-1])
    return [pair for pair in pairs if not _SPEECH.search(pair)] or pairs


def _pairs(whole: Sequence[str]) -> list[str]:
    """Headings and verse, which end as no sentence does, are left out."""
    pairs = (" ".join(whole[at : at + _SENTENCES]) for at in range(0, len(whole), _SENTENCES))
    fitting = (pair for pair in pairs if _FEWEST_WORDS <= len(pair.split()) <= _MOST_WORDS)
    return [pair for pair in fitting if _SENTENCE_END.search(pair)]
