"""Text that is stated beside glyphs takes their place."""

from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.formats.pdf import actual_text
from tests.support.books.pdf import book, font

SPANS = (
    b"BT /F1 20 Tf 1 0 0 1 40 300 Tm (A) Tj "
    b"/Span <</ActualText <FEFF0915093F>>> BDC 14 0 Td (B) Tj 13 0 Td (C) Tj EMC "
    b"14 0 Td (D) Tj ET"
)


def text_of(path: Path, content: bytes) -> tuple[str, int]:
    """What pdfium reads of a page with this content, and how many spans were replaced."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(content)
        widths = [667] * 95
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=font(pdf, FirstChar=32, LastChar=126, Widths=widths))
        )

    book(path, change)
    with pikepdf.open(path) as pdf:
        count = actual_text.put_in_place(pdf)
    document = actual_text.readable(path)
    text = document[0].get_textpage().get_text_range().strip()
    document.close()
    return text, count


@pytest.mark.parametrize(
    ("content", "text", "count"),
    [
        (SPANS, "Aकि\u200bD".replace("\u200b", ""), 1),
        (SPANS.replace(b"13 0 Td (C)", b"-1 4 Td (C)"), "AकिD", 1),
        (SPANS.replace(b"(C) Tj", b"[(C) -20 (C)] TJ"), "AकिD", 1),
        (SPANS.replace(b"(C) Tj", b"(C) Tj 0 0 5 5 re f"), None, 0),  # more than glyphs
        (SPANS.replace(b"/F1 20 Tf", b"/F1 0 Tf"), None, 0),
        (SPANS.replace(b"FEFF0915093F", b"FEFF" + 65 * b"0041"), None, 0),  # a description
        (SPANS.replace(b" EMC", b""), None, 0),
        (SPANS.replace(b"/F1 20", b"/F9 20"), None, 0),  # no such font
        (b"/Span <</ActualText 7>> BDC EMC " + SPANS, "AकिD", 1),
        (b"EMC EMC Td Tj " + SPANS, None, None),
    ],
)
def test_a_span_is_one_glyph_where_it_is_nothing_but_glyphs(
    tmp_path: Path, content: bytes, text: str | None, count: int | None
) -> None:
    found, replaced = text_of(tmp_path / "book.pdf", content)
    assert text is None or found == text
    assert count is None or replaced == count
