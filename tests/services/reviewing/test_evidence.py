"""What a reviewer and an author are shown: the worst first, each once, of this run's records."""

from pathlib import Path

import pytest

from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import Audience, Product, QualityReport, ValidationReport, Verdict
from ebook_pipeline.books.reviewing.routing import load_routing
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.reviewing.evidence import MOST_FINDINGS, gather_evidence

FLAT = Finding(rule="convert.wide", severity=Severity.WARNING, message="flat", passage="its words")


def finding(rule: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule=rule, severity=severity, message=rule * 500)


@pytest.fixture
def records(tmp_path: Path) -> RecordStore:
    return RecordStore(LocalObjectStore(tmp_path / "objects"))


def keep(records: RecordStore, stage: str, record: Record) -> None:
    records.keep(stage, "emma", 1, record, "mark")


def validated(*findings: Finding) -> ValidationReport:
    known = {"findings": findings}
    required = {
        name: "epub" for name, field in ValidationReport.model_fields.items() if field.is_required()
    }
    return ValidationReport.model_validate(required | known)


def test_what_conversion_could_not_do_is_routed_to_a_person_and_shown(records: RecordStore) -> None:
    verdict, reasons = load_quality_policy().judge((), (FLAT,))
    assert verdict is Verdict.NEEDS_REVIEW
    report = QualityReport(verdict=verdict, reasons=reasons, findings=(FLAT,), policy="p")
    product = Product(title="Emma", languages=("en",), audience=Audience(code="02", age_from=8))
    keep(records, "validated_book", validated(FLAT))
    keep(records, "book_metadata", product)
    keep(records, "qa_report", report)
    found = gather_evidence(records, "emma", 1, until="drm_package")
    assert (found.title, found.reasons) == ("Emma", reasons)
    assert [(one.rule, one.passage) for one in found.findings] == [("convert.wide", "")]
    assert load_routing().route(found.case).rules == (
        "books for the young",
        "what conversion could not do well",
    )


def test_the_worst_come_first_cut_to_what_a_person_reads(records: RecordStore) -> None:
    many = [finding(f"r{number}") for number in range(MOST_FINDINGS)]
    info = finding("info", Severity.INFO)
    keep(records, "validated_book", validated(info, FLAT, *many))
    found = gather_evidence(records, "emma", 1, until="validated_book")
    assert (found.findings[0].rule, len(found.findings), found.more) == ("r0", MOST_FINDINGS, 1)
    assert all(len(one.message) <= 500 for one in found.findings)
    assert "info" not in found.case.findings


def test_an_earlier_runs_record_of_the_stage_that_broke_is_left_out(records: RecordStore) -> None:
    keep(records, "validated_book", validated(finding("old")))
    found = gather_evidence(records, "emma", 1, until="validated_book", finding=finding("new"))
    assert [one.rule for one in found.findings] == ["new"]


def test_a_book_of_which_nothing_is_known_has_no_evidence(records: RecordStore) -> None:
    assert gather_evidence(records, "emma", 1).findings == ()
