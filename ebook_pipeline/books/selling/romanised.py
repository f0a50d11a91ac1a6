"""Names in Latin letters, as people type what they can't write: Tolstoy and Tolstoi, Sōseki.

Cyrillic, Greek, kana, Hangul and Chinese characters by anyascii's tables, with the other usual
spellings beside. What has no vowels (Arabic, Hebrew) or other readings (Japanese names in
characters) can't be told from its letters: there the file's own reading or second form is taken.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator

from ebook_pipeline.books.selling.scripts import folded

_SCRIPTS = ("CYRILLIC", "GREEK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA")
_FIRST = "\u0370"
"""No letter of these scripts comes before it."""
_HAN, _HANGUL = "CJK", "HANGUL"
_FAMILIES = {
    "김": "kim", "이": "lee yi", "박": "park", "최": "choi", "정": "jung chung", "강": "kang",
    "조": "cho", "윤": "yoon", "임": "lim", "신": "shin", "오": "oh", "권": "kwon", "안": "ahn",
    "구": "koo", "우": "woo", "노": "roh noh", "유": "yoo", "백": "paik",
}  # fmt: skip
"""Korean family names that are seldom spelt by the rules."""
_SCIENTIFIC = str.maketrans(
    {
        "й": "j", "ю": "ju", "я": "ja", "х": "ch", "ц": "c", "ч": "c", "ш": "s", "щ": "sc",
        "ж": "z", "ъ": None, "ь": None,
    }
)  # fmt: skip
"""ISO/R 9 without its signs: *Čechov* is typed *Cechov*."""
_LIBRARY = str.maketrans({"й": "i", "ю": "iu", "я": "ia", "ё": "e", "ъ": None, "ь": None})
"""Of the Library of Congress, without its ligatures: *Tolstoi*, *Iurii*."""
_ENDING = re.compile(r"(?:iy|yy|yi)\b")
_LONG = re.compile(r"(?<=o)[uo]|(?<=u)u")
_KANA = re.compile("[\u3041-\u30fa]")
_SMALL_Y, _SMALL_VOWELS, _DOUBLING = "ャュョゃゅょ", "ァィゥェォぁぃぅぇぉ", "ッっ"


def romanised(text: str, language: str = "") -> tuple[str, ...]:
    """The spellings of `text` in Latin letters, none where it has no letters that can be told.

    Characters are read as Chinese ones unless the book's `language` is Japanese.
    """
    kept = "".join(sign if _is_told(sign, language) else " " for sign in text)
    if not any(letter.isalpha() for letter in kept):
        return ()
    plain = _ascii(kept)
    spellings = dict.fromkeys((plain, _ENDING.sub("y", plain)))
    if _of(kept, "CYRILLIC"):
        composed = unicodedata.normalize("NFC", kept).lower()
        spellings |= dict.fromkeys(_ascii(composed.translate(t)) for t in (_SCIENTIFIC, _LIBRARY))
    elif _of(kept, "GREEK"):
        spellings |= dict.fromkeys(_greek(kept))
    elif _KANA.search(unicodedata.normalize("NFC", kept)):
        spellings |= dict.fromkeys((_LONG.sub("", plain),))
    return tuple(" ".join(spelling.split()) for spelling in spellings)


def _greek(text: str) -> tuple[str, ...]:
    """As it sounds: ``ευ`` is *ev* or *ef*, ``ου`` *ou*, ``μπ`` *b*."""
    plain = folded(text)
    for letters, sound in (("ευ", "ev"), ("αυ", "av"), ("ου", "ou"), ("μπ", "b"), ("χ", "ch")):
        plain = plain.replace(letters, sound)
    return _ascii(plain), _ascii(plain.replace("ch", "h").replace("υ", "i"))


def _ascii(text: str) -> str:
    """In small letters; a Chinese or Korean name is written together and its family name apart."""
    words = []
    for word in text.split():
        syllables = list(_kana(word)) if _KANA.search(word) else [_table(sign) for sign in word]
        words.append("".join(syllables).lower())
        if len(word) > 1 and (_of(word, _HAN) or _of(word, _HANGUL)):
            words += [syllables[0].lower(), "".join(syllables[1:]).lower()]
            words += [syllable.lower() for syllable in syllables[1:]]
            words += _FAMILIES.get(word[0], "").split()
    return " ".join("".join(letter for letter in word if letter.isalnum()) for word in words)


def _kana(word: str) -> Iterator[str]:
    """Hepburn's spelling: ``シェ`` is *she*, ``ジョ`` *jo*, ``ッタ`` *tta*; length is left out."""
    made: list[str] = []
    doubled = False
    for sign in unicodedata.normalize("NFC", word):
        sound = _table(sign)
        if made and sign in _SMALL_Y + _SMALL_VOWELS:
            before = made.pop()[:-1]
            soft = sign in _SMALL_VOWELS or before in ("sh", "ch", "j")
            sound = before + (sound[-1] if soft else sound)
        if doubled:
            sound = sound[:1] + sound
        doubled = sign in _DOUBLING
        made.append("" if doubled or sign == "ー" else sound)
    yield from made


@functools.cache
def _table(sign: str) -> str:
    from anyascii import anyascii

    made: str = anyascii(sign)
    return made


def _is_told(sign: str, language: str) -> bool:
    if sign < _FIRST or not sign.isalpha():
        return False
    script = unicodedata.name(sign, "").partition(" ")[0]
    if script == _HAN:
        return not language.startswith("ja")
    return script in _SCRIPTS


def _of(text: str, script: str) -> bool:
    return any(unicodedata.name(sign, "").startswith(script) for sign in text)
