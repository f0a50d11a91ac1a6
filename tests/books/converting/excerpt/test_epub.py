"""Excerpts are valid books of their own."""

import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.epub import MANIFEST, epub, package
from tests.support.corpus import named, needs_corpus


def test_an_excerpt_holds_the_first_chapter_alone(
    tmp_path: Path, three_chapters: Path, epubcheck: EpubCheck
) -> None:
    target = tmp_path / "excerpt.epub"
    words = write_excerpt(three_chapters, target)
    made = read_package(target)
    assert [item.path for item in made.spine_items] == ["EPUB/one.xhtml"]
    assert [entry.title for entry in toc(target, made)] == ["One"]
    assert content.word_count(target, made) == words
    assert made.types == ("preview",)
    assert made.unique_identifier != read_package(three_chapters).unique_identifier
    with zipfile.ZipFile(target) as zipped:
        assert "EPUB/two.xhtml" not in zipped.namelist()
    assert not [one for one in epubcheck.check(target) if one.severity >= Severity.ERROR]


def test_a_link_into_the_rest_leads_nowhere(tmp_path: Path, three_chapters: Path) -> None:
    target = tmp_path / "excerpt.epub"
    write_excerpt(three_chapters, target)
    with zipfile.ZipFile(target) as zipped:
        page = zipped.read("EPUB/one.xhtml").decode()
    assert "On</a>" in page
    assert "two.xhtml" not in page


def test_a_book_of_one_document_is_cut_after_a_paragraph(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    body = "<h1>One</h1>" + "<p>Once upon a time there was a word.</p>" * 200
    body += '<p id="end"><a href="#end">The end</a></p>'
    source, target = epub(tmp_path / "a.epub", {"EPUB/one.xhtml": body}), tmp_path / "b.epub"
    assert 150 < write_excerpt(source, target) < 200
    with zipfile.ZipFile(target) as zipped:
        assert b"The end" not in zipped.read("EPUB/one.xhtml")
    assert not [one for one in epubcheck.check(target) if one.severity >= Severity.ERROR]


def test_a_title_page_and_long_chapters_give_the_start_of_the_first_chapter(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    chapter = "<h1>One</h1>" + "<p>Once upon a time there was a word.</p>" * 200
    manifest = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        for name in ("two", "three")
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in ("one", "two", "three"))
    files = {
        "EPUB/package.opf": package(manifest=MANIFEST + manifest, spine=spine),
        "EPUB/one.xhtml": "<h1>A Title</h1>",
        "EPUB/two.xhtml": chapter,
        "EPUB/three.xhtml": f"{chapter}<p>The end</p>",
    }
    source, target = epub(tmp_path / "a.epub", files), tmp_path / "b.epub"
    assert 300 < write_excerpt(source, target) < 340
    shown = [item.path for item in read_package(target).spine_items]
    assert shown == ["EPUB/one.xhtml", "EPUB/two.xhtml"]
    assert not [one for one in epubcheck.check(target) if one.severity >= Severity.ERROR]


def test_an_excerpt_is_the_same_every_time(tmp_path: Path, three_chapters: Path) -> None:
    for name in ("a", "b"):
        write_excerpt(three_chapters, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["novels/edwin-a-abbott_flatland.epub", "samples/wasteland-otf-obf.epub"]
)
def test_a_real_books_excerpt_is_valid_and_short(
    tmp_path: Path, epubcheck: EpubCheck, name: str
) -> None:
    target = tmp_path / "excerpt.epub"
    words = write_excerpt(named(name), target)
    whole = content.word_count(named(name), read_package(named(name)))
    assert 0 < words < whole * 0.2
    assert not [one for one in epubcheck.check(target) if one.severity >= Severity.ERROR]
