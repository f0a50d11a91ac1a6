"""Pixels of a PDF's pictures are counted before they are decoded: what is too much is told."""

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf, pictures, pixel_budget
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError

SAID = "(The rain fell on the long road to the town, and she waited there.)"
SIDE = 9000


def _pdf(
    path: Path, images: int, apart: int, text: str, side: int = SIDE, shown_at: int = 50
) -> Path:
    """One page with so many images, each so many points from the next."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(600, 800))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    image = document.make_stream(
        bytes(-(-side // 8) * side),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=side,
        Height=side,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=1,
    )
    page.Resources = Dictionary(XObject=Dictionary(I=image), Font=Dictionary(F=font))
    drawn = [
        f"q {shown_at} 0 0 {shown_at} 20 {20 + number * apart} cm /I Do Q"
        for number in range(images)
    ]
    shown = f"BT /F 12 Tf 20 760 Td {text} Tj ET " if text else ""
    page.Contents = document.make_stream((shown + " ".join(drawn)).encode())
    document.save(path)
    return path


def test_pictures_beyond_the_budget_are_left_out_with_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_budget, "MOST_OF_BOOK", 2 * 100 * 100)
    monkeypatch.setattr(pixel_budget, "_PIXELS_OF_A_BYTE", 0)
    made = epub_from_pdf(
        _pdf(tmp_path / "a.pdf", 5, 60, SAID, side=100), tmp_path / "a.epub", Claims()
    )
    [said] = [finding for finding in made.findings if finding.rule == "convert.pixels"]
    assert said.message.endswith("3 pictures beyond that are not in the EPUB.")
    assert said.remedy


def test_pictures_cut_up_are_drawn_together_only_within_the_budget(tmp_path: Path) -> None:
    made = epub_from_pdf(_pdf(tmp_path / "a.pdf", 13, 5, SAID), tmp_path / "a.epub", Claims())
    assert "convert.pixels" in {finding.rule for finding in made.findings}


def test_a_larger_file_may_have_more_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photographs are not left out: 300 of 12 million pixels are 3.6 billion in 1 GB."""
    monkeypatch.setattr(pixel_budget, "MOST_OF_BOOK", 0)
    path = _pdf(tmp_path / "a.pdf", 1, 60, SAID, side=100)
    with path.open("ab") as more:
        more.write(b"\n%" + bytes(1000))
    made = epub_from_pdf(path, tmp_path / "a.epub", Claims())
    assert "convert.pixels" not in {finding.rule for finding in made.findings}


def test_scanned_pages_of_too_many_pixels_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_budget, "MOST_SCANNED", 100)
    monkeypatch.setattr(pixel_budget, "_PIXELS_OF_A_BYTE", 0)
    with pytest.raises(BookError, match="more than 100 pixels") as refused:
        epub_from_pdf(_pdf(tmp_path / "a.pdf", 1, 0, "", side=100), tmp_path / "a.epub", Claims())
    assert refused.value.finding.rule == "convert.too-many-pictures"


def test_pages_of_a_scan_that_was_read_cost_the_pictures_of_a_book_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """300 pages of 8 million pixels are 2.4 billion, and an ordinary book."""
    monkeypatch.setattr(pixel_budget, "MOST_OF_BOOK", 0)
    monkeypatch.setattr(pixel_budget, "_PIXELS_OF_A_BYTE", 0)
    path = _pdf(tmp_path / "a.pdf", 1, 0, f"3 Tr {SAID}", side=100, shown_at=740)
    made = epub_from_pdf(path, tmp_path / "a.epub", Claims())
    rules = {finding.rule for finding in made.findings}
    assert "convert.scanned" in rules
    assert "convert.pixels" not in rules


def test_a_stretched_image_is_drawn_no_larger_than_the_largest(tmp_path: Path) -> None:
    """16 × 20,000 pixels shown as a square were drawn at 20,000 × 20,000: 1.6 GB."""
    import pypdfium2 as pdfium

    path = _pdf(tmp_path / "a.pdf", 1, 0, SAID, side=160)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        image = document.pages[0].Resources.XObject.I
        image.Width, image.Height = 16, 20_000
        image.write(bytes(2 * 20_000))
        document.save(path)
    document = pdfium.PdfDocument(path)
    shown = next(document[0].get_objects(filter=[3]))
    drawn = pictures._drawn_alone(shown, 16, 20_000)
    assert max(drawn.size) <= pictures.LARGEST_SIDE + 1
    document.close()
