"""Latin letters that keyboards lack, as people type them: Müller is Mueller, Łódź is Lodz.

Accents alone are nobody's concern here: `scripts.folded` takes them off.
"""

import re
import unicodedata

from ebook_pipeline.books.selling.scripts import folded

_AS_TWO = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe",
    "þ": "th", "ð": "d", "đ": "d", "ł": "l", "ı": "i", "ħ": "h", "ŋ": "ng", "ə": "e",
}  # fmt: skip
"""German, Danish and Norwegian by their own rules, others as passports have them (ICAO 9303)."""
_AS_ONE = _AS_TWO | {"ä": "a", "ö": "o", "ü": "u", "å": "a", "ø": "o"}
_TABLES = (str.maketrans(_AS_TWO), str.maketrans(_AS_ONE))
LETTERS = "".join(_AS_TWO)
_WORD = re.compile(r"\w+")


def spelt_out(text: str) -> tuple[str, ...]:
    """Both spellings of each word of `text` that has such letters, without those that it has."""
    small = unicodedata.normalize("NFC", text).lower()
    words = [word for word in _WORD.findall(small) if not _AS_TWO.keys().isdisjoint(word)]
    spellings = (folded(word.translate(table)) for word in words for table in _TABLES)
    return tuple(sorted(set(spellings) - set(map(folded, words))))


def query_spelt_out(query: str) -> tuple[str, ...]:
    """Other ways to type `query`, where it has such letters."""
    small = unicodedata.normalize("NFC", query).lower()
    spellings = dict.fromkeys(folded(small.translate(table)) for table in _TABLES)
    return tuple(spelling for spelling in spellings if spelling != folded(query))
