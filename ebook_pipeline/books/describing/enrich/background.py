"""What books in general look like to the labels: a score is judged by how unusual it is.

`background.json` holds, for books of the public domain, their likeness to each label; it is made by
``benchmarks/genre_background.py``. Only figures are kept, no text.
"""

import functools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ebook_pipeline.books.describing.enrich.labels import digest

FloatArray = NDArray[np.float64]

ENCODER = "all-minilm-l6-v2"
"""The model whose vectors the figures were made with; of others nothing is known."""
_LEAST_SPREAD = {"meaning": 0.03, "words": 0.3}


@dataclass(frozen=True)
class BackgroundRow:
    """One book: likeness of its passages to each label, and how much it uses their words."""

    meaning: tuple[float, ...]
    words: tuple[float, ...]


@dataclass(frozen=True)
class Background:
    """The rows of many books by name; books of one `work` are left out together."""

    rows: dict[str, BackgroundRow]

    def without(self, names: Collection[str]) -> "Background":
        """As if the books of these names had never been read: for judging on them."""
        return Background({name: row for name, row in self.rows.items() if name not in names})

    def unusual(self, kind: str, figures: FloatArray | Sequence[float]) -> FloatArray:
        """`figures` of one book as standard deviations from what is usual, label by label."""
        known = np.array([getattr(row, kind) for row in self.rows.values()])
        spread = np.maximum(known.std(axis=0), _LEAST_SPREAD[kind])
        standard: FloatArray = (np.asarray(figures) - known.mean(axis=0)) / spread
        return standard


@functools.cache
def background() -> Background:
    """The shipped one. Raises ValueError where it was made with other labels than today's."""
    document = json.loads(
        resources.files(__package__).joinpath("background.json").read_text(encoding="utf-8")
    )
    if document["labels"] != digest():
        raise ValueError("background.json is stale: run benchmarks/genre_background.py")
    return Background(
        {
            name: BackgroundRow(tuple(row["meaning"]), tuple(row["words"]))
            for name, row in document["books"].items()
        }
    )
