"""A manuscript that was written at the desk: what was typed stands in the book, nothing else."""

import pytest

from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.writing.manuscript_file import WrittenChapter, manuscript_file
from tests.books.converting.from_manuscript.conftest import MadeBook, MakeBook

CLAIMS = Claims(title="Die Straße: ein Roman", authors=("Ann O’Hara", "Bo"), language="de-AT")


def written(book_of: MakeBook, *chapters: tuple[str, str]) -> MadeBook:
    made = [WrittenChapter(heading=heading, text=text) for heading, text in chapters]
    return book_of(manuscript_file(CLAIMS, made), BookFormat.MARKDOWN)


def test_each_chapter_stands_under_its_heading(book_of: MakeBook) -> None:
    book = written(book_of, ("One", "It rained."), ("Two", "It *still* rained."))
    assert book.headings == ["One", "Two"]
    assert "It rained." in book.text
    assert "<em>still</em>" in "".join(book.bodies)
    assert (book.package.title, book.authors) == (CLAIMS.title, list(CLAIMS.authors))
    assert "<dc:language>de-AT</dc:language>" in book.package_source


def test_headings_within_a_chapter_lie_below_its_own(book_of: MakeBook) -> None:
    book = written(book_of, ("One", "# Morning\n\nIt rained.\n\n## Noon\n\nIt stopped."))
    assert book.headings[0] == "One"
    markup = "".join(book.bodies)
    assert ">One</h1>" in markup
    assert ">Morning</h2>" in markup
    assert ">Noon</h3>" in markup


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: Another\nauthor: Nobody\n---\n\nIt rained.",
        "It rained.\n\n---\ntitle: Another\n---\n\nIt stopped.",
    ],
)
def test_nothing_in_a_chapter_is_said_of_the_book(book_of: MakeBook, text: str) -> None:
    book = written(book_of, ("One", text))
    assert (book.package.title, book.authors) == (CLAIMS.title, list(CLAIMS.authors))
    assert "title: Another" in book.text


def test_code_is_left_as_it_was_typed(book_of: MakeBook) -> None:
    book = written(book_of, ("One", "```\n# no heading\n---\n```\n\nIt rained."))
    assert "# no heading ---" in book.text


def test_a_chapter_without_a_heading_is_not_lost(book_of: MakeBook) -> None:
    book = written(book_of, ("", "It rained."), ("Two", "It stopped."))
    assert "It rained." in book.text
    assert "Two" in book.headings
