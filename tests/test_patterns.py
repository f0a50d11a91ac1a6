"""No pattern takes much more than twice the time for twice the text, whatever the text is."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ebook_pipeline
from ebook_pipeline.books.formats import media_types

ATOMS = [
    *"a1é\u4e00 \n\t(\"'-_.<&#[=“*`~{};%,/\\|+?!:@\f",
    *(
        "url(",
        "url( ",
        "url(a ",
        'url("',
        "@import ",
        "/*",
        "a-",
        "a.",
        "a ",
        "- ",
        ". ",
        "1.",
        "a:",
        "://",
    ),
    *("www.", "<a ", "<p>", "](", "\u2019a", "a\u2019", "Aa ", "I ", "a@", ", ", "Mr. ", "\r\n"),
    *("--", "…", "../", "%20", "a=", "a='", "\n ", "\n\n", "“a", "a”"),
]
ENDS = ["", "x", "\n", "!", "\0"]
LENGTH = 8_000
"""Characters: squared, they take seconds; by themselves, a millisecond."""
BOUNDED = frozenset({"ebook_pipeline.books.converting.from_manuscript.body._SENTENCE"})
"""Asked of lines of at most 200 characters alone."""
NOTABLE = 0.05
"""CPU seconds from which the growth is measured."""
Use = Callable[[re.Pattern[Any], Any], object]
_ANCHORED: dict[str, Use] = {"match": re.Pattern.match, "fullmatch": re.Pattern.fullmatch}


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(ebook_pipeline.__path__, "ebook_pipeline."):
        if not found.name.endswith(("definitions", "__main__")) and "migrations" not in found.name:
            yield importlib.import_module(found.name)


def _patterns() -> Iterator[tuple[str, re.Pattern[Any], Use]]:
    """Every compiled pattern of a module, as that module uses it."""
    for module in _modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            if f"{module.__name__}.{name}" in BOUNDED:
                continue
            if isinstance(value, re.Pattern) and f"{name} = re.compile" in source:
                searched = re.search(rf"\b{name}\b(?!\.(?:full)?match\b)(?! = re)", source)
                use = _scan if searched else re.Pattern.fullmatch
                yield f"{module.__name__}.{name}", value, use


def _written_in_place() -> Iterator[tuple[str, re.Pattern[Any], Use]]:
    """Every pattern that stands as a literal in a call of `re`, in a function or a table."""
    for path in sorted(Path(ebook_pipeline.__file__).parent.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "re." not in source:
            continue
        module = ast.parse(source)
        named = {id(one.value) for one in module.body if isinstance(one, ast.Assign)}
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or id(node) in named:
                continue
            name, given = _of_re(node.func), node.args[0] if node.args else None
            if name and isinstance(given, ast.Constant) and isinstance(given.value, str | bytes):
                flags = re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else 0
                use = _ANCHORED.get(name, _scan)
                yield f"{path.stem}:{node.lineno}", re.compile(given.value, flags), use


def _of_re(called: ast.expr) -> str:
    """The name of a function of `re`, or nothing."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr if called.value.id == "re" else ""
    return ""


def _scan(pattern: re.Pattern[Any], text: Any) -> None:
    for _ in pattern.finditer(text):
        pass


def _seconds(use: Use, pattern: re.Pattern[Any], text: str) -> float:
    given = text.encode() if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    use(pattern, given)
    return time.process_time() - began


def _grows(use: Use, pattern: re.Pattern[Any], atom: str, end: str, length: int = LENGTH) -> bool:
    """Whether four times the text takes more than eight times as long."""
    text = atom * (length // len(atom))
    once = _seconds(use, pattern, text + end)
    return once > NOTABLE and _seconds(use, pattern, text * 4 + end) > 8 * once


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_no_pattern_takes_more_than_its_share_for_a_longer_text() -> None:
    slow = {
        (name, atom, end)
        for name, pattern, use in (*_patterns(), *_written_in_place())
        for atom in ATOMS
        for end in ENDS
        if _grows(use, pattern, atom, end)
    }
    assert slow == set()


@pytest.mark.prove
@pytest.mark.parametrize("atom", ["[a](", "\n[a", "[[](", "\n[\\[", "**a"])
def test_marks_of_markdown_take_their_share_of_all_that_a_format_is_told_by(atom: str) -> None:
    """Where a whole head of 64 KiB is such beginnings, as in a book of 8,000 it doesn't show."""
    assert not _grows(_scan, media_types._MARKDOWN, atom, "", media_types._HEAD // 4)


def test_patterns_are_found_where_they_are_named_and_where_they_are_written() -> None:
    assert len([*_patterns()]) > 400
    assert len([*_written_in_place()]) > 80
