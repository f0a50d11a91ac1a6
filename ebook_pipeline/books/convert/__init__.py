"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""

from ebook_pipeline.books.convert.conversion import Converted, Tools, convert
from ebook_pipeline.books.convert.previews import excerpt

__all__ = ["Converted", "Tools", "convert", "excerpt"]
