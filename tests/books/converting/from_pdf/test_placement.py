"""Pictures and notes find their place among the blocks."""

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline
from ebook_pipeline.books.converting.from_pdf.pictures import PlacedPicture
from ebook_pipeline.books.converting.from_pdf.placement import place_footnotes, place_pictures
from tests.support.books.built_lines import block, stacked


def shown(name: str, top: float, page: int = 0, label: str = "") -> PlacedPicture:
    """A picture 100 points high."""
    return PlacedPicture(page, (50.0, top - 100, 150.0, top), name, label=label)


def order(blocks: list[Block]) -> list[str]:
    return [one.picture or one.text for one in blocks]


def test_a_picture_stands_before_what_begins_below_its_middle() -> None:
    text = [block("above", top=560), block("beside", top=420), block("below", top=340)]
    assert order(place_pictures(text, [shown("p", 450)])) == ["above", "beside", "p", "below"]


def test_pictures_of_several_pages_keep_their_order_and_the_last_end_the_book() -> None:
    text = [block("one", page=0), block("two", page=1)]
    found = [shown("late", 550, page=3), shown("b", 300), shown("a", 450), shown("c", 600, page=1)]
    assert order(place_pictures(text, found)) == ["one", "a", "b", "c", "two", "late"]


def test_a_tagged_figure_gets_the_picture_nearest_to_its_content() -> None:
    high, low = Block(BlockKind.PICTURE, [], 0, 520.0), Block(BlockKind.PICTURE, [], 0, 210.0)
    high.label = "What the tag says"
    placed = place_pictures([high, low], [shown("l", 200, label="low"), shown("h", 530, label="x")])
    assert [(one.picture, one.label) for one in placed] == [
        ("h", "What the tag says"),
        ("l", "low"),
    ]


def test_a_tagged_figure_without_a_picture_is_text_where_it_has_some() -> None:
    said = Block(BlockKind.PICTURE, stacked("x + y = z"), 0, 500.0)
    empty = Block(BlockKind.PICTURE, [], 0, 400.0)
    first, second = place_pictures([said, empty], [])
    assert (first.kind, second.kind, second.picture) == (BlockKind.PARAGRAPH, BlockKind.PICTURE, "")


def test_a_picture_is_never_put_before_a_note() -> None:
    text = [block("text", top=500), block("note", BlockKind.NOTE, top=60, note=0)]
    assert order(place_pictures(text, [shown("p", 300)])) == ["text", "note", "p"]


def test_a_note_stands_behind_the_block_that_refers_to_it() -> None:
    first, second = block("first"), block("second")
    first.content.append(Inline("1", raised=1, note=1))
    notes = [block("unreferred", BlockKind.NOTE, note=0), block("of first", BlockKind.NOTE, note=1)]
    assert order(place_footnotes([first, second, *notes])) == [
        "first1",
        "of first",
        "second",
        "unreferred",
    ]


def test_a_note_that_a_cell_refers_to_stands_behind_the_row() -> None:
    cell = block("cell")
    cell.content.append(Inline("*", note=0))
    row = Block(BlockKind.ROW, [], 0, 500.0, cells=[cell])
    note = block("note", BlockKind.NOTE, note=0)
    assert place_footnotes([note, row]) == [row, note]


def test_a_note_that_two_blocks_refer_to_stands_behind_the_first() -> None:
    blocks = [block("one"), block("two")]
    for one in blocks:
        one.content.append(Inline("*", note=0))
    assert order(place_footnotes([*blocks, block("note", BlockKind.NOTE, note=0)])) == [
        "one*",
        "note",
        "two*",
    ]
