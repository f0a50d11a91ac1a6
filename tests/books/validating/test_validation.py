"""Reports on whole files: what is rejected, what passes, and that nothing gets out of bounds."""

import time
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import BookFormat, ValidationReport, Verdict
from ebook_pipeline.books.validating.validation import FileVerdict, validate, verdict
from ebook_pipeline.foundation.errors import LimitExceeded
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.epub import METADATA, epub, package
from tests.support.corpus import entries, named, needs_corpus

LOUD = Finding(rule="X-1", severity=Severity.WARNING, message="it ran")


class Told:
    """A checker that says what it was told to, and remembers what it was asked."""

    version = "told 1"

    def __init__(self, answer: Finding | LimitExceeded = LOUD) -> None:
        self.answer = answer
        self.profiles: list[str] = []

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        self.profiles.append(profile)
        if isinstance(self.answer, LimitExceeded):
            raise self.answer
        return (self.answer,)


def rules(report: ValidationReport) -> list[str]:
    """The rules of all findings but those about accessibility, which say nothing of the verdict."""
    found = (finding.rule for finding in report.findings)
    return [rule for rule in found if not rule.startswith("accessibility.")]


def test_a_sound_epub_is_reported_with_its_figures(tmp_path: Path) -> None:
    report = validate(epub(tmp_path / "b.epub"), "b.epub", "default", Told())
    assert rules(report) == ["X-1"]
    assert (report.format, report.format_version, report.checker) == ("epub", "3.0", "told 1")
    assert (report.entries, report.pages) == (5, None)


def test_accessibility_is_told_beside_the_verdict_and_changes_it_never(tmp_path: Path) -> None:
    body = '<h1>One</h1><p><img src="gone.png"/></p>'
    report = validate(epub(tmp_path / "b.epub", {"EPUB/one.xhtml": body}), "b", "default", Told())
    assert report.accessibility is not None
    assert "WCAG 1.1.1" in report.accessibility.statement
    assert "accessibility.image-alt" in [one.rule for one in report.findings]
    assert verdict(report) is FileVerdict.VALID


def test_a_book_that_can_not_be_read_has_no_statement(tmp_path: Path) -> None:
    broken = epub(tmp_path / "b.epub", {"EPUB/package.opf": "<package"})
    assert validate(broken, "b.epub", "default", Told()).accessibility is None


def test_a_persian_book_is_asked_to_say_that_it_is_turned_from_the_right(tmp_path: Path) -> None:
    persian = package(METADATA.replace("<dc:language>en", "<dc:language>fa"))
    source = epub(tmp_path / "b.epub", {"EPUB/package.opf": persian})
    report = validate(source, "b.epub", "default", Told())
    assert rules(report) == ["X-1", "package.no-progression"]
    assert verdict(report) is FileVerdict.VALID


def test_an_unsafe_container_is_never_given_to_the_checker(tmp_path: Path) -> None:
    checker = Told()
    book = epub(tmp_path / "b.epub", {"../out.txt": "x"})
    assert rules(validate(book, "b.epub", "default", checker)) == ["container.path-escape"]
    assert checker.profiles == []


def test_a_checker_over_its_limit_leaves_a_book_unchecked_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    checker = Told(LimitExceeded("epubcheck.time", "too long."))
    report = validate(epub(tmp_path / "b.epub"), "b.epub", "default", checker)
    assert rules(report) == ["epubcheck.time"]
    assert report.format_version == "3.0"
    assert not blocks(report.findings)
    assert verdict(report) is FileVerdict.UNCHECKED


def test_what_was_not_checked_to_its_end_waits_for_a_person(tmp_path: Path) -> None:
    checker = Told(LimitExceeded("epubcheck.memory", "too much."))
    report = validate(epub(tmp_path / "b.epub"), "b.epub", "default", checker)
    judged, reasons = load_quality_policy().judge((), report.findings)
    assert judged is Verdict.NEEDS_REVIEW
    assert "checked in part" in " ".join(reasons)


def test_an_unknown_profile_is_a_warning_and_the_default_is_used(tmp_path: Path) -> None:
    checker = Told()
    report = validate(epub(tmp_path / "b.epub"), "b.epub", "mine", checker)
    assert rules(report) == ["profile.unknown", "X-1"]
    assert checker.profiles == ["default"]


def test_an_empty_file_is_fatal(tmp_path: Path) -> None:
    (tmp_path / "b.epub").touch()
    report = validate(tmp_path / "b.epub", "b.epub", "default", Told())
    assert rules(report) == ["media-type.empty"]
    assert report.format is BookFormat.UNKNOWN


def test_a_lying_extension_is_an_error(tmp_path: Path) -> None:
    report = validate(epub(tmp_path / "b"), "s3://in/b.pdf", "default", Told())
    assert rules(report) == ["media-type.extension", "X-1"]
    assert blocks(report.findings)


def test_a_format_that_no_book_is_made_of_is_refused_unless_it_is_accepted(tmp_path: Path) -> None:
    text = tmp_path / "b.txt"
    text.write_text("Once upon a time there was a book.")
    assert rules(validate(text, "b.txt", "default", Told(), frozenset())) == [
        "format.unsupported",
        "manuscript.no-headings",
    ]
    accepted = frozenset({BookFormat.TEXT})
    assert rules(validate(text, "b.txt", "default", Told(), accepted)) == ["manuscript.no-headings"]


