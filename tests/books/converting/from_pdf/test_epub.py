"""PDF → EPUB: paragraphs, headings, running heads, notes, pictures, links, pages."""

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.pdf_lines import FULL, STOP, Set, add_page, below, markup, prose, typeset
from tests.support.corpus import named, needs_corpus


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., str]:
    """What a PDF becomes: its documents' markup, page breaks left out."""

    def made(pdf: Path, breaks: bool = False) -> str:
        return markup(pdf, tmp_path / "made.epub", breaks=breaks)

    return made


@pytest.fixture
def paragraphs(tmp_path: Path, book: Callable[..., str]) -> Callable[..., list[str]]:
    """The markup that lines of pages become."""

    def made(*pages: Sequence[Set]) -> list[str]:
        return re.findall(r"<(?:p|h\d)\b.*?</(?:p|h\d)>", book(typeset(tmp_path / "a.pdf", *pages)))

    return made


def test_lines_of_a_paragraph_are_joined_and_hyphens_go(
    paragraphs: Callable[..., list[str]],
) -> None:
    page = below(
        FULL, "here is a word that the setter of this line bro-", "ken here. Whole: broken."
    )
    assert paragraphs(page) == [
        f"<p>{FULL} here is a word that the setter of this line broken here. Whole: broken.</p>"
    ]


def test_a_hyphen_stays_where_the_book_writes_it_elsewhere(
    paragraphs: Callable[..., list[str]],
) -> None:
    page = below("A well-known man, whom nobody here knew, was well-", "known, so well-known.")
    assert "was well-known," in paragraphs(page)[0]


def test_in_a_book_that_breaks_no_words_a_hyphen_is_the_writers(
    paragraphs: Callable[..., list[str]],
) -> None:
    page = below("He stooped and moistened his sponge in the water-", "jug.")
    assert "the water-jug." in paragraphs(page)[0]


def test_an_indent_starts_a_paragraph(paragraphs: Callable[..., list[str]]) -> None:
    assert len(paragraphs(prose(4))) == 4


def test_a_line_that_had_room_for_the_next_word_ends_its_paragraph(
    paragraphs: Callable[..., list[str]],
) -> None:
    assert len(paragraphs(below(FULL, FULL, STOP, FULL.capitalize(), FULL))) == 2


