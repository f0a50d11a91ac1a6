"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""

from ebook_pipeline.books.convert.conversion import (
    Converted,
    Made,
    Tools,
    convert,
    make_epub,
    make_pdf,
)
from ebook_pipeline.books.convert.preview_page import preview_page
from ebook_pipeline.books.convert.previews import excerpt

__all__ = [
    "Converted",
    "Made",
    "Tools",
    "convert",
    "excerpt",
    "make_epub",
    "make_pdf",
    "preview_page",
]
