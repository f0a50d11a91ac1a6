"""The excerpt that a shop shows: as an EPUB of its own, and as one page of HTML."""

from pathlib import Path

from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.converting.excerpt.preview_page import write_preview_page

__all__ = ["write_excerpt", "write_preview", "write_preview_page"]


def write_preview(epub: Path, excerpt: Path, page: Path) -> None:
    """Write the excerpt of the EPUB 3 at `epub` to `excerpt`, and that as HTML to `page`.

    Runs in the sandbox: one child for both.
    """
    write_excerpt(epub, excerpt)
    write_preview_page(excerpt, page)
