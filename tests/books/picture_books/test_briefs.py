"""Briefs that nothing can be made of, and texts that no children's book may have."""

import json
from typing import get_args

import pytest

from benchmarks import language_texts
from benchmarks.picture_books import inside, measured
from ebook_pipeline.books.picture_books.brief import AgeGroup, Brief, CharacterBrief, Language
from ebook_pipeline.books.picture_books.brief_check import read_brief, refusals
from ebook_pipeline.books.picture_books.german_words import familiar
from ebook_pipeline.books.picture_books.moderation import unsafe
from ebook_pipeline.books.picture_books.readability import dale_chall, outside, readability, spache
from ebook_pipeline.books.picture_books.story.german import Noun, phrase
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.books.picture_books.wording_of_books import dedicated
from ebook_pipeline.foundation.errors import BookError
from tests.support.corpus import THOROUGH
from tests.support.paths import SAMPLES


@pytest.mark.parametrize("name", ["pip", "oskar", "colouring"])
def test_sample_briefs_can_be_made(name: str) -> None:
    brief = read_brief((SAMPLES / "briefs" / f"{name}.json").read_bytes())
    assert refusals(brief) == []


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"pages": 31}, "brief.pages"),
        ({"pages": 64}, "brief.pages"),
        ({"paper": "white"}, "brief.paper"),
        ({"paper": "standard-colour"}, "brief.paper"),
        ({"setting": "the moon"}, "brief.unknown"),
        ({"thing": "chainsaw"}, "brief.unknown"),
        ({"characters": [{"name": "X1", "species": "fox"}]}, "brief.name"),
        ({"characters": [{"name": "Pip", "species": "dragon"}]}, "brief.unknown"),
        ({"characters": [{"name": "Pip", "species": "fox", "colour": "plaid"}]}, "brief.unknown"),
        ({"title": "Peppa Pig and the gun"}, "child.brand"),
    ],
)
def test_nonsense_is_refused_with_a_remedy(facts: dict[str, object], rule: str) -> None:
    found = refusals(read_brief(json.dumps(facts).encode()))
    assert rule in {finding.rule for finding in found}
    assert all(finding.remedy for finding in found)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{",
        b'{"seed": -1}',
        b'{"seed": "x"}',
        b'{"colour": 1}',
        b'{"characters": [{}]}',
        b"[" * 9000,
        b'"' + b"x" * 30_000 + b'"',
    ],
)
def test_what_is_no_brief_is_a_finding(document: bytes) -> None:
    with pytest.raises(BookError) as caught:
        read_brief(document)
    assert caught.value.finding.rule.startswith("brief.")


def test_two_of_one_species_or_role_are_refused() -> None:
    fox = CharacterBrief(name="Fenn", species="fox")
    rules = {one.rule for one in refusals(Brief(characters=(fox, fox)))}
    assert rules == {"brief.species", "brief.roles"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Tom played with the knife.", "child.danger"),
        ("Du bist so dumm, sagte der Fuchs.", "child.shame"),
        ("They watched Bluey all day.", "child.brand"),
        ("Write to me@example.org!", "child.contact"),
    ],
)
def test_unsafe_words_are_found(text: str, rule: str) -> None:
    language: Language = "de" if "Du" in text else "en"
    assert rule in {finding.rule for finding in unsafe([[text]], language)}


def test_glass_and_hello_are_safe_words() -> None:
    pages = [["Hello, said the glass. The class was in the grass; the skill was to begin."]]
    assert unsafe(pages, "en") == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("age", list(AgeGroup))
def test_stories_are_within_their_age_gate_and_safe(language: Language, age: AgeGroup) -> None:
    for seed in range(6):
        story = write_story(Brief(seed=seed, language=language, age_group=age))
        pages = [page.paragraphs for page in story.pages]
        names = frozenset(one.name for one in story.cast)
        assert outside(readability(pages, language, names), age) == []
        assert unsafe(pages, language) == []


@pytest.mark.prove
def test_at_least_95_in_100_stories_are_inside_their_age_gate() -> None:
    seeds = range(1000 if THOROUGH else 40)
    for language in get_args(Language):
        for age in AgeGroup:
            stories = list(measured(language, age, seeds))
            assert inside(stories, age) >= 0.95, (language, age)


def test_a_german_text_for_adults_is_above_every_age() -> None:
    words = "Die Verwaltungsgerichtsordnung regelt Zuständigkeiten. "
    pages = [[language_texts.text("novel", "de")], [words * 3]]
    above = [outside(readability(pages, "de"), age) for age in AgeGroup]
    assert all("unfamiliar" in " ".join(reasons) for reasons in above)


@pytest.mark.parametrize(
    ("word", "is_known"),
    [
        ("haus", True), ("größer", True), ("apfelbäume", True), ("laterne", True),
        ("gespielt", True), ("igel", True), ("glühwürmchen", True), ("obliegenheit", False),
        ("verwaltungsgericht", False), ("panzerartig", False),
    ],
)  # fmt: skip
def test_everyday_german_is_familiar(word: str, is_known: bool) -> None:
    assert familiar(word) is is_known


def test_formulas_give_the_grades_of_their_sources() -> None:
    assert spache(10, 0.1) == pytest.approx(0.121 * 10 + 0.082 * 10 + 0.659)
    assert dale_chall(10, 0.1) == pytest.approx(0.1579 * 10 + 0.0496 * 10 + 3.6365)
    assert dale_chall(10, 0.05) == pytest.approx(0.1579 * 5 + 0.496)


@pytest.mark.parametrize(
    ("noun", "determiner", "case", "expected"),
    [
        (Noun("Ball", "m", adjective="rot"), "der", "akk", "den roten Ball"),
        (Noun("Ball", "m", adjective="rot"), "ein", "nom", "ein roter Ball"),
        (Noun("Glocke", "f", adjective="golden"), "ein", "dat", "einer goldenen Glocke"),
        (Noun("Buch", "n", adjective="dick"), "sein", "akk", "sein dickes Buch"),
        (Noun("Buch", "n"), "der", "gen", "des Buches"),
        (Noun("Igeljunge", "m", True, "klein"), "der", "dat", "dem kleinen Igeljungen"),
        (Noun("Haus", "n"), "der", "gen", "des Hauses"),
        (Noun("Schuhe", "p", adjective="neu"), "der", "dat", "den neuen Schuhen"),
        (Noun("Schuhe", "p", adjective="neu"), "ein", "nom", "neue Schuhe"),
    ],
)
def test_german_phrases_are_declined(noun: Noun, determiner: str, case: str, expected: str) -> None:
    assert phrase(noun, determiner, case) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "language", "line"),
    [
        ("Mia", "en", "For Mia"),
        ("For Mia", "en", "For Mia"),
        ("forty friends", "en", "For forty friends"),
        ("für Mia", "de", "für Mia"),
    ],
)
def test_a_dedication_says_for_whom_once(written: str, language: Language, line: str) -> None:
    assert dedicated(written, language) == line
