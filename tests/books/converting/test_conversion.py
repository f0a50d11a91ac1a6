"""Every format in, every form out."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.conversion import ConversionTools, convert, make_epub
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.corpus import named, needs_corpus

TOOLS = ConversionTools(Browser(), Typesetter())
NO_BROWSER = ConversionTools(Browser(Path("/nonexistent")), Typesetter())
needs_browser = pytest.mark.skipif(not TOOLS.browser.available, reason="no Chromium or Chrome")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@needs_browser
@pytest.mark.browser
def test_an_epub_comes_out_in_all_forms(three_chapters: Path, folder: Path) -> None:
    made = convert(three_chapters, BookFormat.EPUB, Claims(), TOOLS, folder)
    assert made.pages == 4
    assert made.engine.startswith("chromium")
    assert made.pdf.read_bytes().startswith(b"%PDF")
    documents = made.text.read_text().split("\f\n")
    assert [part.split("\n\n")[0] for part in documents] == ["One", "Two", "Three"]
    assert (made.cover.width, made.cover.height) == (60, 90)


def test_without_a_browser_typst_sets_the_book(three_chapters: Path, folder: Path) -> None:
    made = convert(three_chapters, BookFormat.EPUB, Claims(), NO_BROWSER, folder)
    assert "typst" in made.engine
    assert made.pages >= 1
    assert "convert.typst" in [one.rule for one in made.findings]


def test_plain_text_becomes_chapters(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "book.txt"
    lines = (
        "It was late when the ferry came in,",
        "and nobody waited on the quay below",
        "the lamp.",
    )
    parts = ("A Café", "Chapter 1", "\r\n".join(lines), "Chapter 2", "End.")
    source.write_bytes("\r\n\r\n".join(parts).encode("cp1252"))
    claims = Claims(title="The Café", authors=("Ann",), language="en")
    made = convert(source, BookFormat.TEXT, claims, NO_BROWSER, folder)
    package = read_package(made.epub)
    assert package.title == "The Café"
    assert "ferry came in, and nobody waited on the quay below the lamp." in made.text.read_text()
    assert len(package.spine) == 4  # a line above the first chapter is not the title, and stays


@pytest.mark.parametrize("compares", [True, False])
def test_texts_are_compared_for_those_who_hear_of_it(
    tmp_path: Path, folder: Path, compares: bool
) -> None:
    text, steps = tmp_path / "a.txt", list[str]()
    text.write_text("Once upon a time there was a mill.\n")
    tools = replace(TOOLS, on_step=steps.append, compares=compares)
    make_epub(text, BookFormat.TEXT, Claims(), tools, folder)
    assert ("comparing the text" in steps) == compares


def test_a_format_that_is_not_converted_is_the_books_fault(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    with pytest.raises(BookError) as caught:
        convert(tmp_path / "a.bin", BookFormat.UNKNOWN, Claims(), NO_BROWSER, folder)
    assert caught.value.finding.rule == "format.unknown"


@pytest.mark.prove
@needs_corpus
@needs_browser
@pytest.mark.corpus
@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("manuscripts/willows.docx", BookFormat.DOCX),
        ("manuscripts/willows.odt", BookFormat.ODT),
        ("manuscripts/willows.md", BookFormat.MARKDOWN),
        ("hostile/local-file.html", BookFormat.HTML),
        ("mobi/small-mobi6.mobi", BookFormat.MOBI),
        ("pdf/multicolumn.pdf", BookFormat.PDF),
    ],
)
def test_a_manuscript_becomes_a_valid_epub(
    folder: Path, epubcheck: EpubCheck, name: str, format_: BookFormat
) -> None:
    made = convert(named(name), format_, Claims(title="T", language="en"), TOOLS, folder)
    assert not [one for one in epubcheck.check(made.epub) if one.severity >= Severity.ERROR]
    assert "root:" not in made.text.read_text()
    with Image.open(made.cover.thumbnail) as thumbnail:
        assert max(thumbnail.size) <= 200


@pytest.mark.prove
@needs_corpus
@needs_browser
@pytest.mark.corpus
@pytest.mark.browser
def test_the_same_manuscript_gives_the_same_epub(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        source = named("manuscripts/willows.docx")
        made.append(convert(source, BookFormat.DOCX, Claims(title="T"), TOOLS, tmp_path / name))
    assert made[0].epub.read_bytes() == made[1].epub.read_bytes()
    assert made[0].pdf.read_bytes() == made[1].pdf.read_bytes()
