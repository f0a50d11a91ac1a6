"""The order of reading, and the frames that lines stand in."""

import pytest

from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrames, sort_lines
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from tests.support.books.built_lines import line, page_of, stacked, texts

LEFT = [f"left column {number:02}, a full line" for number in range(8)]
RIGHT = [f"right column {number:02}, a full one" for number in range(8)]


def in_two_columns(by_row: bool = True) -> list[Line]:
    left, right = stacked(*LEFT, left=40, size=8), stacked(*RIGHT, left=220, size=8)
    if not by_row:
        return [*left, *right]
    return [one for pair in zip(left, right, strict=True) for one in pair]


@pytest.mark.parametrize("by_row", [True, False])
def test_columns_are_read_one_after_the_other_however_they_are_written(by_row: bool) -> None:
    page = page_of(*in_two_columns(by_row))
    sort_lines(page)
    assert texts(page.lines) == [*LEFT, *RIGHT]
    assert [one.column for one in page.lines] == [0] * 8 + [1] * 8


def test_a_line_across_all_columns_divides_them() -> None:
    title = line("A title that crosses both of the columns of this page", 60, 440, size=8)
    upper = in_two_columns()
    for one in upper:
        one.base += 30
    lower = [line("low left", 40, 420, size=8), line("low right", 220, 420, size=8)]
    page = page_of(*upper, title, *lower)
    sort_lines(page)
    assert texts(page.lines) == [*LEFT, *RIGHT, title.text, "low left", "low right"]


def test_short_cells_side_by_side_are_no_columns() -> None:
    cells = [
        line(word, left, 500 - 12 * number)
        for number in range(12)
        for left, word in ((50, "Ann"), (150, "10"))
    ]
    page = page_of(*cells)
    sort_lines(page)
    assert texts(page.lines) == ["Ann", "10"] * 12


def test_a_page_that_is_written_from_below_is_read_from_above() -> None:
    lines = stacked("one", "two", "three", "four", "five", "six")
    page = page_of(*reversed(lines))
    sort_lines(page)
    assert texts(page.lines) == ["one", "two", "three", "four", "five", "six"]


def test_the_order_of_writing_is_kept_where_it_is_one_of_reading() -> None:
    lines = stacked("one", "two", "three", "four", "five", "six")
    lines.insert(2, line("note in the margin", 300, 505))
    page = page_of(*lines)
    sort_lines(page)
    assert texts(page.lines)[2] == "note in the margin"


def test_the_size_of_the_text_is_that_of_most_letters() -> None:
    page = page_of(line("A TITLE", size=30), *stacked("a longer line of text", "and more of it"))
    assert ColumnFrames([page]).body == 10
    assert ColumnFrames([]).body == 10


def paragraphs(left: float = 50.0, number: int = 0) -> Page:
    """Twelve lines, of which every fourth is indented."""
    made = stacked(*["a full line of this book's text"] * 12, left=left)
    for one in made[::4]:
        one.left += 15
    return page_of(*made, number=number)


def test_a_frame_starts_at_the_margin_and_ends_at_the_longest_line() -> None:
    page = paragraphs()
    frame = ColumnFrames([page]).of(page.lines[0])
    assert (frame.left, frame.right, frame.leading) == (50, 205, 12)


def test_left_and_right_pages_may_have_other_margins() -> None:
    pages = [paragraphs(50 if number % 2 else 80, number) for number in range(6)]
    frames = ColumnFrames(pages)
    assert [frames.of(page.lines[1]).left for page in pages] == [80, 50] * 3


def test_a_page_of_few_lines_has_the_usual_frame() -> None:
    pages = [*(paragraphs(number=number) for number in range(4)), page_of(number=4)]
    pages[4].lines.append(line("The End", 110, 300, page=4))
    frame = ColumnFrames(pages).of(pages[4].lines[0])
    assert (frame.left, frame.right) == (50, 205)


def test_a_line_of_no_known_column_is_its_own_frame() -> None:
    frames = ColumnFrames([paragraphs()])
    lonely = line("alone", 70, 100, page=9)
    assert (frames.of(lonely).left, frames.of(lonely).right) == (70, 95)