def test_a_paragraph_goes_on_over_the_page_which_begins_within_it(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    pages = [[*prose(3), *below(FULL, y=100)], [*below("continued here."), *prose(2, 400)]]
    text = book(typeset(tmp_path / "a.pdf", *pages), breaks=True)
    assert re.search(r'ok <span id="page-2"[^>]*aria-label="2"></span>continued here', text)


def test_the_pages_of_the_print_are_listed_by_their_labels(tmp_path: Path) -> None:
    with pikepdf.open(typeset(tmp_path / "a.pdf", prose(2), prose(2))) as pdf:
        roman = pikepdf.Dictionary(S=pikepdf.Name.r)
        arabic = pikepdf.Dictionary(S=pikepdf.Name.D)
        pdf.Root.PageLabels = pikepdf.Dictionary(Nums=[0, roman, 1, arabic])
        pdf.save(tmp_path / "b.pdf")
    epub_from_pdf(tmp_path / "b.pdf", tmp_path / "b.epub", Claims())
    with zipfile.ZipFile(tmp_path / "b.epub") as opened:
        nav = opened.read("EPUB/nav.xhtml").decode()
    listed = nav[nav.index('epub:type="page-list"') :]
    assert re.findall(r'#(page-\d)">(\w+)<', listed) == [("page-1", "i"), ("page-2", "1")]


def test_larger_letters_are_headings_and_divide_the_book(tmp_path: Path) -> None:
    pages = [[Set(f"Chapter {name}", 150, 540, 18), *prose(3)] for name in ("One", "Two", "Three")]
    epub_from_pdf(typeset(tmp_path / "a.pdf", *pages), tmp_path / "a.epub", Claims())
    package = read_package(tmp_path / "a.epub")
    titles = [entry.title for entry in toc(tmp_path / "a.epub", package)]
    assert titles == ["Chapter One", "Chapter Two", "Chapter Three"]
    assert len(package.spine_items) == 3


def test_the_outline_is_the_table_of_contents_in_its_depth(tmp_path: Path) -> None:
    pages = [[Set("Sunrise", y=540), *prose(3)], [Set("Noon", y=540), *prose(3)]]
    with pikepdf.open(typeset(tmp_path / "a.pdf", *pages)) as pdf:
        with pdf.open_outline() as outline:
            first = pikepdf.OutlineItem("Sunrise", 0)
            first.children.append(pikepdf.OutlineItem("Noon", 1))
            outline.root.append(first)
        pdf.save(tmp_path / "b.pdf")
    epub_from_pdf(tmp_path / "b.pdf", tmp_path / "b.epub", Claims())
    entries = toc(tmp_path / "b.epub", read_package(tmp_path / "b.epub"))
    assert [(entry.title, entry.level) for entry in entries] == [("Sunrise", 1), ("Noon", 2)]


def test_an_outline_that_points_below_a_heading_means_the_heading(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    pages = [[Set(f"No. {name}", y=500, size=16), *prose(3, 460)] for name in ("I", "II", "III")]
    with pikepdf.open(typeset(tmp_path / "a.pdf", *pages)) as pdf:
        with pdf.open_outline() as outline:
            for number in range(3):
                there = pikepdf.make_page_destination(pdf, number, "XYZ", left=0, top=470)
                outline.root.append(pikepdf.OutlineItem(f"Chapter {number}", there))
        pdf.save(tmp_path / "b.pdf")
    book(tmp_path / "b.pdf")
    package = read_package(tmp_path / "made.epub")
    assert len(package.spine_items) == 3
    assert len(toc(tmp_path / "made.epub", package)) == 3
    with zipfile.ZipFile(tmp_path / "made.epub") as opened:
        assert "<body>\n<h1" in opened.read("EPUB/chapter-0002.xhtml").decode()


def test_a_last_line_and_the_next_page_s_first_are_two_lines(
    paragraphs: Callable[..., list[str]],
) -> None:
    first, second = prose(1, 500), [Set("Noon", y=476, size=18), *prose(2, 440)]
    found = paragraphs(first, second)
    assert found[0].endswith(f"{STOP}</p>")
    assert "Noon</h1>" in found[1]


def test_running_heads_and_page_numbers_are_dropped(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    def page(number: int) -> list[Set]:
        head = "A BOOK" if number % 2 else "A CHAPTER OF IT"
        folio = ("i", "ii", "iii", "iv", "5", "6", "7", "8")[number]
        return [Set(head, 150, 570), *prose(4), Set(folio, 200, 30)]

    text = book(typeset(tmp_path / "a.pdf", *map(page, range(8))))
    assert "A BOOK" not in text
    assert "CHAPTER" not in text
    assert not re.search(r"\d|>i+<", re.sub(r"<[^>]*>", "", text))


def test_a_page_of_a_number_alone_at_its_middle_keeps_it(
    paragraphs: Callable[..., list[str]],
) -> None:
    assert "1984" in "".join(paragraphs([Set("1984", 200, 300)], prose(3), prose(3)))


def test_the_lines_of_a_poem_end_where_they_end(paragraphs: Callable[..., list[str]]) -> None:
    poem = below("Tyger Tyger, burning bright,", "In the forests of the night;", x=80, y=330)
    poem += below("What immortal hand or eye,", "Could frame thy symmetry?", x=80, y=306)
    found = paragraphs([*prose(4), *poem])
    assert found[-1].count("<br/>") == 3
    assert len(found) == 5


def test_columns_are_read_one_after_the_other(paragraphs: Callable[..., list[str]]) -> None:
    left = [Set(f"left {n:02} of the first one", 40, 500 - n * 12, 8) for n in range(12)]
    right = [Set(f"right {n:02} of the second", 230, 500 - n * 12, 8) for n in range(12)]
    by_row = [line for pair in zip(left, right, strict=True) for line in pair]
    text = " ".join(paragraphs(by_row))
    assert text.index("left 11") < text.index("right 00")


def test_a_footnote_is_linked_with_its_mark(tmp_path: Path, book: Callable[..., str]) -> None:
    line = [Set("It is said", 50, 500), Set("1", 112, 504, 6), Set("so by all of them.", 120, 500)]
    foot = [Set("1", 50, 62, 6), Set("By whom is not known.", 56, 60, 7)]
    text = book(typeset(tmp_path / "a.pdf", [*line, *prose(6, 460), *foot]))
    assert re.search(r'<a id="ref-1" epub:type="noteref"[^>]*href="#note-1"><sup>1</sup></a>', text)
    assert re.search(r'<aside epub:type="footnote"[^>]*id="note-1">.*By whom is not known', text)


def test_an_initial_is_joined_to_its_word(paragraphs: Callable[..., list[str]]) -> None:
    page = [Set("O", 50, 476, 40), Set("nce there was a line, and it was full.", 78, 500)]
    page += below("beside the initial goes on the text, full", "and so does this.", x=78, y=488)
    assert paragraphs([*page, *prose(5, 440)])[0].startswith("<p>Once there was")


def test_names_and_speeches_are_rows(tmp_path: Path, book: Callable[..., str]) -> None:
    page = []
    for number in range(5):
        y = 500 - number * 30
        page += [Set("Ann", 50, y), Set("Speaks in the second column,", 100, y)]
        page += [Set("and goes on.", 100, y - 12)]
    text = book(typeset(tmp_path / "a.pdf", page))
    row = "<td>Ann</td><td>Speaks in the second column, and goes on.</td>"
    assert text.count(f"<tr>{row}</tr>") == 5


def test_italics_and_bold_are_kept(paragraphs: Callable[..., list[str]]) -> None:
    page = [
        Set("It is", 50),
        Set("very", 86, font="i"),
        Set("bold", 116, font="b"),
        Set("of us", 146),
    ]
    assert "It is <i>very</i> <b>bold</b> of us" in paragraphs([*page, *below(FULL, y=470)])[0]


def test_links_lead_out_and_to_the_place_they_name(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    with pikepdf.open(typeset(tmp_path / "a.pdf", prose(3), prose(3))) as pdf:
        page = pdf.pages[0]
        uri = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.org/a b")
        there = [pdf.pages[1].obj, pikepdf.Name.XYZ, 0, 460, 0]
        link: dict[str, Any] = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Link}
        page.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(**link, Rect=[60, 475, 90, 490], A=uri),
                pikepdf.Dictionary(**link, Rect=[60, 439, 90, 454], Dest=pikepdf.Array(there)),
                pikepdf.Dictionary(
                    **link,
                    Rect=[60, 400, 90, 418],
                    A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="javascript:alert(1)"),
                ),
            ]
        )
        pdf.save(tmp_path / "b.pdf")
    text = book(tmp_path / "b.pdf")
    assert 'href="https://example.org/a%20b"' in text
    anchor = re.search(r'href="#(at-\d+)"', text)
    assert anchor is not None
    assert f'<p id="{anchor[1]}">' in text
    assert "javascript" not in text


