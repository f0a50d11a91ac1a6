"""The reading PDF: every word, links, outline, pages as the book asks."""

import http.server
import re
import threading
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from corpus import named, needs_corpus
from fixtures.build import METADATA, epub, package

from ebook_pipeline.books.convert.reading_pdf import print_epub
from ebook_pipeline.books.epub import content
from ebook_pipeline.books.epub.package import read_package
from ebook_pipeline.tools.browser import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine"),
]


def printed(source: Path, folder: Path):
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


def test_chapters_keep_words_links_and_outline(tmp_path, three_chapters):
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
        assert [pdf.pages.index(names[str(link.Dest)][0]) for link in links] == [2, 3, 1]


def test_the_same_book_gives_the_same_pdf(tmp_path, three_chapters):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        printed(three_chapters, tmp_path / name)
    assert (tmp_path / "a/out.pdf").read_bytes() == (tmp_path / "b/out.pdf").read_bytes()


def test_the_browsers_own_counting_leaves_no_trace(tmp_path):
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


def test_a_fixed_page_is_as_large_as_its_viewport(tmp_path):
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


def test_a_book_that_calls_outside_is_not_answered(tmp_path):
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
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


def test_a_malformed_document_is_read_as_far_as_it_goes(tmp_path):
    source = epub(tmp_path / "a.epub", {"EPUB/one.xhtml": "<p>Open <b>bold</p>"})
    book, target = printed(source, tmp_path)
    assert [one.rule for one in book.findings] == ["convert.repaired"]
    assert "bold" in text_of(target)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    ["novels/edwin-a-abbott_flatland.epub", "novels/treasure-island-epub2.epub"],
)
def test_a_novel_is_printed_to_the_last_word(tmp_path, name):
    book, target = printed(named(name), tmp_path)
    assert share_found(named(name), target) >= 0.995
    assert book.pages > 100
    with pikepdf.open(target) as pdf:
        assert len(pdf.open_outline().root) > 1


@needs_corpus
@pytest.mark.corpus
def test_vertical_japanese_reads_from_the_right(tmp_path):
    book, target = printed(named("samples/mymedia_lite.epub"), tmp_path)
    with pikepdf.open(target) as pdf:
        assert pdf.Root.ViewerPreferences.Direction == "/R2L"
    assert book.pages > 20
    assert {one.rule for one in book.findings} <= {"convert.narrowed", "convert.missing-glyphs"}
    document = pdfium.PdfDocument(target)
    page = document[2]
    letters = page.get_textpage()
    first, later = letters.get_charbox(0), letters.get_charbox(100)
    assert first[0] > later[0]
    document.close()


@needs_corpus
@pytest.mark.corpus
def test_a_comics_pages_have_the_pictures_own_size(tmp_path):
    book, target = printed(named("samples/haruko-html-jpeg.epub"), tmp_path)
    with pikepdf.open(target) as pdf:
        boxes = {tuple(round(float(one)) for one in page.mediabox[2:]) for page in pdf.pages[:12]}
    assert book.pages == 14
    assert boxes == {(450, 628)}
