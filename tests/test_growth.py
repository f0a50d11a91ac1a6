"""No function over text or markup takes much more than twice the time for twice the text.

The functions are found, not listed: every public one of `books` whose parameters can be made of a
text. What they do with it does not matter here, only how their time grows.
"""

import contextlib
import importlib
import inspect
import math
import pkgutil
import signal
import time
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import ebook_pipeline.books
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary, vocabulary
from ebook_pipeline.books.judging.chapters import ParsedChapter, TextBlock
from tests.support.corpus import THOROUGH

TEXTS = (
    *("a", "é\u0301", "一", "1", " ", "\n", "-", "—", '"', "“", "‘a’ ", "(", ")", "[", "]", "<"),
    *("&", ".", "! ", "Aa Bb ", "Aa said. ", "a-", "a’", "the ", "M. ", "1. ", "\n\n", "a\n", "\f"),
    *("http://a.b/", "a@b.", "ISBN 978", "a: b; ", "{", "}", "/*", "url(", "\\", "$", "\u00ad"),
)
DOCUMENTS = (
    *("<p>a</p>", "<p>a", "<i>a</i> ", "<br/>", "<hr/>", '<a href="#x">a</a>', '<a id="x"></a>'),
    *("<div>", "<ul><li>a</li></ul>", "<table><tr><td>a</td></tr></table>", "<!--a-->"),
    *(
        "<h1>A</h1>",
        "<td>a</td>",
        "<p></p>",
        '<img src="a.png"/>',
        '<span style="color:red">a</span>',
        "<b><i>",
    ),
)
WORDS_OF = {
    "language": "en", "tongue": "en", "encoding": "utf-8", "place": "a.xhtml", "name": "a.xhtml",
    "base": "a.xhtml", "rule": "a.b", "title": "A", "prefix": "a", "file": "a", "field": "title",
    "dimension": "a", "book": "a", "profile": "a", "provider": "a",
}  # fmt: skip
"""Parameters that are no text of a book."""
_STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
START, LONGEST, TIMES = 4_000, 256_000, 4
MOST = 8.0
"""CPU seconds of one call."""
NOTABLE = 0.3
"""CPU seconds from which growth is measured."""
WORST = 10.0
"""Times as long for `TIMES` the text: 4 and a little is linear, 16 quadratic."""
AGAIN = 3
PART = 53
"""Of the pairs of a function and a text one in so many is tried, unless all are asked for."""


ELSEWHERE = frozenset({"harper_faults", "remove", "remove_element", "unwrap"})
"""Known, of libraries, in children with limits: Harper on a bounded sample without spaces; lxml on
taking out an element of 100,000 children that each declare a namespace (open: 5 s at 160,000).
"""


class TooLong(Exception):
    """A call did not end in the time that any of them may take."""


class CannotBeMade(Exception):
    """A parameter is of a kind that no text makes."""


def functions() -> Iterator[Callable[..., object]]:
    package = ebook_pipeline.books
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if not inspect.isfunction(value) or value.__module__ != module.__name__:
                continue
            if not name.startswith("_") and name not in ELSEWHERE:
                yield value


def arguments(function: Callable[..., object], text: str) -> list[object]:
    """One of each required parameter, the text in all that can hold it."""
    made, holds_text = [], False
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):  # types that are there for the checker alone
        raise CannotBeMade from None
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in _STARRED:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            raise CannotBeMade
        kind = hints.get(name)
        holds_text |= _holds_text(kind) and name not in WORDS_OF
        made.append(_argument(name, kind, text))
    if not holds_text:
        raise CannotBeMade
    return made


def _holds_text(kind: Any) -> bool:
    inner = typing.get_args(kind) or (kind,)
    return any(one in (str, bytes, etree._Element, ParsedChapter) for one in inner)


def _argument(name: str, kind: Any, text: str) -> object:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is str:
        return WORDS_OF.get(name, text)
    simple: dict[Any, Callable[[], object]] = {
        bytes: text.encode, int: lambda: 0, bool: lambda: False, float: lambda: 0.0,
        etree._Element: lambda: element(text), ParsedChapter: lambda: chapter(text),
        Vocabulary: lambda: vocabulary([text]), Path | None: lambda: None,
    }  # fmt: skip
    for known, make in simple.items():
        if kind == known:
            return make()
    if origin is Counter:
        return Counter(text.split())
    if inner and any(inner[0] is kind for kind in (*simple, str)):
        one = _argument("", inner[0], text)
        return frozenset(text.split()) if origin in (set, frozenset) else [one]
    raise CannotBeMade


def element(text: str) -> etree._Element:
    """A body: of markup as it is, of any other text one paragraph."""
    parser = etree.HTMLParser(huge_tree=True)
    inside = text if text.startswith("<") else f"<p>{escape(text)}</p>"
    root = etree.HTML(f"<html><body>{inside}</body></html>", parser)
    body = root.find("body")
    if body is None:
        raise CannotBeMade
    for each in root.iter(etree.Element):
        each.tag = f"{{http://www.w3.org/1999/xhtml}}{each.tag}"
    return body


def chapter(text: str) -> ParsedChapter:
    blocks = tuple(TextBlock("p", line) for line in text.splitlines())
    return ParsedChapter(
        "a.xhtml", text, text, paragraphs=1, empty_paragraphs=0, pictures=(), shows=False,
        blocks=blocks,
    )  # fmt: skip


def seconds(function: Callable[..., object], text: str) -> float:
    """Of CPU, for one call; its generators are gone through, its errors are its own affair."""
    given = arguments(function, text)
    began = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST)
    try:
        result = function(*given)
        if inspect.isgenerator(result):
            for _ in result:
                pass
    except TooLong:
        return math.inf
    except Exception:  # noqa: BLE001
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - began


def growth(function: Callable[..., object], atom: str) -> float:
    """How many times as long `TIMES` the text takes; 0 where even the longest takes no time."""
    size, before = START, math.inf
    while size <= LONGEST:
        text = atom * (size // len(atom))
        now = seconds(function, text)
        if now > NOTABLE and before < math.inf:
            return now / max(before, NOTABLE / WORST)
        size, before = size * TIMES, now
    return 0.0


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def callable_functions() -> list[Callable[..., object]]:
    found = []
    for function in functions():
        with contextlib.suppress(CannotBeMade):
            arguments(function, "a")
            found.append(function)
    return found


def _stop(*_: object) -> None:
    raise TooLong


@pytest.fixture
def stopwatch() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, _stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


def test_the_functions_over_text_and_markup_are_found() -> None:
    names = {name_of(function).removeprefix("ebook_pipeline.books.") for function in
             callable_functions()}  # fmt: skip
    assert len(names) > 120
    assert {
        "text.sentences", "html_text.text_of_html", "describing.sketches.sketch",
        "describing.enrich.names.from_cues", "judging.typography.punctuation.read_marks",
        "converting.to_epub.conforming.conform", "formats.epub.xml.parse",
    } <= names  # fmt: skip


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("stopwatch")
def test_twice_the_text_takes_about_twice_the_time() -> None:
    pairs = [(function, atom) for function in callable_functions() for atom in (*TEXTS, *DOCUMENTS)]
    slow = {
        (name_of(function), atom)
        for function, atom in pairs[:: 1 if THOROUGH else PART]
        if all(growth(function, atom) > WORST for _ in range(AGAIN))
    }
    assert slow == set()
