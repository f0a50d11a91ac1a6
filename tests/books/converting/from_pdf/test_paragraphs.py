"""Which lines of a paragraph end on purpose."""

from ebook_pipeline.books.converting.from_pdf.columns import ColumnFrames
from ebook_pipeline.books.converting.from_pdf.paragraphs import ParagraphSplitter
from tests.support.books.built_lines import line, page_of, stacked


def test_pieces_of_a_justified_line_that_stand_far_apart_end_nothing() -> None:
    full = [line(f"{'words of the line ' * 4}no {n}", base=500 - 24 * n) for n in range(4)]
    edge = full[0].right
    lines = []
    for number, whole in enumerate(full):
        words = ("ging;", "die", "reise")
        places = (50.0, 200.0, edge - 25.0)
        pieces = zip(words, places, strict=True)
        lines += [whole, *(line(word, left, 488 - 24 * number) for word, left in pieces)]
    splitter = ParagraphSplitter(ColumnFrames([page_of(*lines)]), lines)
    assert not any(splitter.verse_breaks(lines))


def test_lines_of_verse_end_where_they_do() -> None:
    lines = stacked("the fog comes", "on little", "cat feet it", "looks over", "the harbour now")
    wide = stacked(*["a line of prose that is as wide as the page of the book"] * 4, base=300)
    splitter = ParagraphSplitter(ColumnFrames([page_of(*lines, *wide)]), [*lines, *wide])
    assert all(splitter.verse_breaks(lines))
