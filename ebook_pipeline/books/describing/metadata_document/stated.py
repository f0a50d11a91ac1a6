"""What a file states and holds, read from itself, by its format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ebook_pipeline.books.describing.metadata_document import epub, kindle, pdf
from ebook_pipeline.books.records import BookFormat

_READERS: dict[BookFormat, Callable[[Path], dict[str, Any]]] = {
    BookFormat.EPUB: epub.stated_facts,
    BookFormat.MOBI: kindle.stated_facts,
    BookFormat.PDF: pdf.stated_facts,
}


def stated_facts(path: Path, form: BookFormat) -> dict[str, Any]:
    """The file's own facts as JSON, read in child processes; manuscripts have none.

    Raises BookError where the file can't be read.
    """
    reader = _READERS.get(form)
    return reader(path) if reader else {}
