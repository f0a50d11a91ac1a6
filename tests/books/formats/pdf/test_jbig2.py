"""Scans as JBIG2: checked without the program that pikepdf would start to decode them."""

import struct
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.formats import pdf


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


@pytest.mark.parametrize("side", [64, 30_000])
def test_a_scan_as_jbig2_is_no_danger_and_none_that_is_huge_is_decoded(
    tmp_path: Path, side: int
) -> None:
    page_size = _segment(0, 48, struct.pack(">IIIIBH", side, side, 0, 0, 0, 0))
    region = struct.pack(">IIIIB", side, side, 0, 0, 0) + bytes([0, 3, 255, 253, 255, 2, 254])
    data = page_size + _segment(1, 38, region + bytes([254, 254, 254, 0, 0, 255, 172]))
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 300))
    image = document.make_stream(data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
    image.Width = image.Height = side
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceGray, 1
    image.Filter = pikepdf.Name.JBIG2Decode
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
    page.Contents = document.make_stream(b"q 200 0 0 200 20 20 cm /I Do Q")
    document.save(tmp_path / "a.pdf")
    findings, facts = pdf.inspect(tmp_path / "a.pdf")
    assert facts.pages == 1
    assert not {"pdf.unsafe", "sandbox.crash"} & {finding.rule for finding in findings}
