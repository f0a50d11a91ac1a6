"""Whether a text reads as one of some language: its letters are those of one alphabet.

A guess of encodings by frequencies fails on short texts and on those of DOS and of old Macs; what
it reads then has letters that no language has together, or capitals within words.
"""

import itertools
import re
from collections import Counter

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LETTERS = """
äöüß àâæçéèêëîïôœùûüÿ áéíñóúüïç ãâáàçéêíóôõúü àèéìíîòóùú éèëïóöüê åäöéæøü áðéíóúýþæö
ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţșțéá čćđšž çğıöşüâîûi
āčēģīķļņšūž ąčęėįšųūž äõöüšž ċġħżàèò ëç ŵŷâêîôûï ĉĝĥĵŝŭ áéíóú
абвгґдеєжзиіїйклмнопрстуфхцчшщьюя абвгдеёжзійклмнопрстуўфхцчшыьэюя абвгдђежзијклљмнњопрстћуфхцчџш
абвгдѓежзѕијклљмнњопрстќуфхцчџш αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ אבגדהוזחטיךכלםמןנסעףפץצקרשת
ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگکیـ
"""
_ALPHABETS = tuple(map(frozenset, (_RUSSIAN, *_LETTERS.split())))
"""The letters beyond ASCII of one language, or of a few that share them."""
CANDIDATES = (
    *("cp1252", "mac_roman", "cp850", "cp437", "cp1250", "iso8859_2", "cp852", "mac_latin2"),
    *("cp1257", "iso8859_13", "cp775", "iso8859_4", "cp1254", "cp857", "iso8859_3"),
    *("cp1251", "koi8_u", "koi8_r", "mac_cyrillic", "cp866", "iso8859_5", "cp855"),
    *("cp1253", "iso8859_7", "cp737", "mac_greek", "cp1255", "iso8859_8", "cp862"),
    *("cp1256", "iso8859_6", "cp720"),
)
"""Encodings of one byte a letter, those of most files first."""
_HIGH = re.compile("[^\x00-\x7f]")
_SIGNS = frozenset("‘’“”„‚«»‹›–—…•·¿¡©®™°§£€ªº№\u00a0\u00ad\u200e\u200f،؛؟")
_SHARE = 0.99
"""Share of the letters beyond ASCII, 0 to 1, which the language's alphabet has."""
_FEWEST = 6
"""Letters beyond ASCII by which a text is judged."""
_MOST_BROKEN = 0.02
"""Breaks within words, for each character beyond ASCII."""
_MIXED = re.compile("[A-Za-z][\u0370-\u1fff]|[\u0370-\u1fff][A-Za-z]")
_WITHIN = re.compile("[^\\W\\d_][‚„†‡‰ˆ˜“”¤¦§¨±¶‹›«»¢¥µ°¬¿¡][^\\W\\d_]")
_MARKS = re.compile("[\u0591-\u05c7\u064b-\u0655\u0670]")


def reads_well(text: str) -> bool | None:
    """Whether the letters beyond ASCII are those of one language; None where they are too few."""
    high = Counter(_HIGH.findall(_MARKS.sub("", text)))
    letters = Counter[str]()
    for sign, count in high.items():
        if sign.isalpha():
            letters[sign.lower()[0]] += count
    total = letters.total()
    if _broken(text) > max(1, high.total() * _MOST_BROKEN):
        return False
    if total < _FEWEST:
        return None
    signs = sum(count for sign, count in high.items() if sign.isalpha() or sign in _SIGNS)
    fits = any(
        sum(count for letter, count in letters.items() if letter in alphabet) >= total * _SHARE
        for alphabet in _ALPHABETS
    )
    return fits and signs >= high.total() * _SHARE


def _broken(text: str) -> int:
    """Capitals beyond ASCII behind a small letter, two scripts or a foreign sign in one word."""
    return (
        len(_MIXED.findall(text))
        + len(_WITHIN.findall(text))
        + sum(
            before.islower() and after.isupper() and after > "\x7f"
            for before, after in itertools.pairwise(text)
        )
    )


def encoding_that_reads_well(data: bytes) -> str:
    """The first of `CANDIDATES` in which `data` reads as some language; empty where none is."""
    for encoding in CANDIDATES:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if reads_well(text):
            return encoding
    return ""
