"""Likely typos of English books: rare unknown words one slip away from a common word."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.quality.chapters import Chapter
from ebook_pipeline.books.quality.lexicon import Lexicon, load, neighbours
from ebook_pipeline.books.quality.part import Part, info, part, passage, quote

DIMENSION = "spelling"
WORST_RATE = 100.0
"""Likely typos per 10,000 words at which the score is 0."""
SEEN_AT_MOST = 2
SHORTEST = 4
NEARBY = 8
STRANGERS = 2
"""So many other unknown words among the nearest sixteen are foreign or dialect, no typos."""
_TOKEN = re.compile(r"(['’]?)\b([^\W\d_]+(?:['’][^\W\d_]+)*)(['’]?)")
_PLAIN = re.compile(r"[a-z]+")
_ENDINGS = re.compile(
    r"(?:(?<=ing)|(?<=er)|(?<=ness)|(?<=ment)|(?<=ist))s$|"
    r"(?:ly|ish|less|like|ward|wise|ful|ness|some|er|ing|ings|ed)$"
)
_OLD_VERB = re.compile(r"(?:e?th|e?st|(?<=[psxk])t)$")
_BEGINNINGS = re.compile(r"^(?:un|over|out|fore|re|mis|under|up|be|in|non|a)")


@dataclass(frozen=True)
class Typo:
    """A word as printed, the likeliest meant word, and how often it is seen."""

    word: str
    meant: str
    times: int


@dataclass(frozen=True)
class Spelling:
    """`words` seen, those in no word list, likely typos; no `language` where none was checked."""

    words: int = 0
    strange: int = 0
    typos: tuple[Typo, ...] = ()
    language: str = ""

    @property
    def per_10_000(self) -> float:
        """Likely typos per 10,000 words."""
        return round(1e4 * sum(typo.times for typo in self.typos) / max(1, self.words), 2)


def check(chapters: Sequence[Chapter], language: str, cache: Path | None) -> Part:
    """1 for a book without likely typos; 1 as well, and said so, where nothing was checked."""
    spelling = typos("\n".join(chapter.text for chapter in chapters), language, cache)
    if not spelling.language:
        said = f"not checked: only English is, this is {language or 'unknown'}"
        return part(DIMENSION, 1, {"checked": said})
    evidence: dict[str, float | int | str] = {
        "checked": spelling.language,
        "words": spelling.words,
        "likely_typos": sum(typo.times for typo in spelling.typos),
        "per_10000": spelling.per_10_000,
        "unknown_per_10000": round(1e4 * spelling.strange / max(1, spelling.words), 2),
    }
    value = 1 - spelling.per_10_000 / WORST_RATE
    return part(DIMENSION, value, evidence, _findings(chapters, spelling.typos))


def typos(text: str, language: str, cache: Path | None) -> Spelling:
    """The likely typos of `text`; only English is checked, other languages are left alone."""
    if language.split("-")[0].lower() != "en":
        return Spelling()
    lexicon = load(cache)
    tokens = list(_tokens(text))
    times = Counter(tokens)
    strange = {word for word in times if word and _is_strange(word, lexicon)}
    rare = {word for word in strange if times[word] <= SEEN_AT_MOST and _may_be_typo(word)}
    alone = _without_strangers(tokens, strange, rare)
    found = (
        Typo(word, meant, times[word])
        for word in sorted(alone)
        if (meant := _meant(word, lexicon)) is not None
    )
    unknown = sum(times[word] for word in strange)
    return Spelling(len(tokens), unknown, tuple(found), "en")


def _findings(chapters: Sequence[Chapter], found: Sequence[Typo]) -> Iterator[Finding]:
    """Each at its first place, in the order of the book."""
    meant = {typo.word: typo.meant for typo in found}
    for chapter in chapters:
        for match in _TOKEN.finditer(chapter.text) if meant else ():
            if match[2] in meant:
                message = f"“{match[2]}” may be a typo of “{meant.pop(match[2])}”: "
                context = quote(chapter.text, *match.span(2))
                words = passage(chapter.text, *match.span(2))
                yield info("spelling.likely-typo", message + context, chapter.place, passage=words)


def _tokens(text: str) -> Iterator[str]:
    """Words with straight apostrophes; names and elisions (*goin’*, *’em*) as empty ones."""
    for before, word, after in _TOKEN.findall(text):
        yield "" if before or after or not word.islower() else word.replace("’", "'")


def _is_strange(word: str, lexicon: Lexicon) -> bool:
    return word not in lexicon.known and word.removesuffix("'s") not in lexicon.known


def _may_be_typo(word: str) -> bool:
    return len(word) >= SHORTEST and _PLAIN.fullmatch(word) is not None


def _without_strangers(tokens: list[str], strange: set[str], rare: set[str]) -> set[str]:
    alone = set()
    for at, word in enumerate(tokens):
        if word in rare:
            near = tokens[max(0, at - NEARBY) : at + NEARBY + 1]
            if sum(other in strange for other in near if other != word) < STRANGERS:
                alone.add(word)
    return alone


def _meant(word: str, lexicon: Lexicon) -> str | None:
    """The commonest word one slip away; None for what is well formed from a known word."""
    if _is_derived(word, lexicon):
        return None
    near = [other for other in neighbours(word) if other in lexicon.common]
    return min(near, key=lexicon.common.__getitem__, default=None)


def _is_derived(word: str, lexicon: Lexicon) -> bool:
    """Whether `word` is a known one with an ending or beginning that dictionaries leave out."""
    bases = [base.sub("", word) for base in (_ENDINGS, _BEGINNINGS)]
    if any(SHORTEST <= len(base) < len(word) and _is_base(base, lexicon.known) for base in bases):
        return True
    verb = _OLD_VERB.sub("", word)
    return verb != word and _is_base(verb, lexicon.common)


def _is_base(base: str, words: Container[str]) -> bool:
    undoubled = base[:-1] if base[-1:] == base[-2:-1] else base
    spellings = (base, f"{base}e", undoubled, base + base[-1:], re.sub("i$", "y", base))
    return any(one in words for one in spellings)