def image(
    pdf: pikepdf.Pdf, width: int = 64, height: int = 48, colour: bytes = b"\x10\x80\x80"
) -> pikepdf.Stream:
    stream = pdf.make_stream(colour * (width * height))
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=width,
        Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
    )
    return stream


def test_a_picture_stands_where_it_stood(tmp_path: Path, book: Callable[..., str]) -> None:
    with pikepdf.new() as pdf:
        lines = [*prose(2), *prose(2, 200)]
        drawn = "\n".join(line.drawn() for line in lines) + "\nq 100 0 0 75 100 280 cm /I Do Q"
        add_page(pdf, drawn, XObject=pikepdf.Dictionary(I=image(pdf)))
        pdf.save(tmp_path / "a.pdf")
    text = book(tmp_path / "a.pdf")
    assert [tag for tag in re.findall(r"<(p|figure)", text)] == ["p", "p", "figure", "p", "p"]
    package = read_package(tmp_path / "made.epub")
    assert [one.media_type for one in package.manifest if "image" in one.media_type] == [
        "image/png"
    ]


def test_what_stands_on_every_page_is_no_picture(tmp_path: Path, book: Callable[..., str]) -> None:
    with pikepdf.new() as pdf:
        shown = image(pdf)
        for _ in range(6):
            drawn = "\n".join(line.drawn() for line in prose(4))
            add_page(
                pdf, f"{drawn}\nq 40 0 0 30 20 540 cm /I Do Q", XObject=pikepdf.Dictionary(I=shown)
            )
        pdf.save(tmp_path / "a.pdf")
    assert "<figure" not in book(tmp_path / "a.pdf")


