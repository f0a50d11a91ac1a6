"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""

from ebook_pipeline.books.converting.conversion import (
    Converted,
    Made,
    Tools,
    convert,
    make_epub,
    make_pdf,
)
from ebook_pipeline.books.converting.excerpt.excerpt import excerpt
from ebook_pipeline.books.converting.excerpt.excerpt_page import preview_page

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
