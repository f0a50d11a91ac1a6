"""However a page and its letters are turned, whatever is printed across them: the text is read."""

import math
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.records import Claims
from tests.support.books.pdf_lines import Set, add_page, below, markup

LINES = (
    "The keeper of the north light had three habits that",
    "the village remarked upon, and the first of them was",
    "that he never answered before he had trimmed a wick.",
)
CROPS = (None, (-50, -40, 470, 660), (20, 30, 400, 580))


def drawn(text: str, x: float, y: float, size: float, degrees: float, paint: str = "") -> str:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = f"{cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f} {x} {y} Tm"
    first, space, rest = text.partition(" ")  # pdfium puts the pieces of a line in an order
    return f"q {paint} BT /Fr {size} Tf {matrix} ({first}{space}) Tj ({rest}) Tj ET Q"


def turned(degrees: int) -> str:
    x, y = {0: (40, 500), 90: (100, 60), 180: (380, 100), 270: (300, 550)}[degrees]
    right, up = {0: (0, -12), 90: (12, 0), 180: (0, 12), 270: (-12, 0)}[degrees]
    lines = (
        drawn(line, x + right * number, y + up * number, 9, degrees)
        for number, line in enumerate(LINES)
    )
    return "\n".join(lines)


@pytest.mark.parametrize(("shown", "degrees"), [*product((0, 90, 180, 270), repeat=2)])
def test_a_page_is_read_along_its_letters_however_it_is_shown(
    tmp_path: Path, shown: int, degrees: int
) -> None:
    with pikepdf.new() as pdf:
        for crop in CROPS:
            page = add_page(pdf, turned(degrees))
            page.rotate(shown, relative=False)
            page.obj.MediaBox = Array([-100, -100, 600, 700])
            if crop:
                page.obj.CropBox = Array(crop)
        pdf.save(tmp_path / "a.pdf")
    assert markup(tmp_path / "a.pdf", tmp_path / "a.epub").count(" ".join(LINES)) == len(CROPS)


@pytest.mark.parametrize("shown", [90, 180, 270])
def test_tight_lines_are_lines_however_the_page_is_shown(tmp_path: Path, shown: int) -> None:
    lines = (drawn(line, 40, 500 - 9.5 * number, 9, 0) for number, line in enumerate(LINES))
    with pikepdf.new() as pdf:
        add_page(pdf, "\n".join(lines)).rotate(shown, relative=False)
        pdf.save(tmp_path / "a.pdf")
    assert " ".join(LINES) in markup(tmp_path / "a.pdf", tmp_path / "a.epub")


def test_a_stamp_beside_the_text_stands_behind_it_and_is_no_heading(tmp_path: Path) -> None:
    lines = "\n".join(line.drawn() for line in below(*LINES))
    with pikepdf.new() as pdf:
        add_page(pdf, lines + drawn("arXiv 1234.5678 [cs] 1 Jan", 20, 100, 20, 90))
        pdf.save(tmp_path / "a.pdf")
    written = markup(tmp_path / "a.pdf", tmp_path / "a.epub")
    assert written.index("a wick.") < written.index("<p>arXiv 1234.5678 [cs] 1 Jan</p>")
    assert "<h" not in written


def over(folder: Path, mark: str, pages: int = 4, **state: Any) -> tuple[str, dict[str, str]]:
    """What becomes of pages that `mark` is printed on, and what is said."""
    with pikepdf.new() as pdf:
        for number in range(pages):
            name = "abcd"[number]
            page = add_page(pdf, "\n".join([mark, *(line.drawn() for line in _page(name))]))
            page.obj.Resources.ExtGState = Dictionary(G=Dictionary(**state))
        pdf.save(folder / "a.pdf")
    conversion = epub_from_pdf(folder / "a.pdf", folder / "a.epub", Claims())
    said = {finding.rule: finding.message for finding in conversion.findings}
    return markup(folder / "a.pdf", folder / "a.epub"), said


def _page(name: str) -> Sequence[Set]:
    paragraphs = [
        below(f"Paragraph {part} of page {name} has three lines, and", *LINES[1:], y=540 - at * 80)
        for at, part in enumerate(("one", "two", "three", "four", "five"))
    ]
    return [line for lines in paragraphs for line in lines]


