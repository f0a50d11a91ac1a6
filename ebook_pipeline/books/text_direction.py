"""Which way a text runs: Unicode Standard Annex 9, https://www.unicode.org/reports/tr9/"""

import unicodedata
from collections import Counter
from collections.abc import Iterable

RIGHT_TO_LEFT = "rtl"
LEFT_TO_RIGHT = "ltr"
_STRONG = {"L": LEFT_TO_RIGHT, "R": RIGHT_TO_LEFT, "AL": RIGHT_TO_LEFT}
_MOST_READ = 100_000
"""Letters by which the direction of a book is told."""


def text_direction(texts: Iterable[str]) -> str:
    """``rtl`` or ``ltr``, as most letters of `texts` run; empty where there are none."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(
            direction
            for letter in text
            if (direction := _STRONG.get(unicodedata.bidirectional(letter)))
        )
        if counted.total() > _MOST_READ:
            break
    return counted.most_common(1)[0][0] if counted else ""
