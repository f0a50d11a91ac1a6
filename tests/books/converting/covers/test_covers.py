"""Covers: found, pictured, set in letters; four sizes, always."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms

from ebook_pipeline.books.converting import covers
from ebook_pipeline.books.converting.covers.cover_search import find_cover
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.browser import Browser
from tests.support.books.epub import epub, package
from tests.support.corpus import named, needs_corpus
from tests.support.existing import existing

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300">
<rect width="200" height="300" fill="#00ff00"/></svg>"""


def book(folder: Path, name: str, media_type: str, data: bytes | str) -> Path:
    manifest = (
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
        f'<item id="cover" href="{name}" properties="cover-image" media-type="{media_type}"/>'
    )
    page = f'<p><img src="{name}" alt="A green door"/></p>'
    files = {
        "EPUB/package.opf": package(manifest=manifest),
        f"EPUB/{name}": data,
        "EPUB/one.xhtml": page,
    }
    return epub(folder / "book.epub", files)


def picture(mode: str = "RGB", size: tuple[int, int] = (1400, 2100), kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 0).save(written, kind)
    return written.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "covers"
    made.mkdir()
    return made


def epub_cover(source: Path, folder: Path, browser: Browser | None = None) -> covers.Cover:
    """As a conversion makes it: a browser pictures a drawing while it prints."""
    sought = covers.sought_cover(source, folder)
    drawing = covers.drawing_of(sought, folder)
    if browser is not None:
        page = folder / "in" / "page.xhtml"
        page.parent.mkdir()
        page.write_text('<html xmlns="http://www.w3.org/1999/xhtml"><body>words</body></html>')
        browser.print_pdf(page, folder / "page.pdf", drawing=drawing)
    return covers.epub_cover(sought, folder)


def test_the_cover_keeps_its_bytes_and_gets_three_smaller_sizes(
    tmp_path: Path, folder: Path
) -> None:
    data = picture()
    cover = epub_cover(book(tmp_path, "c.jpg", "image/jpeg", data), folder)
    assert cover.original.read_bytes() == data
    assert (cover.width, cover.height, cover.media_type) == (1400, 2100, "image/jpeg")
    assert cover.alt == "A green door"
    sizes = []
    for path in (cover.large, cover.medium, cover.thumbnail):
        with Image.open(path) as image:
            sizes.append((image.size, image.format, image.mode))
    assert sizes == [
        ((1067, 1600), "JPEG", "RGB"),
        ((427, 640), "JPEG", "RGB"),
        ((133, 200), "JPEG", "RGB"),
    ]
    assert not cover.generated


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF")]
)
def test_every_colour_space_becomes_srgb(folder: Path, mode: str, kind: str) -> None:
    image = folder / "image"
    image.write_bytes(picture(mode, (300, 400), kind))
    with Image.open(covers.scale_cover(image, folder, "").medium) as medium:
        assert medium.mode == "RGB"


def test_a_book_without_cover_gets_one_of_letters(tmp_path: Path, folder: Path) -> None:
    cover = epub_cover(epub(tmp_path / "a.epub"), folder)
    assert cover.generated
    assert (cover.width, cover.height) == (1600, 2560)
    assert cover.alt == "Cover of A Tiny Book by Ann Author"
    assert [one.rule for one in cover.findings] == ["cover.none"]


