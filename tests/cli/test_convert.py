"""``ebooks convert``: what is written, what is said, and that a name never holds half a book."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.converting.to_pdf import clean_pdf
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.foundation.errors import LimitExceeded
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from tests.support.books.epub import epub
from tests.support.commands import ebooks, shell
from tests.support.corpus import named, needs_corpus
from tests.support.in_process import CommandResult

BAD = {"EPUB/one.xhtml": '<p>See <a href="nowhere.xhtml">there</a>.</p>'}
needs_browser = pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome")


def converted(*arguments: object) -> CommandResult:
    return ebooks("convert", *arguments)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return epub(tmp_path / "book.epub")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A PDF of one page of text."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.Contents = pdf.make_stream(b"BT /F 12 Tf 72 700 Td (Once upon a time.) Tj ET")
    pdf.save(tmp_path / "paper.pdf")
    return tmp_path / "paper.pdf"


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder with a short name: a browser's sockets have no room for a long one."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@needs_browser
@pytest.mark.prove
@pytest.mark.browser
def test_an_epub_becomes_a_pdf_from_a_shell_and_nothing_is_left_behind(
    book: Path, tmp_path: Path, scratch: Path
) -> None:
    done = shell("convert", "book.epub", "book.PDF", cwd=tmp_path, TMPDIR=str(scratch))
    assert done.code == 0, done.err
    with pikepdf.open(tmp_path / "book.PDF") as pdf:
        pages = len(pdf.pages)
        assert str(pdf.docinfo.Title) == "A Tiny Book"
    size = f"{(tmp_path / 'book.PDF').stat().st_size:,}"
    assert done.err == f"book.PDF: {size} bytes, {pages} pages\n"
    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.PDF", "book.epub"]


def test_a_pdf_becomes_an_epub_described_by_its_sidecar_and_before_it_by_the_options(
    paper: Path,
) -> None:
    (paper.parent / "paper.pdf.json").write_text('{"title": "Sidecar", "language": "en-GB"}')
    target = paper.parent / "paper.epub"
    result = converted(paper, target, "--title", "Option", "--author", "Ann", "--author", "Bo")
    assert result.code == 0, result.err
    described = read_package(target)
    assert (described.title, described.languages) == ("Option", ("en-GB",))
    assert [one.name for one in described.creators] == ["Ann", "Bo"]


def test_what_is_lost_is_said(paper: Path) -> None:
    result = converted(paper, paper.parent / "paper.epub")
    assert re.search(r"^- \w+ convert\.[a-z-]+: ", result.out, re.MULTILINE)
    assert str(paper.parent / "paper.epub: ") in result.err


@needs_corpus
@pytest.mark.corpus
def test_a_manuscript_becomes_an_epub(tmp_path: Path) -> None:
    target = tmp_path / "willows.epub"
    result = converted(named("manuscripts/willows.md"), target, "--title", "The Willows")
    assert result.code == 0, result.err
    assert read_package(target).title == "The Willows"


def test_a_book_with_errors_is_not_converted_unless_it_shall_go_unchecked(tmp_path: Path) -> None:
    book, target = epub(tmp_path / "bad.epub", BAD), tmp_path / "out.epub"
    result = converted(book, target)
    assert result.code == 1
    assert "- error RSC-007 at EPUB/one.xhtml:" in result.out
    assert result.err == f"{target} was not written\n"
    assert not target.exists()
    assert converted("--unchecked", book, target).code == 0
    assert target.exists()


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("how", [[], ["--unchecked"]])
def test_a_protected_book_is_refused_however_it_is_asked_for(
    tmp_path: Path, how: list[str]
) -> None:
    result = converted(*how, named("hostile/drm-adept.epub"), tmp_path / "out.pdf")
    assert result.code == 1
    assert "protection.adobe-adept" in result.out
    assert list(tmp_path.iterdir()) == []


def test_a_broken_sidecar_is_said_and_stops(paper: Path) -> None:
    (paper.parent / "paper.pdf.json").write_text("{")
    result = converted(paper, paper.parent / "paper.epub")
    assert (result.code, "landing.sidecar" in result.out) == (1, True)


@pytest.mark.parametrize(
    "name", ["book.docx", "book", "nowhere/book.pdf", "there.pdf", "book.epub"]
)
def test_a_name_that_cannot_be_written_to_is_wrong_usage_before_any_work(
    book: Path, name: str
) -> None:
    there = book.parent / "there.pdf"
    there.write_bytes(b"mine")
    result = converted(book, book.parent / name)
    assert (result.code, result.out) == (2, "")
    assert there.read_bytes() == b"mine"


def test_what_is_there_is_written_over_when_told_to(paper: Path) -> None:
    target = paper.parent / "clean.pdf"
    target.write_bytes(b"old")
    assert converted("--force", paper, target).code == 0
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == 1


def test_a_conversion_that_gives_up_says_why_and_leaves_what_was_there(
    paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> None:
        raise LimitExceeded("sandbox.time", "The work did not end.")

    monkeypatch.setattr(clean_pdf, "clean_pdf", give_up)
    monkeypatch.setattr(sandbox, "call", lambda function, *args, **_: function(*args))
    target = paper.parent / "clean.pdf"
    target.write_bytes(b"old")
    result = converted("--force", paper, target)
    assert (result.code, "sandbox.time" in result.out) == (1, True)
    assert target.read_bytes() == b"old"


def test_a_target_that_cannot_take_the_book_leaves_no_part_of_it(
    paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    result = converted(paper, paper.parent / "clean.pdf")
    assert (result.code, "No space left on device" in result.err) == (1, True)
    assert [path.name for path in paper.parent.iterdir()] == ["paper.pdf"]
