"""Covers that are large, or dear to decode: bounded before they are, and as they were seen."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from ebook_pipeline.books.converting import covers
from ebook_pipeline.books.converting.covers import cover_sizes
from ebook_pipeline.foundation.errors import BookError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "covers"
    made.mkdir()
    return made


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def test_a_picture_that_takes_too_much_memory_is_never_decoded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cover_sizes, "MOST_BYTES", 100 * 100 * 5)
    for kind, options, fits in (
        ("PNG", {}, True),
        ("JPEG", {}, True),
        ("JPEG", {"progressive": True}, False),
        ("WEBP", {}, False),
        ("AVIF", {}, False),
    ):
        (folder / "image").write_bytes(saved(Image.new("RGB", (100, 100)), kind, **options))
        if fits:
            covers.scale_cover(folder / "image", folder, "")
        else:
            with pytest.raises(BookError, match="MiB to be read") as refused:
                covers.scale_cover(folder / "image", folder, "")
            assert "JPEG that is not progressive" in refused.value.finding.remedy


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "PA", "L", "I;16", "CMYK"])
def test_a_large_picture_is_converted_in_stripes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    grey = Image.linear_gradient("L").resize((600, 800))
    coloured = Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey))
    given = {"I;16": grey.convert("I").point(lambda value: value * 256).convert("I;16")}
    if mode == "PA":
        given["PA"] = coloured.convert("P")
    image = given.get(mode) or coloured.convert(mode)
    kind: dict[str, object] = {"transparency": 0} if mode == "PA" else {}
    (folder / "image").write_bytes(saved(image, "JPEG" if mode == "CMYK" else "PNG", **kind))
    whole = cover_sizes.read_upright(folder / "image", 200)
    monkeypatch.setattr(cover_sizes, "_WHOLE", 1000)
    monkeypatch.setattr(cover_sizes, "_STRIPE", 5000)
    striped = cover_sizes.read_upright(folder / "image", 200)
    assert striped.size == whole.size == (150, 200)
    assert ImageStat.Stat(ImageChops.difference(whole, striped)).mean < [2, 2, 2]


def test_a_camera_s_jpeg_of_two_pictures_is_its_first(folder: Path) -> None:
    one = Image.new("RGB", (100, 160), "red")
    data = saved(
        one, "MPO", save_all=True, append_images=[one.transpose(Image.Transpose.ROTATE_90)]
    )
    (folder / "image").write_bytes(data)
    cover = covers.scale_cover(folder / "image", folder, "")
    assert (cover.media_type, cover.width, cover.height) == ("image/jpeg", 100, 160)