def test_a_picture_of_too_many_pixels_is_never_decoded(tmp_path: Path, folder: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    cover = epub_cover(book(tmp_path, "c.png", "image/png", bomb), folder)
    assert cover.generated
    assert [one.rule for one in cover.findings] == ["image.too-large"]


def test_a_picture_that_is_none_is_replaced(tmp_path: Path, folder: Path) -> None:
    cover = epub_cover(book(tmp_path, "c.jpg", "image/jpeg", b"no picture"), folder)
    assert cover.generated
    assert [one.rule for one in cover.findings] == ["image.unreadable"]


@pytest.mark.browser
@pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine")
def test_a_drawing_is_pictured_by_the_browser(tmp_path: Path, folder: Path) -> None:
    cover = epub_cover(book(tmp_path, "c.svg", "image/svg+xml", SVG), folder, Browser())
    assert (cover.width, cover.height) == (1067, 1600)
    with Image.open(cover.original) as image:
        assert image.convert("RGB").getpixel((1060, 1590)) == (0, 255, 0)


def test_a_drawing_without_a_browser_gives_way_to_letters(tmp_path: Path, folder: Path) -> None:
    source = book(tmp_path, "c.svg", "image/svg+xml", SVG)
    assert epub_cover(source, folder).generated


@pytest.mark.parametrize(
    "sides",
    [
        'viewBox=". . . ."',
        'viewBox="0 0 1.2.3 4"',
        'viewBox="0 0 -5 -5"',
        'width="1.2.3.4" height="..."',
        f'viewBox="0 0 {"9" * 400} 1"',
        f'width="{"9" * 400}" height="0.{"0" * 400}1"',
    ],
)
def test_a_drawing_of_no_size_has_one(tmp_path: Path, folder: Path, sides: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {sides}><g/></svg>'.encode()
    sought = find_cover(book(tmp_path, "c.svg", "image/svg+xml", drawing), folder)
    assert all(1 <= side <= 1600 for side in sought.size)


def test_a_file_that_is_no_pdf_has_no_first_page(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(BookError, match="cannot be read"):
        covers.render_first_page(tmp_path / "a.pdf", tmp_path / "a.png")


@needs_corpus
@pytest.mark.corpus
def test_a_pdfs_first_page_is_its_cover(folder: Path) -> None:
    book = covers.CoverCandidate("Treasure Island", (), language="en")
    cover = covers.pdf_cover(named("pdf/novel-treasure-island.pdf"), book, folder)
    assert max(cover.width, cover.height) == 1600
    assert not cover.generated


def test_a_picture_that_stands_in_the_spine_is_the_cover(tmp_path: Path, folder: Path) -> None:
    manifest = (
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="page" href="page.jpg" fallback="one" media-type="image/jpeg"/>'
        '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
    )
    opf = package(manifest=manifest, spine='<itemref idref="page"/>')
    files: dict[str, str | bytes | None] = {"EPUB/package.opf": opf, "EPUB/page.jpg": picture()}
    assert not epub_cover(epub(tmp_path / "b.epub", files), folder).generated


def seen(folder: Path, data: bytes, at: tuple[float, float] = (0.5, 0.5)) -> tuple[int, ...]:
    """The colour that a reader sees there, as parts of width and height."""
    (folder / "image").write_bytes(data)
    with Image.open(covers.scale_cover(folder / "image", folder, "").medium) as medium:
        width, height = medium.size
        return pixel(medium, int(at[0] * (width - 1)), int(at[1] * (height - 1)))


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """The colour of a point of a picture in colours."""
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def close(one: tuple[int, ...], other: tuple[int, ...], by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def segments_without(data: bytes, marker: int) -> bytes:
    """A JPEG without its segments of this kind."""
    kept, at = bytearray(data[:2]), 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] != marker:
            kept += data[at:end]
        at = end
    return bytes(kept + data[at:])


def inverted(image: Image.Image) -> Image.Image:
    return ImageChops.invert(image)


def test_cmyk_is_read_as_adobe_and_as_everybody_else_stores_it(folder: Path) -> None:
    cyan = Image.new("CMYK", (300, 400), (255, 0, 0, 0))
    adobe = saved(cyan, "JPEG", quality=95)
    plain = segments_without(saved(inverted(cyan), "JPEG", quality=95), 0xEE)
    assert b"Adobe" in adobe
    assert b"Adobe" not in plain
    assert close(seen(folder, adobe), (0, 255, 255))
    assert close(seen(folder, plain), (0, 255, 255))


def test_an_icc_profile_is_honoured(folder: Path) -> None:
    linear = ImageCms.ImageCmsProfile(io.BytesIO(linear_profile())).tobytes()
    grey = Image.new("RGB", (300, 400), (55, 55, 55))
    assert close(seen(folder, saved(grey, "PNG")), (55, 55, 55))
    assert close(seen(folder, saved(grey, "PNG", icc_profile=linear)), (128, 128, 128))


def linear_profile() -> bytes:
    """sRGB's primaries with light that grows linearly: 55 of 255 is seen as 128."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    for number in range(count):
        at = 132 + 12 * number
        if bytes(data[at : at + 4]) in (b"rTRC", b"gTRC", b"bTRC"):
            offset = struct.unpack(">I", data[at + 4 : at + 8])[0]
            data[offset : offset + 12] = b"curv" + bytes(8)  # no points: the identity
            data[at + 8 : at + 12] = struct.pack(">I", 12)
    return bytes(data)


@pytest.mark.parametrize("profile", [b"no profile", linear_profile()[:200]])
def test_a_damaged_profile_leaves_the_plain_numbers(folder: Path, profile: bytes) -> None:
    grey = Image.new("RGB", (300, 400), (55, 55, 55))
    assert close(seen(folder, saved(grey, "PNG", icc_profile=profile)), (55, 55, 55))


def test_sixteen_bits_are_scaled_and_not_cut(folder: Path) -> None:
    grey = Image.new("I;16", (300, 400), 128 << 8)
    assert close(seen(folder, saved(grey, "PNG")), (128, 128, 128))


def test_what_is_transparent_is_white(folder: Path) -> None:
    clear = Image.new("RGBA", (300, 400), (255, 0, 0, 0))
    assert seen(folder, saved(clear, "PNG")) == (255, 255, 255)
    assert seen(folder, saved(clear.convert("LA"), "PNG")) == (255, 255, 255)
    palette = Image.new("P", (300, 400), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    assert seen(folder, saved(palette, "GIF", transparency=0)) == (255, 255, 255)
    assert close(seen(folder, saved(palette, "GIF")), (255, 0, 0))


def test_a_picture_laid_on_its_side_stands_up(folder: Path) -> None:
    lying = Image.new("RGB", (400, 300), "black")
    lying.paste("white", (0, 0, 200, 300))  # its left half becomes the upper one
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(lying, "JPEG", exif=exif)
    assert close(seen(folder, data, (0.5, 0.1)), (255, 255, 255))
    assert close(seen(folder, data, (0.5, 0.9)), (0, 0, 0))
    cover = covers.scale_cover(folder / "image", folder, "")
    assert (cover.width, cover.height) == (300, 400)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_exif_turns_nothing(folder: Path) -> None:
    data = saved(Image.new("RGB", (300, 400), "red"), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff")
    assert close(seen(folder, data), (254, 0, 0))


def test_an_animated_cover_shows_its_first_frame(folder: Path) -> None:
    frames = [Image.new("RGB", (300, 400), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert close(seen(folder, data), (254, 0, 0), by=8), kind


def test_nothing_is_enlarged(folder: Path) -> None:
    (folder / "image").write_bytes(picture(size=(300, 500)))
    with Image.open(covers.scale_cover(folder / "image", folder, "").large) as large:
        assert large.size == (300, 500)


@pytest.mark.parametrize(
    ("size", "rules"),
    [
        ((1000, 1600), []),
        ((640, 999), ["cover.small"]),
        ((1600, 1000), ["cover.proportions"]),
        ((300, 900), ["cover.small", "cover.proportions"]),
    ],
)
def test_a_cover_that_shops_refuse_is_a_warning_that_says_what_to_do(
    folder: Path, size: tuple[int, int], rules: list[str]
) -> None:
    (folder / "image").write_bytes(picture(size=size))
    found = covers.scale_cover(folder / "image", folder, "").findings
    assert [one.rule for one in found] == rules
    assert all(one.severity == "warning" and one.remedy for one in found)


def test_a_cover_without_words_of_its_own_gets_them_from_title_and_author(
    tmp_path: Path, folder: Path
) -> None:
    source = book(tmp_path, "c.jpg", "image/jpeg", picture())
    with zipfile.ZipFile(source) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["EPUB/one.xhtml"] = parts["EPUB/one.xhtml"].replace(b'alt="A green door"', b'alt=""')
    cover = epub_cover(epub(tmp_path / "no-alt.epub", parts), folder)
    assert cover.alt == "Cover of A Tiny Book by Ann Author"


TITLES = [
    ("Emma", ["Jane Austen"], "en"),
    ("吾輩は猫である", ["夏目 漱石"], "ja"),
    ("שיר השירים אשר לשלמה", ["חיים נחמן ביאליק"], "he"),
    ("A " + "very " * 60 + "long title", ["One", "Two", "Three", "Four"], "en"),
    ("x" * 3000, ["y" * 3000], "not a language"),
    ('#panic("no") \\ $x$ #read("/etc/passwd")', ["\0\n"], ""),
    ("", [], ""),
]


@pytest.mark.parametrize(("title", "authors", "language"), TITLES, ids=range(len(TITLES)))
def test_letters_stay_within_their_label(
    tmp_path: Path, title: str, authors: tuple[str, ...], language: str
) -> None:
    made = covers.typeset_cover(title, authors, tmp_path / "a.png", language)
    with Image.open(made) as image:
        assert image.size == (1600, 2560)
        paper, ink = label(image)
        assert paper[0] >= 150
        assert paper[2] <= 1530
        assert paper[0] + 60 < ink[0] < ink[2] < paper[2] - 60


def label(image: Image.Image) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The boxes of the label, and of what is printed inside its frame."""
    light = image.convert("L").point(lambda value: 255 if value > 225 else 0)
    paper = existing(light.getbbox())
    inner = light.crop((paper[0] + 50, paper[1] + 50, paper[2] - 50, paper[3] - 50))
    left, top, right, bottom = existing(inner.point(lambda value: 255 - value).getbbox())
    at = paper[0] + 50, paper[1] + 50
    return paper, (left + at[0], top + at[1], right + at[0], bottom + at[1])


def test_the_same_book_always_gets_the_same_cover_and_another_one_another(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    titles = ("Emma", "Emma", "Persuasion")
    one, same, other = (
        covers.typeset_cover(title, ["Jane Austen"], tmp_path / name, "en").read_bytes()
        for name, title in zip(names, titles, strict=True)
    )
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("title", "language", "turned", "right"),
    [
        ("שיר השירים", "he", "default", True),
        ("吾輩は猫である", "ja", "rtl", True),
        ("吾輩は猫である", "ja", "default", False),
        ("Akira", "en", "rtl", True),
        ("שיר", "he", "ltr", False),
    ],
)
def test_the_spine_is_where_the_pages_of_a_book_begin(
    tmp_path: Path, title: str, language: str, turned: str, right: bool
) -> None:
    made = covers.typeset_cover(title, ["A"], tmp_path / "a.png", language, turned)
    with Image.open(made) as image:
        dark = sum(pixel(image, 1590, 2500)[:3]) < sum(pixel(image, 10, 2500)[:3])
        paper, _ = label(image)
    assert dark == right
    assert (paper[0] < 1600 - paper[2]) == right
