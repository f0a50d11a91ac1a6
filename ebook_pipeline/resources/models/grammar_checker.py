"""Who checks grammar: Harper on this machine (English), or a LanguageTool server (many tongues).

The contract is `books.quality.grammar.GrammarChecker`.
"""

import importlib.metadata
import json
import re
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ebook_pipeline.books.judging.grammar import (
    GrammarChecker,
    GrammarFault,
    confusions,
    harper_complement,
)
from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    import httpx

__all__ = ["GrammarChecker", "HarperChecker", "LanguageToolChecker"]

RULES_VERSION = 4
"""Grows with the lists of rules below."""
DIALECTS = {"US": 0, "GB": 1, "AU": 2, "CA": 3, "IN": 4}
"""Harper's numbers by region."""
LIMITS = sandbox.Limits(seconds=60, megabytes=1500)
KINDS = frozenset({
    "Agreement", "Grammar", "Usage", "WordChoice", "Eggcorn", "Malapropism", "Typo", "Punctuation",
    "Repetition", "Nonstandard", "Capitalization", "Miscellaneous", "BoundaryError", "WordOrder",
})  # fmt: skip
"""Kinds of Harper's lints that are faults; the others are spelling, style, marks and taste."""
OFF = frozenset({
    # spelling, spaces and words set twice, which others look at
    "SpellCheck", "SplitWords", "DisjointPrefixes", "CompoundNouns", "OrthographicConsistency",
    "WrongNegative", "MergeWords", "Spaces", "NoFrenchSpaces", "UnclosedQuotes", "WrongApostrophe",
    "OpenCompounds", "EllipsisLength", "Everyone", "Someone", "Somebody", "Anybody", "Everybody",
    "AWhile", "ForAWhile", "Therein", "Overall", "Worthwhile", "Everyday", "Misspell", "Anyhow",
    "Somewhere", "Insofar", "Nonetheless", "EverPresent", "LeftRightHand", "SoonToBe",
    "PhrasalVerbAsCompoundNoun", "RepeatedWords",
    # style and taste
    "LongSentences", "OxfordComma", "NoOxfordComma", "DiscourseMarkers", "AvoidCurses",
    "AvoidAndAlso", "BoringWords", "FillerWords", "Hedging", "ClicheAccent", "Excellent",
    "Regionalisms", "UpdatePlaceNames", "WouldNeverHave", "SomewhatSomething", "Starving",
    "LitotesDirectPositive", "NumericRangeEnDash", "SpelledNumbers", "UseEllipsisCharacter",
    "QuoteSpacing", "Dashes", "MoreBetter", "AvoidContractions", "ThatWhich", "OnesSelf",
    "IncludingButNotLimitedToPunctuation",
    # what literature does rightly, and they take for a fault
    "MassNouns", "MissingPreposition", "PossessiveYour", "OneOfTheSingular", "QuiteQuiet",
    "QuantifierNumeralConflict", "TheProperNounPossessive", "MissingTo", "TheyToThem",
    "MultipleSequentialPronouns", "ModalBeAdjective", "WhomSubjectOfVerb", "NominalWants",
    "ForNoun", "WayTooAdjective", "PronounContraction", "ToSomeDegree", "RedundantThat",
    "FindOut", "HowTo", "YourPredicateAdjective", "VerbToAdjective", "NounVerbConfusion",
    "ExpandMemoryShorthands", "IAmAgreement", "Damages", "LetsConfusion", "AsFollows", "DoToDueTo",
    "CuriousAbout", "HopHope", "GoodAt", "NoLongerPronoun", "PronounKnew", "WillNonLemma",
    "RegularIrregulars", "ThereMissingIsClause", "SubjunctiveWasToWere", "HadOf", "ThatThan",
    "KindSortOf",
})  # fmt: skip
"""Rules of Harper that stay off."""
SPOKEN = frozenset({"Agreement", "Grammar", "Usage", "Nonstandard", "Repetition", "WordOrder"})
"""Kinds that speech breaks on purpose."""
_LAST_WORD = re.compile(r"(?<![a-z])([a-z]{3,})\.['”\"]? +$")
_ABBREVIATIONS = frozenset({"etc", "viz", "vol", "sec", "min", "mem", "fig", "esq", "inst", "ult"})
_SUBJUNCTIVE = re.compile(
    r"\b(?:if|lest|though|unless|until|till|ere|whether|that|what|we|you)\b[\w ']*$", re.IGNORECASE
)
_CODE = re.compile(r"`([^`]*)`")
_STRAIGHT = str.maketrans("‘’ʼ\u00a0", "''' ")
BATCH_CHARACTERS = 15_000
BUSY = frozenset({408, 425, 429})
OTHERS_WORK = "TYPOS,STYLE,TYPOGRAPHY,REDUNDANCY,PLAIN_ENGLISH,COLLOQUIALISMS,WIKIPEDIA,SEMANTICS"
"""Categories of LanguageTool that are off: spelling, marks and style are judged elsewhere."""
LARGEST_ANSWER = 8 << 20
"""Bytes; an answer about one batch is a tenth of that."""
_MOST_SAID = 300
"""Characters of a message that are kept."""
_NONSENSE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)
"""What reading an answer raises that is none."""
_NO_FAULTS = frozenset({
    "misspelling", "style", "locale-violation", "register", "whitespace", "typographical",
})  # fmt: skip
"""Types of issues (ITS 2.0, https://www.w3.org/TR/its20/#lqissue-typevalues) left to others."""


