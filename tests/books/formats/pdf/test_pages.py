"""Boxes, fonts and looks of pages: each fault alone, named with its page."""

from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.books.formats.pdf import boxes, fonts, inspection, text_layer
from ebook_pipeline.foundation.findings import Finding, Severity
from tests.support.books.pdf import book, font, page

SCAN = b"q 400 0 0 580 10 10 cm /Im Do Q "
HIDDEN = b"BT 3 Tr /F1 12 Tf 40 500 Td (Recognised words) Tj ET"


def structure(path: Path) -> dict[str, Finding]:
    """The findings on what the file is made of, by rule."""
    return {one.rule: one for one in inspection.inspect_structure(path)[0]}


def looks(path: Path) -> dict[str, Finding]:
    return {one.rule: one for one in inspection.inspect_pages(path)[0]}


def picture(pdf: pikepdf.Pdf, pixels: int) -> pikepdf.Object:
    data = b"\x80" * (pixels * pixels)
    image = pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image)
    image.Width = image.Height = pixels
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    return image


def scan(pdf: pikepdf.Pdf, behind: bytes = b"", pixels: int = 1000) -> None:
    """A page more that is a picture, with this content over it."""
    added = page(pdf, SCAN + behind)
    added.obj.Resources.XObject = Dictionary(Im=picture(pdf, pixels))


def test_a_sound_book_has_no_finding_and_its_facts_are_told(tmp_path: Path) -> None:
    path = book(tmp_path / "b.pdf")
    findings, facts = inspection.inspect_structure(path)
    assert findings == []
    assert (facts.pages, facts.boxes.size, facts.tags.tagged) == (1, "A5 (148 x 210 mm)", True)
    assert (facts.fonts.total, facts.fonts.embedded, facts.fonts.subset) == (1, 1, 1)
    assert looks(path) == {}
    assert facts.shown()["page size"] == "A5 (148 x 210 mm)"


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("MediaBox", Array([0, 0, 400]), "pdf.box-missing"),
        ("MediaBox", Array([100, 100, 100, 600]), "pdf.box-empty"),
        ("MediaBox", Array([0, 0, 20_000, 20_000]), "pdf.box-huge"),
        ("TrimBox", Array([-50, 0, 400, 500]), "pdf.box-outside"),
        ("Rotate", 45, "pdf.box-angle"),
        ("Rotate", 90, "pdf.rotated"),
        ("MediaBox", Array([0, 0, 72, 72]), "pdf.page-size"),
    ],
)
def test_a_box_that_is_wrong_is_a_finding_with_its_page(
    tmp_path: Path, key: str, value: Any, rule: str
) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj[f"/{key}"] = value

    assert structure(book(tmp_path / "b.pdf", change))[rule]


def test_pages_of_different_sizes_are_told_with_their_numbers(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        page(pdf, size=(595.3, 841.9))

    found = structure(book(tmp_path / "b.pdf", change, pages=3))["pdf.mixed-sizes"]
    assert "A5 (148 x 210 mm): 3; A4 (210 x 297 mm): 1" in found.message
    assert found.severity is Severity.INFO


def test_sizes_that_differ_by_a_hair_are_one() -> None:
    pages = [Dictionary(MediaBox=Array([0, 0, 420 + one, 595])) for one in range(3)]
    assert boxes.check(pages)[1] == []


def test_a_turned_page_is_as_wide_as_it_is_shown() -> None:
    lying = Dictionary(MediaBox=Array([0, 0, 595, 420]), Rotate=90)
    assert boxes.check([lying])[0].size == "A5 (148 x 210 mm)"


@pytest.mark.parametrize(
    ("more", "embedded", "readable"),
    [
        ({}, True, True),
        ({"FontDescriptor": Dictionary()}, False, True),
        ({"Subtype": Name.Type3}, True, False),
        ({"Subtype": Name.TrueType, "Encoding": None}, True, True),
        ({"Encoding": Dictionary(Differences=Array([65, Name.g12, Name.g13]))}, True, False),
        ({"Encoding": Dictionary(Differences=Array([65, Name.A, Name.B]))}, True, True),
        ({"Subtype": Name.Type0, "Encoding": Name("/Identity-H")}, False, False),
        ({"Subtype": Name.Type0, "Encoding": Name("/UniJIS-UTF16-H")}, False, True),
    ],
)
def test_a_font_is_embedded_and_readable_as_its_dictionary_says(
    more: dict[str, object], embedded: bool, readable: bool
) -> None:
    with pikepdf.new() as pdf:
        read = fonts.read_font(font(pdf, **more), 1)
        assert (read.embedded, read.readable) == (embedded, readable)


def test_a_font_that_is_missing_is_named_with_its_first_page(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        missing = font(pdf, FontDescriptor=Dictionary(), BaseFont=Name("/Garamond"))
        inner = pdf.make_stream(b"", Subtype=Name.Form, Resources=Dictionary())
        inner.Resources.Font = Dictionary(F9=missing)
        inner.Resources.XObject = Dictionary(Again=inner)
        pdf.pages[1].obj.Resources.XObject = Dictionary(Form=inner)

    found = structure(book(tmp_path / "b.pdf", change, pages=2))["pdf.font-not-embedded"]
    assert "Garamond" in found.message
    assert found.place == "page 2"


def test_a_scan_with_text_behind_it_is_told_from_one_without(tmp_path: Path) -> None:
    assert "pdf.no-text" in looks(_scanned(tmp_path / "bare.pdf", b""))
    found = looks(_scanned(tmp_path / "ocr.pdf", HIDDEN))
    assert set(found) == {"pdf.recognised-text", "pdf.low-resolution"}
    assert "3 of 3 pages" in found["pdf.recognised-text"].message


def test_a_cover_without_text_is_no_fault_and_a_plate_is_only_told(tmp_path: Path) -> None:
    def cover(pdf: pikepdf.Pdf) -> None:
        scan(pdf, pixels=2000)
        pdf.pages.insert(0, pdf.pages[-1])
        del pdf.pages[-1]

    assert looks(book(tmp_path / "cover.pdf", cover, pages=3)) == {}

    def plate(pdf: pikepdf.Pdf) -> None:
        scan(pdf, pixels=2000)
        page(pdf)

    found = looks(book(tmp_path / "plate.pdf", plate, pages=3))["pdf.pages-without-text"]
    assert (found.severity, found.place) == (Severity.INFO, "page 4")


def test_a_coarse_picture_is_found_by_its_size_on_the_page(tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        scan(pdf, HIDDEN, pixels=400)

    found = looks(book(tmp_path / "b.pdf", change))["pdf.low-resolution"]
    assert "down to 50 dpi" in found.message  # 400 pixels over 580 points
    assert found.place == "page 2"


def test_a_sample_holds_first_and_last_page_and_no_more_than_it_may() -> None:
    assert text_layer.sample_pages(3) == [0, 1, 2]
    sampled = text_layer.sample_pages(5000)
    assert (sampled[0], sampled[-1], len(sampled)) == (0, 4999, text_layer.MOST_SAMPLED)


def _scanned(path: Path, behind: bytes) -> Path:
    def change(pdf: pikepdf.Pdf) -> None:
        for _ in range(3):
            scan(pdf, behind)
        del pdf.pages[0]

    return book(path, change)