def test_a_drawing_becomes_a_picture_that_says_its_words(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    boxes = "\n".join(f"{100 + n * 12} 200 m {110 + n * 12} 280 l 3 w S" for n in range(12))
    page = [*prose(2), Set("Rainfall", 120, 240, 8)]
    text = book(typeset(tmp_path / "a.pdf", page, more=boxes))
    assert 'alt="Rainfall"' in text


def test_a_book_bound_on_its_right_keeps_the_order_of_its_words(
    tmp_path: Path, book: Callable[..., str]
) -> None:
    with pikepdf.open(typeset(tmp_path / "a.pdf", prose(3))) as pdf:
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(Direction=pikepdf.Name.R2L)
        pdf.save(tmp_path / "b.pdf")
    assert FULL in book(tmp_path / "b.pdf")
    assert read_package(tmp_path / "made.epub").page_progression == "rtl"


def test_what_came_of_a_rich_pdf_passes_epubcheck(tmp_path: Path, epubcheck: EpubCheck) -> None:
    pages = [[Set("Part", 150, 540, 18), *prose(3)], [Set("1 item", 60), *prose(2, 400)]] * 3
    epub_from_pdf(typeset(tmp_path / "a.pdf", *pages), tmp_path / "a.epub", Claims(language="en"))
    assert not [
        one for one in epubcheck.check(tmp_path / "a.epub") if one.severity >= Severity.WARNING
    ]


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["outline", "google-doc", "multicolumn", "pdf20-utf8", "arabic"])
def test_pdfs_of_many_makers_pass_epubcheck(
    tmp_path: Path, epubcheck: EpubCheck, name: str
) -> None:
    epub_from_pdf(named(f"pdf/{name}.pdf"), tmp_path / "a.epub", Claims())
    assert not [
        one for one in epubcheck.check(tmp_path / "a.epub") if one.severity >= Severity.ERROR
    ]


@needs_corpus
@pytest.mark.corpus
def test_two_columns_of_latin_are_whole_paragraphs(book: Callable[..., str]) -> None:
    text = book(named("pdf/multicolumn.pdf"))
    assert '<h2 id="at-3">Abstract</h2>' in text
    assert "consectetuer adipiscing elit. Ut purus" in text
    assert "tellus sit amet tortor gravida placerat." in text


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
def test_a_novel_has_its_chapters_and_its_words(tmp_path: Path) -> None:
    target = tmp_path / "a.epub"
    made = sandbox.call(epub_from_pdf, named("pdf/novel-treasure-island.pdf"), target, Claims())
    package = read_package(target)
    assert made.pages == 163
    assert package.title == "Treasure Island"
    assert len(toc(target, package)) == 34
    assert content.word_count(target, package) == pytest.approx(67000, rel=0.05)


@needs_corpus
@pytest.mark.corpus
def test_a_scan_becomes_pictures_and_says_so(tmp_path: Path) -> None:
    target = tmp_path / "a.epub"
    made = epub_from_pdf(named("pdf/scanned-3-pages.pdf"), target, Claims(title="Scan"))
    assert [one.rule for one in made.findings] == ["convert.scanned"]
    pictures = [one for one in read_package(target).manifest if one.media_type == "image/jpeg"]
    assert len(pictures) == 3


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
def test_five_thousand_pages_are_taken(tmp_path: Path) -> None:
    target = tmp_path / "a.epub"
    limits = sandbox.Limits(megabytes=600)
    made = sandbox.call(
        epub_from_pdf, named("hostile/5000-pages.pdf"), target, Claims(), limits=limits
    )
    assert made.pages == 5000
