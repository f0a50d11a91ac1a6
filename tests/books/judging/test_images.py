"""Pictures: detail, size in print, compression, colours, duplicates, what they say."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFilter

from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters, images
from ebook_pipeline.books.judging.images import sizes
from ebook_pipeline.books.judging.images.measurement import measure_picture
from tests.support.books.for_judging import book, picture


def found(path: Path, *sheets: str) -> list[str]:
    package = read_package(path)
    part = images.check(path, package, list(chapters.read(path, package)), sheets)
    return [finding.rule.removeprefix("images.") for finding in part.findings]


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def sharp(width: int = 800, height: int = 700) -> Image.Image:
    return Image.open(io.BytesIO(picture(width, height)))


def shown(tmp_path: Path, data: bytes, tag: str = '<img src="a.png" alt="A mill"/>') -> Path:
    return book(tmp_path / "b.epub", f"<p>{tag}</p>", files={"a.png": data})


def test_a_jpeg_that_is_drawn_over_and_over_is_broken(tmp_path: Path) -> None:
    data = saved(Image.new("L", (4000, 4000)), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert "broken" not in found(shown(tmp_path, data))
    assert "broken" in found(shown(tmp_path, data[:-2] + last * 200 + data[-2:]))


def test_a_book_without_pictures_has_no_score_for_them(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", "<p>No picture is here.</p>")
    package = read_package(path)
    score = images.check(path, package, list(chapters.read(path, package))).score
    assert (score.value, score.evidence["checked"]) == (None, "not checked: it has no pictures")


@pytest.mark.parametrize("radius", [1.5, 2, 3])
def test_a_blurred_picture_is_found(tmp_path: Path, radius: float) -> None:
    blurred = sharp().filter(ImageFilter.GaussianBlur(radius))
    assert found(shown(tmp_path, saved(blurred))) == ["blurred"]


@pytest.mark.parametrize("times", [2, 3])
def test_an_enlarged_picture_is_found(tmp_path: Path, times: int) -> None:
    small = sharp().resize((800 // times, 700 // times), Image.Resampling.LANCZOS)
    enlarged = small.resize((800, 700), Image.Resampling.BICUBIC)
    assert found(shown(tmp_path, saved(enlarged, "JPEG", quality=90))) == ["blurred"]


def test_a_sharp_jpeg_of_good_quality_has_no_fault(tmp_path: Path) -> None:
    assert found(shown(tmp_path, saved(sharp(), "JPEG", quality=90))) == []


def test_a_picture_is_small_for_the_place_that_it_takes(tmp_path: Path) -> None:
    data = picture(500, 400)
    assert found(shown(tmp_path, data)) == []
    for tag in (
        '<img src="a.png" alt="A mill" style="width: 100%"/>',
        '<img src="a.png" alt="A mill" width="900"/>',
        '<img src="a.png" alt="A mill" style="width: 15cm"/>',
    ):
        assert found(shown(tmp_path, picture(400, 400), tag)) == ["small"]
    assert found(shown(tmp_path, data, '<img src="a.png" alt="A mill" width="300"/>')) == []


def test_style_sheets_say_how_wide_pictures_are(tmp_path: Path) -> None:
    sheet = "/* img { width: 9in } */ p > img.half, h1 { width: 50% } .full { width: 100% }"
    assert sizes.widths([sheet]) == {"half": "50%", "full": "100%"}
    path = shown(tmp_path, picture(300, 300), '<img class="half" src="a.png" alt="A mill"/>')
    assert found(path, sheet) == []
    assert found(path) == ["small"]


def test_heavy_compression_is_found_by_its_tables_and_by_its_blocks(tmp_path: Path) -> None:
    photograph = Image.effect_noise((800, 704), 60).filter(ImageFilter.GaussianBlur(2))
    poor = saved(photograph, "JPEG", quality=12)
    assert "compressed" in found(shown(tmp_path, poor))
    again = saved(Image.open(io.BytesIO(poor)))
    assert measure_picture("a", again).quality is None
    assert measure_picture("a", again).blocks > 2 > measure_picture("a", saved(photograph)).blocks


@pytest.mark.parametrize("quality", [30, 60, 85, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(quality: int) -> None:
    told = measure_picture("a", saved(sharp(), "JPEG", quality=quality)).quality
    assert told is not None
    assert abs(told - quality) <= 2


def test_colours_for_print_and_deep_pictures_are_told(tmp_path: Path) -> None:
    cmyk = saved(sharp().convert("CMYK"), "JPEG", quality=90)
    assert found(shown(tmp_path, cmyk)) == ["colours"]
    deep = saved(sharp().convert("I;16"))
    assert measure_picture("a", deep).deep


def test_no_more_pixels_are_decoded_than_a_book_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 2 * 800 * 700)
    cut = saved(sharp())[:-500]
    files = {"a.png": cut, "b.png": saved(sharp()), "c.png": cut, "d.png": saved(sharp())}
    tags = "".join(f'<img src="{name}" alt="A mill, {name[0]} by hand"/>' for name in files)
    path = book(tmp_path / "b.epub", f"<p>{tags}</p>", files=files)
    assert found(path) == ["broken", "pixels"]
    monkeypatch.setattr(images, "MOST_PIXELS", 4 * 800 * 700)
    assert found(path) == ["broken", "broken", "duplicate"]


def test_a_picture_that_takes_too_much_memory_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_BYTES", 4 * 800 * 700)
    files = {"a.png": saved(sharp()), "b.png": saved(sharp(), "WEBP")}
    body = '<p><img src="a.png" alt="A mill"/><img src="b.png" alt="The mill"/></p>'
    assert found(book(tmp_path / "b.epub", body, files=files)) == ["pixels"]


def test_one_picture_under_two_names_is_told(tmp_path: Path) -> None:
    files = {"a.png": saved(sharp()), "b.jpg": saved(sharp(), "JPEG", quality=80)}
    body = '<p><img src="a.png" alt="A mill"/><img src="b.jpg" alt="The mill"/></p>'
    assert found(book(tmp_path / "b.epub", body, files=files)) == ["duplicate"]


@pytest.mark.parametrize(
    ("alt", "rule"),
    [
        ("a.png", "alt-file-name"),
        ("IMG_0042.JPG", "alt-file-name"),
        ("image", "alt-placeholder"),
        ("Figure 3", "alt-placeholder"),
    ],
)
def test_a_thoughtless_text_is_told(tmp_path: Path, alt: str, rule: str) -> None:
    tag = f'<img src="a.png" alt="{alt}"/>'
    assert found(shown(tmp_path, picture(800, 700), tag)) == [rule]


def test_three_pictures_with_one_text_or_none_are_told(tmp_path: Path) -> None:
    files = {f"{n}.png": picture(700, 700, seed=n) for n in range(3)}
    for alt, rules in (("The sea", ["alt-repeated"] * 3), ("", ["alt-empty"])):
        body = "".join(f'<p><img src="{name}" alt="{alt}"/></p>' for name in files)
        assert found(book(tmp_path / "b.epub", body, files=files)) == rules
