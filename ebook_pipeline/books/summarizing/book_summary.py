"""A few sentences of a book that say what it is like, and never how it ends.

Without a model they are the book's own, verbatim, in its own language: the most telling one of each
fifth of its first three quarters. A model is shown passages of the same part alone, so it can't
tell what it has not read; each of its sentences names its passages, or is dropped.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from pydantic import Field

from ebook_pipeline.books.summarizing.aspects import WORD, sentences
from ebook_pipeline.books.summarizing.summary import CitedSentence
from ebook_pipeline.foundation.record import Record

_CHOSEN = "book-extractive"
VERSION = f"{_CHOSEN}-1"
READ_SHARE = 0.75
"""Share of the text's characters, from its beginning, that anything is taken from."""
FRONT_SHARE = 0.02
"""Share that title pages, contents and thanks take: nothing is taken from there."""
PARTS = 5
"""Of what is read: a sentence from each."""
PASSAGES = 8
"""Sentences of each part that a model is shown."""
FEWEST_WORDS = 2000
"""Words of a book below which its own sentences would be much of it."""
SHORTEST, LONGEST = 50, 220
"""Characters of a sentence."""
_COMMON = 60
"""The most frequent words of a book, which say nothing of it: its articles, pronouns, verbs."""
_BEGUN_COMMONLY = 0.6
"""What a sentence is worth that begins with one of these, as "He" or "But": it hangs on another."""
_ALIKE = 0.4
"""Share of common words, of both, from which two sentences say the same."""
_NOUNS_HAVE_CAPITALS = 0.16
"""Share of words with a capital above which a language gives one to each noun: measured .35 in a
German declaration of human rights, .06 to .09 in eight other languages', .10 in English novels."""
_NUMBER = re.compile(r"\d+")
_CUT = re.compile(r"\b[A-Z][a-z]{0,3}\.\s{0,9}$")
"""A title or initial at the end, as "Mrs." or "J.": the sentence goes on behind it."""
_APOSTROPHE = re.compile(r"(?<=\w)’(?=\w)")
_SPEECH = re.compile(r"[\"“”„«»‹›\[\]{}<>|*_=#\d]|^['‘’–—-]|--")


class TellingSentence(Record):
    """A sentence of the book as it stands there; `share`: how far into the book, from 0 to 1."""

    number: int
    text: str
    share: float


class BackedSentence(Record):
    """A sentence, and the places that it is from, as shares of the book."""

    text: str
    shares: tuple[float, ...] = Field(min_length=1)


class BookSummary(Record):
    """`machine`: nobody wrote or chose it; `made_by`: a version, a model, or the person's words.

    `read_share`: how much of the book was read for it.
    """

    sentences: tuple[BackedSentence, ...] = ()
    words: str = ""
    machine: bool = True
    made_by: str = VERSION
    read_share: float = READ_SHARE

    @property
    def is_quoted(self) -> bool:
        """Whether its sentences are the book's own, whatever version chose them."""
        return self.made_by.startswith(_CHOSEN)


def summarize_book(text: str) -> BookSummary | None:
    """Of the book's plain text; None where it is too short, or nothing in it can stand alone."""
    told = _chosen(passages(text, most=1))
    if not told:
        return None
    return BookSummary(
        sentences=tuple(BackedSentence(text=one.text, shares=(one.share,)) for one in told)
    )


