"""Refusals in German: every sentence that a page's services or routes say has its translation."""

import ast
from collections.abc import Iterator

import pytest

from ebook_pipeline.books.describing.field_forms import FIELD_FORMS
from ebook_pipeline.books.describing.overrides import (
    OVERRIDABLE,
    InvalidOverride,
    checked_override,
)
from ebook_pipeline.desk.refusals import in_language, told
from tests.support.paths import PROJECT

PACKAGE = PROJECT / "ebook_pipeline"
MET = (
    "desk/*.py",
    "desk/routes/*.py",
    "desk/routes/pages/*.py",
    "services/owning/*.py",
    "services/reviewing/*.py",
    "services/reporting/*.py",
    "services/signing_in/*.py",
    "services/writing/*.py",
    "services/editing/*.py",
    "services/describing/overrides.py",
    "services/protecting/license*.py",
)
"""Where what people of the pages are refused by is said."""
PROGRAMS = {
    "basic_authentication.py", "license_status.py", "watching.py", "direct_uploads.py",
    "uploads.py", "api_document.py", "conditions.py", "book_conditions.py", "metrics.py",
}  # fmt: skip
"""What speaks to programs and to the shell alone."""
SLIPS = {"LookupError", "ValueError", "TypeError", "NoRule", "SystemExit"}
"""Errors of ours, which nobody is shown."""
OF_THE_SHELL = ("EBOOK_OPERATOR", "this home has no operator")


def sentence(node: ast.expr) -> str | None:
    """A literal as people read it, each value in it a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "wort" for part in node.values
        )
    return None


def said(function: ast.AST) -> Iterator[str]:
    """What a function raises errors with, directly or by a name that it gave the sentence."""
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        call = node.exc if isinstance(node, ast.Raise) else None
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        for argument in () if name in SLIPS else call.args:
            of_name = named.get(argument.id, []) if isinstance(argument, ast.Name) else [argument]
            yield from filter(None, map(sentence, of_name))


def sentences() -> list[str]:
    met = set()
    for pattern in MET:
        for path in sorted(PACKAGE.glob(pattern)):
            if path.name in PROGRAMS:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    met |= set(said(node))
    return sorted(
        one for one in met if " " in one and not any(part in one for part in OF_THE_SHELL)
    )


def test_every_refusal_that_people_meet_has_german_words() -> None:
    met = sentences()
    assert len(met) > 50
    assert [one for one in met if not in_language(one, "de")] == []


@pytest.mark.parametrize("field", sorted(OVERRIDABLE))
def test_a_value_that_a_field_can_not_have_is_refused_in_german(field: str) -> None:
    with pytest.raises(InvalidOverride) as refused:
        checked_override(field, 7)
    assert FIELD_FORMS[field].example in in_language(str(refused.value), "de")


def test_the_words_in_a_sentence_are_put_into_the_other() -> None:
    german = in_language("'Brand' is an imprint of press's, 'Other' is not", "de")
    assert german == "'Brand' ist ein Imprint von press, 'Other' nicht."


@pytest.mark.parametrize("hostile", ["<b>x</b>", "{0}", "a\nb", "{1.__class__}"])
def test_what_a_stranger_wrote_stays_text(hostile: str) -> None:
    shown = told(f"no book is called {hostile}", "de")
    assert "Kein Buch heißt" in shown
    assert "<b>" not in shown


def test_what_has_no_words_is_marked_as_english() -> None:
    assert told("a <new> sentence", "de") == '<span lang="en">a &lt;new&gt; sentence</span>'
    assert told("a new sentence", "en") == "a new sentence"
    assert told("", "de") == ""
    assert 'lang="en"' in told("x" * 100_000, "de")
