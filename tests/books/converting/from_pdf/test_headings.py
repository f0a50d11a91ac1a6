"""Headings without tags: by the outline, by size, by weight and place."""

from collections.abc import Sequence

import pytest

from ebook_pipeline.books.converting.from_pdf import headings
from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrames
from ebook_pipeline.books.converting.from_pdf.headings import HeadingLevels
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page
from ebook_pipeline.books.converting.from_pdf.links import OutlineEntry, PagePosition
from tests.support.books.built_lines import line, page_of, stacked

FULL = "a full line that goes on to the right margin of it"


def levels(*pages: Page, entries: Sequence[OutlineEntry] = ()) -> list[list[int]]:
    """The levels of all lines, page by page."""
    found = HeadingLevels(pages, entries, ColumnFrames(pages))
    return [[found.level(one) for one in page.lines] for page in pages]


def page(*heads: Line, number: int = 0) -> Page:
    """Lines above eight lines of running text."""
    return page_of(*heads, *stacked(*[FULL] * 8, base=460), number=number)


def test_larger_lines_are_headings_in_the_order_of_their_sizes() -> None:
    part, chapter = line("Part One", base=560, size=24), line("Chapter One", base=500, size=16)
    assert levels(page(part, chapter)) == [[1, 2, *[0] * 8]]


def test_a_bold_line_that_stands_apart_is_a_heading() -> None:
    assert levels(page(line("Of the river", base=500, bold=True)))[0][0] == 1


@pytest.mark.parametrize(
    "text", ["and so on,", "a bold sentence that is too long to be the heading of anything " * 2]
)
def test_a_bold_line_that_goes_on_or_is_long_is_text(text: str) -> None:
    assert levels(page(line(text, base=500, bold=True)))[0][0] == 0


def test_bold_letters_within_a_paragraph_are_text() -> None:
    lines = stacked(*[FULL] * 8, base=460)
    lines[3] = line("bold in the middle", base=460 - 36, bold=True)
    assert levels(page_of(*lines))[0] == [0] * 8


@pytest.mark.parametrize("name", ["Chapter 7", "Prologue", "XIV", "Appendix B: of maps"])
def test_a_name_of_a_part_in_the_middle_is_a_heading_in_letters_of_any_kind(name: str) -> None:
    middle = (50 + 300 - 5 * len(name)) / 2
    assert levels(page(line(name, middle, 520)))[0][0] == 1
    assert levels(page(line(name, 50, 520)))[0][0] == 0


@pytest.mark.parametrize("text", ["* * *", "•", "• of a list", "x" * 161])
def test_ornaments_and_what_is_too_long_are_no_headings(text: str) -> None:
    assert levels(page(line(text, base=540, size=20)))[0][0] == 0


def test_the_outline_names_headings_however_they_look() -> None:
    entries = [OutlineEntry("Sunrise", 1, PagePosition(0))]
    assert levels(page(line("Sunrise", base=500)), entries=entries)[0][0] == 2


def test_the_outline_may_name_several_lines_and_the_page_before() -> None:
    heads = stacked("The Wind", "in the Willows", base=540)
    entries = [OutlineEntry("The wind in the willows", 0, PagePosition(0))]
    pages = page(), page(*heads, number=1)
    assert levels(*pages, entries=entries)[1][:3] == [1, 1, 0]


def test_lines_that_look_like_those_of_the_outline_are_of_their_level() -> None:
    named, like = line("Sunrise", base=540, size=16), line("Noon", base=540, size=16)
    entries = [OutlineEntry("Sunrise", 2, PagePosition(0))]
    assert levels(page(named), page(like, number=1), entries=entries)[1][0] == 3


def test_levels_end_at_six() -> None:
    heads = [line(f"No {size}", base=590 - size, size=size) for size in range(30, 14, -2)]
    assert max(levels(page(*sorted(heads, key=lambda one: -one.base)))[0]) == headings.DEEPEST


@pytest.mark.parametrize(
    ("title", "plain"),
    [("I. The  River—Bank!", "itheriverbank"), ("Ünïcode", "ncode"), ("Ωδη", "ωδη"), ("—", "")],
)
def test_titles_are_compared_by_letters_and_digits(title: str, plain: str) -> None:
    assert headings.title_key(title) == plain
