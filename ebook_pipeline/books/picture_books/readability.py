"""How hard a text is to read, and whether that is within its age group.

English: the revised Spache formula (1974) up to fourth grade, the new Dale-Chall formula (Chall and
Dale 1995) as it is commonly given, from there on; both over the word lists in `word_lists` (MIT).
German: mean words of a sentence and words beyond everyday speech (`german_words`), as there is
neither a formula nor a free list for children. All: words on a page.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ebook_pipeline.books.picture_books import german_words
from ebook_pipeline.books.picture_books.brief import AgeGroup, Language

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<![.!?…:])[.!?…:]++[”“\"’»«]*+(?:\s|$)")


class Readability(NamedTuple):
    """`grade` is Spache's or Dale-Chall's, None in German; shares are 0 to 1."""

    words: int
    words_of_sentence: float
    words_of_longest_page: int
    unfamiliar: float
    grade: float | None


class AgeGate(NamedTuple):
    """The most that an age group reads or listens to; a gate is read aloud up to 3-5.

    Shares of unfamiliar words are by other lists in English and German, so they differ.
    """

    words_of_sentence: float
    words_of_page: int
    unfamiliar: float
    unfamiliar_german: float
    grade: float


GATES = {
    AgeGroup.BABIES: AgeGate(6, 12, 0.30, 0.14, 2.5),
    AgeGroup.PRESCHOOL: AgeGate(10, 45, 0.22, 0.13, 3.0),
    AgeGroup.EARLY_READERS: AgeGate(13, 80, 0.20, 0.11, 3.6),
    AgeGroup.MIDDLE: AgeGate(17, 130, 0.20, 0.11, 5.5),
}
"""Sentences and pages: the counts of commonly given guidelines for picture books, not measured.
German words: below a novel for adults, 15 % (benchmarks/picture_books.py)."""


def readability(
    pages: Sequence[Sequence[str]], language: Language, names: frozenset[str] = frozenset()
) -> Readability:
    """Measures of a book's pages, each of paragraphs; `names` count as familiar."""
    texts = [" ".join(page) for page in pages]
    words = [word.lower() for text in texts for word in _WORD.findall(text)]
    sentences = sum(max(1, len(_SENTENCE.findall(text))) for text in texts if text)
    per_sentence = len(words) / max(1, sentences)
    known, different = {name.lower() for name in names}, set(words)
    strange = {word for word in different if not _familiar(word, language, known)}
    uses = sum(word in strange for word in words)
    share = uses / max(1, len(words))
    grade = None
    if language == "en":
        unique = len(strange) / max(1, len(different))
        grade = round(spache(per_sentence, min(share, unique)), 2)
        if grade > 4:
            grade = round(dale_chall(per_sentence, share), 2)
    longest = max((len(_WORD.findall(text)) for text in texts), default=0)
    return Readability(len(words), round(per_sentence, 2), longest, round(share, 3), grade)


def outside(measured: Readability, age: AgeGroup) -> list[str]:
    """In which respects the text is above its age group's gate."""
    gate = GATES[age]
    above = []
    if measured.words_of_sentence > gate.words_of_sentence:
        above.append(f"{measured.words_of_sentence} words a sentence, {gate.words_of_sentence} fit")
    if measured.words_of_longest_page > gate.words_of_page:
        above.append(f"{measured.words_of_longest_page} words on a page, {gate.words_of_page} fit")
    most = gate.unfamiliar if measured.grade is not None else gate.unfamiliar_german
    if measured.unfamiliar > most:
        above.append(f"{measured.unfamiliar:.0%} unfamiliar words, {most:.0%} fit")
    if measured.grade is not None and measured.grade > gate.grade:
        above.append(f"reads like grade {measured.grade}, {gate.grade} fits")
    return above


def spache(words_of_sentence: float, unfamiliar: float) -> float:
    """Grade level: 0.121 × sentence length + 0.082 × per cent unfamiliar words + 0.659."""
    return 0.121 * words_of_sentence + 0.082 * 100 * unfamiliar + 0.659


def dale_chall(words_of_sentence: float, difficult: float) -> float:
    """Raw score: 0.1579 × per cent difficult + 0.0496 × sentence length, + 3.6365 above 5 %."""
    score = 0.1579 * 100 * difficult + 0.0496 * words_of_sentence
    return score + 3.6365 if difficult > 0.05 else score


def _familiar(word: str, language: Language, names: set[str]) -> bool:
    """Of a word in lower case."""
    plain = word.replace("’", "'")
    if plain in names or plain.removesuffix("'s") in names:
        return True
    if language == "de":
        return plain.removesuffix("s") in names or german_words.familiar(plain)
    return any(form in _english_words() for form in _forms(plain))


def _forms(word: str) -> list[str]:
    """The word and what it may be an ending of: both lists count regular endings as familiar."""
    forms = [word, word.removesuffix("'s"), word.removesuffix("s"), word.removesuffix("es")]
    for ending in ("ed", "d", "ing", "er", "est", "ly", "n't", "'ll", "'t"):
        stem = word.removesuffix(ending)
        forms += [stem, stem + "e", stem[:-1]] if stem != word else []
    if word.endswith("ies") or word.endswith("ied"):
        forms.append(word[:-3] + "y")
    return forms


@cache
def _english_words() -> frozenset[str]:
    return _list("spache") | _list("dale_chall")


def _list(name: str) -> frozenset[str]:
    path = Path(__file__).parent / "word_lists" / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line.lower() for line in lines if not line.startswith("#"))
