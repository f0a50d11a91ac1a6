"""A PDF to read and to submit: pages at trim size, words as text, pictures with their alt texts.

No print file: it has neither bleed nor CMYK.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.picture_books.contact_sheet import placed_words
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.picture_books.trim_sizes import BLEED, bleed_box
from ebook_pipeline.books.picture_books.typefaces import FOLDER
from ebook_pipeline.foundation.errors import BookError


def reading_pdf(book: PictureBook) -> bytes:
    """The cover's front and all pages. Raises BookError where typst cannot set them."""
    import typst

    with tempfile.TemporaryDirectory(prefix="ebooks-") as name:
        folder = Path(name)
        for index, page in enumerate((book.cover.front, *book.pages)):
            (folder / f"{index}.svg").write_text(page.colour, encoding="utf-8")
        source = folder / "book.typ"
        source.write_text("\n".join(_document(book)), encoding="utf-8")
        try:
            made = typst.compile(str(source), format="pdf", font_paths=[str(FOLDER)])
        except RuntimeError as error:
            raise BookError("tool.typst", f"typst could not set the book: {error}"[:500]) from error
    assert isinstance(made, bytes)
    return made


def _document(book: PictureBook) -> Iterator[str]:
    trim, box = book.trim, bleed_box(book.trim)
    title, author = _quoted(book.title), _quoted(book.author)
    # A date would make other bytes of the same book every day.
    yield f"#set document(title: {title}, author: {author}, date: none)"
    yield f"#set page(width: {trim.width}pt, height: {trim.height}pt, margin: 0pt)"
    yield f'#set text(lang: "{book.language}")'
    for index, page in enumerate((book.cover.front, *book.pages)):
        if index:
            yield "#pagebreak()"
        alt = f", alt: {_quoted(page.alt)}" if page.alt else ""
        picture = f'image("{index}.svg", width: {box.width}pt{alt})'
        yield f"#place(dx: {-BLEED}pt, dy: {-BLEED}pt, {picture})"
        for block in page.blocks:
            yield placed_words(block, (-BLEED, -BLEED), 1.0, line_art=False)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
