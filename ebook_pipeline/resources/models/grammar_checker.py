"""Who checks grammar: Harper on this machine, or a LanguageTool server, which knows many languages.

The contract is `books.judging.grammar.GrammarChecker`.
"""

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from ebook_pipeline.books.judging.grammar import GrammarChecker, GrammarFault
from ebook_pipeline.books.judging.grammar.confusions_by_parts import (
    confusion_places,
    doubted_places,
    is_refuted,
    told_confusions,
)
from ebook_pipeline.books.judging.grammar.harper_lints import RULES_VERSION, harper_faults
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.errors import ServiceError, Unavailable, may_answer_later
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.installed_versions import named_version
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.worker import Worker

if TYPE_CHECKING:
    import httpx

__all__ = ["GrammarChecker", "HarperChecker", "LanguageToolChecker"]

LIMITS = sandbox.Limits(seconds=60, megabytes=1500)
BATCH_CHARACTERS = 15_000
OTHERS_WORK = "TYPOS,STYLE,TYPOGRAPHY,REDUNDANCY,PLAIN_ENGLISH,COLLOQUIALISMS,WIKIPEDIA,SEMANTICS"
"""Categories of LanguageTool that are off: spelling, marks and style are judged elsewhere."""
LARGEST_ANSWER = 8 << 20
"""Bytes; an answer about one batch is a tenth of that."""
_HARPER = Worker(LIMITS)
"""Its child keeps Harper's dictionary from one book to the next."""
_MOST_SAID = 300
"""Characters of a message that are kept."""
_NONSENSE = (ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What reading an answer raises that is none."""
_NO_FAULTS = frozenset({
    "misspelling", "style", "locale-violation", "register", "whitespace", "typographical",
})  # fmt: skip
"""Types of issues (ITS 2.0, https://www.w3.org/TR/its20/#lqissue-typevalues) left to others."""


class WordTagger(Protocol):
    """Who tells parts of speech; `resources.models.text_models` has such."""

    def namer(self, language: str) -> str: ...

    def parts_of_speech(
        self, texts: Sequence[str], language: str
    ) -> list[list[tuple[str, str]]]: ...


class HarperChecker:
    """Harper in a child process: English, offline. It straightens apostrophes before it reads.

    Words taken for others (*your*, *you're*) are told by their neighbours' parts of speech too,
    where `tagger` has a model of English.
    """

    def __init__(self, tagger: WordTagger | None = None) -> None:
        self._tagger = tagger

    @property
    def version(self) -> str:
        made_of = [named_version(name) for name in ("harper-py", "symspellpy")]
        named = self._tagger.namer("en") if self._tagger else ""
        return f"{'+'.join([*made_of, *filter(None, [named])])}-{RULES_VERSION}"

    def knows(self, language: str) -> bool:
        return primary_tag(language) == "en"

    def check(self, text: str, language: str) -> list[GrammarFault]:
        """Raises BookError and LimitExceeded: the child died of this text, or took too long."""
        if not text.strip():
            return []
        faults = self._unrefuted(text, _HARPER.call(harper_faults, text, language))
        known = {(fault.start, fault.end) for fault in faults}
        told = (one for one in self._confusions(text) if (one.start, one.end) not in known)
        return sorted([*faults, *told], key=lambda fault: (fault.start, fault.end))

    def _unrefuted(self, text: str, faults: Sequence[GrammarFault]) -> list[GrammarFault]:
        """Without those whose word is right by its neighbours' parts of speech."""
        if self._tagger is None:
            return list(faults)
        doubted = doubted_places(text, faults)
        tagged = self._tagger.parts_of_speech([place.read for place in doubted.values()], "en")
        refuted = {
            fault
            for (fault, place), words in zip(doubted.items(), tagged, strict=False)
            if is_refuted(place, words)
        }
        return [fault for fault in faults if fault not in refuted]

    def _confusions(self, text: str) -> Iterator[GrammarFault]:
        if self._tagger is None:
            return
        places = confusion_places(text)
        if tagged := self._tagger.parts_of_speech([place.read for place in places], "en"):
            yield from told_confusions(places, tagged)


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
        if may_answer_later(answer.status_code):
            raise Unavailable(f"{url} answered {answer.status_code}")
        if not answer.is_success:
            start = body[:200].decode(errors="replace")
            raise ServiceError(f"{url} answered {answer.status_code}: {start}")
        try:
            return parse_json(body)
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
