"""PDF → EPUB 3: what a page shows, read back as headings, paragraphs, verse, notes and pictures.

`epub` is the entry, `book` puts it together. A page becomes lines (`characters`, `columns`) without
running heads (`running_heads`); lines become blocks by the document's own tags (`structure`) where
it has them, else by their places (`paragraphs`, `headings`, `footnotes`, `tables`); blocks become
documents.

Thresholds were chosen by trial on the corpus' novels, printed by our engine and by Calibre, and on
its PDFs; `benchmarks/formats.py --only pdf_to_epub` measures what words and paragraphs come back.
A *size* is that of a line's or a character's letters, a *leading* the usual distance of lines.
"""

from ebook_pipeline.books.converting.from_pdf.epub import PdfConversion, epub_from_pdf

__all__ = ["PdfConversion", "epub_from_pdf"]
