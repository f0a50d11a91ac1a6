"""Manuscripts: DOCX, ODT, RTF, HTML, Markdown and plain text, before a book is made of them.

`clean` is both the check and the cure: what it says was left out is left out of what it gives.
"""

from ebook_pipeline.books.formats.manuscripts.cleaned import About, Cleaned
from ebook_pipeline.books.formats.manuscripts.formats import (
    FORMATS,
    clean,
    inspect,
    locked_document,
)

__all__ = ["FORMATS", "About", "Cleaned", "clean", "inspect", "locked_document"]
