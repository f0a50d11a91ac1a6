"""Spelling: slips put into each novel, and what is said of the clean one; pyspellchecker beside it.

One word in a hundred gets a slip, with a fixed seed (`spelling_weights.misspelt`); slips that make
another real word count too. Each novel is judged by weights that were fitted without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from spellchecker import SpellChecker

from benchmarks.frame import Options, Table
from benchmarks.quality_tables.novels import novels, text_of
from benchmarks.spelling_weights import Sample, Slips, fitted, misspelt, sample
from ebook_pipeline.books.judging import spelling, typo_candidates
from ebook_pipeline.books.judging.bigram_model import tokens

SEED = 5
"""Another than the one that the weights are fitted with."""
Weights = dict[bool, dict[str, float]]
SHIPPED: Weights = {False: dict(typo_candidates.UNKNOWN), True: dict(typo_candidates.KNOWN)}
COLUMNS = (
    *("novel", "words", "slips", "recall", "precision", "F1", "false alarms"),
    *("pyspellchecker: recall", "precision", "F1", "false alarms"),
)


@dataclass(frozen=True)
class Count:
    """Slips `made` and found, words that were told wrongly; alarms in so many clean words."""

    made: int = 0
    found: int = 0
    wrong: int = 0
    alarms: int = 0
    words: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in vars(self)))

    @property
    def figures(self) -> tuple[float, float, float, float]:
        """Recall, precision, F1, false alarms in 10,000 clean words."""
        recall = self.found / max(1, self.made)
        precision = self.found / max(1, self.found + self.wrong)
        both = 2 * recall * precision / max(1e-9, recall + precision)
        return recall, precision, both, 1e4 * self.alarms / max(1, self.words)


@dataclass(frozen=True)
class Read:
    """A novel as it is, with the slips that weights are fitted to, and with those it is tried by.

    `other` is what pyspellchecker says of it.
    """

    learnt: tuple[Sample, Sample]
    tried: Sample
    other: Count

    def count(self, weights: Weights) -> Count:
        """What is told of it with these weights."""
        told, clean = _told(self.tried, weights), _told(self.learnt[0], weights)
        right = int(self.tried.slips[told].sum())
        wrong, words = int(told.sum()) - right, self.learnt[0].words
        return Count(self.tried.made, right, wrong, int(clean.sum()), words)


def table(options: Options) -> Table:
    """A row per novel, and their sum."""
    other = SpellChecker()
    read = {name: _read(name, text_of(book), other) for name, book in novels(options).items()}
    counts = {name: one.count(_without(name, read)) for name, one in read.items()}
    rows = [_row(name, counts[name], one.other) for name, one in read.items()]
    ours, theirs = sum(counts.values(), Count()), sum((one.other for one in read.values()), Count())
    rows.append(_row("all", ours, theirs))
    shipped = sum((one.count(SHIPPED) for one in read.values()), Count()).figures
    worst = max(counts, key=lambda name: counts[name].figures[3])
    said = (
        f"F1 {ours.figures[2]:.3f} and {ours.figures[3]:.1f} false alarms in 10,000 clean words "
        f"(most {counts[worst].figures[3]:.1f}, {worst}) where a novel's own slips taught nothing; "
        f"with the weights as shipped {shipped[2]:.3f} and {shipped[3]:.1f}. pyspellchecker: "
        f"{theirs.figures[2]:.3f} and {theirs.figures[3]:.1f}."
    )
    return Table("Slips in one word of a hundred", COLUMNS, rows, said)


def _read(name: str, text: str, other: SpellChecker) -> Read:
    tried, made = misspelt(text, SEED)
    learnt = sample(name, text, {}), sample(name, *misspelt(text))
    return Read(learnt, sample(name, tried, made), _counted(text, tried, made, other))


def _counted(clean: str, tried: str, made: Slips, other: SpellChecker) -> Count:
    """Every token that pyspellchecker does not know."""
    found, plain = list(tokens(tried)), list(tokens(clean))
    strange = other.unknown({token.word for token in (*found, *plain)})
    told = [token.start for token in found if token.word in strange]
    right, alarms = sum(one in made for one in told), sum(one.word in strange for one in plain)
    return Count(len(made), right, len(told) - right, alarms, len(plain))


def _without(name: str, read: dict[str, Read]) -> Weights:
    """The weights that the other novels teach; where there are none, those that are shipped."""
    others = [one for other in read if other != name for one in read[other].learnt]
    return fitted(others) if others else SHIPPED


def _told(sample: Sample, weights: Weights) -> Any:
    """Which suspects are likely typos."""
    table = np.array([_odds(sample, weights[known]) for known in (False, True)])
    least = np.where(sample.known, spelling.LEAST_ODDS[True], spelling.LEAST_ODDS[False])
    return np.where(sample.known, table[1], table[0]) > least


def _odds(sample: Sample, weights: dict[str, float]) -> Any:
    return weights["bias"] + sample.features @ [weights[name] for name in typo_candidates.FEATURES]


def _row(name: str, ours: Count, theirs: Count) -> Sequence[str | int | float]:
    return name, ours.words, ours.made, *ours.figures, *theirs.figures
