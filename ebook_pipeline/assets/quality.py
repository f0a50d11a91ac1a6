"""Books judged as an editor would, by a policy that people can read."""

import textwrap
from typing import Any

import dagster as dg

from ebook_pipeline.assets.score_chart import scores_png
from ebook_pipeline.assets.ui_metadata import findings_table, links, picture
from ebook_pipeline.books.judging import assessor
from ebook_pipeline.books.judging.report_page import page
from ebook_pipeline.books.records import (
    Edition,
    Manifestations,
    Product,
    QualityReport,
    Score,
    ValidationReport,
    Verdict,
)
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.foundation.findings import in_one_line

_BAR, _EVIDENCE = 10, 200
"""Characters of a score's bar, and of the figures behind it."""


def passes_quality(qa_report: QualityReport) -> bool:
    """Quality does not reject the book; one that needs a review waits at the release gate."""
    return qa_report.verdict is not Verdict.REJECT


def show_quality(qa_report: QualityReport, edition: Edition) -> dict[str, Any]:
    return {
        "verdict": qa_report.verdict.value,
        "reasons": in_one_line(qa_report.reasons) or "nothing stands against it",
        **links({"page": f"/dagster/quality/{edition.book}"}),
        "plot": picture(scores_png(qa_report), "image/png", "scores"),
        "scores": dg.MetadataValue.table([_row(score) for score in qa_report.scores]),
        "policy": qa_report.policy,
        "models": ", ".join(qa_report.models),
        "findings": findings_table(qa_report.findings),
    }


def _row(score: Score) -> dg.TableRecord:
    """The score with its picture, and the figures behind it that are not 0."""
    full = round(_BAR * (score.value or 0))
    bar = "" if score.value is None else "█" * full + "░" * (_BAR - full)
    figures = (
        f"{name.replace('_', ' ')} {value}" for name, value in score.evidence.items() if value
    )
    return dg.TableRecord(
        {
            "dimension": score.dimension,
            "": bar,
            "score": score.shown,
            "evidence": textwrap.shorten(" · ".join(figures), _EVIDENCE, placeholder=" …"),
        }
    )


@stage(
    group="prepare",
    version="3",
    kinds=frozenset({"spacy", "onnx"}),
    owners=("team:editorial",),
    pools=frozenset({"models"}),
    checks=(passes_quality,),
    show=show_quality,
)
def qa_report(
    validated_book: ValidationReport,
    converted_book: Manifestations,
    book_metadata: Product,
    files: Files,
    editor: assessor.QualityAssessor,
) -> QualityReport:
    """The book judged by its text, its pictures and whom it suits; a verdict with its reasons.

    The same as a page for editors, which opens at the passages (`ebooks review show … --html`).
    `pass` goes on to the release gate, `needs_review` waits there for a person, `reject` ends here.
    """
    book = assessor.AssessmentInput(
        epub=files.path(converted_book.epub),
        text=files.path(converted_book.text),
        product=book_metadata,
        findings=(*validated_book.findings, *converted_book.findings),
    )
    report = editor.assess(book)
    shown = page(report, book_metadata, book.epub, book.findings)
    return report.model_copy(update={"page": files.keep(shown.encode(), "text/html")})
