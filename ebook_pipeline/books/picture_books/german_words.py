"""Which German words children may be taken to know: a stand-in for a list of children's words.

No such list of German is free. What is free is how often words are met: wordfreq (Apache-2.0, its
data CC BY-SA 4.0) counts films' subtitles, books, encyclopedias, news and the web. Familiar is what
is frequent there in any of its endings, what is joined of two such words, and what our pictures
show: who sees the hedgehog need not know the word before.
"""

from collections.abc import Iterator
from functools import cache

from ebook_pipeline.books.picture_books.drawing.props import props
from ebook_pipeline.books.picture_books.story.cast import GERMAN_SPECIES

FAMILIAR = 3.8
"""Zipf, the logarithm of uses among a thousand million words: six in a million. At this a novel of
1912 has 15 % of other words, our stories 6 to 8 % (benchmarks/picture_books.py)."""
LONGEST = 14
"""Letters from which a joined word is hard to read, whatever its parts are."""
_SHORTEST_PART = 4
_ENDINGS = (
    "e", "en", "er", "es", "em", "s", "n", "st", "t", "te", "ten", "test", "tet", "est", "ern",
    "end", "ende", "enden", "chen", "lein",
)  # fmt: skip
_UMLAUTS = str.maketrans("äöü", "aou")


def familiar(word: str) -> bool:
    """Whether a child may know `word`, in lower case."""
    folded = word.replace("ß", "ss")
    if _simple(folded) or _shown(folded):
        return True
    return len(folded) < LONGEST and any(
        _simple(first) and (_simple(second) or _shown(second)) for first, second in _parts(folded)
    )


def _simple(word: str) -> bool:
    frequent = _frequent()
    return any(form in frequent for form in _forms(word))


def _shown(word: str) -> bool:
    depicted = _depicted()
    return any(form in depicted for form in _forms(word))


def _forms(word: str) -> Iterator[str]:
    """The word, and what it may be an ending of: ``gebissen``, ``Häuschen`` and ``liefst``."""
    yield word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            yield from (stem, stem + "en", stem + "e", stem.translate(_UMLAUTS))
    if word.startswith("ge") and word.endswith(("t", "en")) and len(word) > 5:
        stem = word[2:].removesuffix("t").removesuffix("en")
        yield from (stem + "en", stem + "n")


def _parts(word: str) -> Iterator[tuple[str, str]]:
    """Two parts that may be joined, with or without an s or n between."""
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        first, second = word[:at], word[at:]
        yield first, second
        if first[-1] in "sn" and at > _SHORTEST_PART:
            yield first[:-1], second


@cache
def _frequent() -> frozenset[str]:
    import wordfreq

    least: float = wordfreq.zipf_to_freq(FAMILIAR)
    words = wordfreq.get_frequency_dict("de", wordlist="small")
    return frozenset(word for word, frequency in words.items() if frequency >= least)


@cache
def _depicted() -> frozenset[str]:
    things = {prop.german.lower() for prop in props().values()} | {"glühwürmchen"}
    animals = {name.lower() for names in GERMAN_SPECIES.values() for name in names}
    return frozenset(word.replace("ß", "ss") for word in things | animals)