MARKS = {
    "slanted and light": drawn("DRAFT", 80, 100, 90, 45, "0.85 g"),
    "slanted and dark": drawn("DRAFT", 60, 60, 80, 55, "0 g"),
    "slanted down": drawn("DRAFT", 60, 500, 80, -45, "0.9 g"),
    "slanted and thin": drawn("DRAFT", 60, 200, 80, 30, "/G gs 1 0 0 rg"),
    "level and light": drawn("DRAFT", 40, 300, 90, 0, "0.85 g"),
    "level and dark": drawn("DRAFT", 40, 300, 90, 0, "0 g"),
    "level and small": drawn("DRAFT for Ann Author", 50, 330, 8, 0, "0.7 g"),
    "in the margin": drawn("DRAFT for Ann Author", 15, 100, 9, 90, "0 g"),
    "upright and large": drawn("DRAFT", 250, 100, 90, 90, "0.9 g"),
    "an outline": drawn("DRAFT", 80, 100, 90, 45, "1 Tr 0.8 G"),
    "an artifact": "/Artifact <</Type /Pagination /Subtype /Watermark>> BDC "
    + drawn("DRAFT", 100, 300, 40, 0, "0 g")
    + " EMC",
}


@pytest.mark.parametrize("kind", MARKS)
def test_a_watermark_is_left_out_and_said(tmp_path: Path, kind: str) -> None:
    written, said = over(tmp_path, MARKS[kind], ca=0.2, CA=0.2)
    assert "DRAFT" not in written
    assert "<h" not in written
    assert "“DRAFT" in said["convert.watermark"]


def test_a_slanted_stamp_over_a_single_page_is_one_too(tmp_path: Path) -> None:
    written, said = over(tmp_path, drawn("DRAFT", 80, 100, 90, 45, "0.9 g"), pages=1)
    assert "DRAFT" not in written
    assert "convert.watermark" in said


def test_letters_on_a_curve_are_read_along_it(tmp_path: Path) -> None:
    word = "LIGHTHOUSE"
    curve = "\n".join(
        drawn(letter, 200 - 120 * math.cos(angle), 60 + 120 * math.sin(angle), 16, 60 - at * 8)
        for at, letter in enumerate(word)
        for angle in [math.radians(30 + at * 8)]
    )
    with pikepdf.new() as pdf:
        add_page(pdf, "\n".join(line.drawn() for line in below(*LINES)) + curve)
        pdf.save(tmp_path / "a.pdf")
    written = markup(tmp_path / "a.pdf", tmp_path / "a.epub")
    assert " ".join(LINES) in written
    assert "<p>LIGHTHOUSE</p>" in written


def test_fields_are_read_beside_their_questions(tmp_path: Path) -> None:
    questions = ("Name:", "Agree", "Colour:", "Comment:", "Secret:", "Nothing:")
    with pikepdf.new() as pdf:
        asked = [Set(text, 50, 500 - 40 * at) for at, text in enumerate(questions)]
        page = add_page(pdf, "\n".join(line.drawn() for line in asked))
        options = Array([Array(["r", "Red"]), Array(["b", "Blue"])])
        widgets = [
            Dictionary(FT=Name.Tx, V="Ann Ünlü", MaxLen=8, Ff=1 << 24),
            Dictionary(FT=Name.Btn, V=Name.Yes, AS=Name.Yes),
            Dictionary(FT=Name.Ch, V="r", Opt=options),
            Dictionary(FT=Name.Tx, V="First\rSecond", Ff=1 << 12, MK=Dictionary(R=90)),
            Dictionary(FT=Name.Tx, V="hunter2", Ff=1 << 13),
            Dictionary(FT=Name.Tx, V="unseen", F=2),
        ]
        for at, widget in enumerate(widgets):
            y = 500 - 40 * at
            widget.Type, widget.Subtype = Name.Annot, Name.Widget
            widget.Rect, widget.T = Array([120, y - 4, 300, y + 14]), str(at)
        fields = Array([pdf.make_indirect(widget) for widget in widgets])
        page.obj.Annots, pdf.Root.AcroForm = fields, Dictionary(Fields=fields)
        pdf.save(tmp_path / "a.pdf")
    written = markup(tmp_path / "a.pdf", tmp_path / "a.epub")
    for text in ("Name: Ann Ünlü", "Agree ☑", "Colour: Red", "Comment: First", "Second"):
        assert text in written
    assert "hunter2" not in written
    assert "unseen" not in written
