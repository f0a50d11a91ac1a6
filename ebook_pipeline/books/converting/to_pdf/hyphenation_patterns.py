"""Where the words of a language may break: Liang's patterns, from the dictionaries of pyphen.

Each is taken apart when a word has it: of English's fourteen thousand a book uses some hundreds,
and taking all apart took longer than breaking its words. F. M. Liang, Word hy-phen-a-tion by
com-put-er, Stanford 1983; the dictionaries are LibreOffice's, whose form is told at
https://github.com/hunspell/hyphen/blob/master/README.hyphen
"""

import functools
import re
from pathlib import Path
from typing import NamedTuple

_ENCODINGS = {"microsoft-cp1251": "cp1251"}
_HEX = re.compile(r"\^{2}([0-9a-f]{2})")
_DIGIT = re.compile(r"\d")
_LEVEL = re.compile(r"[1-9]")
_LEVELS = re.compile(r"(\d?)\D?")
_NO_PATTERNS = (
    "%", "#", "LEFTHYPHENMIN", "RIGHTHYPHENMIN", "COMPOUNDLEFTHYPHENMIN", "COMPOUNDRIGHTHYPHENMIN",
)  # fmt: skip


class _Pattern(NamedTuple):
    """How much speaks for a break (odd) or against one (even) before each letter and at the end.

    `respells`: the word is written otherwise where it breaks.
    """

    levels: tuple[int, ...]
    respells: bool


@functools.cache
def patterns_of(language: str) -> "HyphenationPatterns | None":
    """Those of a BCP 47 tag, or of what it is a kind of; None where there is no dictionary."""
    import pyphen

    name = pyphen.language_fallback(language)
    return None if name is None else HyphenationPatterns(pyphen.LANGUAGES[name])


class HyphenationPatterns:
    """The patterns of one dictionary by their letters, as they are written until one is met.

    Breaks at which a word is respelt (Hungarian *asszony*, *asz-szony*) are none: a soft hyphen
    would respell it in the middle of a line too.
    """

    def __init__(self, dictionary: Path) -> None:
        with dictionary.open("rb") as file:
            encoding = file.readline().decode().strip().lower()
        text = dictionary.read_text(_ENCODINGS.get(encoding, encoding))
        text = _HEX.sub(lambda match: chr(int(match[1], 16)), text.partition("\n")[2])
        self._written = {
            _DIGIT.sub("", _unrespelt(line)): line
            for line in map(str.strip, text.split("\n"))
            if _LEVEL.search(line) and not line.startswith(_NO_PATTERNS)
        }
        self._begun = {letters[:end] for letters in self._written for end in range(1, len(letters))}
        self._read: dict[str, _Pattern] = {}

    def with_hyphens(self, word: str, hyphen: str, least: tuple[int, int]) -> str:
        """`word` with `hyphen` at each break; `least` letters stand before the first, behind it."""
        before, behind = least
        places = [at for at in self._breaks(word) if before <= at <= len(word) - behind]
        parts = zip([0, *places], [*places, len(word)], strict=True)
        return hyphen.join(word[start:end] for start, end in parts)

    def _breaks(self, word: str) -> list[int]:
        """Numbers of letters before which `word` may be broken, ascending."""
        dotted, written, begun = f".{word.lower()}.", self._written, self._begun
        size = len(dotted)
        highest, respelt = [0] * (size + 1), [False] * (size + 1)
        for start in range(size - 1):
            for end in range(start + 1, size + 1):
                letters = dotted[start:end]
                if letters in written:
                    levels, respells = self._pattern(letters)
                    for place, level in zip(range(start, size + 1), levels, strict=False):
                        if level and level >= highest[place]:
                            highest[place] = level
                            respelt[place] = respells and level % 2 == 1
                if letters not in begun:
                    break
        if size != len(word) + 2:  # of another length in small letters
            return []
        return [at - 1 for at, level in enumerate(highest) if level % 2 and not respelt[at]]

    def _pattern(self, letters: str) -> _Pattern:
        if letters not in self._read:
            written = self._written[letters]
            plain = _unrespelt(written)
            levels = (int(digit or 0) for digit in _LEVELS.findall(plain))
            self._read[letters] = _Pattern(tuple(levels), respells=plain != written)
        return self._read[letters]


def _unrespelt(pattern: str) -> str:
    """Without how the word is spelt where it breaks: *s1sz/sz=sz,1,3*."""
    plain, _, respelling = pattern.partition("/")
    return plain if "=" in respelling else pattern