class HarperChecker:
    """Harper in a child process: English, offline. It straightens apostrophes before it reads."""

    @property
    def version(self) -> str:
        made_of = (
            f"{name}-{importlib.metadata.version(name)}" for name in ("harper-py", "symspellpy")
        )
        return f"{'+'.join(made_of)}-{RULES_VERSION}"

    def knows(self, language: str) -> bool:
        return language.split("-")[0].lower() == "en"

    def check(self, text: str, language: str) -> list[GrammarFault]:
        """Raises BookError and LimitExceeded: the child died of this text, or took too long."""
        if not text.strip():
            return []
        return sandbox.call(harper_faults, text, language, limits=LIMITS)


def harper_faults(text: str, language: str) -> list[GrammarFault]:
    """The faults of `text` by Harper and what complements it; runs wherever it is called.

    Loading its dictionary takes 0.7 CPU seconds, 10,000 words 1.5 to 2.
    """
    import harper

    region = language.partition("-")[2].upper()
    linter = harper.Linter(DIALECTS.get(region, 0))
    rules = linter.get_default_lint_config()
    linter.set_lint_config({name: on and name not in OFF for name, on in rules.items()})
    straight = text.translate(_STRAIGHT)
    lints_by_rule = linter.organized_lints(straight, language="plaintext")
    faults = [
        _harper_fault(rule, lint)
        for rule, lints in lints_by_rule.items()
        for lint in lints
        if lint.lint_kind in KINDS and _counts(rule, straight, lint)
    ]
    confused = list(confusions.confused_words(straight))
    places = {place for fault in confused for place in range(fault.start, fault.end)}
    others = [fault for fault in faults if places.isdisjoint(range(fault.start, fault.end))]
    everything = [*others, *harper_complement.agreement_faults(straight), *confused]
    return sorted(everything, key=lambda fault: (fault.start, fault.end, fault.rule))


