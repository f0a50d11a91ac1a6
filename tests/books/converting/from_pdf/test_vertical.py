"""Pages that read from above and from right to left."""

from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.converting.from_pdf import page_text, vertical
from ebook_pipeline.books.converting.from_pdf.glyphs import Glyph
from ebook_pipeline.books.converting.from_pdf.lines import FontStyle, Line, Page
from ebook_pipeline.books.converting.text_comparison.source_readers import pdf as source_pdf
from tests.support.books.built_lines import line, lined, page_of, span, texts

LOOK = FontStyle(10.0)


def glyph(text: str, middle: float, top: float, look: Any = LOOK) -> Glyph:
    return Glyph(text, look, -1, -1, middle - 5, middle + 5, top - 10, top, top - 10)


def letters_below_each_other(text: str) -> Line:
    one = lined(span(text))
    one.right = one.left + 10
    return one


def test_letters_below_each_other_are_a_vertical_page() -> None:
    stacked = [letters_below_each_other("東京駅") for _ in range(10)]
    assert vertical.is_vertical(page_of(*stacked))
    assert not vertical.is_vertical(page_of(line("東京駅" * 10)))


def test_a_few_letters_below_each_other_make_no_page_vertical() -> None:
    assert not vertical.is_vertical(page_of(letters_below_each_other("東京駅")))


def test_latin_letters_below_each_other_are_not_meant() -> None:
    assert not vertical.is_vertical(page_of(*[letters_below_each_other("abc")] * 10))


def test_columns_are_taken_from_the_right_and_from_above() -> None:
    glyphs = [
        glyph("四", 80, 90),
        glyph("二", 100.5, 90),
        glyph("三", 80, 100),
        glyph("一", 100, 100),
    ]
    columns = vertical._columns(glyphs)
    assert ["".join(one.text for one in column) for column in columns] == ["一二", "三四"]


def test_a_column_is_a_line_of_the_page_turned() -> None:
    column = [
        glyph("一", 100, 580),
        glyph("二", 100, 570),
        glyph("三", 100, 560, FontStyle(10.0, bold=True)),
    ]
    made = vertical._line(column, Page(0, 420, 600))
    assert [one.text for one in made.spans] == ["一二", "三"]
    assert (made.left, made.right, made.base, made.size) == (20, 50, 100, 10)


LETTERS = "東京駅大阪城とき"


def japanese(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font of squares, whose codes from 1 are the letters."""
    square = pdf.make_stream(b"1000 0 0 0 1000 1000 d1 0 0 1000 1000 re f")
    codes = range(1, len(LETTERS) + 1)
    pairs = "".join(f"<{code:02x}> <{ord(letter):04x}>" for code, letter in enumerate(LETTERS, 1))
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontBBox=[0, 0, 1000, 1000],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        CharProcs=pikepdf.Dictionary({f"/g{code}": square for code in codes}),
        Encoding=pikepdf.Dictionary(
            Differences=pikepdf.Array([1, *(pikepdf.Name(f"/g{code}") for code in codes)])
        ),
        FirstChar=1,
        LastChar=len(LETTERS),
        Widths=[1000] * len(LETTERS),
        ToUnicode=pdf.make_stream(
            b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
            + f"{len(LETTERS)} beginbfchar {pairs} endbfchar endcmap".encode()
        ),
    )


@pytest.fixture
def two_columns(tmp_path: Path) -> Path:
    """A page of two columns of Japanese, with a small reading beside the first."""
    drawn = []
    for x, text, size in ((300, "東京駅", 10), (311, "とき", 5), (280, "大阪城", 10)):
        for number, letter in enumerate(text):
            code = LETTERS.index(letter) + 1
            drawn.append(f"BT /F {size} Tf {x} {500 - number * size} Td <{code:02x}> Tj ET")
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(420, 600))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=japanese(pdf)))
        page.obj.Contents = pdf.make_stream("\n".join(drawn).encode())
        pdf.save(tmp_path / "a.pdf")
    return tmp_path / "a.pdf"


def test_a_page_is_read_by_its_columns_and_its_small_readings_are_counted(
    two_columns: Path,
) -> None:
    with pdfium.PdfDocument(two_columns) as document:
        page = document[0]
        text = page.get_textpage()
        taken = page_text.read_page(page, 0, text)
        left_out = vertical.read_vertical(text, taken)
    assert texts(taken.lines) == ["東京駅", "大阪城"]
    assert left_out == 2
    assert (taken.width, taken.height) == (600, 420)


def test_a_pages_number_below_its_columns_is_in_none_of_them() -> None:
    column = [glyph("東", 100, 580), glyph("京", 100, 570), glyph("7", 100, 40)]
    kept = vertical._without_number([*column, glyph("3", 90, 575)])
    assert [one.text for one in kept] == ["東", "京", "3"]


def test_readings_beside_columns_are_no_lost_text(two_columns: Path) -> None:
    compared = source_pdf.read(two_columns)
    assert [(one.text, one.furniture) for one in compared.passages] == [
        ("東京駅", False),
        ("大阪城", False),
        ("と き", True),
    ]
