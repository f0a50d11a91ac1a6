"""The forms that an edition is read in: canonical EPUB 3, reading PDF, text, cover, preview."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.shown import findings_table, picture, size
from ebook_pipeline.books import convert
from ebook_pipeline.books.records import Manifestations, Submission, ValidationReport
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.typesetter import Typesetter


def show_conversion(converted_book: Manifestations, files: Files) -> dict[str, Any]:
    cover = converted_book.cover
    thumbnail = files.path(cover.thumbnail).read_bytes()
    return {
        "cover": picture(thumbnail, cover.thumbnail.media_type, cover.alt or "cover"),
        "pages": dg.MetadataValue.int(converted_book.pages),
        "engine": converted_book.engine,
        "epub_bytes": size(converted_book.epub),
        "pdf_bytes": size(converted_book.pdf),
        "findings": findings_table(converted_book.findings),
    }


@stage(
    group="prepare",
    version="1",
    kinds=frozenset({"epub", "pdf"}),
    owners=("team:production",),
    show=show_conversion,
)
def converted_book(
    raw_file: Submission,
    validated_book: ValidationReport,
    files: Files,
    browser: Browser,
    typesetter: Typesetter,
) -> Manifestations:
    """The book in the forms it is sold and read in: EPUB 3, PDF, plain text, cover, preview.

    What a conversion loses is a finding. Every converter runs in a child process with limits.
    """
    made = convert.convert(
        files.path(raw_file.blob),
        validated_book.format,
        raw_file.claims,
        convert.Tools(browser, typesetter),
        files.folder(),
    )
    return Manifestations(
        epub=files.keep(made.epub, "application/epub+zip"),
        pdf=files.keep(made.pdf, "application/pdf"),
        text=files.keep(made.text, "text/plain"),
        preview=files.keep(made.preview, "application/epub+zip"),
        cover=made.cover.kept(files.keep),
        pages=made.pages,
        engine=made.engine,
        findings=made.findings,
    )
