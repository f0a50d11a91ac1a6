"""EASE: a linear model of which works readers took up together, in closed form.

H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019,
https://arxiv.org/abs/1905.03375. What differs: a work that somebody disliked counts too. That they
took it up at all says what they read (`disliked_says`), and who reads such works is somebody to
show them to (`disliked_counts`). On DBbook (benchmarks/recommendations.py) that made nDCG@10 of
.115 one of .146, on the part of the training data that the settings were chosen by.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ebook_pipeline.books.recommending.signals import LIKED, Signal
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.slices import slices

Matrix = npt.NDArray[np.float32]
_AT_A_TIME = 1000
"""Readers of whom a dense block is made."""


class EaseSettings(Record):
    """`fewest` signals a work needs to be in the model, at most `most` works are.

    `neighbours` of each work are kept. The square of `most` in float32, four times, is the memory:
    400 MB.
    """

    regularisation: float = 50
    disliked_says: float = 0.7
    disliked_counts: float = 0.5
    fewest: int = 4
    most: int = 5000
    neighbours: int = 200


class WorkLinks(Record):
    """What having taken up `work` says for others: `weights` beside `others`, the strongest first.

    `signals` is of how many readers it knows.
    """

    work: int
    signals: int
    others: tuple[int, ...]
    weights: tuple[float, ...]


def train(signals: Sequence[Signal], settings: EaseSettings | None = None) -> tuple[WorkLinks, ...]:
    """The links of every work that enough is known of; none of too few signals."""
    chosen = settings or EaseSettings()
    counts = counted(signals)
    works = _known(counts, chosen)
    if len(works) < 2:
        return ()
    weights = solved(blocks(signals, works, chosen), len(works), chosen.regularisation)
    return tuple(_links(works, counts, weights, chosen.neighbours))


def counted(signals: Sequence[Signal]) -> dict[int, int]:
    """How many signals there are of each work."""
    counts: dict[int, int] = {}
    for signal in signals:
        counts[signal.work] = counts.get(signal.work, 0) + 1
    return counts


def blocks(
    signals: Sequence[Signal], works: Sequence[int], settings: EaseSettings
) -> Iterator[tuple[Matrix, Matrix]]:
    """Readers by works, some readers at a time: what they say, and what they count for."""
    column = {work: place for place, work in enumerate(works)}
    by_reader: dict[str, list[tuple[int, bool]]] = {}
    for signal in signals:
        if signal.work in column:
            taken = (column[signal.work], signal.kind in LIKED)
            by_reader.setdefault(signal.reader, []).append(taken)
    for part in slices(list(by_reader.values()), _AT_A_TIME):
        says = np.zeros((len(part), len(works)), np.float32)
        counts = np.zeros_like(says)
        for place, row in enumerate(part):
            for work, is_liked in row:
                says[place, work] = 1 if is_liked else settings.disliked_says
                counts[place, work] = 1 if is_liked else settings.disliked_counts
        yield says, counts


def solved(parts: Iterator[tuple[Matrix, Matrix]], number: int, regularisation: float) -> Matrix:
    """The weights from each of `number` works (rows) to each other; the diagonal is 0."""
    gram = np.zeros((number, number), np.float32)
    cross = np.zeros_like(gram)
    for says, counts in parts:
        gram += says.T @ says
        cross += says.T @ counts
    gram[np.diag_indices(number)] += np.float32(regularisation)
    inverse: Matrix = np.linalg.inv(gram).astype(np.float32, copy=False)
    weights: Matrix = inverse @ cross
    scale = (np.diag(weights) / np.diag(inverse)).astype(np.float32)
    weights = weights - inverse * scale
    np.fill_diagonal(weights, 0)
    return weights


def _known(counts: dict[int, int], settings: EaseSettings) -> list[int]:
    known = [work for work, count in counts.items() if count >= settings.fewest]
    return sorted(sorted(known, key=lambda work: (-counts[work], work))[: settings.most])


def _links(
    works: Sequence[int], counts: dict[int, int], weights: Matrix, number: int
) -> Iterator[WorkLinks]:
    kept = min(number, len(works) - 1)
    for place, work in enumerate(works):
        row = weights[place]
        strongest = np.argpartition(-np.abs(row), kept)[:kept]
        strongest = strongest[np.argsort(-np.abs(row[strongest]), kind="stable")]
        yield WorkLinks(
            work=work,
            signals=counts[work],
            others=tuple(works[other] for other in strongest),
            weights=tuple(round(float(row[other]), 6) for other in strongest),
        )
