"""Word processor files, HTML, Markdown and plain text → EPUB 3.

`epub` is the entry: the manuscript is cleaned and read (`body`), divided (`chapters`), and written
with its pictures (`pictures`).
"""

from ebook_pipeline.books.converting.from_manuscript.epub import (
    epub_from_manuscript,
    epub_from_text,
)

__all__ = ["epub_from_manuscript", "epub_from_text"]
