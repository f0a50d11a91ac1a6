"""What a book puts into the fields of a Canva brand template, by the fields' names.

Texts: ``title``, ``subtitle``, ``author``, ``dedication``, ``page_7_text``. Pictures: ``cover``,
``page_7``. A template has whichever of them it likes.
"""

from ebook_pipeline.books.picture_books.contact_sheet import pages_png
from ebook_pipeline.books.picture_books.finished_book import Page, PictureBook

WIDTH = 2000.0
"""Pixels of a page's picture."""


def text_fields(book: PictureBook) -> dict[str, str]:
    """Every text by its field; empty ones are none."""
    texts = {
        "title": book.title,
        "subtitle": book.subtitle,
        "author": book.author,
        "dedication": book.dedication,
    }
    texts |= {
        f"page_{page.number}_text": "\n".join(
            line for block in page.blocks for line in block.paragraphs
        )
        for page in book.pages
    }
    return {name: text for name, text in texts.items() if text}


def picture_fields(book: PictureBook) -> dict[str, Page]:
    """Every page that can be a picture, by its field."""
    return {"cover": book.cover.front} | {f"page_{page.number}": page for page in book.pages}


def picture_of(book: PictureBook, page: Page) -> bytes:
    """The page without its words, as a PNG."""
    bare = page.model_copy(update={"blocks": ()})
    return pages_png((bare,), book.trim, columns=1, width=WIDTH)
