"""Manuscripts written elsewhere as chapters: where they are cut, what is kept, what is told."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.conversion import ConversionTools
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.writing.chapter_blocks import TakenApart, taken_apart
from ebook_pipeline.books.writing.importing import (
    divided,
    drawn_anew,
    import_manuscript,
    write_chapters,
)
from ebook_pipeline.books.writing.note_labels import numbered_notes
from ebook_pipeline.books.writing.plain_markup import plain_html
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.epub import MANIFEST, METADATA, NAV, epub, package
from tests.support.books.manuscripts import docx, paragraph


def read(path: Path, body: str, **files: str) -> TakenApart:
    named = {f"EPUB/{name}.xhtml": text for name, text in files.items()}
    made = epub(path / "a.epub", {"EPUB/one.xhtml": body} | named)
    return taken_apart(made, read_package(made))


def chapters(book: TakenApart) -> list[tuple[str, list[str]]]:
    return [
        (one.heading, ["".join(map(str, block.itertext())).strip() for block in one.blocks])
        for one in book.chapters
    ]


LONG = "Much was said. " * 30


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        ("<h1>One</h1><p>a</p>", [("One", ["a"])]),
        ("<h1>One</h1><p>a</p><h1>Two</h1><p>b</p>", [("One", ["a"]), ("Two", ["b"])]),
        (
            "<h1>A Tiny Book</h1><p>by Ann</p><h2>One</h2><p>a</p><h2>Two</h2><p>b</p>",
            [("A Tiny Book", ["by Ann"]), ("One", ["a"]), ("Two", ["b"])],
        ),
        ("<h1>A Tiny Book</h1><h2>One</h2><p>a</p><h2>Two</h2><p>b</p>",
         [("One", ["a"]), ("Two", ["b"])]),
        (
            f"<h1>One</h1><p>{LONG}</p><h2>x</h2><p>a</p><h2>y</h2><p>b</p>",
            [("One", [LONG.strip(), "x", "a", "y", "b"])],
        ),
        ("<h1>One</h1><p>a</p><h2>x</h2><p>b</p>", [("One", ["a", "x", "b"])]),
        (
            "<section><h2>One</h2><div><p>a</p></div></section><section><h2>Two</h2>b</section>",
            [("One", ["a"]), ("Two", ["b"])],
        ),
        ("<p>One</p><p>a</p>", [("One", ["a"])]),
        ("<h1>One</h1><p>a</p><hr/>", [("One", ["a"])]),
    ],
)  # fmt: skip
def test_chapters_begin_at_their_headings_or_where_the_contents_say(
    tmp_path: Path, body: str, cut: list[tuple[str, list[str]]]
) -> None:
    assert chapters(read(tmp_path, body)) == cut


def test_documents_go_on_and_notes_are_found_in_another(tmp_path: Path) -> None:
    manifest = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in ("cover", "one", "two", "notes")
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in ("cover", "one", "two", "notes"))
    made = epub(
        tmp_path / "a.epub",
        {
            "EPUB/package.opf": package(METADATA, manifest + _NAV_ITEM, spine),
            "EPUB/nav.xhtml": NAV,
            "EPUB/cover.xhtml": '<section epub:type="cover"><img src="c.jpg" alt=""/></section>',
            "EPUB/one.xhtml": "<h1>One</h1><p>a<a epub:type='noteref' href='notes.xhtml#n1'>1</a>"
            "<a epub:type='noteref' href='notes.xhtml#n9'>9</a>"
            "<img src='pics/boat.png' alt='A boat'/></p>",
            "EPUB/two.xhtml": "<p>goes on <a href='one.xhtml'>there</a>"
            " <a href='http://a.b/'>out</a> <ruby>字<rt>ji</rt></ruby></p>",
            "EPUB/notes.xhtml": "<aside epub:type='footnote' id='n1'><p>A <em>note</em>. "
            "<a role='doc-backlink' href='one.xhtml'>back</a></p></aside>",
        },
    )
    book = taken_apart(made, read_package(made))
    html = plain_html(book, "mark")
    assert [one.heading for one in book.chapters] == ["One"]
    assert '<a epub:type="noteref" href="#n3-n1">1</a>9' in html
    assert '<aside id="n3-n1" epub:type="footnote"><p>A <em>note</em>. </p></aside>' in html
    assert 'goes on there <a href="http://a.b/">out</a> 字' in html
    left = book.left_out
    assert (left.pictures, left.marks, left.links, left.readings) == (["boat.png"], 1, 1, 1)


_NAV_ITEM = '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'


@pytest.mark.parametrize(
    "body",
    [
        "<h1>One</h1><p onclick='x()' style='y'>a<script>alert(1)</script></p>",
        "<h1>One</h1><p>a<unknown>b</unknown></p><style>p {}</style><form>c</form>",
        "<h1>One</h1><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "<h1>One</h1><p><a href='javascript:alert(1)'>b</a><a href='&gt;&lt;script&gt;'>c</a></p>",
        "<h1>One</h1><h6>mark-7</h6><p>a</p>",
    ],
)
def test_nothing_of_a_strangers_markup_comes_through_that_is_not_meant(
    tmp_path: Path, body: str
) -> None:
    html = plain_html(read(tmp_path, body), "mark").lower()
    for word in ("<script", "onclick", "style", "javascript", "<unknown", "<form"):
        assert word not in html
    assert html.count("<h6>") == 2


def test_a_cell_of_a_hundred_million_columns_costs_no_memory(tmp_path: Path) -> None:
    cells = "<td colspan='100000000' rowspan='٣'>a</td><td colspan='2'>b</td>"
    body = f"<h1>One</h1><p>a</p><table><tr>{cells}</tr></table>"
    html = plain_html(read(tmp_path, body), "mark")
    assert '<td colspan="100">a</td><td colspan="2">b</td>' in html


def test_a_book_without_words_or_with_too_many_chapters_is_refused(tmp_path: Path) -> None:
    for body, rule in (
        ("<h1>One</h1>", "convert.empty"),
        ("<h1>x</h1><p>y</p>" * 501, "import.chapters"),
    ):
        made = epub(tmp_path / "a.epub", {"EPUB/one.xhtml": body})
        with pytest.raises(BookError) as refused:
            write_chapters(made, tmp_path / "out.html", "mark")
        assert refused.value.finding.rule == rule


def test_what_pandoc_wrote_is_divided_and_its_notes_count_from_one() -> None:
    text = (
        "###### m-0\n\na[^7] b[^8]\n\n-----\n\n[^7]: x\n\n###### m-1\n\n\\[^9] c\n\n###### m-end\n"
    )
    assert divided(text, "m") == ("a[^1] b[^2]\n\n* * *\n\n[^1]: x", "\\[^9] c")
    assert numbered_notes("no [note] here") == "no [note] here"


def test_a_word_processors_file_becomes_chapters(tmp_path: Path) -> None:
    body = (
        paragraph("One", "Heading1") + paragraph("1. It *rained*.") + paragraph("Two", "Heading1")
        + paragraph("# It stopped.", run="<w:i/>")
    )  # fmt: skip
    source = docx(tmp_path / "river.docx", body)
    read = import_manuscript(source, ConversionTools(Browser(), Typesetter()))
    assert [(one.heading, one.text) for one in read.chapters] == [
        ("One", "1\\. It \\*rained\\*."),
        ("Two", "*\\# It stopped.*"),
    ]


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (10, 16), "teal").save(written, "JPEG", comment=b"Quincunx")
    return written.getvalue()


@pytest.mark.parametrize(
    ("cover", "size"),
    [
        (jpeg(), (10, 16)),
        (b"no picture at all", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 3'/>", None),
        (b"<svg", None),
    ],
)
def test_a_cover_comes_along_drawn_anew_or_is_said_to_be_missing(
    tmp_path: Path, cover: bytes, size: tuple[int, int] | None
) -> None:
    item = '<item id="c" href="cover.jpg" properties="cover-image" media-type="image/jpeg"/>'
    made = epub(
        tmp_path / "a.epub",
        {
            "EPUB/package.opf": package(manifest=MANIFEST + item),
            "EPUB/one.xhtml": "<p><img src='cover.jpg' alt=''/></p><h1>One</h1><p>It rained.</p>",
            "EPUB/cover.jpg": cover,
        },
    )
    target = tmp_path / "made.html"
    read = write_chapters(made, target, "mark")
    picture, lost = drawn_anew(read.cover)
    told = [one.rule for one in (*read.findings, *lost)]
    assert (picture and (picture.width, picture.height)) == size
    assert (picture is None) == ("import.cover" in told)
    assert picture is None or (b"Quincunx" not in picture.picture and told == [])


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("a.pdf", b"%PDF-1.7\n", "import.format"),
        ("a.docx", b"", "media-type.empty"),
        ("a.zip", b"PK\x03\x04 no archive", ""),
    ],
)
def test_what_is_no_manuscript_is_refused(
    tmp_path: Path, name: str, data: bytes, rule: str
) -> None:
    source = tmp_path / name
    source.write_bytes(data)
    with pytest.raises(BookError) as refused:
        import_manuscript(source, ConversionTools(Browser(), Typesetter()))
    assert not rule or refused.value.finding.rule == rule
