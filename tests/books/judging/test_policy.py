"""The policy's file: rules in general, rules of an imprint, and files that are none."""

from pathlib import Path

import pytest

from ebook_pipeline.books.judging import assessor, grammar
from ebook_pipeline.books.judging.policy import QualityPolicy, load_quality_policy
from ebook_pipeline.books.records import Score, Verdict
from ebook_pipeline.foundation.errors import ServiceError
from tests.support.books.for_judging import PROSE, book

GENERAL = """
[[rule]]
verdict = "needs_review"
figure = "images.score"
at_most = 0.5
reason = "Poor pictures: {value:.2f}."
"""
STRICT = """
[[imprint."Fine  Prints".rule]]
verdict = "reject"
figure = "images.score"
at_most = 0.9
reason = "Not fine."

[[imprint."Fine  Prints".rule]]
verdict = "needs_review"
figure = "typography.score"
at_most = 0.9
reason = "Not well set."
"""
MILD = """
[[imprint."Rough Comics".rule]]
verdict = "pass"
figure = "images.score"
at_most = 0.5
reason = "Drawings are rough."
"""
POOR = (Score(dimension="images", value=0.4), Score(dimension="typography", value=0.8))


@pytest.fixture
def policy(tmp_path: Path) -> QualityPolicy:
    path = tmp_path / "policy.toml"
    path.write_text(GENERAL + STRICT + MILD)
    return load_quality_policy(path)


@pytest.mark.parametrize(
    ("imprint", "verdict", "reasons"),
    [
        ((), Verdict.NEEDS_REVIEW, ("Poor pictures: 0.40.",)),
        (("Nobody Knows",), Verdict.NEEDS_REVIEW, ("Poor pictures: 0.40.",)),
        (("fine prints",), Verdict.REJECT, ("Not fine.", "Not well set.")),
        (("Nobody Knows", "Fine Prints"), Verdict.REJECT, ("Not fine.", "Not well set.")),
        (("Rough Comics", "Fine Prints"), Verdict.PASS, ()),
    ],
)
def test_the_first_known_imprint_sets_the_rules(
    policy: QualityPolicy, imprint: tuple[str, ...], verdict: Verdict, reasons: tuple[str, ...]
) -> None:
    assert policy.judge(POOR, (), imprint) == (verdict, reasons)


@pytest.mark.parametrize(
    "body",
    [
        GENERAL.replace("at_most", "atmost"),
        GENERAL.replace("at_most = 0.5", ""),
        GENERAL.replace("images.score", "images"),
        GENERAL.replace("{value:.2f}", "{worth}"),
        GENERAL.replace("{value:.2f}", "{0}"),
        GENERAL.replace("{value:.2f}", "{value:q}"),
        GENERAL.replace("[[rule]]", "[[rules]]"),
        GENERAL + 'finding = "images.broken"',
        '[imprint."A"]\nrules = []',
        STRICT + STRICT.replace("Fine  Prints", "fine prints"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, body: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(body)
    with pytest.raises(ServiceError, match=r"policy\.toml is no quality policy"):
        load_quality_policy(path)


def test_our_own_policy_names_only_figures_that_are_measured(tmp_path: Path, cache: Path) -> None:
    seen = assessor.examine_book(book(tmp_path / "b.epub", f"<p>{PROSE}</p>" * 9), "en", cache)
    assert seen.prose is not None
    parts = (*seen.parts, grammar.score_grammar(seen.prose, (), "en"))
    measured = {
        f"{part.score.dimension}.{name}"
        for part in parts
        for name in ("score", *part.score.evidence)
    } | {"appropriateness.undeclared_age"}  # of a book for which nobody declares an audience
    assert {rule.figure for rule in load_quality_policy().rules if rule.figure} <= measured
