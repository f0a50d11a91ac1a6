"""Words joined over line ends: hyphens, spaces, scripts without spaces.

Thresholds: see the package.
"""

import functools
import re
from collections import Counter, deque
from collections.abc import Sequence

from ebook_pipeline.books.converting.from_pdf.blocks import Inline
from ebook_pipeline.books.converting.from_pdf.lines import HYPHEN, Line, Span
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text import COMBINING_MARKS

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_HYPHENS = ("\u00ad", "\u2010", "-")
_HEAD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ENDS_BROKEN = re.compile(rf"[^\W_][{COMBINING_MARKS}]*[\u00ad\u2010-]$")
_BROKEN_NUMBER = re.compile(r"\d-$")
_TURNED_BREAK = re.compile(r"(?<=\s)-(\d+)$")
"""A number broken at its hyphen in a line from the right: the hyphen stands as if before it."""
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2002\u2003]+")
_HYPHENATED_SHARE = 0.15
"""Share of words broken at line ends, 0 to 1, that a hyphenating book has whole elsewhere."""
_SHORTEST_PART = 3
"""Letters of both parts of a word, from which they may be two words joined by a hyphen."""
_DASH = re.compile(r"(?<!\s)[—–/]$")
"""A dash that joins; one with a space before it has one behind it too."""
_SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\u2e80-\u303f\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60]"
)
"""Letters of scripts whose lines break between words that no space parts."""


_KNOWN_WORD, _KNOWN_PART = 2.0, 3.0
"""Zipf frequencies (wordfreq's, 3 is once in a million words) from which a joined word is one, and
from which both of its parts are."""
_RARER = 2.5
"""By how much rarer than both of its parts a joined word is, above which the hyphen belongs."""
_COMPOUNDING = frozenset({"da", "de", "et", "fi", "hu", "is", "nb", "nl", "no", "sv"})
"""Languages that write words together which others join by hyphens."""


class WordForms:
    """How often the book writes a word form within its lines, and the language does.

    `language` is a BCP 47 tag; words of one that no list knows are told by the book alone.
    """

    def __init__(self, lines: Sequence[Line], language: str = "") -> None:
        self._language = primary_tag(language)
        self._seen: Counter[str] = Counter()
        broken: list[tuple[str, str]] = []
        for line, after in zip(lines, [*lines[1:], None], strict=False):
            forms = _WORD.findall(line.text)
            tail = _broken_word(line.text)
            head = _HEAD.match(after.text) if after is not None else None
            if tail is not None:
                forms = forms[:-1]
                broken += [(tail, head[0])] if head else []
            self._seen.update(word.lower() for word in forms)
        self._breaks_words = self._hyphenates(broken)

    def _hyphenates(self, broken: Sequence[tuple[str, str]]) -> bool:
        """Whether the book hyphenates: many words broken at line ends stand whole elsewhere."""
        whole = sum(self[before + after] > 0 for before, after in broken)
        return whole > _HYPHENATED_SHARE * len(broken)

    def __getitem__(self, word: str) -> int:
        return self._seen[word.lower()]

    def _usually_whole(self, before: str, after: str) -> bool | None:
        """Whether the language writes the word without a hyphen; None where it does not say."""
        if "-" in before or "-" in after or not self._language:
            return None
        joined, *parts = (
            _frequency(word.lower(), self._language) for word in (before + after, before, after)
        )
        rarer = min(parts) >= _KNOWN_PART and min(parts) - joined > _RARER
        if rarer and min(len(before), len(after)) > 1:
            return self._language in _COMPOUNDING
        return True if joined >= _KNOWN_WORD else None

    def whole(self, before: str, after: str) -> bool:
        """Whether a word broken into `before` and `after` is written without a hyphen."""
        if not after[:1].islower():
            return False
        joined, apart = self[before + after], self[f"{before}-{after}"]
        if joined or apart:
            return joined >= apart
        usual = self._usually_whole(before, after)
        if usual is not None:
            return usual
        last = before.rpartition("-")[2]
        if "-" in before or "-" in after:
            return self[last + after] > 0
        words = self[before] and self[after] and min(len(before), len(after)) >= _SHORTEST_PART
        return self._breaks_words and not words


