"""The reading PDF: every word, links, outline, pages as the book asks."""

import http.server
import io
import re
import threading
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ebook_pipeline.books.converting.to_pdf.reading_pdf import PrintedBook, print_epub
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.tools.browser import Browser
from tests.support.books.epub import MANIFEST, METADATA, epub, package
from tests.support.corpus import case, named, needs_cases, needs_corpus

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine"),
]


def png(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "PNG")
    return written.getvalue()


def printed(source: Path, folder: Path) -> tuple[PrintedBook, Path]:
    target = folder / "out.pdf"
    return print_epub(source, target, Browser(), folder / "scratch"), target


def words(text: str) -> Counter[str]:
    """The words; pdfium writes U+FFFE for a hyphen at the end of a line."""
    plain = re.sub("[\u00ad\u2060]|\ufffe\\s*", "", text)
    return Counter(re.findall(r"\w+", plain))


def text_of(pdf: Path) -> str:
    document = pdfium.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def share_found(source: Path, pdf: Path) -> float:
    wanted = words(" ".join(text for _, text in content.texts(source, read_package(source))))
    found = words(text_of(pdf))
    return sum((wanted & found).values()) / sum(wanted.values())


def test_chapters_keep_words_links_and_outline(tmp_path: Path, three_chapters: Path) -> None:
    book, target = printed(three_chapters, tmp_path)
    assert share_found(three_chapters, target) == 1
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == book.pages == 4
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "A Tiny Book"
        assert [item.title for item in pdf.open_outline().root] == ["One", "Two", "Three"]
        links = [note for page in pdf.pages for note in page.get("/Annots", [])]
        names = pdf.Root.Dests
        assert [pdf.pages.index(pikepdf.Page(names[str(link.Dest)][0])) for link in links] == [
            2,
            3,
            1,
        ]
    assert_printed_alike(three_chapters, tmp_path, target)


def assert_printed_alike(source: Path, folder: Path, earlier: Path) -> None:
    """The same book gives the same PDF, byte for byte."""
    again = folder / "again"
    again.mkdir()
    assert printed(source, again)[1].read_bytes() == earlier.read_bytes()


def test_the_browsers_own_counting_leaves_no_trace(tmp_path: Path) -> None:
    table = "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"
    _, target = printed(epub(tmp_path / "a.epub", {"EPUB/one.xhtml": table}), tmp_path)
    with pikepdf.open(target) as pdf:
        cells = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        assert sorted(str(one.ID) for one in cells if "/ID" in one) == ["e00000000", "e00000001"]
        headed = [one.A for one in cells if one.get("/S") == "/TD"]
        headers = [
            str(name) for given in headed for one in given for name in one.get("/Headers", [])
        ]
        assert headers == ["e00000000", "e00000001"]


@needs_cases
def test_a_drawing_that_is_cover_and_page_is_printed_once(tmp_path: Path) -> None:
    book, target = printed(case("18-fixed-layout-svg.epub"), tmp_path)
    assert book.pages == 3
    assert text_of(target).count("PICTURE TIDE") == 1


def test_a_fixed_page_is_as_large_as_its_viewport(tmp_path: Path) -> None:
    metadata = f'{METADATA}<meta property="rendition:layout">pre-paginated</meta>'
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title>'
        '<meta name="viewport" content="width=600, height=800"/></head>'
        '<body><p style="position: absolute; top: 10px">Pow</p></body></html>'
    )
    files = {"EPUB/package.opf": package(metadata), "EPUB/one.xhtml": page}
    book, target = printed(epub(tmp_path / "a.epub", files), tmp_path)
    with pikepdf.open(target) as pdf:
        assert book.pages == 1
        assert [float(one) for one in pdf.pages[0].mediabox] == pytest.approx(
            [0, 0, 450, 600], abs=1
        )


def test_a_book_that_calls_outside_is_not_answered(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        body = (
            f'<p>Here</p><img src="{at}/a" alt=""/><script>fetch("{at}/b")</script>'
            f'<p style="background: url({at}/c)">There</p><iframe src="{at}/d"></iframe>'
        )
        book, target = printed(epub(tmp_path / "a.epub", {"EPUB/one.xhtml": body}), tmp_path)
        server.shutdown()
    assert asked == []
    assert "There" in text_of(target)
    assert [one.rule for one in book.findings] == ["convert.remote"]


def test_a_malformed_document_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    source = epub(tmp_path / "a.epub", {"EPUB/one.xhtml": "<p>Open <b>bold</p>"})
    book, target = printed(source, tmp_path)
    assert [one.rule for one in book.findings] == ["convert.repaired"]
    assert "bold" in text_of(target)


@needs_corpus
@pytest.mark.prove
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    ["novels/edwin-a-abbott_flatland.epub", "novels/treasure-island-epub2.epub"],
)
def test_a_novel_is_printed_to_the_last_word(tmp_path: Path, name: str) -> None:
    book, target = printed(named(name), tmp_path)
    assert share_found(named(name), target) >= 0.995
    assert book.pages > 100
    with pikepdf.open(target) as pdf:
        assert len(pdf.open_outline().root) > 1


@needs_corpus
@pytest.mark.corpus
def test_vertical_japanese_reads_from_the_right(tmp_path: Path) -> None:
    book, target = printed(named("samples/mymedia_lite.epub"), tmp_path)
    with pikepdf.open(target) as pdf:
        assert pdf.Root.ViewerPreferences.Direction == "/R2L"
    assert book.pages > 20
    assert {one.rule for one in book.findings} <= {
        "convert.narrowed",
        "convert.missing-glyphs",
        "convert.missing-sign",
    }
    document = pdfium.PdfDocument(target)
    page = document[2]
    letters = page.get_textpage()
    if letters.count_chars() <= 100 and any(
        one.rule == "convert.missing-glyphs" for one in book.findings
    ):
        pytest.skip("no font here has Japanese")
    first, later = letters.get_charbox(0), letters.get_charbox(100)
    assert first[0] > later[0]
    document.close()


