"""A page's skew, its ink, its lines' order and sizes."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.scanned_pages import degraded, draw, set_pages
from ebook_pipeline.books.converting.recognizing.connected import connected_boxes
from ebook_pipeline.books.converting.recognizing.line_sizes import LineSizes
from ebook_pipeline.books.converting.recognizing.page_picture import find_skew, ink
from ebook_pipeline.books.converting.recognizing.reading_order import in_reading_order
from ebook_pipeline.books.converting.recognizing.recognizer import RecognizedLine, RecognizedWord
from tests.support.scans import SMALL, TEXT


def line(
    base: float, left: float, right: float, text: str = "x", size: float = 10
) -> RecognizedLine:
    return RecognizedLine(base, size, (RecognizedWord(text, left, right, 1.0),))


@pytest.mark.parametrize("angle", [-3.0, -0.8, 0.0, 1.2, 4.5])
def test_skew_is_told_to_a_fifth_of_a_degree(angle: float) -> None:
    (page,) = draw(set_pages(TEXT, SMALL), 150, "clean", 1)
    turned = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    assert find_skew(turned) == pytest.approx(-angle, abs=0.2)


def test_an_empty_page_is_not_skewed() -> None:
    assert find_skew(Image.new("L", (400, 600), 255)) == 0


def test_ink_is_found_on_dark_and_on_unevenly_lit_paper() -> None:
    (page,) = draw(set_pages(TEXT, SMALL), 150, "clean", 1)
    grey = np.asarray(page, dtype=np.float32)
    usual = float(ink(np.asarray(page)).mean())
    shade = np.linspace(0.45, 1.0, grey.shape[1], dtype=np.float32)
    lit = (grey * shade).astype(np.uint8)
    assert float(ink(lit).mean()) == pytest.approx(usual, rel=0.35)
    faded = np.asarray(degraded(page, "low contrast", 150, 3))
    assert float(ink(faded).mean()) > 0.5 * usual


def test_two_columns_are_read_one_after_the_other_below_their_heading() -> None:
    left = [line(200 - 12 * row, 10, 98, f"left {row}") for row in range(8)]
    right = [line(199 - 12 * row, 110, 200, f"right {row}") for row in range(8)]
    head = line(230, 40, 170, "head")
    mixed = [*right[::-1], head, *left]
    assert in_reading_order(mixed) == [head, *left, *right]


def test_lines_of_one_column_stay_in_their_order() -> None:
    lines = [line(200 - 12 * row, 10 + row % 2, 190 - 7 * (row % 5)) for row in range(12)]
    assert in_reading_order(lines[::-1]) == lines


def test_lines_of_one_font_have_one_size_and_headings_keep_theirs() -> None:
    body = [line(100, 0, 9, "a line of text", 10 + place / 10) for place in range(-9, 10)]
    heading = line(100, 0, 9, "One", 17)
    sizes = LineSizes([*body, heading])
    assert {sizes.of(one) for one in body} == {10.0}
    assert sizes.of(heading) > 15


def test_what_hangs_together_is_one_box() -> None:
    mask = np.zeros((6, 8), dtype=bool)
    mask[0, 1] = mask[1, 1:4] = mask[0, 3] = True
    mask[4:6, 6:8] = True
    assert sorted(connected_boxes(mask)) == [(1, 0, 4, 2), (6, 4, 8, 6)]
