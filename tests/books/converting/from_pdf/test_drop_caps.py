"""Large initials find the word that they begin."""

from collections.abc import Sequence

import pytest

from ebook_pipeline.books.converting.from_pdf.dehyphenation import WordForms
from ebook_pipeline.books.converting.from_pdf.drop_caps import join_drop_caps, join_first
from ebook_pipeline.books.converting.from_pdf.lines import Page
from tests.support.books.built_lines import line, page_of, stacked, texts


def joined(letter: str, *beside: str, size: float = 36.0, elsewhere: Sequence[str] = ()) -> Page:
    """The lines of a page that begins with an initial beside these lines."""
    high = line(letter, 50, 476, size=size)
    lines = stacked(*beside, left=high.right + 2, base=500)
    page = page_of(high, *lines, *stacked(*elsewhere, base=400))
    join_drop_caps(page, 10.0, WordForms(page.lines))
    return page


def test_an_initial_is_joined_to_the_first_line_beside_it() -> None:
    page = joined("O", "nce upon a time", "there was a line", "of three", elsewhere=["once more"])
    assert texts(page.lines) == ["Once upon a time", "there was a line", "of three", "once more"]


def test_lines_beside_an_initial_start_where_it_does() -> None:
    page = joined("O", "nce upon a time", "there was a line", elsewhere=["once more"])
    assert [one.left for one in page.lines] == [50, 50, 50]
    assert page.lines[0].first == pytest.approx(5 * 3 + 20)


@pytest.mark.parametrize(
    ("letter", "begun", "whole"),
    [
        ("A", "man came", "A man came"),
        ("I", "knew him", "I knew him"),
        ("T", "here he", "There he"),
    ],
)
def test_a_letter_that_is_a_word_stands_alone_where_the_book_has_the_rest(
    letter: str, begun: str, whole: str
) -> None:
    page = joined(letter, begun, elsewhere=["a man knew nothing here, he knew", "the man"])
    assert page.lines[0].text == whole


def test_a_quotation_mark_may_stand_before_the_letter() -> None:
    assert joined("“O", "nce upon").lines[0].text == "“Once upon"


@pytest.mark.parametrize(("letter", "size"), [("Once", 36.0), ("O", 15.0), ("7", 36.0)])
def test_what_is_no_large_single_letter_stays(letter: str, size: float) -> None:
    assert letter in texts(joined(letter, "nce upon", size=size).lines)


def test_an_initial_with_nothing_beside_it_stays() -> None:
    page = page_of(line("O", 50, 476, size=36), line("far below", 70, 100))
    join_drop_caps(page, 10.0, WordForms(page.lines))
    assert texts(page.lines) == ["O", "far below"]


def test_an_initial_is_joined_within_a_paragraph_that_is_known() -> None:
    high = line("D", 50, 476, size=36.0)
    lines = [high, *stacked("ie Fahrt began", "at night", left=high.right + 2, base=500)]
    assert texts(join_first(lines, WordForms(lines))) == ["Die Fahrt began", "at night"]
    assert join_first(lines[1:2], WordForms(lines)) == lines[1:2]