@needs_corpus
@pytest.mark.corpus
def test_a_comics_pages_have_the_pictures_own_size(tmp_path: Path) -> None:
    book, target = printed(named("samples/haruko-html-jpeg.epub"), tmp_path)
    with pikepdf.open(target) as pdf:
        boxes = {tuple(round(float(one)) for one in page.mediabox[2:]) for page in pdf.pages[:12]}
    assert book.pages == 14
    assert boxes == {(450, 628)}


RICH_NAV = """<nav epub:type="toc"><ol>
<li><a href="one.xhtml">One</a><ol><li><a href="one.xhtml#part">Part</a></li>
<li><a href="one.xhtml#unseen">Unseen</a></li></ol></li></ol></nav>"""
RICH_PAGE = """<h1 style="break-before: page">One</h1>
<p style="text-align: justify; width: 30mm">Extraordinary incomprehensibilities notwithstanding
uncharacteristically</p>
<p><a href="#part">down</a> <a href="#unseen">unseen</a> <a href="#nowhere">nowhere</a>
<a href="other.xhtml">out</a> <a href="https://shop.example/">shop</a></p>
<p>\u0f42\u0f0b\U00012000</p><span id="unseen" hidden="hidden">x</span>
<table><tr>{cells}</tr></table><section id="part"><p>The part</p></section>
<audio controls="controls" src="a.mp3"/>"""


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[PrintedBook, Path]:
    """A page with everything that needs care, and its print."""
    folder = tmp_path_factory.mktemp("rich")
    cells = "".join(f"<td>number{count}</td>" for count in range(14))
    files = {"EPUB/nav.xhtml": RICH_NAV, "EPUB/one.xhtml": RICH_PAGE.format(cells=cells)}
    return printed(epub(folder / "a.epub", files), folder)


def test_the_outline_is_the_table_of_contents_nested_as_it_is(
    rich: tuple[PrintedBook, Path],
) -> None:
    with pikepdf.open(rich[1]) as pdf:
        (one,) = pdf.open_outline().root
        assert (one.title, [child.title for child in one.children]) == ("One", ["Part", "Unseen"])
        pages = {page.objgen for page in pdf.pages}
        for item in (one, *one.children):
            assert isinstance(item.destination, pikepdf.Array)
            assert item.destination[0].objgen in pages


def test_every_link_of_the_book_leads_somewhere(rich: tuple[PrintedBook, Path]) -> None:
    with pikepdf.open(rich[1]) as pdf:
        notes = [note for page in pdf.pages for note in page.get("/Annots", [])]
        inner = [note for note in notes if "/Dest" in note]
        assert [str(note.A.URI) for note in notes if "/A" in note] == ["https://shop.example/"]
        assert len(inner) == 3
        assert {str(note.Dest) for note in inner} <= set(pdf.Root.Dests.keys())


def test_a_chapter_that_asks_for_a_new_page_leaves_no_empty_one_before_it(
    rich: tuple[PrintedBook, Path],
) -> None:
    assert rich[0].pages == 1


def test_a_broken_word_is_whole_for_whoever_searches(rich: tuple[PrintedBook, Path]) -> None:
    text = text_of(rich[1])
    assert "incomprehensibilities" in text.replace("\ufffe", "")
    assert "Extraordinary" in text
    with pikepdf.open(rich[1]) as pdf:
        streams = b"".join(page.Contents.read_bytes() for page in pdf.pages)
    hyphens = streams.count(b"<FEFF00AD>")
    assert 0 < hyphens == text.count("\ufffe")


def test_all_fonts_are_embedded(rich: tuple[PrintedBook, Path]) -> None:
    with pikepdf.open(rich[1]) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        described = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert all("/FontFile2" in one or "/FontFile3" in one for one in described)


def test_what_the_pdf_lacks_is_said(rich: tuple[PrintedBook, Path]) -> None:
    found = {one.rule: one for one in rich[0].findings}
    assert set(found) == {
        "convert.links",
        "convert.media",
        "convert.missing-sign",
        "convert.narrowed",
    }
    assert found["convert.links"].message.startswith("2 links")
    assert "TIBETAN" in found["convert.missing-sign"].message
    assert "[Audio]" in text_of(rich[1])


def test_a_chart_as_wide_as_it_likes_fits_a_page_that_reads_from_the_right(tmp_path: Path) -> None:
    picture = png(900, 300)
    body = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head>'
    body += '<body style="writing-mode: vertical-rl"><p>漢字</p>'
    body += '<img src="pic.png" alt=""/></body></html>'
    item = '<item id="pic" href="pic.png" media-type="image/png"/>'
    files: dict[str, str | bytes | None] = {
        "EPUB/package.opf": package(manifest=MANIFEST + item),
        "EPUB/one.xhtml": body,
        "EPUB/pic.png": picture,
    }
    book, target = printed(epub(tmp_path / "a.epub", files), tmp_path)
    document = pdfium.PdfDocument(target)
    pictures = [
        one.get_bounds()
        for page in document
        for one in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    ]
    width = document[0].get_width()
    document.close()
    assert book.pages <= 2
    assert len(pictures) == 1
    left, bottom, right, top = pictures[0]
    assert left >= 0
    assert right <= width
    assert (right - left) / (top - bottom) == pytest.approx(3, rel=0.02)
