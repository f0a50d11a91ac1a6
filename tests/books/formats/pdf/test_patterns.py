"""A pattern within a pattern can be drawn without end: the file is refused, and soon."""

from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.formats import pdf
from ebook_pipeline.books.formats.pdf import patterns
from ebook_pipeline.tools import sandbox


def tiled(path: Path, step: float, fills: int) -> Path:
    """A page that is filled so often with tiles `step` points apart, which hold tiles."""
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(600, 800))
        tile = pikepdf.Stream(made, b"0 0 .01 .01 re f /Pattern cs /P scn 0 0 1 1 re f")
        tile.Type, tile.PatternType, tile.PaintType = pikepdf.Name.Pattern, 1, 1
        tile.TilingType, tile.BBox, tile.XStep, tile.YStep = 1, [0, 0, 1, 1], step, step
        pattern = made.make_indirect(tile)
        pattern.Resources = pikepdf.Dictionary(Pattern=pikepdf.Dictionary(P=pattern))
        page.obj.Resources = pikepdf.Dictionary(Pattern=pikepdf.Dictionary(P=pattern))
        content = b"/Pattern cs /P scn 0 0 600 800 re f\n" * fills
        page.obj.Contents = pikepdf.Stream(made, content)
        made.save(path)
    return path


@pytest.mark.prove
def test_tiles_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_DRAWING_SECONDS", 1)
    findings, _ = pdf.inspect(tiled(tmp_path / "a.pdf", 0.02, 200))
    assert pdf.UNSAFE in {finding.rule for finding in findings}


@pytest.mark.prove
def test_a_page_of_many_tiles_is_not(tmp_path: Path) -> None:
    sandbox.call(patterns.draw, tiled(tmp_path / "a.pdf", 40, 3))
    findings, _ = pdf.inspect(tmp_path / "a.pdf")
    assert pdf.UNSAFE not in {finding.rule for finding in findings}


@pytest.mark.prove
def test_a_shading_without_end_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_DRAWING_SECONDS", 1)
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(14400, 14400))
        points = pikepdf.Stream(made, b"{ " + b"sin cos add dup exch " * 2000 + b"}")
        points.FunctionType, points.Domain, points.Range = 4, [0, 1, 0, 1], [0, 1] * 3
        shading = pikepdf.Dictionary(ShadingType=1, ColorSpace=pikepdf.Name.DeviceRGB)
        shading.Function, shading.Matrix = made.make_indirect(points), [14400, 0, 0, 14400, 0, 0]
        page.obj.Resources = pikepdf.Dictionary(Shading=pikepdf.Dictionary(S=shading))
        page.obj.Contents = pikepdf.Stream(made, b"/S sh " * 50)
        made.save(tmp_path / "a.pdf")
    findings, _ = pdf.inspect(tmp_path / "a.pdf")
    assert pdf.UNSAFE in {finding.rule for finding in findings}
