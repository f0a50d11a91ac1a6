"""A Kindle book's words are found in its EPUB, and what is taken out is named."""

import shutil
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_kindle import epub_from_mobi
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.records import BookFormat, Claims
from tests.support.books.kindle import kf8, mobi6
from tests.support.corpus import case, cases, entries, named

BOOKS = [named(entry["name"]) for entry in entries("mobi") if "drm" not in entry["case"]]
CASES = [case(name) for name in cases(".mobi", ".prc")]


def compared(source: Path, made_of: Path, folder: Path) -> list[str]:
    made = folder / "made.epub"
    said = epub_from_mobi(made_of, made, Claims())
    findings = compare_texts(source, BookFormat.MOBI, made, said)
    return [f"{finding.rule}: {finding.passage}" for finding in findings]


@pytest.mark.parametrize("book", [*BOOKS, *CASES], ids=lambda book: str(book.name))
def test_every_word_of_a_real_book_is_kept(tmp_path: Path, book: Path) -> None:
    assert compared(book, book, tmp_path) == []


def test_a_word_that_a_conversion_lost_is_named(tmp_path: Path) -> None:
    text = "<p>The keeper lit the lamp and waited {}for the bell to ring.</p>"
    whole = mobi6(tmp_path / "whole.mobi", text.format("patiently "))
    cut = mobi6(tmp_path / "cut.mobi", text.format(""))
    assert compared(whole, cut, tmp_path) == ["convert.text-lost: patiently"]


def test_both_parts_of_new_books_are_compared(tmp_path: Path) -> None:
    page = "<html><head><title>T</title></head><body>|<p>Once upon a time.</p>|</body></html>"
    book = kf8(tmp_path / "b.azw3", [page, page.replace("Once", "Twice")])
    shutil.copy(book, tmp_path / "same.azw3")
    assert compared(book, tmp_path / "same.azw3", tmp_path) == []