def test_what_nobody_knows_is_fatal(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\0\1\2\3" * 100)
    assert rules(validate(tmp_path / "b", "b", "default", Told())) == ["format.unknown"]


def test_every_finding_of_ours_that_blocks_says_what_to_do(tmp_path: Path) -> None:
    book = epub(tmp_path / "b.epub", {"../out.txt": "x"})
    report = validate(book, "b.pdf", "default", Told())
    assert len(rules(report)) == 2
    assert all(finding.remedy for finding in report.findings)


@pytest.mark.parametrize(
    ("rule", "severity", "expected"),
    [
        ("RSC-005", Severity.WARNING, FileVerdict.VALID),
        ("RSC-005", Severity.ERROR, FileVerdict.INVALID),
        ("container.crc", Severity.ERROR, FileVerdict.INVALID),
        ("container.path-escape", Severity.FATAL, FileVerdict.REFUSED),
        ("protection.readium-lcp", Severity.FATAL, FileVerdict.REFUSED),
        ("protection.restricted", Severity.WARNING, FileVerdict.VALID),
    ],
)
def test_a_verdict_tells_what_to_mend_from_what_must_not_enter(
    rule: str, severity: Severity, expected: FileVerdict
) -> None:
    said = Finding(rule=rule, severity=severity, message="so it is")
    report = ValidationReport(format=BookFormat.EPUB, checker="told 1", findings=(said,))
    assert verdict(report) is expected


def test_a_book_without_findings_is_valid() -> None:
    assert verdict(ValidationReport(format=BookFormat.EPUB, checker="x")) is FileVerdict.VALID


REFUSED = frozenset(
    [
        "billion-laughs.epub",
        "drm-adept.epub",
        "image-bomb.epub",
        "symlink-entry.epub",
        "xxe-opf.epub",
        "xxe.docx",
        "zero-byte.epub",
        "zero-byte.pdf",
        "zip-bomb.epub",
        "zip-slip.epub",
    ]
)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", entries("hostile"), ids=lambda entry: Path(entry["name"]).name)
def test_what_must_not_enter_is_refused_and_the_rest_can_be_mended(entry: dict[str, Any]) -> None:
    accepted = frozenset(BookFormat) - {BookFormat.UNKNOWN}
    report = validate(named(entry["name"]), entry["name"], "default", Told(), accepted)
    refused = verdict(report) is FileVerdict.REFUSED
    assert refused == (Path(entry["name"]).name in REFUSED)


@needs_corpus
@pytest.mark.corpus
def test_every_hostile_file_that_must_not_enter_was_tried() -> None:
    assert set(REFUSED) <= {Path(entry["name"]).name for entry in entries("hostile")}


def with_outcome() -> list[dict[str, Any]]:
    return [entry for entry in entries("hostile") if entry.get("expected_outcome")]


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", with_outcome(), ids=lambda entry: Path(entry["name"]).name)
def test_a_hostile_file_gets_its_expected_outcome(
    entry: dict[str, Any], epubcheck: EpubCheck
) -> None:
    began = time.monotonic()
    accepted = frozenset(BookFormat) - {BookFormat.UNKNOWN}
    report = validate(named(entry["name"]), entry["name"], "default", epubcheck, accepted)
    assert time.monotonic() - began < 60
    if entry["expected_outcome"] == "accept":
        assert not blocks(report.findings)
    elif entry["expected_outcome"].startswith("reject"):
        assert blocks(report.findings)
    assert "root:" not in report.model_dump_json()


@needs_corpus
@pytest.mark.corpus
def test_protection_is_named_and_not_called_damage(epubcheck: EpubCheck) -> None:
    book = named("hostile/drm-adept.epub")
    assert rules(validate(book, "b.epub", "default", epubcheck)) == ["protection.adobe-adept"]
    kindle = validate(named("mobi/drm.mobi"), "b.mobi", "default", epubcheck)
    assert rules(kindle) == ["protection.kindle"]


def dealt(*classes: str) -> list[Any]:
    """The entries of these classes; those that take long are for the long proof."""
    return [
        pytest.param(
            entry, id=entry["name"], marks=[pytest.mark.prove] if entry["class"] == "novel" else []
        )
        for entry in entries(*classes)
    ]


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", dealt("novel", "sample", "w3c-test"))
def test_every_valid_novel_and_sample_may_be_sold(
    entry: dict[str, Any], epubcheck: EpubCheck
) -> None:
    report = validate(named(entry["name"]), entry["name"], "default", epubcheck)
    assert blocks(report.findings) != bool(entry["valid"]), rules(report)


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", dealt("manuscript", "mobi"))
def test_every_other_manuscript_is_recognised_and_sound(
    entry: dict[str, Any], epubcheck: EpubCheck
) -> None:
    accepted = frozenset(BookFormat)
    report = validate(named(entry["name"]), entry["name"], "default", epubcheck, accepted)
    assert blocks(report.findings) == ("drm" in entry["case"]), report.findings
