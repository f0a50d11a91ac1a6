"""The report and its verdict, of whole books."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import assessor
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import Claims, QualityReport, Verdict
from ebook_pipeline.foundation.errors import BookError, LimitExceeded, ServiceError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources.models.text_models import LocalModels
from ebook_pipeline.tools import sandbox
from tests.support.books.for_judging import PROSE, book, misspelt, picture
from tests.support.corpus import entries, named, needs_corpus

pytestmark = pytest.mark.xdist_group("models")

LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor."
CHAPTERS = [f"<h1>{n}</h1>" + f"<p>{PROSE}</p>" * 9 + f"<p>Part {n}.</p>" for n in range(5)]
SHORT = "novels/oscar-wilde_the-importance-of-being-earnest.epub"
GOOD = [
    pytest.param(
        entry["name"],
        marks=[pytest.mark.prove] if entry["name"] != SHORT else [],
    )
    for entry in entries("novel", "sample")
]
"""All but one are judged in the long proof."""


@pytest.fixture
def assess(tmp_path: Path, cache: Path, models: LocalModels) -> Callable[..., QualityReport]:
    def assessed(
        path: Path, claims: Claims | None = None, found: tuple[Finding, ...] = ()
    ) -> QualityReport:
        body = tmp_path / "book.txt"
        body.write_text("\n".join(text for _, text in content.texts(path, read_package(path))))
        product = describe(DescriptionSources(path, body, claims or Claims()))
        judged = assessor.AssessmentInput(path, body, product, found)
        return assessor.QualityAssessor(load_quality_policy(), models, cache).assess(judged)

    return assessed


def test_a_sound_book_passes_with_its_figures(
    assess: Callable[..., QualityReport], tmp_path: Path
) -> None:
    report = assess(book(tmp_path / "b.epub", *CHAPTERS))
    assert (report.verdict, report.reasons) == (Verdict.PASS, ())
    assert [score.dimension for score in report.scores] == [
        "plausibility", "spelling", "typography", "images", "appropriateness",
        "grammar",
    ]  # fmt: skip
    assert report.policy.startswith("policy-")
    assert any("py3langid" in model for model in report.models)


def test_the_same_book_gets_the_same_report(
    assess: Callable[..., QualityReport], tmp_path: Path
) -> None:
    path = book(tmp_path / "b.epub", *CHAPTERS, "<p>We recieve.</p>")
    assert assess(path).data_version == assess(path).data_version


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ([misspelt(body, 0.05, seed)[0] for seed, body in enumerate(CHAPTERS)], "Likely typos"),
        ([*CHAPTERS, CHAPTERS[0]], "repeat"),
        ([*CHAPTERS, "<p/>", "<p/>"], "empty"),
        ([*CHAPTERS, "<p>TODO: the end</p>"], "Placeholders"),
        ([*CHAPTERS, f"<p>{LOREM}</p>"], "filler"),
        ([f"<p>{'Thls ls whot wos wrltten hcre by anyoue ot oll. ' * 20}</p>"], "no dictionary"),
        (["<p>Too short a book.</p>"], "very short"),
        ([f"<p>{'Il était une fois une petite fille de village. ' * 20}</p>"], "another language"),
        (['<p><img src="a.png" alt=""/></p>', *CHAPTERS], "Pictures cannot be shown"),
    ],
    ids=[
        "typos",
        "repeated",
        "empty",
        "placeholder",
        "filler",
        "noise",
        "short",
        "language",
        "picture",
    ],
)
def test_a_poor_book_waits_for_a_person_and_says_why(
    assess: Callable[..., QualityReport], tmp_path: Path, bodies: list[str], reason: str
) -> None:
    report = assess(book(tmp_path / "b.epub", *bodies, files={"a.png": b"no picture"}))
    assert report.verdict is Verdict.NEEDS_REVIEW
    assert reason in " ".join(report.reasons)


def test_what_conversion_could_not_do_well_goes_to_a_person(
    assess: Callable[..., QualityReport], tmp_path: Path
) -> None:
    path = book(tmp_path / "b.epub", *CHAPTERS)
    lost = Finding(rule="convert.words-lost", severity=Severity.WARNING, message="Words are lost.")
    report = assess(path, found=(lost,))
    assert report.verdict is Verdict.NEEDS_REVIEW
    assert "Conversion" in " ".join(report.reasons)


def test_what_conversion_merely_remarks_stops_no_book(
    assess: Callable[..., QualityReport], tmp_path: Path
) -> None:
    path = book(tmp_path / "b.epub", *CHAPTERS)
    said = Finding(rule="convert.typst", severity=Severity.INFO, message="Set by typst.")
    assert assess(path, found=(said,)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "claims", [Claims(title="Another"), Claims(authors=("Zed",)), Claims(isbn="9780306406158")]
)
def test_doubtful_metadata_waits_for_a_person(
    assess: Callable[..., QualityReport], tmp_path: Path, claims: Claims
) -> None:
    assert assess(book(tmp_path / "b.epub", *CHAPTERS), claims).verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize("bodies", [["<p/>"], [f"<p>{LOREM}</p>" * 9, f"<p>{LOREM}</p>" * 5]])
def test_what_is_no_book_at_all_is_rejected(
    assess: Callable[..., QualityReport], tmp_path: Path, bodies: list[str]
) -> None:
    assert assess(book(tmp_path / "b.epub", *bodies)).verdict is Verdict.REJECT


def test_a_book_of_pictures_passes(assess: Callable[..., QualityReport], tmp_path: Path) -> None:
    files = {f"p{n}.png": picture(700, 900, seed=n) for n in range(3)}
    pages = [f'<p><img src="{name}" alt="Page"/></p>' for name in files]
    assert assess(book(tmp_path / "b.epub", *pages, files=files)).verdict is Verdict.PASS


def test_a_book_that_cannot_be_read_is_the_books_fault(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "b.epub"
    path.write_bytes(b"PK no zip")
    with pytest.raises(BookError):
        assessor.examine_book(path, "en", cache)


def test_a_policy_that_names_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    for body in ("no toml", '[[rule]]\nverdict="reject"\nreason="x"', '[[rule]]\nverdict="burn"'):
        path.write_text(body)
        with pytest.raises(ServiceError):
            load_quality_policy(path)


def test_another_policy_is_another_version(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("# nothing is ever wrong\n")
    assert load_quality_policy(path).version != load_quality_policy().version
    assert load_quality_policy(path).judge((), ()) == (Verdict.PASS, ())


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", GOOD)
def test_real_books_pass(assess: Callable[..., QualityReport], name: str) -> None:
    report = assess(named(name))
    assert (report.verdict, report.reasons) == (Verdict.PASS, ())


def test_a_book_that_asks_for_too_much_is_unjudged_and_waits_for_a_person(
    assess: Callable[..., QualityReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise LimitExceeded("sandbox.time", "The work on this file took too long.")

    monkeypatch.setattr(sandbox, "call", ended)
    report = assess(book(tmp_path / "b.epub", *CHAPTERS))
    assert report.verdict is Verdict.NEEDS_REVIEW
    assert [score.value for score in report.scores] == [None] * 6
    assert [finding.rule for finding in report.findings] == ["quality.unchecked"]
