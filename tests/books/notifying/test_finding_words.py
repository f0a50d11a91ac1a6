"""Findings in German: each rule that the source names has a title and says what to do."""

import ast
import re
from collections.abc import Iterator

import pytest

from ebook_pipeline.books.converting.text_comparison import parts
from ebook_pipeline.books.formats.epub import protection
from ebook_pipeline.books.formats.pdf import encryption
from ebook_pipeline.books.judging.appropriateness.content_words import content_categories
from ebook_pipeline.books.notifying.finding_words import finding_words, rules_told
from ebook_pipeline.books.validating.accessibility.rules import RULES
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.paths import PROJECT

ROOMS = ("assets", "books", "resources", "services", "tools")
NAMED = re.compile(r"([a-z]+(?:-[a-z]+)*)\.[a-z0-9]+(?:-[a-z0-9]+)*")
NO_RULES = re.compile(
    r"manuscript\.(arrange|assign|cover|create|delete|describe|dismiss|forget-name|id|import|md|name)"
    r"|manuscript\.(no-cover|submit)"
    r"|.*\.(epub|pdf|json|toml|xml|txt|css|xhtml|png|jpg|typ|html|jar)"
    r"|package\.(opf|zip)|upload\.(begin|terminate|size)|metadata\.(un)?locked|submission\.received"
)
"""Names of files, events and audited actions, which look like rules and are none."""
CONFLICTS = ("title", "creator", "publisher", "language", "isbn")
STRAYS = ("quotes", "dashes", "ellipses")
MADE = (
    *(f"accessibility.{name}" for name in RULES),
    *(f"appropriateness.{category.name}" for category in content_categories()),
    *(f"convert.{name}-lost" for name, _, _ in parts._COUNTED),
    *(f"convert.{name}-lost" for name in ("link", "alternative", "language")),
    *(f"images.{name}" for name in ("without-alt", "alt-file-name", "alt-repeated")),
    *(f"metadata.{name}" for name in ("title", "subtitle", "authors", "isbn", "audience")),
    *(
        f"metadata.{name}-conflict"
        for name in ("title", "creator", "publisher", "language", "isbn")
    ),
    *(f"metadata.{name}-missing" for name in ("description", "subjects", "publishers")),
    *(f"typography.{how}-{what}" for how in ("mixed", "stray") for what in STRAYS),
    *(f"typography.{what}-styles" for what in ("undefined", "single", "unused")),
    *(f"pdf.box-{fault}" for fault in ("empty", "huge", "outside", "angle")),
    *(f"protection.{scheme}" for scheme, _ in encryption._HANDLERS.values()),
    *(f"protection.{scheme}" for scheme in protection._NAMES),
)
"""Rules whose ids the source puts together."""


def literals() -> Iterator[str]:
    """Every string of the rooms that may be a rule: its area is one that has rules."""
    areas = {rule.partition(".")[0] for rule in rules_told("de")}
    for room in ROOMS:
        for path in sorted((PROJECT / "ebook_pipeline" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    match = NAMED.fullmatch(node.value)
                    if match and match[1] in areas and not NO_RULES.fullmatch(node.value):
                        yield node.value


def test_every_rule_of_the_source_has_german_words() -> None:
    assert sorted({*literals(), *MADE} - rules_told("de")) == []


def test_every_area_of_the_source_has_german_words() -> None:
    """A rule is what stands in `rule=` or first in a BookError; none is of an area left out."""
    known = {rule.partition(".")[0] for rule in rules_told("de")}
    told = set()
    for path in (PROJECT / "ebook_pipeline").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        told |= set(re.findall(r'(?:rule=|BookError\(\s*|LimitExceeded\(\s*)"([a-z-]+)\.', source))
    assert sorted(told - known) == []


@pytest.mark.parametrize("rule", ["OPF-049", "RSC-005", "HTM-004", "OPF-086b"])
def test_a_rule_of_the_checkers_has_the_words_of_its_area(rule: str) -> None:
    finding = Finding(rule=rule, severity=Severity.ERROR, message="Some words of EPUBCheck.")
    words = finding_words(finding, "de")
    assert words
    assert "EPUBCheck" in words.title
    assert words.remedy


def test_a_finding_without_a_remedy_gets_none() -> None:
    finding = Finding(rule="convert.typst", severity=Severity.INFO, message="Set plainly.")
    words = finding_words(finding, "de")
    assert words
    assert (bool(words.title), words.remedy) == (True, "")


@pytest.mark.parametrize("language", ["en", "fr", "", "../words/findings.de", "DE"])
def test_in_other_languages_a_finding_has_its_own_words_alone(language: str) -> None:
    finding = Finding(rule="convert.typst", severity=Severity.INFO, message="Set plainly.")
    assert finding_words(finding, language) is None


def test_titles_are_sentences_without_a_full_stop_and_remedies_end_with_one() -> None:
    for rule in rules_told("de"):
        finding = Finding(rule=rule, severity=Severity.INFO, message="m", remedy="r")
        words = finding_words(finding, "de")
        if words is None:  # an area of EPUBCheck
            continue
        assert words.title[0].isupper() or words.title[0] in "’„", rule
        assert not words.title.endswith("."), rule
        assert words.remedy.endswith((".", ")")), rule
