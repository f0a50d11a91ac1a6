"""Kinds of content by words in the sense that is meant, and the audience they suit."""

import pytest

from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import appropriateness, chapters
from ebook_pipeline.books.judging.appropriateness.content_words import content_categories
from ebook_pipeline.books.judging.dimension import DimensionResult
from ebook_pipeline.books.judging.policy import PolicyRule, QualityPolicy, load_quality_policy
from ebook_pipeline.books.records import Product, Verdict
from ebook_pipeline.books.records.description import Audience, Origin, Provenance
from tests.support.books.for_judging import PROSE, chapter
from tests.support.corpus import named, needs_corpus

COARSE = "“Fuck off,” he said, and slit his throat."
CHILDREN = Audience(code="02")


def checked(text: str, language: str = "en") -> DimensionResult:
    return appropriateness.check([chapter(text)], language)


def age(text: str) -> object:
    return checked(f"{PROSE * 40}\n{text}").score.evidence["suggested_age"]


def product(audience: Audience | None, origin: Origin = Origin.SUBMITTER) -> Product:
    said = {"audience": Provenance(origin=origin)} if audience else {}
    return Product(title="Any", audience=audience, provenance=said)


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("He rode an ass; the cock crowed; the bitch had six pups; they were gay and queer.", 0),
        ("“Certainly!” he ejaculated, pricking up his ears by a bundle of faggots.", 0),
        ("She nursed the baby at her nipple.", 0),
        (COARSE, 13),
        (COARSE * 6, 16),
        ("He snorted a line in the bathroom.", 13),
        ("“Damn it!” " * 8, 8),
        ("She cut herself; she slit her wrists.", 13),
    ],
)
def test_words_suggest_an_age_in_the_sense_that_is_meant(text: str, suggested: int) -> None:
    assert age(text) == suggested


def test_passages_are_the_evidence_gravest_first() -> None:
    part = checked(f"{PROSE * 9}\n“Damn it! Damn! Damn you! Damned!”\nDamn. {COARSE}")
    first = part.findings[0]
    assert first.rule == "appropriateness.profanity"
    assert "strong" in first.message
    assert "Fuck off" in first.passage
    assert float(part.score.evidence["profanity_per_10000"]) > 0
    assert part.score.value == 1


def test_clean_prose_has_no_passages() -> None:
    assert checked(PROSE * 9).findings == ()


def test_other_languages_are_said_not_to_be_checked() -> None:
    part = checked("Verdammt!", "de")
    assert "not checked" in str(part.score.evidence["checked"])
    assert "suggested_age" not in part.score.evidence


@pytest.mark.parametrize(
    ("audience", "origin", "mismatch"),
    [
        (CHILDREN, Origin.SUBMITTER, True),
        (CHILDREN, Origin.FILE, True),
        (CHILDREN, Origin.MODEL, False),
        (Audience(code="02", age_from=9, age_to=12), Origin.PERSON, True),
        (Audience(code="02", age_from=6), Origin.PERSON, True),
        (Audience(code="03"), Origin.SUBMITTER, False),
        (Audience(code="01"), Origin.SUBMITTER, False),
        (None, Origin.SUBMITTER, False),
    ],
)
def test_a_book_for_younger_readers_than_it_suggests_is_a_mismatch(
    audience: Audience, origin: Origin, mismatch: bool
) -> None:
    judged = appropriateness.against(checked(f"{PROSE * 40} {COARSE}"), product(audience, origin))
    named = [one.rule for one in judged.findings if one.rule == "appropriateness.audience"]
    assert bool(named) == mismatch
    assert (judged.score.value != 1) == mismatch


def test_every_grade_is_of_a_tier_that_has_words() -> None:
    for kind in content_categories():
        tiers = {sense.tier for sense in kind.sense}
        assert {grade.tier for grade in kind.grades} == tiers


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    [
        "novels/kenneth-grahame_the-wind-in-the-willows.epub",
        "novels/robert-louis-stevenson_treasure-island.epub",
        "samples/childrens-literature.epub",
    ],
)
def test_classics_for_children_suit_children(name: str) -> None:
    path = named(name)
    part = appropriateness.check(list(chapters.read(path, read_package(path))), "en")
    assert appropriateness.against(part, product(CHILDREN)).score.value == 1


@pytest.mark.parametrize(
    ("text", "audience", "reason"),
    [
        (COARSE * 6, None, "declares no audience"),
        (COARSE, None, None),
        (COARSE * 6, Audience(code="01"), None),
        ("Her nipple. " * 6, Audience(code="01"), "Sexual content"),
        ("Her nipple.", Audience(code="01"), None),
        ("The darkies left. " * 6, Audience(code="01"), "Slurs"),
        ("The darkies left.", Audience(code="01"), None),
    ],
    ids=["coarse", "nearly", "declared", "sexual", "nearly-sexual", "hateful", "nearly-hateful"],
)
def test_what_many_should_not_read_waits_for_a_person(
    text: str, audience: Audience | None, reason: str | None
) -> None:
    judged = appropriateness.against(checked(f"{PROSE * 200}\n{text}"), product(audience))
    verdict, reasons = load_quality_policy().judge((judged.score,), judged.findings)
    assert verdict is (Verdict.NEEDS_REVIEW if reason else Verdict.PASS)
    assert all(reason in told for told in reasons) if reason else not reasons


def test_in_another_language_it_is_unchecked_and_no_figure_of_a_policy() -> None:
    part = appropriateness.against(checked("Des mots.", "fr"), product(None))
    assert (part.score.value, part.score.shown) == (None, "unchecked")
    assert load_quality_policy().judge((part.score,), ())[0] is Verdict.PASS
    asks = PolicyRule(
        verdict=Verdict.NEEDS_REVIEW, reason="r", figure="appropriateness.unchecked", at_least=1
    )
    policy = QualityPolicy(rules=(asks,), version="p")
    assert policy.judge((part.score,), ())[0] is Verdict.NEEDS_REVIEW
    assert policy.judge((checked(PROSE).score,), ())[0] is Verdict.PASS
