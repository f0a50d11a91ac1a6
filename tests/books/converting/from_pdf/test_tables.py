"""Rows of cells are told from running lines by what stands aligned."""

from typing import Any

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.from_pdf.lines import Line
from ebook_pipeline.books.converting.from_pdf.tables import split_columns, table_rows
from tests.support.books.built_lines import line, lined, page_of, span, stacked, texts


def cells(found: list[Line]) -> list[list[Any]]:
    """The tables' rows as the texts of their cells, and running lines as their texts."""
    return [
        [[cell.text for cell in one.cells] for one in part]
        if isinstance(part[0], Block)
        else texts(part)
        for part in table_rows(found)
    ]


def row(*words: str, base: float = 500.0) -> list[Line]:
    """Cells that start 100 points apart."""
    return [line(word, 50 + 100 * place, base) for place, word in enumerate(words) if word]


def test_lines_that_stand_beside_each_other_and_below_each_other_are_a_table() -> None:
    found = [*row("Ann", "10"), *row("Bo", "7", base=488), *row("Cy", "12", base=476)]
    assert cells(found) == [[["Ann", "10"], ["Bo", "7"], ["Cy", "12"]]]


def test_rows_are_numbered_and_are_blocks_of_rows() -> None:
    [table] = table_rows([*row("Ann", "10"), *row("Bo", "7", base=488)])
    rows = [block for block in table if isinstance(block, Block)]
    assert [(block.kind, block.row) for block in rows] == [(BlockKind.ROW, 0), (BlockKind.ROW, 1)]


def test_text_before_and_behind_a_table_is_apart_from_it() -> None:
    before, behind = line("The scores:", 50, 520), line("That was all.", 50, 440)
    found = [before, *row("Ann", "10"), *row("Bo", "7", base=488), behind]
    assert cells(found) == [["The scores:"], [["Ann", "10"], ["Bo", "7"]], ["That was all."]]


def test_a_line_below_a_cell_goes_on_in_it() -> None:
    found = [
        *row("Ann", "speaks"),
        line("and goes on", 150, 488),
        *row("Bo", "is silent", base=470),
    ]
    assert cells(found) == [[["Ann", "speaks and goes on"], ["Bo", "is silent"]]]


def test_a_cell_may_be_empty() -> None:
    found = [*row("Ann", "10", "a"), *row("Bo", "", "b", base=488)]
    assert cells(found) == [[["Ann", "10", "a"], ["Bo", "", "b"]]]


def test_numbers_may_be_aligned_at_their_ends() -> None:
    first = [line("Ann", 50), line("1000", 150)]
    second = [line("Bo", 50, 488), line("7", 165, 488)]
    assert cells([*first, *second]) == [[["Ann", "1000"], ["Bo", "7"]]]


def test_one_row_is_no_table_but_a_line() -> None:
    assert cells([*row("Ann", "speaks"), line("and more", 50, 450)]) == [["Ann speaks", "and more"]]


def test_rows_that_are_not_aligned_are_lines() -> None:
    found = [line("Ann", 50), line("speaks", 150), line("Bo", 90, 488), line("sings", 260, 488)]
    assert cells(found) == [["Ann speaks", "Bo sings"]]


def test_rows_far_below_each_other_are_no_table() -> None:
    assert cells([*row("Ann", "10"), *row("Bo", "7", base=400)]) == [["Ann 10", "Bo 7"]]


def test_running_text_is_left_as_it_is() -> None:
    lines = stacked("It was the best of times,", "it was the worst of times.")
    assert list(table_rows(lines)) == [lines]
    assert list(table_rows([])) == []


def named(name: str, speech: str, base: float) -> Line:
    """A line in which a speech begins behind a name."""
    return lined(span(name, 50, base), span(speech, 150, base))


def test_lines_are_parted_where_a_column_begins_within_them() -> None:
    speeches = [named("Ann", "speaks", 500), named("Bo", "sings", 476), named("Cy", "sleeps", 452)]
    below = [line("and goes on", 150, 488), line("so", 150, 464), line("well", 150, 440)]
    page = page_of(*sorted([*speeches, *below], key=lambda one: -one.base))
    split_columns(page)
    assert texts(page.lines)[:3] == ["Ann", "speaks", "and goes on"]
    assert len(page.lines) == 9
    assert [page.lines[1].left, page.lines[1].right] == [150, 180]


def test_a_gap_within_few_lines_parts_none() -> None:
    page = page_of(named("Ann", "speaks", 500), *stacked("of nothing", "at all", base=488))
    split_columns(page)
    assert texts(page.lines) == ["Annspeaks", "of nothing", "at all"]
