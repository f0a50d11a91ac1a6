"""Manuscripts cleaned: each format has its module."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import extent, manuscript_findings
from ebook_pipeline.books.formats.manuscripts.cleaned import CleanedManuscript
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

_FOLDER = "ebook_pipeline.books.formats.manuscripts"
SHARED_BY_CALLS = tuple(
    f"{_FOLDER}.{name}" for name in ("docx", "html", "odt", "plain_text", "rtf")
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HEAD = 16 << 20
"""Bytes within which an encrypted document names its package."""


def clean(path: Path, format_: BookFormat) -> CleanedManuscript:
    """The manuscript at `path` cleaned; one that can't be read has a fatal finding and no parts.

    Runs in the sandbox.
    """
    try:
        cleaned = _cleaner(format_)(path)
        extent.check_extent(cleaned.parts)
    except BookError as error:
        return CleanedManuscript((error.finding,))
    return cleaned


def _cleaner(format_: BookFormat) -> Callable[[Path], CleanedManuscript]:
    """Who cleans manuscripts of a format: all formats together take 0.1 CPU s to be imported."""
    match format_:
        case BookFormat.DOCX:
            from ebook_pipeline.books.formats.manuscripts.docx import cleaned_docx as cleaner
        case BookFormat.ODT:
            from ebook_pipeline.books.formats.manuscripts.odt import cleaned_odt as cleaner
        case BookFormat.RTF:
            from ebook_pipeline.books.formats.manuscripts.rtf import cleaned_rtf as cleaner
        case BookFormat.HTML:
            from ebook_pipeline.books.formats.manuscripts.html import cleaned_html as cleaner
        case BookFormat.MARKDOWN:
            from ebook_pipeline.books.formats.manuscripts.plain_text import (
                cleaned_markdown as cleaner,
            )
        case BookFormat.TEXT:
            from ebook_pipeline.books.formats.manuscripts.plain_text import cleaned_text as cleaner
        case _:
            raise KeyError(format_)
    return cleaner


def inspect(path: Path, format_: BookFormat) -> CleanedManuscript:
    """As `clean`, without the parts: findings and metadata."""
    return replace(clean(path, format_), parts={})


def compound_file_finding(path: Path) -> Finding | None:
    """The finding on a compound file: a document locked with a password, or one of Word 97.

    [MS-CFB] §2.2 and [MS-OFFCRYPTO] §2.3.4.4; None for other files.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.startswith(_COMPOUND):
        return None
    if _PACKAGE in head:
        return manuscript_findings.locked()
    return Finding(
        rule="format.word-97",
        severity=Severity.FATAL,
        message="The file is of an old program such as Word 97.",
        remedy="Open it in a word processor and save it as .docx.",
    )
