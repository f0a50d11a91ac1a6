"""Words that look like slips of a finger: what speaks for and against each, weighed.

A slip is one letter lost, added or changed, or two swapped. What is weighed are a few figures of
the word, of the likeliest word meant, and of their place; the weights are a logistic regression's
over twelve kinds of novels (`benchmarks/spelling_weights.py` fits them and tells what books that
it has not seen get).
"""

import functools
import itertools
import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from ebook_pipeline.books.judging.bigram_model import BigramModel, Token
from ebook_pipeline.books.judging.lexicon import OVERSHADOWED, Lexicon, trigrams
from ebook_pipeline.books.judging.near_words import NearWords

LEAST_ZIPF = 2.0
"""Zipf frequency (2 is once in ten million words). Words rarer in print are meant only where the
book has them."""
WORDS_OF_THE_BOOK = 3
NAMES_OF_THE_BOOK = 8
"""So often a word stands in the book that it may be what was meant, though no list has it."""
NEARBY, AROUND = 8, 50
"""Among so many words to each side, unknown ones make a passage of dialect or another language."""
SLIPS_IN_PRINT = 2.5
"""Print has slips too: how much more frequent (zipf) a word is than its frequent slips."""
FREQUENT_SLIP = 2.4
"""Zipf frequency from which a slip is one that many people make."""
FEATURES = (
    "gain", "own", "times", "meant_times", "frequent", "meant_zipf", "length", "nearby", "around",
    "name", "opening", "clipped", "apostrophe", "inflected", "derived", "first_letter",
    "oddest", "odd",
)  # fmt: skip
UNKNOWN: Mapping[str, float] = {
    "bias": -0.94,
    "gain": 0.218,
    "own": 0.0,
    "times": -2.606,
    "meant_times": 0.522,
    "frequent": -1.807,
    "meant_zipf": -0.052,
    "length": 0.295,
    "nearby": -0.782,
    "around": -0.934,
    "name": -2.509,
    "opening": -1.65,
    "clipped": -4.114,
    "apostrophe": -5.428,
    "inflected": -1.627,
    "derived": -2.079,
    "first_letter": -0.388,
    "oddest": 0.253,
    "odd": 0.646,
}
KNOWN: Mapping[str, float] = {
    "bias": -1.063,
    "gain": 0.433,
    "own": -0.431,
    "times": -0.659,
    "meant_times": 0.545,
    "frequent": 0.208,
    "meant_zipf": -0.485,
    "length": -1.399,
    "nearby": -0.634,
    "around": -0.139,
    "name": -2.499,
    "opening": 0.084,
    "clipped": -2.642,
    "apostrophe": -1.213,
    "inflected": 0.444,
    "derived": 0.0,
    "first_letter": -0.263,
    "oddest": 0.0,
    "odd": 0.0,
}
_LONGEST = 9
"""Letters from which the length of a word says nothing more of it."""
_UNSEEN = -12.0
"""How likely (natural logarithm) three letters in a row are that no printed word has."""
_ENDINGS = re.compile(
    r"(?:(?<=ing)|(?<=er)|(?<=ness)|(?<=ment)|(?<=ist))s$|"
    r"(?:ly|ish|less|like|ward|wise|ful|ness|some|er|ing|ings|ed|y|ie)$"
)
_OLD_VERB = re.compile(r"(?:e?th|e?st|(?<=[psxk])t)$")
_BEGINNINGS = re.compile(r"^(?:un|over|out|fore|re|mis|under|up|be|in|non|a)")
_INFLECTIONS = frozenset("dsrny")
_SHORTEST_BASE = 4
"""Letters of a word that others may be derived from."""
_SHORTEST_FREQUENT = 5
"""Letters of a slip that may be called frequent: shorter ones are names and abbreviations."""
_PLAIN = re.compile(r"[a-z']+")


class TypoCandidate(NamedTuple):
    """The token at `at` with the likeliest word meant, and `features` in the order of FEATURES."""

    at: int
    meant: str
    known: bool
    features: tuple[float, ...]

    @property
    def odds(self) -> float:
        """Natural logarithm of the odds that it is a slip."""
        weights = KNOWN if self.known else UNKNOWN
        values = zip(FEATURES, self.features, strict=True)
        return weights["bias"] + sum(weights[name] * value for name, value in values)


def is_unknown(word: str, lexicon: Lexicon) -> bool:
    """Whether no list has `word`, nor its owner where it is a possessive."""
    return word not in lexicon.known and word.removesuffix("'s") not in lexicon.known


