"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""

from ebook_pipeline.books.converting.conversion import (
    ConversionTools,
    ConvertedBook,
    ConvertedForm,
    convert,
    make_epub,
    make_pdf,
)

__all__ = [
    "ConversionTools",
    "ConvertedBook",
    "ConvertedForm",
    "convert",
    "make_epub",
    "make_pdf",
]
