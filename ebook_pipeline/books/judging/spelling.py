"""Likely typos, and whether an English book keeps to British or to American spelling.

English goes by lists and weights of its own (`typo_candidates`), nine other languages by Hunspell's
dictionaries (`dictionary_spelling`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from ebook_pipeline.books.judging import dictionary_spelling, typo_candidates
from ebook_pipeline.books.judging.bigram_model import Token, tokens
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.dimension import (
    DimensionResult,
    dimension_result,
    info,
    passage,
    quote,
    unchecked,
)
from ebook_pipeline.books.judging.lexicon import Lexicon, load
from ebook_pipeline.books.judging.spelling_languages import (
    SpellingLanguage,
    checked_languages,
    spelling_language,
)
from ebook_pipeline.books.judging.word_list import word_list
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.findings import Finding

DIMENSION = "spelling"
WORST_RATE = 100.0
"""Likely typos per 10,000 words at which the score is 0."""
LEAST_ODDS = {False: 0.6, True: 0.9}
"""From these odds (natural logarithm) a word in no list, or a known one, is a likely typo."""
MIXED = 0.15
"""The share of the rarer spelling, of words that Britain and America spell in two ways."""
FEWEST_SPELT = 5
"""Fewer words in the rarer spelling are names and quotations."""
EXAMPLES = 5


@dataclass(frozen=True)
class Typo:
    """A word as printed at ``[start:end]``, and the likeliest word meant."""

    word: str
    meant: str
    start: int
    end: int


@dataclass(frozen=True)
class Spelling:
    """`words` seen, those in no word list, likely typos; no `language` where none was checked.

    `british` and `american`: words in the one spelling where the other is another, how often.
    """

    words: int = 0
    strange: int = 0
    typos: tuple[Typo, ...] = ()
    language: str = ""
    british: tuple[tuple[str, int], ...] = ()
    american: tuple[tuple[str, int], ...] = ()

    @property
    def per_10_000(self) -> float:
        """Likely typos per 10,000 words."""
        return round(1e4 * len(self.typos) / max(1, self.words), 2)

    @property
    def dialect(self) -> str:
        """``en-GB``, ``en-US``, ``mixed``; ``en`` where too few words tell."""
        british, american = _total(self.british), _total(self.american)
        rarer, all_of_them = min(british, american), british + american
        if rarer >= FEWEST_SPELT and rarer >= MIXED * all_of_them:
            return "mixed"
        if all_of_them < FEWEST_SPELT:
            return "en"
        return "en-GB" if british > american else "en-US"


def prepare(cache: Path) -> None:
    """Load what is known of English words: the same for every book, so that children share it."""
    typo_candidates.words_in_print(load(cache))


def check(chapters: Sequence[ParsedChapter], language: str, cache: Path | None) -> DimensionResult:
    """1 for a book without likely typos; unchecked where no dictionary knows its words."""
    spelling = typos("\n".join(chapter.text for chapter in chapters), language, cache)
    if not spelling.language:
        return unchecked(DIMENSION, _reason(spelling, language))
    evidence: dict[str, float | int | str] = {
        "checked": spelling.language,
        "words": spelling.words,
        "likely_typos": len(spelling.typos),
        "per_10000": spelling.per_10_000,
        "unknown_per_10000": round(1e4 * spelling.strange / max(1, spelling.words), 2),
    }
    if spelling.language == "en":
        evidence |= {
            "dialect": spelling.dialect,
            "british_spellings": _total(spelling.british),
            "american_spellings": _total(spelling.american),
        }
    value = 1 - spelling.per_10_000 / WORST_RATE
    findings = [*_findings(chapters, spelling.typos), *_mixed(chapters, spelling)]
    return dimension_result(DIMENSION, value, evidence, findings)


def _reason(spelling: Spelling, language: str) -> str:
    if spelling.words:
        share = 100 - 100 * spelling.strange / spelling.words
        return f"the dictionary of {language} knows only {share:.0f} % of its words"
    if primary_tag(language) in checked_languages():
        return f"there is no text in the letters of {language}"
    return f"{', '.join(checked_languages())} are, this is {language or 'unknown'}"


def typos(text: str, language: str, cache: Path | None) -> Spelling:
    """The likely typos of `text`; no `language` in the answer where nothing could be checked.

    A repeated word that is in no list counts each time.
    """
    by_dictionary, text_tokens = spelling_language(language), tokens(text)
    letters = by_dictionary.letters if by_dictionary else ascii_lowercase
    if not _is_written_in(text_tokens, frozenset(letters)):
        return Spelling()
    if by_dictionary is not None:
        return _typos_by_dictionary(text, text_tokens, by_dictionary)
    if primary_tag(language) != "en":
        return Spelling()
    lexicon = load(cache)
    small = Counter(
        token.word for token in text_tokens if token.printed.islower() and not token.clipped
    )
    british, american = _spellings(small, lexicon)
    return Spelling(
        words=len(text_tokens),
        strange=sum(small[word] for word in small if typo_candidates.is_unknown(word, lexicon)),
        typos=tuple(_likely(text_tokens, lexicon)),
        language="en",
        british=british,
        american=american,
    )


def _is_written_in(text_tokens: Sequence[Token], letters: frozenset[str]) -> bool:
    """Whether most words have one of `letters`: those of another script do not."""
    of_it = sum(not letters.isdisjoint(token.word) for token in text_tokens)
    return 2 * of_it > len(text_tokens)


def _typos_by_dictionary(
    text: str, text_tokens: Sequence[Token], language: SpellingLanguage
) -> Spelling:
    """Without `language` where the dictionary is too poor: then only small letters are counted."""
    reading = dictionary_spelling.read(text, text_tokens, word_list(language))
    if not reading.is_of_use:
        return Spelling(words=reading.small, strange=reading.unknown)
    slips = ((text_tokens[slip.at], slip.meant) for slip in reading.slips)
    found = (Typo(token.printed, meant, token.start, token.end) for token, meant in slips)
    return Spelling(
        words=len(text_tokens),
        strange=reading.unknown,
        typos=tuple(found),
        language=language.tag,
    )


def _likely(text_tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Typo]:
    for suspect in typo_candidates.typo_candidates(text_tokens, lexicon):
        if suspect.odds > LEAST_ODDS[suspect.known]:
            token = text_tokens[suspect.at]
            yield Typo(token.printed, suspect.meant, token.start, token.end)


def _spellings(
    times: Counter[str], lexicon: Lexicon
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """Words in British and in American spelling with their counts, the most frequent first."""
    british = Counter({word: times[word] for word in lexicon.american if word in times})
    american = Counter({word: times[word] for word in lexicon.american.values() if word in times})
    return tuple(british.most_common()), tuple(american.most_common())


def _findings(chapters: Sequence[ParsedChapter], typos_found: Sequence[Typo]) -> Iterator[Finding]:
    """Each word at its first place, in the order of the book."""
    times = Counter(typo.word for typo in typos_found)
    first = {typo.word: typo for typo in reversed(typos_found)}
    for chapter, typo, start in _placed(chapters, typos_found):
        if typo is first[typo.word]:
            span = start, start + len(typo.word)
            often = f" ({times[typo.word]} times)" if times[typo.word] > 1 else ""
            message = f"“{typo.word}”{often} may be a typo of “{typo.meant}”: "
            yield info(
                "spelling.likely-typo",
                message + quote(chapter.text, *span),
                chapter.place,
                passage=passage(chapter.text, *span),
            )


def _placed(
    chapters: Sequence[ParsedChapter], typos_found: Sequence[Typo]
) -> Iterator[tuple[ParsedChapter, Typo, int]]:
    """Every typo with its chapter and its place there."""
    waiting = iter(typos_found)
    typo = next(waiting, None)
    begins = 0
    for chapter in chapters:
        ends = begins + len(chapter.text) + 1
        while typo is not None and typo.start < ends:
            yield chapter, typo, typo.start - begins
            typo = next(waiting, None)
        begins = ends


def _mixed(chapters: Sequence[ParsedChapter], spelling: Spelling) -> Iterator[Finding]:
    """Where the rarer spelling is seen first, if the book mixes both."""
    if spelling.dialect != "mixed":
        return
    both = sorted((spelling.british, spelling.american), key=_total)
    examples = [", ".join(word for word, _ in spelt[:EXAMPLES]) for spelt in both]
    names = ["British", "American"] if both[0] is spelling.british else ["American", "British"]
    rarer = re.compile("|".join(rf"\b{re.escape(word)}\b" for word, _ in both[0]))
    for chapter in chapters:
        match = rarer.search(chapter.text)
        if match:
            yield info(
                "spelling.mixed-dialect",
                f"British and American spelling are mixed: {_total(both[0])} words are {names[0]} "
                f"({examples[0]}), {_total(both[1])} {names[1]} ({examples[1]}).",
                chapter.place,
                "Keep to one of them.",
                passage(chapter.text, *match.span()),
            )
            return


def _total(spelt: Sequence[tuple[str, int]]) -> int:
    return sum(times for _, times in spelt)
