"""Text as words that can be compared, whatever its typography.

Case, ligatures, soft hyphens, presentation forms, quotation marks and dashes make no difference
(Unicode Normalization Form KC, https://www.unicode.org/reports/tr15/). Where a script has no spaces
(Chinese, Japanese) each character is a word; symbols (©, €, ∑) are words, ornaments are none.
"""

import functools
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ebook_pipeline.books.converting.text_comparison.source_text import Passage

_CJK = (
    "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_SYMBOLS = (
    "\u00a3-\u00a7\u00a9\u00ae\u00b0\u00b1\u20a0-\u20cf\u2100-\u218f\u2200-\u22ff\u2300-\u2307\u230c-\u2328\u232b-\u23ff"
    "\u27c0-\u27e5\u2980-\u2aff\U0001f000-\U0001f7ff\U0001f900-\U0001faff"
)
_BETWEEN = (
    "\\s!-/:-@\\[-`{-~\u0080-\u00a2\u00a8\u00ab-\u00ad\u00af\u00b4\u00b6-\u00b9\u00bb\u00bf"
    "\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u060d\u061b"
    "\u061e\u061f\u066a-\u066d\u06d4\u0700-\u070d\u0964\u0965\u0970\u0df4\u0e4f\u0e5a\u0e5b\u0f04-\u0f14"
    "\u104a-\u104f\u10fb\u1360-\u1368\u166e\u16eb-\u16ed\u17d4-\u17d6\u17d8-\u17da\u1800-\u180a"
    "\u2000-\u206f\u2190-\u21ff\u2308-\u230b\u2329\u232a\u2400-\u27bf\u27e6-\u297f"
    "\U0001f800-\U0001f8ff\u2b00-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3007-\u3020\u3030"
    "\u303d\u30a0\u30fb\ufd3e\ufd3f\ufe00-\ufe1f\ufe30-\ufe6f\ufeff\uff01-\uff0f\uff1a-\uff20"
    "\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff"
)
_WORD = re.compile(f"[{_CJK}]|[^{_BETWEEN}{_CJK}{_SYMBOLS}]+|[{_SYMBOLS}]")
_SYMBOL = re.compile(f"[{_SYMBOLS}]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Characters that only tell a program how to set those beside them."""


def plain(text: str) -> str:
    """`text` as it is compared, its case kept."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text))


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of plain text stand; a line of nothing but symbols is an ornament."""
    if all(_SYMBOL.match(text, match.start()) for match in _WORD.finditer(text)):
        return iter(())
    return (match.span() for match in _WORD.finditer(text))


def words_of(text: str) -> Iterator[str]:
    """The same words one by one: a text of one passage is not held a second time."""
    if all(_SYMBOL.match(text, match.start()) for match in _WORD.finditer(text)):
        return iter(())
    return (match[0] for match in _WORD.finditer(text))


class Vocabulary(dict[str, int]):
    """Numbers for words, the same for both texts; a word that is new gets one when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}
        self.words: list[str] = []

    def __missing__(self, word: str) -> int:
        folded = word.casefold()
        number = self[word] = self._numbers.setdefault(folded, len(self.words))
        if number == len(self.words):
            self.words.append(folded)
        return number


class WordSequence:
    """The words of passages as numbers of a vocabulary; each finds its passage again."""

    def __init__(self, passages: Iterable[Passage], vocabulary: Vocabulary) -> None:
        self.passages = tuple(passages)
        self.numbers: array[int] = array("I")
        self._starts = [0]
        for passage in self.passages:
            self.numbers.extend(map(vocabulary.__getitem__, words_of(plain(passage.text))))
            self._starts.append(len(self.numbers))
        self._spans = functools.lru_cache(maxsize=1)(self._plain_spans)

    def __len__(self) -> int:
        return len(self.numbers)

    def passage_of(self, index: int) -> int:
        """The number of the passage that holds word `index`."""
        return bisect_right(self._starts, index) - 1

    def passage_numbers(self, index: int) -> "array[int]":
        """All words of the passage that holds word `index`."""
        number = self.passage_of(index)
        return self.numbers[self._starts[number] : self._starts[number + 1]]

    def begins_passage(self, index: int) -> bool:
        """Whether word `index` is the first of its passage."""
        return index == self._starts[self.passage_of(index)]

    def ends_passage(self, end: int) -> bool:
        """Whether the word before `end` is the last of its passage."""
        return end == self._starts[self.passage_of(end - 1) + 1]

    def has_whole_passages(self, numbers: "array[int]") -> bool:
        """Whether passages that follow each other say just these words."""
        place = self.numbers.tobytes().find(numbers.tobytes())
        start, odd = divmod(place, self.numbers.itemsize)
        return (
            place >= 0
            and not odd
            and self.begins_passage(start)
            and self.ends_passage(start + len(numbers))
        )

    def place(self, index: int) -> str:
        return self.passages[self.passage_of(index)].place

    def split(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The words from `start` to `end` in pieces that lie in one passage each."""
        while start < end:
            border = min(end, self._starts[self.passage_of(start) + 1])
            yield start, border
            start = border

    def shown(self, start: int, end: int) -> str:
        """The words from `start` to `end` as the passage of the first has them."""
        number = self.passage_of(start)
        text, spans = self._spans(number)
        first = start - self._starts[number]
        last = min(end, self._starts[number + 1]) - self._starts[number] - 1
        return " ".join(text[spans[first][0] : spans[last][1]].split())

    def _plain_spans(self, number: int) -> tuple[str, list[tuple[int, int]]]:
        text = plain(self.passages[number].text)
        return text, list(word_spans(text))
