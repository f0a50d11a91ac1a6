"""What people see in the UI: the worst first, pictures in place, a book's words as words."""

import io

from PIL import Image

from ebook_pipeline.assets import ui_metadata
from ebook_pipeline.assets.validated import show_validation
from ebook_pipeline.books.records import (
    BookFormat,
    Conformance,
    ConformanceStatus,
    ValidationReport,
)
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.dagster_metadata import markdown


def noisy_cover() -> bytes:
    """A JPEG that compresses badly."""
    body = io.BytesIO()
    Image.effect_noise((200, 300), 90).convert("RGB").save(body, "JPEG")
    return body.getvalue()


def test_a_cover_is_small_enough_to_be_shown_in_place() -> None:
    assert len(markdown(ui_metadata.small_picture(noisy_cover(), "cover " * 50))) < 1000


def test_the_worst_findings_come_first_and_are_bounded() -> None:
    mild = [Finding(rule=f"r{n}", severity=Severity.INFO, message="m") for n in range(80)]
    table = ui_metadata.findings_table(
        [*mild, Finding(rule="x", severity=Severity.FATAL, message="m")]
    )
    assert table.records[0].data["rule"] == "x"
    assert len(table.records) == 50


def test_a_book_s_own_words_mean_nothing_in_markdown() -> None:
    said = ui_metadata.escaped("<img src=x onerror=alert(1)> [a](http://evil) **b** `c`")
    assert "<" not in said
    assert r"\[a\]\(http://evil\)" in said
    assert r"\*\*b\*\*" in said


def test_findings_are_counted_by_severity() -> None:
    findings = [Finding(rule="r", severity=s, message="m") for s in ("error", "error", "info")]
    assert ui_metadata.counts(findings) == {"error": 2, "info": 1}


def test_facts_are_read_out() -> None:
    facts: dict[str, str | float] = {
        "pages": 5000,
        "tagged": False,
        "page size": "A5",
        "covered": 0.25,
        "codepage": 65001,
    }
    rows = ui_metadata.facts_table(facts).records
    assert [row.data["value"] for row in rows] == ["5,000", "no", "A5", "0.25", "65001"]


def test_what_readers_are_told_of_accessibility_is_shown_where_it_was_checked() -> None:
    unread = ValidationReport(format=BookFormat.PDF, checker="qpdf")
    said = Conformance(standard="S", status=ConformanceStatus.NOT_CLAIMED, statement="No claim.")
    assert "accessibility" not in show_validation(unread)
    checked = unread.model_copy(update={"accessibility": said})
    assert show_validation(checked)["accessibility"] == "No claim."
