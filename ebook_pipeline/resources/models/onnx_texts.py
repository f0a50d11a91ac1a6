"""Text classifiers of Hugging Face's that are exported to ONNX, and inference asked of labels.

A folder as ``optimum-cli export onnx --task text-classification`` writes it. One whose labels are
*entailment* and the like (NLI) can be asked of any label (zero-shot, Yin et al. 2019,
https://aclanthology.org/D19-1404/). Runs in a worker's child.
"""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.models.onnx_folders import (
    config_of,
    graph_of,
    labels_of,
    longest_of,
    read_tokenizer,
    require_kind,
)
from ebook_pipeline.resources.onnx_sessions import answer_of, batches, cpu_session, padded

WINDOWS_AT_ONCE = 8
OVERLAP = 64
"""Tokens that neighbouring windows share."""
MOST_WINDOWS = 64
"""Of one text; what follows them is not read."""
_HYPOTHESIS = "This text is {}."
_ENTAILS = "entail"
_MULTIPLE = "multi_label_classification"

Scores = NDArray[np.float64]


def shares_of(folder: Path, texts: list[str], asked: list[str]) -> list[dict[str, float]]:
    """Of each text how likely each label is (0 to 1); of an NLI model's, the labels `asked`."""
    classifier = _classifier(folder)
    if classifier.infers:
        return classifier.inferred(texts, asked)
    return classifier.shares(texts)


def labels_told(folder: Path) -> tuple[str, ...]:
    """The labels of a classifier; none of one that infers, which is asked of any."""
    classifier = _classifier(folder)
    return () if classifier.infers else classifier.labels


@functools.lru_cache(maxsize=4)
def _classifier(folder: Path) -> "TextClassifier":
    return TextClassifier(folder)


class TextClassifier:
    """One model; `threads` of a call. Windows of a long text are read one by one and merged.

    Where a text has one label of several, the mean of its windows counts, weighed by their tokens;
    where it may have several, the highest.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        require_kind(folder, "genre")
        config = config_of(folder)
        named = labels_of(config, folder)
        self.labels = tuple(named[number] for number in range(len(named)))
        self._entails = next(
            (n for n, label in named.items() if label.lower().startswith(_ENTAILS)), None
        )
        self._is_multiple = config.get("problem_type") == _MULTIPLE
        self._session = cpu_session(graph_of(folder), threads)
        self._tokenizer = read_tokenizer(folder)
        self._longest = longest_of(config)
        self._tokenizer.no_padding()

    @property
    def infers(self) -> bool:
        """Whether it says which sentence follows from which."""
        return self._entails is not None

    def shares(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The labels of each text with how likely they are."""
        self._cut("longest_first", self._longest)
        windows = [self._windows(self._tokenizer.encode(text)) for text in texts]
        told = [self._merged(some, scores) for some, scores in self._scored(windows)]
        return [dict(zip(self.labels, map(float, shares), strict=True)) for shares in told]

    def inferred(self, texts: Sequence[str], asked: Sequence[str]) -> list[dict[str, float]]:
        """How likely each label of `asked` is among them, by what follows from each text."""
        self._cut("only_first", self._longest)
        pairs = [(text, _HYPOTHESIS.format(label)) for text in texts for label in asked]
        windows = [self._windows(self._tokenizer.encode(*pair)) for pair in pairs]
        column = self._entails or 0
        means = [_weighed(scores, some)[column] for some, scores in self._scored(windows)]
        rows = np.array(means).reshape(len(texts), len(asked))
        return [dict(zip(asked, map(float, _softmax(row)), strict=True)) for row in rows]

    def _cut(self, strategy: str, longest: int) -> None:
        stride = min(OVERLAP, longest // 4)
        self._tokenizer.enable_truncation(longest, stride=stride, strategy=strategy)

    def _windows(self, encoded: Any) -> list[Any]:
        return [encoded, *encoded.overflowing][:MOST_WINDOWS]

    def _merged(self, windows: Sequence[Any], scores: Scores) -> Scores:
        if self._is_multiple:
            highest: Scores = (1 / (1 + np.exp(-scores))).max(axis=0)
            return highest
        return _weighed(np.array([_softmax(row) for row in scores]), windows)

    def _scored(self, windows: Sequence[Sequence[Any]]) -> list[tuple[Sequence[Any], Scores]]:
        """The windows of each text with the model's figures, a row each."""
        flat = [window for some in windows for window in some]
        rows: Scores = np.zeros((len(flat), len(self.labels)))
        for chosen in batches([len(window.ids) for window in flat], WINDOWS_AT_ONCE):
            rows[chosen] = self._run([flat[index] for index in chosen])
        ends = np.cumsum([len(some) for some in windows])
        return list(zip(windows, np.split(rows, ends[:-1]), strict=True))

    def _run(self, batch: Sequence[Any]) -> Scores:
        width = max(len(window.ids) for window in batch)
        given = padded([window.ids for window in batch], width)
        kinds = padded([window.type_ids for window in batch], width)["input_ids"]
        scores: Scores = answer_of(self._session, {**given, "token_type_ids": kinds})[0]
        if scores.shape != (len(batch), len(self.labels)):
            raise ServiceError(f"the model answers {scores.shape}, not a score for each label")
        return scores


def _weighed(rows: Scores, windows: Sequence[Any]) -> Scores:
    mean: Scores = np.average(rows, axis=0, weights=[len(window.ids) for window in windows])
    return mean


def _softmax(row: Any) -> Scores:
    raised = np.exp(np.asarray(row, np.float64) - np.max(row))
    shares: Scores = raised / raised.sum()
    return shares
