"""PDF → EPUB: paragraphs, headings, running heads; and the PDF made safe."""

import pikepdf
import pytest
from corpus import named, needs_corpus

from ebook_pipeline.books.convert.from_pdf import clean_pdf, epub_from_pdf
from ebook_pipeline.books.convert.pdf_layout import Line, Page, blocks
from ebook_pipeline.books.epub import content
from ebook_pipeline.books.epub.navigation import toc
from ebook_pipeline.books.epub.package import read_package
from ebook_pipeline.books.errors import BookError
from ebook_pipeline.books.records import Claims
from ebook_pipeline.tools import sandbox


def lines(number, *rows):
    """Rows of (text, left, size), one below another from 700 pt down."""
    found, bottom = [], 700.0
    for text, left, size in rows:
        found.append(Line(text, left, left + len(text) * 5, bottom, bottom + size, number))
        bottom -= size * 1.2
    return Page(tuple(found), 842)


def texts(*pages):
    return [(block.level, block.text) for block in blocks(pages, {})]


FULL = "a line that goes on to the right margin and further"


def test_lines_of_a_paragraph_are_joined_and_hyphens_go():
    page = lines(0, (FULL, 50, 10), ("and is bro-", 50, 10), ("ken here.", 50, 10))
    assert texts(page) == [(0, f"{FULL} and is broken here.")]


def test_a_hyphen_stays_where_the_book_writes_it_elsewhere():
    page = lines(0, ("A well-known man was well-", 50, 10), ("known, so well-known.", 50, 10))
    assert "was well-known," in texts(page)[0][1]


def test_an_indent_starts_a_paragraph():
    page = lines(0, (FULL, 50, 10), (FULL, 50, 10), ("Indented " + FULL, 65, 10), (FULL, 50, 10))
    assert len(texts(page)) == 2


def test_a_paragraph_goes_on_over_the_page():
    first, second = lines(0, (FULL, 50, 10)), lines(1, ("continued here", 50, 10))
    assert texts(first, second) == [(0, f"{FULL} continued here")]


def test_larger_letters_are_headings():
    page = lines(0, ("Chapter One", 50, 20), (FULL, 50, 10), (FULL, 50, 10))
    assert texts(page)[0] == (1, "Chapter One")


def test_running_heads_and_page_numbers_are_dropped():
    def page(number):
        body = [Line(FULL, 50, 300, 600 - i * 12, 610 - i * 12, number) for i in range(3)]
        head = Line(f"A BOOK {number}", 50, 100, 800, 810, number)
        foot = Line(str(number), 200, 210, 30, 40, number)
        return Page((head, *body, foot), 842)

    joined = " ".join(text for _, text in texts(*(page(number) for number in range(1, 7))))
    assert "A BOOK" not in joined
    assert not any(character.isdigit() for character in joined)


def test_what_acts_on_its_own_is_taken_out(tmp_path):
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        act = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.Root.OpenAction = act
        pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", act]))
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=act)
        pdf.pages[0].Annots = pikepdf.Array([note])
        pdf.save(tmp_path / "a.pdf")
    pages, findings = clean_pdf(tmp_path / "a.pdf", tmp_path / "b.pdf")
    assert pages == 1
    assert [one.rule for one in findings] == ["convert.active-content"]
    assert b"app.alert" not in (tmp_path / "b.pdf").read_bytes()
    with pikepdf.open(tmp_path / "b.pdf") as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/A" not in pdf.pages[0].Annots[0]


@needs_corpus
@pytest.mark.corpus
def test_a_novel_has_its_chapters_and_its_words(tmp_path):
    target = tmp_path / "a.epub"
    made = sandbox.call(epub_from_pdf, named("pdf/novel-treasure-island.pdf"), target, Claims())
    package = read_package(target)
    assert made.pages == 163
    assert package.title == "Treasure Island"
    assert len(toc(target, package)) == 34
    assert content.word_count(target, package) == pytest.approx(67000, rel=0.05)


@needs_corpus
@pytest.mark.corpus
def test_a_scan_becomes_pictures_and_says_so(tmp_path):
    target = tmp_path / "a.epub"
    made = epub_from_pdf(named("pdf/scanned-3-pages.pdf"), target, Claims(title="Scan"))
    assert [one.rule for one in made.findings] == ["convert.no-text"]
    pictures = [one for one in read_package(target).manifest if one.media_type == "image/jpeg"]
    assert len(pictures) == 3


@needs_corpus
@pytest.mark.corpus
def test_five_thousand_pages_are_taken(tmp_path):
    target = tmp_path / "a.epub"
    made = sandbox.call(epub_from_pdf, named("hostile/5000-pages.pdf"), target, Claims())
    assert made.pages == 5000


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("pdf/enc-r3-user-password.pdf", "pdf.encrypted"),
        ("hostile/page-tree-loop.pdf", "pdf.unreadable"),
        ("hostile/zero-byte.pdf", "pdf.unreadable"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(tmp_path, name, rule):
    with pytest.raises(BookError) as caught:
        sandbox.call(clean_pdf, named(name), tmp_path / "b.pdf")
    assert caught.value.finding.rule == rule
