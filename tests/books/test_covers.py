"""Covers: found, pictured, set in letters; three sizes, always."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from corpus import named, needs_corpus
from fixtures.build import epub, package
from PIL import Image

from ebook_pipeline.books import covers
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.tools.browser import Browser

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


def picture(mode: str = "RGB", size: tuple[int, int] = (1200, 1800), kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 0).save(written, kind)
    return written.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "covers"
    made.mkdir()
    return made


def test_the_cover_keeps_its_bytes_and_gets_two_smaller_sizes(tmp_path, folder):
    data = picture()
    cover = covers.epub_cover(book(tmp_path, "c.jpg", "image/jpeg", data), None, folder)
    assert cover.original.read_bytes() == data
    assert (cover.width, cover.height, cover.media_type) == (1200, 1800, "image/jpeg")
    assert cover.alt == "A green door"
    sizes = []
    for path in (cover.medium, cover.thumbnail):
        with Image.open(path) as image:
            sizes.append((image.size, image.format, image.mode))
    assert sizes == [((427, 640), "JPEG", "RGB"), ((133, 200), "JPEG", "RGB")]
    assert not cover.generated


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF")]
)
def test_every_colour_space_becomes_srgb(folder, mode, kind):
    image = folder / "image"
    image.write_bytes(picture(mode, (300, 400), kind))
    with Image.open(covers.scaled(image, folder, "").medium) as medium:
        assert medium.mode == "RGB"


def test_a_book_without_cover_gets_one_of_letters(tmp_path, folder):
    cover = covers.epub_cover(epub(tmp_path / "a.epub"), None, folder)
    assert cover.generated
    assert (cover.width, cover.height) == (1000, 1500)
    assert cover.alt == "A Tiny Book, Ann Author"
    assert [one.rule for one in cover.findings] == ["cover.none"]


def test_a_picture_of_too_many_pixels_is_never_decoded(tmp_path, folder):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    cover = covers.epub_cover(book(tmp_path, "c.png", "image/png", bomb), None, folder)
    assert cover.generated
    assert [one.rule for one in cover.findings] == ["image.too-large"]


def test_a_picture_that_is_none_is_replaced(tmp_path, folder):
    cover = covers.epub_cover(book(tmp_path, "c.jpg", "image/jpeg", b"no picture"), None, folder)
    assert cover.generated
    assert [one.rule for one in cover.findings] == ["image.unreadable"]


@pytest.mark.browser
@pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine")
def test_a_drawing_is_pictured_by_the_browser(tmp_path, folder):
    cover = covers.epub_cover(book(tmp_path, "c.svg", "image/svg+xml", SVG), Browser(), folder)
    assert (cover.width, cover.height) == (933, 1400)
    with Image.open(cover.original) as image:
        assert image.convert("RGB").getpixel((900, 1390)) == (0, 255, 0)


def test_a_drawing_without_a_browser_gives_way_to_letters(tmp_path, folder):
    source = book(tmp_path, "c.svg", "image/svg+xml", SVG)
    assert covers.epub_cover(source, None, folder).generated


def test_a_file_that_is_no_pdf_has_no_first_page(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(BookError, match="cannot be read"):
        covers.first_page(tmp_path / "a.pdf", tmp_path / "a.png")


@needs_corpus
@pytest.mark.corpus
def test_a_pdfs_first_page_is_its_cover(folder):
    cover = covers.pdf_cover(named("pdf/novel-treasure-island.pdf"), "Treasure Island", (), folder)
    assert max(cover.width, cover.height) == 1400
    assert not cover.generated


def test_a_picture_that_stands_in_the_spine_is_the_cover(tmp_path, folder):
    manifest = (
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="page" href="page.jpg" fallback="one" media-type="image/jpeg"/>'
        '<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
    )
    opf = package(manifest=manifest, spine='<itemref idref="page"/>')
    files = {"EPUB/package.opf": opf, "EPUB/page.jpg": picture()}
    assert not covers.epub_cover(epub(tmp_path / "b.epub", files), None, folder).generated
