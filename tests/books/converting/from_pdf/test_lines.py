"""Lines of a page: their direction, their looks, those that stand beside each other."""

import pytest

from ebook_pipeline.books.converting.from_pdf import lines
from tests.support.books.built_lines import line, lined, page_of, span, stacked, texts


def test_most_letters_say_in_which_direction_a_page_reads() -> None:
    assert lines.reads_right_to_left([line("אבישי קם לפתוח"), line("Sunrise")])
    assert not lines.reads_right_to_left([line("Sunrise"), line("קם")])
    assert not lines.reads_right_to_left([])


def test_digits_and_signs_have_no_say_in_it() -> None:
    assert lines.reads_right_to_left([line("קם"), line("1984, 12:30 (!)")])


def test_a_page_from_right_to_left_is_read_from_its_other_edge() -> None:
    page = page_of(line("אבישי", left=300))
    lines.mirror(page)
    assert (page.lines[0].left, page.lines[0].right) == (95, 120)
    assert (page.lines[0].spans[0].left, page.lines[0].spans[0].right) == (95, 120)


def test_a_page_that_is_mirrored_twice_is_as_it_was() -> None:
    page = page_of(*stacked("אבישי", "קם לפתוח"))
    before = [(one.left, one.right) for one in page.lines]
    lines.mirror(page)
    lines.mirror(page)
    assert [(one.left, one.right) for one in page.lines] == before


def test_a_line_reaches_above_and_below_its_base_by_its_size() -> None:
    one = line("Ag", base=100, size=20)
    assert (one.top, one.bottom) == (116, 95)


@pytest.mark.parametrize("look", ["bold", "italic"])
def test_a_line_looks_so_where_all_of_its_letters_do(look: str) -> None:
    whole = lined(span("All of", **{look: True}), span("  "), span("it", 90, **{look: True}))
    assert getattr(whole, look)
    assert not getattr(lined(span("Some of", **{look: True}), span("it", 90)), look)


def test_neighbours_on_one_base_line_are_a_row() -> None:
    found = lines.group_rows([line("Ann", 50), line("speaks", 120, 502), line("again", 120, 488)])
    assert [texts(row) for row in found] == [["Ann", "speaks"], ["again"]]


def test_lines_of_two_pages_or_columns_are_no_row() -> None:
    other = line("speaks", 120)
    other.column = 1
    assert len(list(lines.group_rows([line("Ann"), other]))) == 2
    assert len(list(lines.group_rows([line("Ann"), line("speaks", 120, page=1)]))) == 2
    assert list(lines.group_rows([])) == []
