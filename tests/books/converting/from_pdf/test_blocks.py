"""A block's text is its content, and its lines' until it has one."""

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline, of_lines
from tests.support.books.built_lines import line, stacked


def test_a_block_starts_where_its_first_line_does() -> None:
    block = of_lines(
        BlockKind.HEADING, [line("One", base=400, page=3), line("Two", base=388, page=3)], 2
    )
    assert (block.kind, block.level, block.page, block.top) == (BlockKind.HEADING, 2, 3, 408)


def test_a_block_says_what_its_lines_say_until_it_has_content() -> None:
    block = of_lines(BlockKind.PARAGRAPH, stacked("It was the best of", "times."))
    assert block.text == block.raw == "It was the best of times."
    block.content = [Inline("It was the "), Inline("best", italic=True)]
    assert block.text == "It was the best"
    assert block.raw == "It was the best of times."


def test_a_new_block_points_nowhere_and_nothing_points_to_it() -> None:
    block = Block(BlockKind.PICTURE, [], 0, 0.0)
    assert (block.note, block.row, block.anchor, block.picture, block.cells) == (-1, -1, "", "", [])
    assert block.text == ""


def test_what_blocks_and_their_text_begin_with_is_not_shared() -> None:
    one, two = Block(BlockKind.ROW, [], 0, 0.0), Block(BlockKind.ROW, [], 0, 0.0)
    one.cells.append(two)
    assert two.cells == []
