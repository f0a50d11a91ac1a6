"""UTF-16 and UTF-32 without a byte order mark, told by their letters.

The Unicode Standard §2.6 and §3.10 (encoding schemes); editors of Windows call it “Unicode”.
"""

import unicodedata

_SAMPLE = 64 << 10
"""Bytes by which the form is told."""
_PLAUSIBLE = 0.98
"""Share of the characters, 0 to 1, that are letters, marks, figures, signs or white space."""
_SHORTEST = 4
"""Bytes of a text that is judged."""
_WHITE = frozenset("\t\n\r\f ")


def unmarked_unicode(data: bytes) -> str:
    """The codec of `data`, such as ``utf-16-le``; empty where it is in no such form.

    A text in one has zero bytes, in its line ends if nowhere else.
    """
    head = data[:_SAMPLE]
    if b"\0" not in head or len(head) < _SHORTEST:
        return ""
    for codec, width in (("utf-32", 4), ("utf-16", 2)):
        read = {
            f"{codec}-{order}": _read(head, f"{codec}-{order}", width) for order in ("le", "be")
        }
        fits = {name: text for name, text in read.items() if _is_plausible(text)}
        if fits:
            return min(fits, key=lambda name: _blocks(fits[name]))
    return ""


def _read(head: bytes, codec: str, width: int) -> str:
    cut_off = width if len(head) == _SAMPLE else 0  # may be half of a surrogate pair
    try:
        return head[: len(head) - len(head) % width - cut_off].decode(codec)
    except UnicodeDecodeError:
        return ""


def _is_plausible(text: str) -> bool:
    fine = sum(letter in _WHITE or unicodedata.category(letter)[0] in "LMNPSZ" for letter in text)
    return bool(text) and fine >= len(text) * _PLAUSIBLE and bool(_WHITE & set(text))


def _blocks(text: str) -> int:
    """How many rows of 256 characters it takes letters from: fewest in the right order."""
    return len({ord(letter) >> 8 for letter in text})
