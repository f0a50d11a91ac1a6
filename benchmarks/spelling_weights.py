"""Fits the weights of `judging/typo_candidates.py` on the novels of the corpus; prints them.

PYTHONPATH=. python benchmarks/spelling_weights.py

Each book is read twice: as it is, and with one slip in every hundredth word. A logistic regression
learns to tell slips from what the author wrote.
"""

import argparse
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from benchmarks.frame import CORPUS, Options
from benchmarks.quality_tables.novels import novels, text_of
from ebook_pipeline.books.judging import bigram_model, lexicon, typo_candidates

SEED = 11
RATE = 0.01
LEAST_LETTERS = 3
STEPS, ENOUGH = 40, 1e-6
LEXICON = Path(tempfile.gettempdir()) / "quality-benchmark"
Slips = dict[int, tuple[str, str]]


def misspelt(text: str, seed: int = SEED, least: int = LEAST_LETTERS) -> tuple[str, Slips]:
    """`text` with one slip in a hundredth of its words of `least` letters and more (a-z, A-Z).

    Any such word may get one, at the start of a sentence, a name or part of a hyphened word too.
    The slip is at any of its letters, each kind as often: a letter lost, a letter added, a letter
    changed (to a random small one), two letters swapped. By the place of each in the new text: as
    printed, as meant. Slips that make another real word count like the rest.
    """
    choose = random.Random(seed)
    made: Slips = {}
    parts: list[str] = []
    length = last = 0
    for match in re.finditer(r"[A-Za-z]+", text):
        if len(match[0]) < least or choose.random() >= RATE:
            continue
        before, wrong = text[last : match.start()], _slip(match[0], choose)
        made[length + len(before)] = wrong, match[0]
        parts += before, wrong
        length, last = length + len(before) + len(wrong), match.end()
    return "".join((*parts, text[last:])), made


def _slip(word: str, choose: random.Random) -> str:
    while True:
        at, letter = choose.randrange(len(word)), choose.choice(ascii_lowercase)
        head, tail = word[:at], word[at:]
        swapped = head + tail[1:2] + tail[:1] + tail[2:]
        kinds = (head + tail[1:], head + letter + tail, head + letter + tail[1:], swapped)
        wrong = choose.choice(kinds)
        if wrong != word:
            return wrong


@dataclass(frozen=True)
class Sample:
    """The suspects of one text: their features, which are slips, which are known words.

    Of its `words`, `made` were changed into slips, suspected or not.
    """

    book: str
    words: int
    made: int
    features: "np.ndarray[Any, Any]"
    slips: "np.ndarray[Any, Any]"
    known: "np.ndarray[Any, Any]"


def sample(book: str, text: str, made: Slips) -> Sample:
    found = list(bigram_model.tokens(text))
    suspects = list(typo_candidates.typo_candidates(found, lexicon.load(LEXICON)))
    return Sample(
        book,
        len(found),
        len(made),
        np.array([one.features for one in suspects]),
        np.array([found[one.at].start in made for one in suspects]),
        np.array([one.known for one in suspects]),
    )


def samples(novels: Mapping[str, str], seed: int = SEED) -> list[Sample]:
    """Each novel as it is and with slips."""
    return [
        sample(name, *pair)
        for name, text in novels.items()
        for pair in ((text, {}), misspelt(text, seed))
    ]


def fitted(learnt: Sequence[Sample]) -> dict[bool, dict[str, float]]:
    """The weights for words in no list (False) and for known ones (True)."""
    features, made, known = (
        np.concatenate([getattr(one, name) for one in learnt])
        for name in ("features", "slips", "known")
    )
    return {kind: _weights(features[known == kind], made[known == kind]) for kind in (False, True)}


def _weights(features: Any, made: Any) -> dict[str, float]:
    """Newton's method on standardized features, with a little ridge."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread == 0] = 1
    table = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    weights = np.zeros(table.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-table @ weights))
        slope = table.T @ (made - chance) - weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < ENOUGH:
            break
    plain = weights[1:] / spread
    bias = float(weights[0] - plain @ mean)
    return {"bias": bias, **dict(zip(typo_candidates.FEATURES, map(float, plain), strict=True))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    options = Options(parser.parse_args().corpus, LEXICON)
    for known, weights in fitted(
        samples({name: text_of(book) for name, book in novels(options).items()})
    ).items():
        print(
            "KNOWN" if known else "UNKNOWN", {name: round(one, 3) for name, one in weights.items()}
        )


if __name__ == "__main__":
    main()
