"""What we author is read by another library as what we meant."""

from pathlib import Path
from typing import Any

import ebooklib
import pytest
from ebooklib import epub

from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.converting.from_kindle import epub_from_mobi
from ebook_pipeline.books.converting.from_manuscript import epub_from_text
from ebook_pipeline.books.records import Claims
from tests.support.corpus import named, needs_corpus


def read(path: Path) -> Any:
    return epub.read_epub(str(path), {"ignore_ncx": True})


def documents(book: Any) -> list[Any]:
    return [item for item in book.get_items_of_type(ebooklib.ITEM_DOCUMENT)]


def test_a_manuscript_has_its_title_language_chapters_and_contents(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("Chapter 1\n\nThe Mole.\n\nChapter 2\n\nThe Rat.\n")
    claims = Claims(title="The River", authors=("Ann Author",), language="en")
    epub_from_text(tmp_path / "book.txt", tmp_path / "book.epub", claims)
    book = read(tmp_path / "book.epub")
    assert book.title == "The River"
    assert book.get_metadata("DC", "creator")[0][0] == "Ann Author"
    assert book.get_metadata("DC", "language")[0][0] == "en"
    text = b"".join(item.get_content() for item in documents(book)).decode()
    assert text.index("The Mole.") < text.index("The Rat.")
    assert [entry.title for entry in book.toc][-2:] == ["Chapter 1", "Chapter 2"]


@needs_corpus
@pytest.mark.corpus
def test_a_kindle_book_keeps_its_chapters(tmp_path: Path) -> None:
    epub_from_mobi(named("mobi/small-mobi6.mobi"), tmp_path / "book.epub", Claims())
    book = read(tmp_path / "book.epub")
    assert book.title == "A Small Mobipocket Book"
    assert documents(book)


@needs_corpus
@pytest.mark.corpus
def test_an_excerpt_is_a_whole_book_of_its_own(tmp_path: Path) -> None:
    write_excerpt(named("samples/childrens-literature.epub"), tmp_path / "preview.epub")
    book = read(tmp_path / "preview.epub")
    assert documents(book)
    assert book.get_metadata("DC", "title")
