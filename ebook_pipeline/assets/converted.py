"""The forms that an edition is read in: canonical EPUB 3, reading PDF, text, cover, preview."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.ui_metadata import findings_table, picture, size, small_picture
from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.converting.covers import Cover
from ebook_pipeline.books.converting.excerpt import write_preview
from ebook_pipeline.books.records import CoverImages, Manifestations, Submission, ValidationReport
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.tools import sandbox

_MIMETYPE = b"mimetypeapplication/epub+zip"


def is_readable(converted_book: Manifestations, files: Files) -> bool:
    """The EPUB is a container that says so first (EPUB 3.3 §4.2.6.2), the PDF begins as one."""
    epub, pdf = files.path(converted_book.epub), files.path(converted_book.pdf)
    with epub.open("rb") as container, pdf.open("rb") as document:
        return container.read(58)[30:] == _MIMETYPE and document.read(5) == b"%PDF-"


def show_conversion(converted_book: Manifestations, files: Files) -> dict[str, Any]:
    cover = converted_book.cover
    thumbnail = files.path(cover.thumbnail).read_bytes()
    return {
        "cover": small_picture(thumbnail, cover.alt or "cover"),
        "cover_large": picture(thumbnail, cover.thumbnail.media_type, cover.alt or "cover"),
        "pages": dg.MetadataValue.int(converted_book.pages),
        "engine": converted_book.engine,
        "epub_bytes": size(converted_book.epub),
        "pdf_bytes": size(converted_book.pdf),
        "findings": findings_table(converted_book.findings),
    }


@stage(
    group="prepare",
    version="13",
    kinds=frozenset({"epub", "pdf"}),
    owners=("team:production",),
    pools=frozenset({"browser"}),
    proofs=(is_readable,),
    show=show_conversion,
)
def converted_book(
    raw_file: Submission,
    validated_book: ValidationReport,
    files: Files,
    tools: conversion.ConversionTools,
) -> Manifestations:
    """The book in the forms it is sold and read in: EPUB 3, PDF, plain text, cover, preview.

    What a conversion loses is a finding. Every converter runs in a child process with limits.
    """
    folder = files.folder()
    made = conversion.convert(
        files.named(raw_file.blob, raw_file.source),
        validated_book.format,
        raw_file.claims,
        tools,
        folder,
    )
    sandbox.call(write_preview, made.epub, folder / "preview.epub", folder / "preview.html")
    return Manifestations(
        epub=files.keep(made.epub, "application/epub+zip"),
        pdf=files.keep(made.pdf, "application/pdf"),
        text=files.keep(made.text, "text/plain"),
        preview=files.keep(folder / "preview.epub", "application/epub+zip"),
        preview_page=files.keep(folder / "preview.html", "text/html"),
        cover=_kept(made.cover, files),
        pages=made.pages,
        engine=made.engine,
        findings=made.findings,
    )


def _kept(cover: Cover, files: Files) -> CoverImages:
    return CoverImages(
        original=files.keep(cover.original, cover.media_type),
        medium=files.keep(cover.medium, "image/jpeg"),
        thumbnail=files.keep(cover.thumbnail, "image/jpeg"),
        width=cover.width,
        height=cover.height,
        alt=cover.alt,
        large=files.keep(cover.large, "image/jpeg"),
    )
