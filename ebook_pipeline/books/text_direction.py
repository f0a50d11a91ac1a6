"""Which way a text runs: Unicode Standard Annex 9, https://www.unicode.org/reports/tr9/"""

import unicodedata
from collections import Counter
from collections.abc import Iterable

RIGHT_TO_LEFT = "rtl"
LEFT_TO_RIGHT = "ltr"
_STRONG = {"L": LEFT_TO_RIGHT, "R": RIGHT_TO_LEFT, "AL": RIGHT_TO_LEFT}
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_MOST_READ = 100_000
"""Letters by which the direction of a book is told."""


def text_direction(texts: Iterable[str]) -> str:
    """``rtl`` or ``ltr``, as most letters of `texts` run; empty where there are none."""
    counted: Counter[str] = Counter()
    for text in texts:
        if text.isascii():
            letters = len(text.encode().translate(None, _NO_LETTERS))
            counted.update({LEFT_TO_RIGHT: letters} if letters else {})
        else:
            counted.update(_directions(text))
        if counted.total() > _MOST_READ:
            break
    return counted.most_common(1)[0][0] if counted else ""


def _directions(text: str) -> dict[str, int]:
    """How many letters of `text` run each way; each letter is looked up once."""
    found: dict[str, int] = {}
    for letter, times in Counter(text).items():
        if direction := _STRONG.get(unicodedata.bidirectional(letter)):
            found[direction] = found.get(direction, 0) + times
    return found
