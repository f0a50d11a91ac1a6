"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""

from ebook_pipeline.books.converting.conversion import (
    ConversionTools,
    ConvertedBook,
    ConvertedForm,
    convert,
    make_epub,
    make_pdf,
)
from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.converting.excerpt.preview_page import write_preview_page

__all__ = [
    "ConversionTools",
    "ConvertedBook",
    "ConvertedForm",
    "convert",
    "make_epub",
    "make_pdf",
    "write_excerpt",
    "write_preview_page",
]
