"""Readers of the comparison, one per format: a file in, its `SourceText` out.

A format without a reader is not compared yet. To add one: a module here with a function
``read(path: Path) -> SourceText`` that raises BookError for what it can't read, and its line in
`_READERS`. It runs in the sandbox, and shares no code with the converter of its format beyond
opening containers and parsing XML. `TextCollector` gathers; `xhtml.read_document` reads markup.
"""

import importlib
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_text import SourceText
from ebook_pipeline.books.records import BookFormat

_READERS = {
    BookFormat.EPUB: "epub",
    BookFormat.DOCX: "docx",
    BookFormat.MOBI: "kindle",
    BookFormat.PDF: "pdf",
    BookFormat.ODT: "odt",
    BookFormat.RTF: "rtf",
    BookFormat.HTML: "html",
    BookFormat.MARKDOWN: "markdown",
    BookFormat.TEXT: "text",
}
"""Modules by format, imported when they are asked for."""


def can_read(format_: BookFormat) -> bool:
    return format_ in _READERS


def read_source(path: Path, format_: BookFormat) -> SourceText:
    """The text of the file at `path`; raises BookError, LimitExceeded."""
    module = importlib.import_module(f"{__name__}.{_READERS[format_]}")
    text: SourceText = module.read(path)
    return text
