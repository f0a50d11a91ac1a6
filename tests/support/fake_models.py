"""Models and texts for tests of enrichment: fast, the same every time, alike for like words."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ebook_pipeline.books.describing.enrich.brief import Brief, UnusableAnswer

SEA = (
    "Captain Flint walked the deck of the schooner and looked at the island. "
    "“Where is the treasure?” said Flint. Ben Gunn had come from Bristol with a map in his chest. "
    "The treasure lay in the cave, and the cave was dark. Nobody in Bristol had heard of the cave. "
    "“I never lived at Bristol,” cried Ben Gunn to Captain Flint, and the parrot laughed at him. "
)


def story(repeats: int = 60) -> str:
    """Some four thousand words, a paragraph per tale of the same island, called by letters."""
    letters = (chr(97 + n % 26) * (1 + n // 26) for n in range(repeats))
    return "\n\n".join(f"Chapter {n} {letter}\n\n{SEA}" for n, letter in enumerate(letters))


class Models:
    """Vectors by words; every text is in `tongue`; the names that are given."""

    version, encoder, analyzer = "fake-1", "fake-vectors", "fake-analyzer"

    def __init__(self, tongue: str = "en", names: Sequence[tuple[str, str]] = ()) -> None:
        self.tongue, self.names = tongue, list(names)

    common = version

    def used_in(self, language: str) -> tuple[str, ...]:
        return (self.namer(language),) if self.names else ()

    def encoder_in(self, language: str) -> "Models | None":
        return self if language == "en" else None

    def genre_shares(
        self, texts: Sequence[str], language: str, terms: Mapping[str, str]
    ) -> dict[str, float]:
        return {}

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [_vector(text) for text in texts]

    def vectors(self, texts: Sequence[str]) -> "np.ndarray[Any, Any]":
        return np.array(self.embed(texts))

    def language(self, text: str) -> str:
        return self.tongue if text.strip() else "und"

    def namer(self, language: str) -> str:
        return "fake-namer" if self.names else ""

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        return self.names if texts else []

    def parts_of_speech(self, texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
        return []


class Copywriter:
    """Says what it is told to say, or refuses."""

    version = "fake-copy"

    def __init__(self, said: str = "", refuse: str = "") -> None:
        self.said, self.refuse = said, refuse
        self.briefs: list[Brief] = []

    def author(self, _language: str, /) -> str:
        return self.version

    def describe(self, brief: Brief) -> str:
        self.briefs.append(brief)
        if self.refuse:
            raise UnusableAnswer(self.refuse)
        return self.said


def _vector(text: str) -> list[float]:
    sums = [0.001] * 16
    for word in text.lower().split():
        sums[hashlib.sha256(word.encode()).digest()[0] % 16] += 1
    length = math.sqrt(sum(one * one for one in sums))
    return [one / length for one in sums]
