"""Soft hyphens for running text: a browser without dictionaries of its own breaks no word.

They break a line only where CSS's ``hyphens`` allows it (CSS Text 3 §6.1,
https://www.w3.org/TR/css-text-3/#hyphenation), so a book that forbids hyphens keeps its lines.
"""

import re
from collections.abc import Callable

from lxml import etree

from ebook_pipeline.books.converting.to_pdf.hyphenation_patterns import patterns_of

SOFT_HYPHEN = "\u00ad"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LEAST = 3, 3
"""Letters of a word before and behind a hyphen."""
# Alphabets whose letters stand alone; a hyphenated compound or an address is not broken again.
_LETTER = r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]"
_WORD = re.compile(rf"(?<![\w\u00ad@/-])(?<!\w\.){_LETTER}{{7,}}(?![\w\u00ad@/-]|\.\w)")
_WHOLE_NAMES = (
    "h1 h2 h3 h4 h5 h6 pre code kbd samp var tt math svg style script title textarea rt nav "
    "address time"
)
_WHOLE = frozenset(_WHOLE_NAMES.split())

WordBreaker = Callable[[re.Match[str]], str]


class Hyphenator:
    """Breaks the words of one book, each looked up once."""

    def __init__(self) -> None:
        self._languages: dict[str | None, WordBreaker | None] = {None: None}

    def hyphenate(self, root: etree._Element, language: str | None) -> None:
        """Put soft hyphens into the words below `root`, by the languages that its elements name.

        `language` is that of the text where no element says it. Headings and code stay whole.
        """
        pending = [(root, language)]
        while pending:
            element, spoken = pending.pop()
            if not isinstance(element.tag, str) or etree.QName(element).localname in _WHOLE:
                continue
            spoken = element.get(_XML_LANG) or element.get("lang") or spoken
            breaks = self._breaks(spoken)
            if breaks and element.text:
                element.text = _WORD.sub(breaks, element.text)
            for child in element:
                if breaks and child.tail:
                    child.tail = _WORD.sub(breaks, child.tail)
                pending.append((child, spoken))

    def _breaks(self, language: str | None) -> WordBreaker | None:
        if language not in self._languages:
            self._languages[language] = _breaks(language or "")
        return self._languages[language]


def _breaks(language: str) -> WordBreaker | None:
    """What breaks a word of `language`; None where no dictionary is known."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        return None
    patterns = patterns_of("en-US" if language.lower() == "en" else language)
    if patterns is None:
        return None
    known: dict[str, str] = {}

    def broken(match: re.Match[str]) -> str:
        word = match[0]
        if word not in known:
            known[word] = patterns.with_hyphens(word, SOFT_HYPHEN, _LEAST)
        return known[word]

    return broken
