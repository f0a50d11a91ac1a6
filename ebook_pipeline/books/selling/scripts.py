"""Words as they are looked for in their script: letters folded, runs without spaces cut in pairs.

The catalogue's index and people's queries go through the same functions, so that either may be
written with or without points, harakat, accents, or a keyboard's other form of a letter.
"""

import re
import unicodedata
from collections.abc import Iterable

from ebook_pipeline.books.language_tags import primary_tag

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han: their words are not parted by spaces."""
_PAIRED = f"{UNSPACED}\uac00-\ud7af"
"""And Hangul: Korean words are parted, but end in particles and are written together at will."""
_RUN = re.compile(f"[{_PAIRED}]+")
_PARTING = re.compile(rf"(?<=[{_PAIRED}])[\s\u00b7\u30fb\uff1d]+(?=[{_PAIRED}])")
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u093c\u09bc\u0e47-\u0e4e\u200c\u200d\u00ad]"
)
"""Accents, Hebrew points, Arabic vowels and tatweel, nuktas, Thai tone marks, joiners."""
_NASAL = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])")
_LETTERS = str.maketrans(
    {
        "\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06a9": "\u0643",
        "\u0671": "\u0627", "\u0624": "\u0648", "\u0626": "\u064a",
        "\u03c2": "\u03c3", "\u0901": "\u0902",
        "\u05be": " ", "\u05f3": None, "\u05f4": None,
    }
)  # fmt: skip
"""Forms of one letter: Arabic yeh, teh marbuta, kaf, alef; final sigma; chandrabindu."""
_TYPED = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2010": "-"})
"""Apostrophes and the hyphen as keyboards have them."""
_CONFIGURATIONS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "es": "spanish",
    "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
"""Postgres' own, by primary tag: https://www.postgresql.org/docs/current/textsearch-psql.html."""
_IN_SCRIPT = {"ARABIC": "arabic", "CYRILLIC": "russian", "DEVANAGARI": "hindi", "GREEK": "greek"}
IN_LATIN = tuple(
    sorted(
        {
            name
            for tag, name in _CONFIGURATIONS.items()
            if name not in _IN_SCRIPT.values() and tag != "sr"
        }
    )
)
"""The configurations of languages in Latin letters; English words are looked for as they are."""


_DIGITS = {zero + value: str(value) for zero in (0x660, 0x6F0, 0x966, 0xE50) for value in range(10)}
"""Arabic, Persian, Devanagari and Thai ones as 0 to 9."""


def folded(text: str) -> str:
    """`text` in small letters without marks, one form for each letter."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text).lower())
    return _NASAL.sub("\u0902", unicodedata.normalize("NFC", bare).translate(_LETTERS)).translate(
        _DIGITS
    )


def paired(text: str) -> str:
    """The folded `text` with its runs without spaces as pairs: ``吾輩は`` is ``吾輩 輩は``."""
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", _without_marks(folded(text)))


def otherwise_parted(text: str) -> tuple[str, ...]:
    """`text` as it is typed too: runs without spaces and dots, a joiner of Persian as a space."""
    ways = dict.fromkeys((_PARTING.sub("", text), text.replace("\u200c", " ")))
    return tuple(way for way in ways if way != text)


def signs(text: str) -> str:
    """The different signs of the runs without spaces, each a word: one may be looked for alone."""
    return " ".join(sorted({sign for run in _RUN.findall(folded(text)) for sign in run}))


def asked(query: str) -> str:
    """A query in websearch syntax as `paired` writes texts: a run becomes a phrase of pairs."""
    plain = folded(query)
    parts = _without_marks(plain).split('"')
    for at, part in enumerate(parts):
        quoted = at % 2 == 1

        def run_as_words(run: re.Match[str], quoted: bool = quoted) -> str:
            pairs = " ".join(_pairs(run[0]))
            return f" {pairs} " if quoted or " " not in pairs else f'"{pairs}" '

        parts[at] = _RUN.sub(run_as_words, part)
    return '"'.join(parts)


def has_other_letters(text: str) -> bool:
    """Whether `text` has letters that are not Latin."""
    return any(_is_foreign(letter) for letter in set(text))


def configuration(languages: Iterable[str]) -> str:
    """Postgres' configuration for a book's `languages` (BCP 47): the first's, else ``simple``."""
    first = primary_tag(next(iter(languages), ""))
    return _CONFIGURATIONS.get(first, "simple")


def configurations(query: str) -> tuple[str, ...]:
    """Those that know words in the letters of `query`, other than Latin ones."""
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in set(query)}
    return tuple(sorted(_IN_SCRIPT[script] for script in scripts & _IN_SCRIPT.keys()))


def stemmable(text: str) -> str:
    """`text` as a stemmer takes it: Cyrillic keeps its й, all else is folded."""
    if "CYRILLIC" in " ".join(unicodedata.name(letter, "") for letter in set(text)):
        small = unicodedata.normalize("NFC", text).lower()
        return _without_marks(small.replace("\u0451", "\u0435").replace("\u0301", ""))
    return _without_marks(folded(text))


def _without_marks(text: str) -> str:
    """Marks as spaces, but for those that queries have: as the database's ``folded`` does."""
    text = text.translate(_TYPED)
    other = {sign for sign in set(text) if not sign.isascii()}
    return text.translate(
        {ord(sign): " " for sign in other if unicodedata.category(sign)[0] in "PS"}
    )


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _is_foreign(letter: str) -> bool:
    return letter.isalpha() and not unicodedata.name(letter, "LATIN").startswith("LATIN")
