"""Manuscripts as books: chapters, notes, titles, languages, pictures."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.epub.content import spine_documents
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.manuscripts import docx, paragraph
from tests.support.corpus import entries, named, needs_corpus

TEXT = "It was late, and nobody came to the house by the river that evening. " * 8
LOST = list[str]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., tuple[Path, LOST]]:
    """Makes a book of a manuscript; the book and the rules of what was lost."""

    def make(
        source: Path | str, format_: BookFormat, claims: Claims | None = None
    ) -> tuple[Path, LOST]:
        if isinstance(source, str):
            (tmp_path / "my_first-book.txt").write_text(source, encoding="utf-8")
            source = tmp_path / "my_first-book.txt"
        target = tmp_path / "made.epub"
        lost = epub_from_manuscript(source, format_, target, claims or Claims(), Typesetter())
        return target, [one.rule for one in lost]

    return make


def bodies(book: Path) -> list[str]:
    return [one.data.decode() for one in spine_documents(book, read_package(book))]


def words(book: Path) -> int:
    text = " ".join(re.sub(r"<[^>]+>", " ", body.partition("<body>")[2]) for body in bodies(book))
    return len(re.split(r"[\s\u2014]+", text.strip()))


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["willows.docx", "willows.odt", "willows.rtf", "willows-no-styles.docx"]
)
def test_a_manuscript_has_its_words_headings_notes_and_pictures(
    made: Callable[..., tuple[Path, LOST]], name: str
) -> None:
    entry = next(one for one in entries("manuscript") if one["name"].endswith(f"/{name}"))
    expected: dict[str, Any] = entry["expect"]
    source = named(entry["name"])
    book, _ = made(source, media_types.sniff(source))
    package = read_package(book)
    assert [one.title for one in toc(book, package)] == expected["headings"]
    assert abs(words(book) / expected["word_count"] - 1) < 0.01
    text = "".join(bodies(book))
    for tag, count in {"aside": "footnotes", "img": "images", "table": "tables"}.items():
        assert len(re.findall(f"<{tag}[ >]", text)) == expected[count]
    if expected["title"]:
        assert (package.title, package.creators[0].name) == (expected["title"], "Kenneth Grahame")


@needs_corpus
@pytest.mark.corpus
def test_wrapped_text_in_an_old_encoding_is_joined_and_has_its_chapters(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    book, lost = made(named("manuscripts/willows-cp1252.txt"), BookFormat.TEXT)
    package = read_package(book)
    assert lost == []
    assert package.title == "The Wind in the Willows"
    assert package.languages == ("en",)
    assert len(list(toc(book, package))) == 3
    assert "spring-cleaning his little home. First with brooms, then" in bodies(book)[1]
    assert epubcheck.check(book) == ()


def test_parts_hold_their_chapters_in_the_contents(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    text = f"# Part One\n\n## Chapter 1\n\n{TEXT}\n\n### Scene\n\n{TEXT}\n\n## Chapter 2\n\n{TEXT}"
    book, _ = made(text, BookFormat.MARKDOWN)
    package = read_package(book)
    assert [(one.title, one.level) for one in toc(book, package)] == [
        ("Part One", 1),
        ("Chapter 1", 2),
        ("Scene", 3),
        ("Chapter 2", 2),
    ]
    assert len(package.spine) == 4
    assert epubcheck.check(book) == ()


def test_a_note_stands_in_the_chapter_of_its_mark_and_leads_back(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    text = f"# One\n\n{TEXT}[^a]\n\n# Two\n\n{TEXT}[^b]\n\n[^a]: First note.\n\n[^b]: Second.\n"
    book, _ = made(text, BookFormat.MARKDOWN)
    one, two = bodies(book)[1:]
    assert 'role="doc-noteref" epub:type="noteref"' in one
    assert "First note." in one
    assert "First note." not in two
    assert 'href="#fn2-mark" role="doc-backlink"' in two
    assert ">2</a> Second." in two  # read aloud or without style sheets it is no “2Second”
    assert epubcheck.check(book) == ()


def test_links_between_chapters_lead_to_their_files_and_broken_ones_go(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    text = f"# One {{#one}}\n\n{TEXT} [there](#two) [nowhere](#no)\n\n# Two {{#two}}\n\n{TEXT}"
    book, _ = made(text, BookFormat.MARKDOWN)
    assert 'href="chapter-0002.xhtml#two"' in bodies(book)[1]
    assert "#no" not in bodies(book)[1]
    assert epubcheck.check(book) == ()


def test_a_number_and_the_title_below_it_are_one_line_of_the_contents(
    made: Callable[..., tuple[Path, LOST]], tmp_path: Path
) -> None:
    bold = {"run": "<w:b/>", "more": '<w:jc w:val="center"/>'}
    body = "".join(
        paragraph(f"Chapter {number}", **bold) + paragraph(title, **bold) + paragraph(TEXT) * 4
        for number, title in ((1, "The House"), (2, "The River"))
    )
    book, _ = made(docx(tmp_path / "a.docx", body), BookFormat.DOCX)
    titles = [one.title for one in toc(book, read_package(book))]
    assert titles == ["Chapter 1: The House", "Chapter 2: The River"]


def test_a_book_without_headings_says_so_and_is_called_as_its_file(
    made: Callable[..., tuple[Path, LOST]],
) -> None:
    book, lost = made(TEXT, BookFormat.TEXT)
    assert lost == ["convert.no-headings", "convert.title-guessed"]
    assert read_package(book).title == "My first book"


def test_claims_go_before_what_the_manuscript_says(
    made: Callable[..., tuple[Path, LOST]],
) -> None:
    text = f"---\ntitle: Theirs\nauthor: [Ann, Bob]\nlang: de\n---\n\n# One\n\n{TEXT}"
    package = read_package(made(text, BookFormat.MARKDOWN)[0])
    assert (package.title, package.languages) == ("Theirs", ("de",))
    assert [one.name for one in package.creators] == ["Ann", "Bob"]
    claimed = Claims(title="Ours", authors=("Eve",), language="en")
    package = read_package(made(text, BookFormat.MARKDOWN, claimed)[0])
    assert (package.title, package.languages) == ("Ours", ("en",))
    assert [one.name for one in package.creators] == ["Eve"]


def test_the_language_is_that_of_the_text_where_nobody_names_it(
    made: Callable[..., tuple[Path, LOST]],
) -> None:
    german = "Es war spät, und niemand kam an diesem Abend in das Haus am Fluss. " * 10
    book, _ = made(f"# Eins\n\n{german}", BookFormat.MARKDOWN)
    assert read_package(book).languages == ("de",)


def test_scene_breaks_are_rules_and_emphasis_is_kept(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    text = f"Chapter 1\n\n{TEXT}\n\n* * *\n\nIt was _very_ late.\n\nChapter 2\n\n{TEXT}"
    book, _ = made(text, BookFormat.TEXT)
    assert "<hr/><p>It was <em>very</em> late.</p>" in bodies(book)[1]
    assert epubcheck.check(book) == ()


def test_html_in_markdown_is_read_and_what_acts_in_it_goes(
    made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck
) -> None:
    text = f"# One\n\n<p>A <b>bold <i>word</b></i></p><script>x()</script>\n\n{TEXT}"
    book, _ = made(text, BookFormat.MARKDOWN)
    assert "<b>bold <i>word</i></b>" in bodies(book)[1]
    assert "x()" not in bodies(book)[1]
    assert epubcheck.check(book) == ()


def test_a_picture_that_is_not_there_is_said_and_its_description_stays(
    made: Callable[..., tuple[Path, LOST]],
) -> None:
    text = f"# One\n\n![a *house*](house.png)\n\n{TEXT}"
    book, lost = made(text, BookFormat.MARKDOWN, Claims(title="A Tale"))
    assert lost == ["convert.missing-picture"]
    assert "<figcaption>a <em>house</em></figcaption>" in bodies(book)[1]


def test_formulas_are_mathml(made: Callable[..., tuple[Path, LOST]], epubcheck: EpubCheck) -> None:
    book, _ = made(f"# One\n\nSo $a^2 = b$.\n\n{TEXT}", BookFormat.MARKDOWN)
    assert "MathML" in bodies(book)[1]
    assert epubcheck.check(book) == ()


def test_macros_are_no_part_of_the_book_even_where_nobody_validated(
    made: Callable[..., tuple[Path, LOST]], tmp_path: Path
) -> None:
    parts: dict[str, str | bytes] = {"word/vbaProject.bin": b"Sub AutoOpen"}
    body = paragraph("One", "H1") + paragraph(TEXT)
    book, _ = made(docx(tmp_path / "a.docx", body, "", parts), BookFormat.DOCX)
    with ZipFile(book) as opened:
        assert not any(b"AutoOpen" in opened.read(name) for name in opened.namelist())


def test_a_file_without_a_word_is_no_book(made: Callable[..., tuple[Path, LOST]]) -> None:
    with pytest.raises(BookError) as caught:
        made(" \n\n ", BookFormat.TEXT)
    assert caught.value.finding.rule == "convert.empty"


def test_a_picture_that_is_no_picture_is_said(made: Callable[..., tuple[Path, LOST]]) -> None:
    broken = "data:image/png;base64,ééé"
    text = f"<html><body><h1>One</h1><p>{TEXT}</p><img alt='x' src='{broken}'></body></html>"
    book, lost = made(text, BookFormat.HTML, Claims(title="A Tale"))
    assert lost == ["convert.picture-format"]
    assert "[x]" in bodies(book)[1]
