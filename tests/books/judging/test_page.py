"""The page that an editor reads."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ebook_pipeline.books.judging.report_page import page, put_beside
from ebook_pipeline.books.records import ComparedBook, Product, QualityReport, Score, Verdict
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.books.for_judging import book

TYPO = Finding(
    rule="spelling.likely-typo",
    severity=Severity.INFO,
    message="“recieve” may be a typo of “receive”",
    place="EPUB/c1.xhtml",
    passage="we recieve <them>",
)
BODIES = (
    "<p>Nothing here.</p>",
    "<p>Before it.</p><p>There we recieve &lt;them&gt; kindly.</p><p>After it.</p>",
)


def report(*findings: Finding) -> QualityReport:
    scores = (Score(dimension="spelling", value=0.42, evidence={"likely_typos": 1}),)
    return QualityReport(
        verdict=Verdict.NEEDS_REVIEW,
        reasons=("Likely typos: 30 in 10,000 words",),
        scores=scores,
        findings=findings,
        policy="policy-1",
        models=("quality-1",),
    )


@pytest.fixture
def drawn(tmp_path: Path) -> Callable[..., str]:
    path = book(tmp_path / "b.epub", *BODIES)

    def draw(*findings: Finding, title: str = "Emma") -> str:
        return page(report(*findings), Product(title=title), path)

    return draw


def test_a_place_opens_at_the_passage_between_its_neighbours(drawn: Callable[..., str]) -> None:
    html = drawn(TYPO)
    assert "<mark>we recieve &lt;them&gt;</mark> kindly." in html
    assert html.index("Before it.") < html.index("<mark>") < html.index("After it.")


def test_verdict_reasons_and_scores_are_told(drawn: Callable[..., str]) -> None:
    html = drawn()
    for told in ("needs review", "Likely typos: 30 in 10,000 words", "0.42", "likely typos 1"):
        assert told in html


def test_a_finding_whose_words_are_gone_is_told_without_a_passage(
    drawn: Callable[..., str],
) -> None:
    html = drawn(TYPO.model_copy(update={"passage": "words of another edition"}))
    assert "EPUB/c1.xhtml" in html
    assert "<mark>" not in html


def test_findings_of_one_rule_stand_together_and_only_grave_ones_are_open(
    drawn: Callable[..., str],
) -> None:
    grave = Finding(rule="images.broken", severity=Severity.WARNING, message="Broken.")
    html = drawn(TYPO, grave, TYPO)
    assert html.index("images.broken") < html.index("spelling.likely-typo")
    assert html.count("<b>spelling.likely-typo</b>") == 1
    assert html.count('class="group" open') == 1


def test_a_remedy_is_told_once_where_it_is_that_of_all(drawn: Callable[..., str]) -> None:
    one, other = (TYPO.model_copy(update={"remedy": f"Write {word}."}) for word in ("this", "that"))
    assert drawn(one, one).count("Write this.") == 1
    html = drawn(one, other)
    assert html.count("Write this.") == html.count("Write that.") == 1


def test_a_stranger_writes_no_markup_into_the_page(drawn: Callable[..., str]) -> None:
    attack = "<script>alert(1)</script>"
    found = Finding(rule="x", severity=Severity.ERROR, message=attack, place=attack, remedy=attack)
    assert "<script" not in drawn(found, title=attack)


def test_the_same_report_gives_the_same_page(drawn: Callable[..., str]) -> None:
    assert drawn(TYPO) == drawn(TYPO)


def test_what_is_unchecked_is_said_and_has_no_figure(tmp_path: Path) -> None:
    nobody = Score(dimension="spelling", value=None, evidence={"checked": "not checked: fr"})
    judged = report().model_copy(update={"scores": (nobody,)})
    html = page(judged, Product(title="Emma"), book(tmp_path / "b.epub", *BODIES))
    assert "unchecked</td>" in html
    assert "not checked: fr" in html
    assert 'class="bar' not in html


def test_books_of_other_accounts_stand_beside_it(tmp_path: Path) -> None:
    day = date(2026, 1, 2)
    beside = (
        ComparedBook(book="mine", account="thief", title="Mine", sent=day, likeness=1),
        ComparedBook(book="emma", account="press", title="<Emma>", sent=day, likeness=0.98),
    )
    path = book(tmp_path / "b.epub", *BODIES)
    shown = page(report(), Product(title="Mine"), path).encode()
    assert put_beside(shown, ()) == shown
    assert b"Beside books" not in shown  # the page that the people of an account may read
    html = put_beside(shown, beside).decode()
    row = '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>'
    assert row.format("title", "Mine", "&lt;Emma&gt;") in html
    assert row.format("likeness", "100%", "98%") in html
    assert "imprint" not in html
