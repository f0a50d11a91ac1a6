"""Manuscripts checked against their format's standard. Nothing is mended here."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.ui_metadata import counts, facts_table, findings_table
from ebook_pipeline.books.records import Submission, ValidationReport
from ebook_pipeline.books.validating import validation
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.foundation import findings
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.epubcheck import EpubCheck


def publishable(validated_book: ValidationReport) -> bool:
    """No finding of severity error or worse: else the book is rejected and its author told."""
    return not findings.blocks(validated_book.findings)


def show_validation(validated_book: ValidationReport) -> dict[str, Any]:
    return {
        "verdict": "publishable" if publishable(validated_book) else "rejected",
        "format": f"{validated_book.format.value} {validated_book.format_version}".strip(),
        "checker": validated_book.checker,
        **_shown_facts(validated_book),
        **_shown_accessibility(validated_book),
        "findings_by_severity": dg.MetadataValue.json(counts(validated_book.findings)),
        "findings": findings_table(validated_book.findings),
    }


def _shown_facts(report: ValidationReport) -> dict[str, Any]:
    return {"facts": facts_table(report.facts)} if report.facts else {}


def _shown_accessibility(report: ValidationReport) -> dict[str, Any]:
    return {"accessibility": report.accessibility.statement} if report.accessibility else {}


@stage(
    group="ingest",
    version="4",
    kinds=frozenset({"epub", "pdf"}),
    owners=("team:ingestion",),
    pools=frozenset({"jvm"}),
    checks=(publishable,),
    show=show_validation,
)
def validated_book(
    raw_file: Submission, files: Files, epubcheck: EpubCheck, settings: Settings
) -> ValidationReport:
    """The manuscript checked against its format's standard; the findings are the product.

    Container and safety checks come before any parser, then EPUBCheck or the PDF checks. A book
    with an error is rejected here and goes no further.
    """
    if raw_file.blob.length > settings.max_book_bytes:
        report = validation.too_large_report(
            raw_file.format, raw_file.blob.length, settings.max_book_bytes
        )
    else:
        report = validation.validate(
            files.path(raw_file.blob),
            raw_file.source,
            raw_file.claims.profile,
            epubcheck,
            format_=raw_file.format,
        )
    return report.model_copy(update={"findings": (*raw_file.findings, *report.findings)})
