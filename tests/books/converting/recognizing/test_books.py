"""A scan through the whole conversion: text in order, pictures kept, words to select."""

import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from benchmarks.scanned_pages import Setting, as_scan, draw, set_pages
from ebook_pipeline.books.converting.conversion import ConversionTools, convert
from ebook_pipeline.books.converting.recognizing.recognition import PageRecognition
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.resources.recognizing.rapid_ocr import RapidOcr
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.scans import TEXT

SETTING = Setting(width=100, height=110, size=11)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A page of text, and one with a drawing above its text."""
    text, *_ = draw(set_pages(TEXT + "\n\n" + TEXT, SETTING), 120, "skew", 4)
    pictured = Image.new("L", text.size, 255)
    below, *_ = draw(set_pages(TEXT, SETTING), 120, "clean", 4)
    middle = text.height // 2
    pictured.paste(below.crop((0, 0, text.width, middle)), (0, middle))
    pen = ImageDraw.Draw(pictured)
    for step in range(0, 180, 6):
        pen.line((130 + step, 90, 310 - step, 90 + step // 2 + 60), fill=30, width=3)
    path = tmp_path / "scan.pdf"
    path.write_bytes(as_scan([text, pictured], 120))
    return path


@pytest.mark.prove
def test_a_scan_becomes_a_book_with_text_and_pictures(scan: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    recognition = PageRecognition((RapidOcr(),))
    tools = ConversionTools(Browser(), Typesetter(), recognition=recognition)
    made = convert(scan, BookFormat.PDF, Claims(title="Scan", language="en"), tools, folder)
    text = " ".join(made.text.read_text(encoding="utf-8").split())
    assert text.count(TEXT) == 3
    assert {"convert.recognised", "convert.scanned"} <= {one.rule for one in made.findings}
    assert not any(one.rule.startswith("convert.text-") for one in made.findings)
    with zipfile.ZipFile(made.epub) as epub:
        pictures = [name for name in epub.namelist() if "images/picture-" in name]
    assert len(pictures) == 1
    with pdfium.PdfDocument(made.pdf) as document:
        assert "working very hard" in document[0].get_textpage().get_text_range()
