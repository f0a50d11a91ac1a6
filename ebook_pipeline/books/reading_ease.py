"""How easy a text reads, 0 (hard) to 100 (easy), by the formula of its language; none, no figure.

The figures of two languages are no measure of each other: each was fitted to readers of its own.
"""

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

SHORTEST_SENTENCE = 3
"""Words below which a sentence does not count: a heading, a cry would make any text easy."""
_LONG_WORD = 6
"""Letters above which LIX calls a word long."""


@dataclass
class _Measured:
    """What formulas are made of."""

    language: str
    sentences: int
    words: Counter[str]

    @property
    def words_of_sentence(self) -> float:
        return self.words.total() / self.sentences

    @property
    def syllables_of_word(self) -> float:
        heard = sum(syllables(word, self.language) * times for word, times in self.words.items())
        return heard / self.words.total()

    @property
    def letters(self) -> int:
        return sum(sum(map(str.isalnum, word)) * times for word, times in self.words.items())

    @property
    def long_words(self) -> int:
        longer = (times for word, times in self.words.items() if len(word) > _LONG_WORD)
        return sum(longer)


@dataclass(frozen=True)
class ReadingFormula:
    """A formula and where it was published."""

    name: str
    source: str
    ease: Callable[[_Measured], float]


def _flesch(base: float, of_sentence: float, of_word: float) -> Callable[[_Measured], float]:
    """Flesch's form, fitted anew: base − a · words of a sentence − b · syllables of a word."""

    def ease(text: _Measured) -> float:
        return base - of_sentence * text.words_of_sentence - of_word * text.syllables_of_word

    return ease


def _gulpease(text: _Measured) -> float:
    return 89 + (300 * text.sentences - 10 * text.letters) / text.words.total()


def _lix(text: _Measured) -> float:
    """LIX tells how hard a text is, about 20 to 60: turned over, so that 100 is easy here too."""
    return 100 - text.words_of_sentence - 100 * text.long_words / text.words.total()


_LIX = ReadingFormula(
    "100 - LIX", "C. H. Björnsson, Läsbarhet, Stockholm 1968; for Danish and Norwegian too", _lix
)
FORMULAS = {
    "en": ReadingFormula(
        "Flesch", "R. Flesch, A new readability yardstick, 1948, https://doi.org/10.1037/h0057532",
        _flesch(206.835, 1.015, 84.6),
    ),
    "de": ReadingFormula(
        "Amstad", "T. Amstad, Wie verständlich sind unsere Zeitungen?, Zürich 1978",
        _flesch(180, 1, 58.5),
    ),
    "fr": ReadingFormula(
        "Kandel-Moles",
        "L. Kandel and A. Moles, Application de l'indice de Flesch à la langue française, 1958",
        _flesch(207, 1.015, 73.6),
    ),
    "es": ReadingFormula(
        "Fernández Huerta",
        "J. Fernández Huerta, Medidas sencillas de lecturabilidad, Consigna 214, 1959; sentence"
        " length read as words of a sentence, as G. Law 2011 found it meant",
        _flesch(206.84, 1.02, 60),
    ),
    "it": ReadingFormula(
        "Gulpease", "P. Lucisano and M. E. Piemontese, GULPEASE, Scuola e città 3, 1988", _gulpease
    ),
    "nl": ReadingFormula(
        "Flesch-Douma", "W. H. Douma, De leesbaarheid van landbouwbladen, Wageningen 1960",
        _flesch(206.84, 0.93, 77),
    ),
    "pt": ReadingFormula(
        "Flesch-Martins", "T. Martins et al., Readability formulas applied to textbooks in"
        " Brazilian Portuguese, ICMSC-USP 1996",
        _flesch(248.835, 1.015, 84.6),
    ),
    "ru": ReadingFormula(
        "Flesch-Oborneva", "I. V. Oborneva, Автоматизированная оценка сложности учебных текстов,"
        " Moscow 2006",
        _flesch(206.835, 1.3, 60.1),
    ),
    **dict.fromkeys(("sv", "da", "no", "nb", "nn"), _LIX),
}  # fmt: skip
"""By primary tag. Polish has none here: Pisarek's counts words by their base forms."""


def reading_ease(sentences: Iterable[Sequence[str]], language: str) -> float | None:
    """The ease of sentences, each of words, in `language`; None where no formula is for it.

    None too where no sentence is long enough.
    """
    formula = FORMULAS.get(language)
    if formula is None:
        return None
    measured = _Measured(language, 0, Counter())
    for words in sentences:
        if len(words) >= SHORTEST_SENTENCE:
            measured.sentences += 1
            measured.words.update(words)
    return round(formula.ease(measured), 2) if measured.sentences else None


@functools.lru_cache(maxsize=200_000)
def syllables(word: str, language: str = "en") -> int:
    """Syllables of a word by the vowels that are written, at least 1."""
    plain = word.lower().replace("’", "").replace("'", "")
    silent = _SILENT.get(language)
    groups = len(_NUCLEI.get(language, _GROUPS).findall(plain))
    return max(1, groups - bool(silent is not None and silent.search(plain)))


_GROUPS = re.compile(r"[aeiouyàâäèéêëîïôöùûüœæ]+")
_STRONG = "aeoáéóàèòâêôãõíú"
_WEAK = f"(?<![{_STRONG}])[iuüy]++(?![{_STRONG}])"
_NUCLEI = {
    "de": re.compile(r"(?<!q)(?:äu|au|e[iuy]|a[iy]|ie|aa|ee|oo|[aeiouyäöüé])"),
    "nl": re.compile(
        r"(?<!q)(?:aai|ooi|oei|[ei]euw?|aa|ee|oo|uu|ie|ij|[eu]i|[oa]u|oe|eu|[aeiouyëïöüé])"
    ),
    "fr": re.compile(r"é(?=[aiouâôî])|[aeiouyàâæèéêëîïôœùûü]+?(?<=é)|[aeiouyàâæèêëîïôœùûü]+"),
    "es": re.compile(f"[{_STRONG}]|{_WEAK}"),
    "pt": re.compile(f"ão|õe|ãe|[{_STRONG}]|{_WEAK}"),
    "ru": re.compile(r"[аеёиоуыэюя]"),
}
"""What a syllable is sounded by; where none is given, a group of vowels."""
_SILENT = {
    "en": re.compile(r"(?<=[^aeiouyl])es?$|(?<=[aeiouy]l)es?$|(?<=[^aeioutdy])ed$"),
    "fr": re.compile(r"(?<=[^aeiouyàâæèéêëîïôœùûü])es?$|(?<=[iu]r)ent$|(?<=èr)ent$"),
}
"""Endings that are written and not heard."""