def typo_candidates(text_tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[TypoCandidate]:
    """Every token of one book that may be a slip of another word, in order."""
    return _Search(text_tokens, lexicon).suspects()


@functools.lru_cache(maxsize=2)
def words_in_print(lexicon: Lexicon) -> NearWords:
    """What any book's words may be slips of: known words that are printed often enough."""
    often = {word for word, zipf in lexicon.zipf.items() if zipf >= LEAST_ZIPF}
    return NearWords(often & lexicon.known)


class _Search:
    """One book's tokens, with what is asked of a word again and again kept."""

    def __init__(self, text_tokens: Sequence[Token], lexicon: Lexicon) -> None:
        self._tokens, self._lexicon = text_tokens, lexicon
        self._usage = BigramModel(text_tokens, lexicon)
        self._forms = {token.printed: token.word for token in text_tokens}
        forms = self._forms.items()
        self._judged = {printed: word for printed, word in forms if _is_judged(printed, word)}
        self._near = self._slips_of(set(self._judged.values()))
        self._strange = {word for word in self._usage.counts if is_unknown(word, lexicon)}
        self._is_foreign = self._foreign()
        self._strangers = [0, *itertools.accumulate(self._is_foreign)]
        """How many words of dialect or another language the book has before each token."""

    def suspects(self) -> Iterator[TypoCandidate]:
        nearly = {printed for printed, word in self._judged.items() if self._near[word]}
        places = [at for at, token in enumerate(self._tokens) if token.printed in nearly]
        for at in places:
            known = self._tokens[at].word not in self._strange
            if not (known and self._usage.supported(at)):
                meant = self._likeliest(at, known)
                if meant is not None:
                    yield TypoCandidate(at, meant, known, self._features(at, meant, known))

    def _foreign(self) -> list[bool]:
        """By token whether no dictionary has a word that is no name, or letters are left out."""
        in_print = self._lexicon.printed
        small = {printed for printed in self._forms if printed.islower()}
        foreign = {
            printed
            for printed, word in self._forms.items()
            if printed in small and (word in self._strange or word not in in_print)
        }
        return [
            token.printed in foreign or (token.clipped and token.printed in small)
            for token in self._tokens
        ]

    def _likeliest(self, at: int, known: bool) -> str | None:
        """The likeliest word meant; instead of a known word only one that fits its place."""
        usage, word = self._usage, self._tokens[at].word
        near = self._near[word]
        if known:
            near = usage.fitting(at, near)
        return max(near, key=lambda other: (usage.likelihood(at, other), other), default=None)

    def _slips_of(self, words: set[str]) -> dict[str, tuple[str, ...]]:
        """By each of `words` what it may be a slip of: a word in print, or one of the book's."""
        in_print = words_in_print(self._lexicon)
        in_book = NearWords(self._words_of_book() - in_print.words)
        near, own = in_print.of_all(words), in_book.of_all(words)
        return {word: near[word] + own[word] for word in words}

    def _words_of_book(self) -> set[str]:
        """Every word that stands often enough in the book."""
        known = self._lexicon.known
        return {
            word
            for word, times in self._usage.counts.items()
            if times >= (WORDS_OF_THE_BOOK if word in known else NAMES_OF_THE_BOOK)
        }

    def _features(self, at: int, meant: str, known: bool) -> tuple[float, ...]:
        usage, token, zipf = self._usage, self._tokens[at], self._lexicon.zipf
        word, capital = token.word, token.printed[0].isupper()
        return (
            usage.likelihood(at, meant),
            usage.likelihood(at, word, own=1) if known else 0.0,
            0.0 if self._is_frequent_slip(word, meant) else math.log(usage.counts[word]),
            math.log(1 + usage.counts[meant]),
            max(0.0, zipf.get(word, 0.0) - max(0.0, zipf.get(meant, 0.0) - SLIPS_IN_PRINT)),
            zipf.get(meant, 0.0),
            float(min(len(word), _LONGEST)),
            float(self._strangers_near(at, NEARBY)),
            math.log(1 + self._strangers_near(at, AROUND)),
            float(capital and not token.opens),
            float(capital and token.opens),
            float(token.clipped),
            float("'" in word),
            float(_is_inflection(word, meant)),
            float(not known and is_derived(word, self._lexicon)),
            float(word[0] != meant[0]),
            *((0.0, 0.0) if known else self._oddness(word)),
        )

    def _is_frequent_slip(self, word: str, meant: str) -> bool:
        """Whether print has the same slip often (*recieve*): who makes it makes it again."""
        zipf = self._lexicon.zipf
        rarer = zipf.get(meant, 0.0) - zipf.get(word, 0.0)
        often = zipf.get(word, 0.0) >= FREQUENT_SLIP and rarer >= OVERSHADOWED
        return often and word in self._strange and len(word) >= _SHORTEST_FREQUENT

    def _oddness(self, word: str) -> tuple[float, float]:
        """How unlike English its oddest three letters are, and all on average."""
        likely = [self._lexicon.letters.get(three, _UNSEEN) for three in trigrams(word)]
        return -min(likely), -sum(likely) / len(likely)

    def _strangers_near(self, at: int, reach: int) -> int:
        """Words of dialect or another language around, the token itself left out."""
        sums = self._strangers
        near = sums[min(len(sums) - 1, at + reach + 1)] - sums[max(0, at - reach)]
        return near - self._is_foreign[at]


def is_derived(word: str, lexicon: Lexicon) -> bool:
    """Whether `word` is a known one with an ending or beginning that dictionaries leave out."""
    bases = [base.sub("", word) for base in (_ENDINGS, _BEGINNINGS)]
    if any(
        _SHORTEST_BASE <= len(base) < len(word) and _is_base(base, lexicon.printed)
        for base in bases
    ):
        return True
    verb = _OLD_VERB.sub("", word)
    return verb != word and _is_base(verb, lexicon.printed)


def _is_judged(printed: str, word: str) -> bool:
    """Capitals are headings, abbreviations and numerals; accents are other languages."""
    capitals = printed.isupper() and len(printed) > 1
    return not capitals and len(word) > 1 and _PLAIN.fullmatch(word) is not None


def _is_base(base: str, words: Container[str]) -> bool:
    undoubled = base[:-1] if base[-1:] == base[-2:-1] else base
    spellings = (base, f"{base}e", undoubled, base + base[-1:], re.sub("i$", "y", base))
    return any(spelling in words for spelling in spellings)


def _is_inflection(word: str, other: str) -> bool:
    """Whether two forms of one word are likely: *gleam* and *gleams*, *glance* and *glanced*."""
    short, long = sorted((word, other), key=len)
    if len(short) == len(long):
        return short[:-1] == long[:-1] and {short[-1], long[-1]} <= _INFLECTIONS
    return (
        long.startswith(short) and long.removeprefix(short) in _INFLECTIONS
    ) or long == f"{short}'s"
