"""Names by a token classifier of Hugging Face's that is exported to ONNX; no torch.

A folder with ``config.json``, a tokenizer and ``model.onnx`` (or ``onnx/model.onnx``), as
``optimum-cli export onnx --task token-classification`` writes it. Runs in a worker's child.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ebook_pipeline.books.text import spread
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.models.onnx_folders import (
    config_of,
    graph_of,
    labels_of,
    longest_of,
    read_tokenizer,
    require_kind,
)
from ebook_pipeline.resources.onnx_sessions import answer_of, cpu_session, padded

WINDOWS_AT_ONCE = 8
OVERLAP = 64
"""Tokens that neighbouring windows share: half of them are told by each."""
MOST_WORDS = 6000
"""Of a book's passages, spread over it: a base model reads 150 in 0.2 CPU s."""


def entities_of(folder: Path, texts: list[str]) -> list[tuple[str, str]]:
    """Names in `texts`, of which `MOST_WORDS` are read, with the model's kinds (``PER`` …)."""
    words = sum(len(text.split()) for text in texts)
    most = max(1, len(texts) * MOST_WORDS // max(1, words))
    return _classifier(folder).entities(spread(texts, most))


@functools.lru_cache(maxsize=4)
def _classifier(folder: Path) -> "TokenClassifier":
    return TokenClassifier(folder)


class TokenClassifier:
    """One model; `threads` of a call."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        require_kind(folder, "names")
        self._session = cpu_session(graph_of(folder), threads)
        config = config_of(folder)
        self._labels = labels_of(config, folder)
        if "O" not in self._labels.values():
            raise ServiceError(f"{folder}: its labels are no names' (O, B-PER, …)")
        self._tokenizer = read_tokenizer(folder)
        longest = longest_of(config)
        self._overlap = min(OVERLAP, longest // 4)
        self._tokenizer.enable_truncation(longest, stride=self._overlap)
        self._tokenizer.no_padding()

    def entities(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        """Names in order, with their kind; long texts are read by windows that overlap."""
        encoded = [self._tokenizer.encode(text) for text in texts]
        windows = [[one, *one.overflowing] for one in encoded]
        told = iter(self._told([window.ids for some in windows for window in some]))
        names: list[tuple[str, str]] = []
        for text, some in zip(texts, windows, strict=True):
            labels = [next(told) for _ in some]
            names += _names(text, _words(some, labels, self._overlap // 2))
        return names

    def _told(self, windows: Sequence[Sequence[int]]) -> list[list[str]]:
        """A label for each token of each window."""
        labels: list[list[str]] = []
        for batch in slices(windows, WINDOWS_AT_ONCE):
            best = self._run(batch).argmax(axis=-1)
            labels += [
                [self._labels[int(label)] for label in row[: len(ids)]]
                for ids, row in zip(batch, best, strict=True)
            ]
        return labels

    def _run(self, batch: Sequence[Sequence[int]]) -> Any:
        given = padded(batch, max(map(len, batch)))
        given["token_type_ids"] = np.zeros_like(given["input_ids"])
        scores = answer_of(self._session, given)[0]
        if scores.ndim != 3 or scores.shape[-1] != len(self._labels):
            raise ServiceError(f"the model answers {scores.shape}, not a score for each label")
        return scores


Word = tuple[int, int, str]
"""Where it begins and ends in the text, and the label of its first token."""


def _words(windows: Sequence[Any], labels: Sequence[Sequence[str]], half: int) -> Iterator[Word]:
    """The words of a text, each from the window in whose inside it stands."""
    last = len(windows) - 1
    told = -1
    for number, (window, own) in enumerate(zip(windows, labels, strict=True)):
        end = len(own) if number == last else len(own) - half
        first = 0 if number == 0 else half
        tokens = list(zip(window.word_ids, window.offsets, own, strict=True))[first:end]
        inside = [token for token in tokens if token[0] is not None]
        for _, group in itertools.groupby(inside, key=lambda token: token[0]):
            parts = list(group)
            start = parts[0][1][0]
            if start > told:
                told = start
                yield start, parts[-1][1][1], parts[0][2]


def _names(text: str, words: Iterator[Word]) -> Iterator[tuple[str, str]]:
    """Neighbouring words of one kind, by the marks of IOB (``B-PER``, ``I-PER``, ``O``)."""
    start, end, kind = 0, 0, ""
    for left, right, label in words:
        mark, _, named = label.rpartition("-")
        goes_on = named == kind and mark != "B" and not text[end:left].strip(" -'’.")
        if kind and not goes_on:
            yield text[start:end], kind
        if named == "O":
            kind = ""
        elif kind and goes_on:
            end = right
        else:
            start, end, kind = left, right, named
    if kind:
        yield text[start:end], kind
