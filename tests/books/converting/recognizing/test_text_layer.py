"""Invisible text stands where the scan shows it, however its page is turned; older text goes."""

from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.converting.recognizing.recognizer import (
    RecognizedLine,
    RecognizedPage,
    RecognizedWord,
)
from ebook_pipeline.books.converting.recognizing.text_layer import write_text_layers
from tests.support.scans import write_scan

WORDS = (RecognizedWord("Käse", 30, 60, 0.9), RecognizedWord("a", 64, 70, 0.9))


def _page(document: Path, skew: float = 0.0) -> RecognizedPage:
    with pdfium.PdfDocument(document) as opened:
        width, height = opened[0].get_size()
    line = RecognizedLine(100, 11, WORDS)
    return RecognizedPage(0, width, height, skew, (line,), 1.0)


def _written(tmp_path: Path, scan: Path, skew: float = 0.0) -> tuple[Path, Path]:
    target, level = tmp_path / "target.pdf", tmp_path / "level.pdf"
    write_text_layers(scan, [_page(scan, skew)], target, level)
    return target, level


def _text_and_place(pdf: Path) -> tuple[str, tuple[float, float]]:
    """The page's text, and where its first letter begins as the page shows it."""
    with pdfium.PdfDocument(pdf) as document:
        page = document[0]
        text = page.get_textpage()
        left, bottom, _, _ = text.get_charbox(0, loose=True)
        return text.get_text_bounded(), (left, bottom)


def test_words_stand_where_they_show_and_single_letters_are_kept(tmp_path: Path) -> None:
    target, level = _written(tmp_path, write_scan(tmp_path / "scan.pdf"))
    for pdf in (target, level):
        text, (left, _) = _text_and_place(pdf)
        assert text.strip() == "Käse a"
        assert left == pytest.approx(30, abs=0.5)


def test_a_skewed_scan_has_skewed_text_and_its_level_copy_has_not(tmp_path: Path) -> None:
    target, level = _written(tmp_path, write_scan(tmp_path / "scan.pdf"), skew=2.0)
    with pdfium.PdfDocument(level) as document:
        boxes = document[0].get_textpage()
        assert boxes.get_charbox(0, loose=True)[1] == boxes.get_charbox(3, loose=True)[1]
    with pdfium.PdfDocument(target) as document:
        boxes = document[0].get_textpage()
        first, last = boxes.get_charbox(0, loose=True), boxes.get_charbox(3, loose=True)
        assert first[1] != last[1]
        assert first[0] == pytest.approx(30, abs=6)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_turned_and_cropped_pages_have_their_text_upright(tmp_path: Path, turned: int) -> None:
    scan = write_scan(tmp_path / "scan.pdf")
    with pikepdf.open(scan, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        page.Rotate = turned
        page.CropBox = [10, 20, float(page.MediaBox[2]) - 5, float(page.MediaBox[3]) - 5]
        pdf.save(scan)
    target, _ = _written(tmp_path, scan)
    with pdfium.PdfDocument(target) as document:
        page = document[0]
        text = page.get_textpage()
        assert text.get_text_range().strip() == "Käse a"
        drawn = page.render(scale=1)
        assert drawn.width == pytest.approx(page.get_width(), abs=1)
        letter = page.get_textpage().get_charbox(0, loose=True)
    shown = _shown(letter, turned, target)
    assert shown == pytest.approx((30, 100), abs=4)


def _shown(box: tuple[float, float, float, float], turned: int, pdf: Path) -> tuple[float, float]:
    """The lower left of a box of the page's own space, as the page is shown."""
    with pikepdf.open(pdf) as opened:
        left, bottom, right, top = map(float, opened.pages[0].CropBox)
    x0, y0, x1, y1 = box
    corners = {
        0: (x0 - left, y0 - bottom),
        90: (y0 - bottom, right - x1),
        180: (right - x1, top - y1),
        270: (top - y1, x0 - left),
    }
    return corners[turned]


def test_an_older_layer_goes_and_visible_text_stays(tmp_path: Path) -> None:
    scan = write_scan(tmp_path / "scan.pdf")
    with pikepdf.open(scan, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                  BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
        name = page.add_resource(pdf.make_indirect(font), pikepdf.Name.Font)
        old = f"BT 3 Tr {name} 12 Tf 20 40 Td (rubbish) Tj 0 Tr 0 -20 Td (stamp) Tj ET"
        page.contents_add(pdf.make_stream(old.encode()))
        pdf.save(scan)
    text, _ = _text_and_place(_written(tmp_path, scan)[0])
    assert "rubbish" not in text
    assert "stamp" in text
    assert "Käse" in text


def test_the_scan_looks_as_before(tmp_path: Path) -> None:
    scan = write_scan(tmp_path / "scan.pdf")
    target, _ = _written(tmp_path, scan, skew=1.0)
    with pdfium.PdfDocument(scan) as before, pdfium.PdfDocument(target) as after:
        assert bytes(before[0].render().buffer) == bytes(after[0].render().buffer)