class LanguageToolChecker:
    """A LanguageTool server at `url`, its base: ``http://localhost:8081``.

    https://languagetool.org/http-api/. No answer takes longer than `seconds`.
    """

    def __init__(self, url: str, seconds: float = 60) -> None:
        import httpx

        self._url, self._seconds = url.rstrip("/"), seconds
        plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
        self._client = httpx.Client(timeout=seconds, headers=plain)

    def close(self) -> None:
        """Let go of the server's connections."""
        self._client.close()

    @property
    def version(self) -> str:
        """The server's own version is asked once. Raises as `check`."""
        return f"languagetool-{self._software}@{urlsplit(self._url).netloc}-{RULES_VERSION}"

    def knows(self, language: str) -> bool:
        return self._spelt(language) is not None

    def check(self, text: str, language: str) -> list[GrammarFault]:
        """Raises Unavailable where it does not answer, ServiceError where it answers otherwise."""
        tag = self._spelt(language) or language
        return [
            fault for start, batch in batches(text) for fault in self._faults(batch, tag, start)
        ]

    def _spelt(self, language: str) -> str | None:
        """`language`, or what it is a kind of, as the server spells it."""
        tag = language.lower()
        return self._languages.get(tag) or self._languages.get(tag.split("-")[0])

    @cached_property
    def _languages(self) -> dict[str, str]:
        """The server's tags by the same in small letters."""
        answer = self._asked("GET", "/v2/languages")
        try:
            tags = [str(language[name]) for language in answer for name in ("code", "longCode")]
        except _NONSENSE as error:
            raise ServiceError(f"{self._url} named no languages: {_short(answer)}") from error
        return {tag.lower(): tag for tag in tags}

    @cached_property
    def _software(self) -> str:
        """Version and date, which every answer names."""
        language = min(self._languages.values(), default="en")
        answer = self._asked("POST", "/v2/check", {"text": "Ah.", "language": language})
        try:
            software = answer["software"]
            return "-".join(f"{software['version']} {software['buildDate']}".split()[:2])
        except _NONSENSE as error:
            raise ServiceError(f"{self._url} named no version: {_short(answer)}") from error

    def _faults(self, text: str, language: str, start: int) -> list[GrammarFault]:
        form = {"text": text, "language": language, "disabledCategories": OTHERS_WORK}
        answer = self._asked("POST", "/v2/check", form)
        try:
            matches = [match for match in answer["matches"] if _is_fault(match)]
            places = _code_points(text)
            return [_languagetool_fault(match, places, start) for match in matches]
        except _NONSENSE as error:
            raise ServiceError(f"{self._url} answered no matches: {_short(answer)}") from error

    def _asked(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """The answer's JSON, read for `seconds` at most and no further than its largest size."""
        import httpx

        url, until = f"{self._url}{path}", time.monotonic() + self._seconds
        try:
            with self._client.stream(method, url, data=form) as answer:
                body = _body(answer, until)
        except httpx.RequestError as error:
            raise Unavailable(f"{url} did not answer: {error!r}") from error
        if answer.status_code in BUSY or answer.status_code >= 500:
            raise Unavailable(f"{url} answered {answer.status_code}")
        if not answer.is_success:
            start = body[:200].decode(errors="replace")
            raise ServiceError(f"{url} answered {answer.status_code}: {start}")
        try:
            return json.loads(body)
        except _NONSENSE as error:
            raise ServiceError(f"{url} answered no JSON: {_short(body)}") from error


def _body(answer: "httpx.Response", until: float) -> bytes:
    """What is sent; raises Unavailable after `until`, ServiceError where it has no end."""
    read = bytearray()
    for piece in answer.iter_raw(1 << 16):
        read += piece
        if time.monotonic() > until:
            raise Unavailable(f"{answer.url} took too long to answer")
        if len(read) > LARGEST_ANSWER:
            raise ServiceError(f"{answer.url} answered more than {LARGEST_ANSWER >> 20} MB")
    return bytes(read)


def _short(answer: object) -> str:
    return repr(answer)[:200]


def batches(text: str) -> Iterator[tuple[int, str]]:
    """Whole paragraphs of `text`, about as many as a request takes, with their offset."""
    start = at = 0
    for paragraph in text.split("\n\n"):
        end = at + len(paragraph)
        if end - start > BATCH_CHARACTERS and at > start:
            yield start, text[start : at - 2]
            start = at
        at = end + 2
    if text[start:].strip():
        yield start, text[start:]


def _counts(rule: str, text: str, lint: Any) -> bool:
    """Whether a lint is one: not where older or literary English is right."""
    judge = _JUDGES.get(rule)
    return judge is None or judge(text, lint)


def _begins_sentence(text: str, lint: Any) -> bool:
    """A small letter after ``!`` or ``?`` goes on with the sentence, after *viz.* too."""
    before = _LAST_WORD.search(text[max(0, lint.span.start - 20) : lint.span.start])
    return before is not None and before[1] not in _ABBREVIATIONS


def _is_too(_: str, lint: Any) -> bool:
    """*To* for *too* is a fault; *observe too the course of things* is none."""
    return str(lint.problem_text).lower() != "too"


def _disagrees(text: str, lint: Any) -> bool:
    """*If he do*, *lest she lisp* are subjunctives; *you winds*, *we slaves* are addressed."""
    before = text[max(0, lint.span.start - 24) : lint.span.start]
    return bool(lint.suggestions) and not _SUBJUNCTIVE.search(before)


def _is_article(text: str, lint: Any) -> bool:
    """*An union*, *an hundred* are old, *a ’igh* is a dialect, *labelled A* is a letter."""
    after = text[lint.span.end : lint.span.end + 2].lstrip().lower()
    article = str(lint.problem_text)
    if article == "A" or after.startswith("'"):
        return False
    return article.lower() == "a" or not after.startswith(("u", "h"))


def _is_modal(_: str, lint: Any) -> bool:
    """*The will of man*, *the might of Rome* and *a must of grapes* are nouns."""
    return not str(lint.problem_text).lower().startswith(("will", "might", "must"))


def _harper_fault(rule: str, lint: Any) -> GrammarFault:
    suggestions = lint.suggestions
    return GrammarFault(
        start=lint.span.start,
        end=lint.span.end,
        rule=rule,
        message=_CODE.sub(r"“\1”", lint.message),
        suggestion=suggestions[0].replacement_text.strip() if suggestions else "",
        spoken=lint.lint_kind in SPOKEN,
    )


def _is_fault(match: dict[str, Any]) -> bool:
    return match["rule"].get("issueType") not in _NO_FAULTS


def _languagetool_fault(match: dict[str, Any], places: list[int], start: int) -> GrammarFault:
    begin, length, rule = match["offset"], match["length"], match["rule"]
    if begin < 0 or length < 1:
        raise ValueError(f"no place in the text: {begin}, {length}")
    replacements = match.get("replacements") or [{"value": ""}]
    return GrammarFault(
        start=start + places[begin],
        end=start + places[begin + length],
        rule=str(rule["id"])[:_MOST_SAID],
        message=str(match["message"])[:_MOST_SAID],
        suggestion=str(replacements[0]["value"])[:_MOST_SAID],
        spoken=rule.get("issueType") == "grammar",
    )


def _code_points(text: str) -> list[int]:
    """Our index by the server's, which counts in UTF-16."""
    places = []
    for index, sign in enumerate(text):
        places += [index] * (2 if ord(sign) > 0xFFFF else 1)
    return [*places, len(text)]


_JUDGES: dict[str, Callable[[str, Any], bool]] = {
    "SentenceCapitalization": _begins_sentence,
    "ToTwoToo": _is_too,
    "PronounVerbAgreement": _disagrees,
    "AnA": _is_article,
    "ModalOf": _is_modal,
}