def passages(text: str, most: int = PASSAGES) -> list[TellingSentence]:
    """The `most` telling sentences of each part of what may be read, in their order."""
    if len(WORD.findall(text)) < FEWEST_WORDS:
        return []
    start, end = round(FRONT_SHARE * len(text)), round(READ_SHARE * len(text))
    bounds = [start + (end - start) * number // PARTS for number in range(PARTS + 1)]
    counts = Counter(word.lower() for word in WORD.findall(text[start:end]))
    common = {word for word, _ in counts.most_common(_COMMON)}
    found: list[tuple[int, str]] = []
    for begin, stop in pairwise(bounds):
        best = _best(text[begin:stop], counts, common, most)
        found += [(begin + place, sentence) for place, sentence in sorted(best)]
    return [
        TellingSentence(number=number, text=sentence, share=round(place / len(text), 4))
        for number, (place, sentence) in enumerate(found, 1)
    ]


def backed(
    said: Iterable[CitedSentence], shown: Sequence[TellingSentence], text: str
) -> tuple[BackedSentence, ...]:
    """The sentences whose names and numbers stand in the passages of `text` that they cite."""
    by_number = {one.number: one for one in shown}
    read = WORD.findall(text[: round(READ_SHARE * len(text))])
    plain = {word for word in read if word[0].islower()}
    capitals = sum(word[0].isupper() for word in read) / (len(read) or 1)
    everywhere = {word.lower() for word in read} if capitals > _NOUNS_HAVE_CAPITALS else set()
    kept = []
    for sentence in said:
        cited = [by_number[number] for number in sentence.opinions]
        evidence = " ".join(one.text for one in cited)
        if _is_backed(sentence.text, evidence, plain, everywhere):
            shares = tuple(one.share for one in cited)
            kept.append(BackedSentence(text=sentence.text, shares=shares))
    return tuple(kept)


def _is_backed(sentence: str, evidence: str, plain: set[str], everywhere: set[str]) -> bool:
    """What can be checked without a model: nobody is named, and nothing counted, from nowhere.

    `plain`: words that the book writes small, with which a sentence may begin; `everywhere`: the
    book's words where all nouns have capitals, and a name can't be told from them.
    """
    words = WORD.findall(sentence)
    names = {word for word in words[1:] if word[0].isupper()}
    names |= {word for word in words[:1] if word.lower() not in plain}
    known = {word.lower() for word in WORD.findall(evidence)} | everywhere
    stems = {_stem(word) for word in names}
    counted = set(_NUMBER.findall(sentence)) <= set(_NUMBER.findall(evidence))
    return counted and stems <= known | {_stem(word) for word in known}


def _stem(word: str) -> str:
    """In small letters, without the sign of whose something is."""
    return re.sub(r"['’]?s?$", "", word.lower())


def _best(
    part: str, counts: Mapping[str, int], common: set[str], most: int
) -> list[tuple[int, str]]:
    """(where it begins, the sentence) of those that say most."""
    scored = []
    place = 0
    for paragraph in part.split("\n"):
        for sentence in sentences(paragraph):
            place = part.index(sentence, place)
            before = paragraph[: paragraph.index(sentence)]
            if _stands_alone(sentence) and not _CUT.search(before) and not _in_speech(before):
                scored.append((-_worth(sentence, counts, common), place, sentence))
    return [(place, sentence) for _, place, sentence in sorted(scored)[:most]]


def _stands_alone(sentence: str) -> bool:
    """A whole sentence of prose, and nobody's speech."""
    fits = SHORTEST <= len(sentence) <= LONGEST and sentence[0].isupper()
    whole = sentence[-1] in ".!?…。" and not _CUT.search(sentence)
    return fits and whole and not _SPEECH.search(sentence)


def _in_speech(before: str) -> bool:
    """Whether somebody speaks still after these words of the paragraph."""
    opened = sum(map(before.count, "“«„‘")) - sum(map(before.count, "”»’"))
    apostrophes = len(_APOSTROPHE.findall(before))
    return opened + apostrophes > 0 or before.count('"') % 2 == 1


def _worth(sentence: str, counts: Mapping[str, int], common: set[str]) -> float:
    """How much of what the book is about stands in it, for its length."""
    words = [word.lower() for word in WORD.findall(sentence)]
    telling = {word for word in words if word not in common and len(word) > 2}
    worth = sum(math.log1p(counts[word]) for word in telling if counts[word] > 1)
    begun = _BEGUN_COMMONLY if words and words[0] in common else 1.0
    return begun * worth / math.sqrt(len(words) or 1)


def _chosen(found: Sequence[TellingSentence]) -> list[TellingSentence]:
    """None that says what one before it says."""
    chosen: list[TellingSentence] = []
    for one in found:
        if not any(_are_alike(one.text, other.text) for other in chosen):
            chosen.append(one)
    return chosen


def _are_alike(one: str, other: str) -> bool:
    first, second = (frozenset(map(str.lower, WORD.findall(text))) for text in (one, other))
    return len(first & second) > _ALIKE * len(first | second)
