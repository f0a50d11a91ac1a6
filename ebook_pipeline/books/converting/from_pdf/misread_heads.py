"""Running heads and page numbers of scans, which a machine read with an error in them.

Thresholds: see the package.
"""

import difflib
import re

_LIKENESS = 0.8
"""Of two texts, 0 to 1 (difflib): of 12 letters two are read wrongly, or four are missing."""
_SHORTEST, _LONGEST = 5, 80
"""Letters of a head that is told by its likeness, and of a row that may be one."""
_FEWEST_BESIDE = 8
"""Letters of a head that is told by how a row begins or ends."""
_LONGEST_NUMBER = 5
"""Digits."""
_COUNTING = re.compile(
    r"[ivxlcdm]+|one|two|three|four|five|six|seven|eight|nine|ten|first|second|third"
)
"""Words by which titles of chapters differ: no machine read one of them for another."""
AROUND_NUMBERS = " -–—[]()|·•.,"
"""What stands around a page's number."""
_DIGITS = str.maketrans("OoQDlIi|!zZASs$bGTBgq", "000011111224555667899")
"""Letters that digits are read for."""


def is_misread(text: str, head: str) -> bool:
    """Whether `text` may be `head` with a few letters read wrongly, or with specks read beside it.

    Both in lower case. Only heads that name no number: titles of chapters differ by it.
    """
    own, other = _letters(text), _letters(head)
    if not (len(other) >= _SHORTEST and len(own) <= _LONGEST):
        return False
    if any(_COUNTING.fullmatch(word) for word in {*head.split()} ^ {*text.split()}):
        return False
    ends = (own[: len(other)], own[-len(other) :]) if len(other) >= _FEWEST_BESIDE else ()
    return any(_alike(part, other) for part in dict.fromkeys((own, *ends)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _alike(text: str, other: str) -> bool:
    compared = difflib.SequenceMatcher(None, text, other, autojunk=False)
    quick = compared.real_quick_ratio() >= _LIKENESS and compared.quick_ratio() >= _LIKENESS
    return quick and compared.ratio() >= _LIKENESS


def may_be_number(text: str, number: int) -> bool:
    """Whether `text` is `number` with at most one digit that was read wrongly, or is missing."""
    bare = text.strip(AROUND_NUMBERS).replace(" ", "").translate(_DIGITS)
    printed = str(number)
    if not (0 < len(bare) <= _LONGEST_NUMBER and number > 0):
        return False
    compared = difflib.SequenceMatcher(None, bare, printed, autojunk=False)
    alike = sum(block.size for block in compared.get_matching_blocks())
    return alike > 0 and max(len(bare), len(printed)) - alike <= 1
