"""Which format is cleaned by which module."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import docx, html, notes, odt, plain, rtf
from ebook_pipeline.books.formats.manuscripts.cleaned import Cleaned
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

_CLEANERS: dict[BookFormat, Callable[[Path], Cleaned]] = {
    BookFormat.DOCX: docx.cleaned,
    BookFormat.ODT: odt.cleaned,
    BookFormat.RTF: rtf.cleaned,
    BookFormat.HTML: html.cleaned,
    BookFormat.MARKDOWN: plain.cleaned_markdown,
    BookFormat.TEXT: plain.cleaned_text,
}
FORMATS = frozenset(_CLEANERS)
"""The formats that manuscripts come in."""

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HEAD = 16 << 20


def clean(path: Path, format_: BookFormat) -> Cleaned:
    """The manuscript at `path` cleaned; one that can't be read has a fatal finding and no parts.

    Runs in the sandbox.
    """
    try:
        return _CLEANERS[format_](path)
    except BookError as error:
        return Cleaned((error.finding,))


def inspect(path: Path, format_: BookFormat) -> Cleaned:
    """As `clean`, without the parts: what is to be said of the manuscript."""
    return replace(clean(path, format_), parts={})


def locked_document(path: Path) -> Finding | None:
    """What to say of a file of no known format that is a word processor's after all.

    Documents locked with a password and those of Word 97 are compound files, [MS-CFB] §2.2 and
    [MS-OFFCRYPTO] §2.3.4.4; None for others.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.startswith(_COMPOUND):
        return None
    if _PACKAGE in head:
        return notes.locked()
    return Finding(
        rule="format.word-97",
        severity=Severity.FATAL,
        message="The file is of an old program such as Word 97.",
        remedy="Open it in a word processor and save it as .docx.",
    )