def _frequency(word: str, language: str) -> float:
    """How frequent the word is in the language, as a Zipf frequency; 0 where nothing knows it."""
    import wordfreq

    if language not in _listed_languages():
        return 0.0
    frequency: float = wordfreq.zipf_frequency(word, language)
    return frequency


@functools.cache
def _listed_languages() -> frozenset[str]:
    import wordfreq

    return frozenset(wordfreq.available_languages())


def join_lines(
    lines: Sequence[Line], breaks: Sequence[bool], vocabulary: WordForms
) -> list[Inline]:
    """The text of one block; `breaks` says after which lines (but the last) it breaks.

    A page that begins within the block begins in its content.
    """
    content: list[Inline] = []
    for number, line in enumerate(lines):
        spans = list(line.spans)
        if number:
            before = lines[number - 1]
            if breaks[number - 1]:
                content.append(Inline("\n"))
            else:
                _seam(content, line, vocabulary)
            if before.page != line.page:
                content.append(Inline("", page=line.page))
        for span in spans:
            _append(content, span)
    return _clean(content)


def _append(content: list[Inline], span: Span) -> None:
    style = span.style
    key = (style.bold, style.italic, style.raised, span.link, span.note, -1)
    last = content[-1] if content else None
    if last is not None and last.text != "\n" and _key(last) == key:
        content[-1] = Inline(last.text + span.text, *key)
    else:
        content.append(Inline(span.text, *key))


def _key(inline: Inline) -> tuple[bool, bool, int, int, int, int]:
    return (inline.bold, inline.italic, inline.raised, inline.link, inline.note, inline.page)


def _seam(content: list[Inline], line: Line, vocabulary: WordForms) -> None:
    """End what is written so that `line` goes on with it."""
    last = next((n for n in range(len(content) - 1, -1, -1) if content[n].text), None)
    if last is None:
        return
    text, after = content[last].text.rstrip(), line.text
    if after[:1].isdigit():
        text = _TURNED_BREAK.sub(r"\1-", text)
    whole = "".join(inline.text for inline in content[max(0, last - 3) : last]) + text
    if _ENDS_BROKEN.search(whole):
        text = text[:-1] + _hyphen(whole, after, vocabulary)
    elif not (_DASH.search(text) or _BROKEN_NUMBER.search(text) or _unspaced(text, after)):
        text += " "
    content[last] = Inline(text, *_key(content[last]))


def _hyphen(text: str, after: str, vocabulary: WordForms) -> str:
    """What becomes of the hyphen at the end of `text` when `after` follows: it stays or goes."""
    tail, head = _broken_word(text), _HEAD.match(after)
    if tail is not None and head is not None and vocabulary.whole(tail, head[0]):
        return ""
    return "-"


def _broken_word(text: str) -> str | None:
    """The word that a hyphen at the end of `text` breaks, if one does."""
    if not text.endswith(_HYPHENS):
        return None
    last = deque(_WORD.finditer(text, 0, len(text) - 1), maxlen=1)
    return last[0][0] if last and last[0].end() == len(text) - 1 else None


def _unspaced(text: str, after: str) -> bool:
    """Whether the script has no spaces between words."""
    return bool(_SPACELESS.match(text[-1:]) and _SPACELESS.match(after[:1]))


def _clean(content: Sequence[Inline]) -> list[Inline]:
    """Soft hyphens, doubled and outer spaces gone."""
    result: list[Inline] = []
    spaced = True
    for inline in content:
        text = inline.text
        if text != "\n":
            text = _SPACES.sub(" ", text.replace(HYPHEN, ""))
            text = text.lstrip() if spaced else text
        if text or inline.page >= 0:
            result.append(Inline(text, *_key(inline)))
            spaced = (text.endswith((" ", "\n"))) if text else spaced
    while result and not result[-1].text.strip() and result[-1].page < 0:
        result.pop()
    if result:
        result[-1] = Inline(result[-1].text.rstrip(), *_key(result[-1]))
    return result
