"""Manuscripts: DOCX, ODT, RTF, HTML, Markdown and plain text, before a book is made of them.

`clean` both checks and mends: what its findings say was left out is left out of its parts.
"""

from ebook_pipeline.books.formats.manuscripts.cleaned import CleanedManuscript, ManuscriptMetadata
from ebook_pipeline.books.formats.manuscripts.cleaning import (
    clean,
    compound_file_finding,
    inspect,
)

__all__ = [
    "CleanedManuscript",
    "ManuscriptMetadata",
    "clean",
    "compound_file_finding",
    "inspect",
]
