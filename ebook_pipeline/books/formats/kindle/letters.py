"""How much bytes read as writing in a code page: what no orthography does, counted."""

import re
import unicodedata
from collections import Counter
from itertools import pairwise

from ebook_pipeline.books.formats.kindle.code_pages import code_page_of

SAMPLE = 1 << 17
"""Bytes of a text by which its encoding is judged."""
_BOTH_CASES = 60
"""Letters of a text in Greek or Cyrillic from which some, but not most, must be capitals."""
_HEARD = 4000
"""Characters by which a text's language is told."""
_FEWEST = 40
"""Characters of a text that tells its language."""
_SURE = 0.8
"""Probability of a language from which it decides between pages that read alike."""
_ALL_ACCENTS = 5
"""Letters of a word in Latin script that are not all accented in any language."""
_LEADS = {
    "cp932": frozenset((0x81, 0x82, 0x83, *range(0x88, 0x98))),
    "euc_jp": frozenset((0xA1, 0xA4, 0xA5, *range(0xB0, 0xD0))),
    "gb18030": frozenset((0xA1, 0xA3, *range(0xB0, 0xD8))),
    "big5hkscs": frozenset((0xA1, *range(0xA4, 0xC7))),
    "cp949": frozenset((0xA1, 0xA3, *range(0xB0, 0xC9))),
}
"""First bytes of the punctuation and of the characters that a double-byte page lists as common."""
_FULL_TRAIL = 0xA1
"""Second byte from which GB 2312 and KS X 1001 stand in their supersets."""
_SAME_SCRIPT = {"cp1251": ("koi8_r", "koi8_u", "cp866"), "cp932": ("euc_jp",)}
"""Other pages of the languages that Windows sets in one."""
_PLAIN = frozenset({"en", "id", "ms", "sw", "la"})
"""Languages that need no letters above ASCII: they tell nothing of a page."""
_TAG = re.compile(r"<[^<>]{0,2000}>|&#?\w{1,10};")
_WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+")
_SIGN_IN_WORD = re.compile(
    r"(?<=[^\W\d_])[¡-©«-´¶-¹»-¿×÷˘-˝](?=[^\W\d_])|(?<![\w.,;:!?\"”’»)])[²³¹](?=[^\W\d_])"
)
_SCRIPT = re.compile(
    r"([A-Za-z])|([\u0370-\u03ff])|([\u0400-\u052f])|([\u0590-\u05ff])|([\u0600-\u06ff])"
    r"|([\u0e00-\u0e7f])"
)
_LATE_SIGMA = re.compile(r"ς(?=[^\W\d_])")
_LOST_VOWEL = re.compile(
    r"[\u0e40-\u0e44](?![\u0e01-\u0e2e])|(?<![\u0e01-\u0e4e])[\u0e31-\u0e3a\u0e47-\u0e4e]"
)
_COMMON_SIGNS = frozenset("©®°™€£§•№℗→←↑↓■□●○★☆♥♪♦♣♠×÷±−≈≠≤≥∞√")


def oddity(text: bytes, encoding: str) -> float:
    """How little `text` reads as writing in `encoding`: odd per character above ASCII, from 0."""
    plain = text.decode(encoding, "replace")
    counts = Counter(letter for letter in plain if letter > "\x7f")
    if _lacks_a_case(counts):
        return 1.0
    odd = sum(number for letter, number in counts.items() if _is_odd(letter, encoding))
    odd += sum(len(found.findall(plain)) for found in (_SIGN_IN_WORD, _LATE_SIGMA, _LOST_VOWEL))
    odd += sum(_odd_letters(word) for word in _WORD.findall(plain) if not word.isascii())
    return odd / max(counts.total(), 1)


def page_of_text(text: bytes, encoding: str) -> str:
    """The page of the language in which `text` is when read as `encoding`; empty if it hides that.

    Some accents read wrongly do not hide a language.
    """
    plain = " ".join(_TAG.sub(" ", text.decode(encoding, "replace")).split())
    if len(plain) < _FEWEST:
        return ""
    from ebook_pipeline.books.language_detection import probable_language

    language, probability = probable_language(plain[:_HEARD])
    if language in _PLAIN or probability < _SURE:
        return ""
    page = code_page_of(language)
    if page == "gb18030" and encoding == "big5hkscs":
        return encoding
    return encoding if encoding in _SAME_SCRIPT.get(page, ()) else page


def _is_odd(letter: str, encoding: str) -> bool:
    kind = unicodedata.category(letter)
    if letter == "\ufffd" or kind in ("Cc", "Cn", "Co"):
        return True
    if encoding in _LEADS:
        return not _is_common(letter.encode(encoding), encoding)
    return kind in ("So", "Sm") and letter not in _COMMON_SIGNS


def _is_common(raw: bytes, encoding: str) -> bool:
    halved = encoding in ("gb18030", "cp949") and raw[-1] < _FULL_TRAIL
    return len(raw) == 2 and raw[0] in _LEADS[encoding] and not halved


def _odd_letters(word: str) -> int:
    """Letters above ASCII of a word that mixes scripts or cases, or is in accents alone."""
    accented = sum(letter > "\x7f" for letter in word)
    scripts = {match.lastindex for match in _SCRIPT.finditer(word)}
    latin = sum("\x7f" < letter < "\u0250" for letter in word)
    if len(scripts) > 1 or (len(word) >= _ALL_ACCENTS and latin == len(word)):
        return accented
    return sum(
        before.islower() and after.isupper() and not (before + after).isascii()
        for before, after in pairwise(word)
    )


def _lacks_a_case(counts: Counter[str]) -> bool:
    """A long text of Greek or Cyrillic without capitals, or mostly in them, was neither."""
    cased = {letter: number for letter, number in counts.items() if "\u0370" <= letter < "\u0530"}
    capitals = sum(number for letter, number in cased.items() if letter.isupper())
    total = sum(cased.values())
    return total >= _BOTH_CASES and not 0 < capitals < total / 2
