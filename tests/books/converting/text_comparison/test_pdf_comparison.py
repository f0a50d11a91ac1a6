"""What a PDF says and its EPUB does not, and what is no loss: heads, numbers, marks, hyphens."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.converting.text_comparison.source_readers import pdf_letters
from ebook_pipeline.books.converting.to_pdf.clean_pdf import clean_pdf
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.findings import Finding
from tests.support.books.pdf_lines import Set, below, typeset
from tests.support.corpus import case, entries, named, needs_cases, needs_corpus

PROSE = (
    "The keeper of the north light had three habits,",
    "and the first of them was that he never answered a",
    "question before he had trimmed the wick. The sec-",
    "ond was that he counted the boats, going out and in.",
)
MORE = (
    "Nobody in the village had ever seen the book that",
    "he wrote their numbers in, and some of them doubted",
    "that there was one at all until the winter came.",
)


def differences(source: Path, folder: Path, made_of: Path | None = None) -> dict[str, Finding]:
    """What is said when the EPUB of `made_of` is held against `source`; left out or not."""
    clean_pdf(made_of or source, folder / "clean.pdf")
    epub_from_pdf(folder / "clean.pdf", folder / "made.epub", Claims())
    found = compare_texts(source, BookFormat.PDF, folder / "made.epub")
    return {finding.rule: finding for finding in found if finding.rule != "convert.left-out"}


def page(*lines: str, head: str = "") -> Sequence[Set]:
    return [*([Set(head, y=570, size=8)] if head else []), *below(*lines)]


def test_a_book_that_came_through_has_no_difference(tmp_path: Path) -> None:
    source = typeset(tmp_path / "a.pdf", page(*PROSE), page(*MORE))
    assert differences(source, tmp_path) == {}


def test_running_heads_and_page_numbers_are_no_loss(tmp_path: Path) -> None:
    pages = [
        page(*MORE, f"And this is page {'abcdef'[number]} of it.", head=f"THE LIGHT {number + 1}")
        for number in range(6)
    ]
    assert differences(typeset(tmp_path / "a.pdf", *pages), tmp_path) == {}


def test_a_paragraph_that_is_lost_is_found_with_its_page(tmp_path: Path) -> None:
    source = typeset(tmp_path / "a.pdf", page(*PROSE), page(*MORE))
    less = typeset(tmp_path / "b.pdf", page(*PROSE))
    lost = differences(source, tmp_path, less)["convert.text-lost"]
    assert lost.place == "page 2"
    assert "Nobody in the village" in lost.passage


def test_a_word_that_is_lost_is_found(tmp_path: Path) -> None:
    source = typeset(tmp_path / "a.pdf", page(*PROSE))
    less = typeset(tmp_path / "b.pdf", page(PROSE[0].replace("north ", ""), *PROSE[1:]))
    assert differences(source, tmp_path, less)["convert.text-lost"].passage == "north"


def test_what_the_book_says_twice_or_makes_up_is_found(tmp_path: Path) -> None:
    source = typeset(tmp_path / "a.pdf", page(*PROSE))
    twice = typeset(tmp_path / "b.pdf", page(*PROSE), page(*PROSE))
    assert set(differences(source, tmp_path, twice)) == {"convert.text-doubled"}
    more = typeset(tmp_path / "c.pdf", page(*PROSE), page(*MORE))
    assert set(differences(source, tmp_path, more)) == {"convert.text-invented"}


@needs_cases
@pytest.mark.parametrize(
    "name",
    [
        "100-pdf-two-columns-rowwise.pdf",
        "101-pdf-rotated.pdf",
        "101b-pdf-rotated-matrix.pdf",
        "101c-pdf-sideways-text.pdf",
        "105b-pdf-hebrew-chromium.pdf",
        "105c-pdf-arabic-chromium.pdf",
        "105f-pdf-hebrew-visual2.pdf",
        "107c-pdf-heads-with-numbers.pdf",
        "108-pdf-cjk-no-tounicode.pdf",
        "110b-pdf-cropbox.pdf",
        "111-pdf-form.pdf",
        "116-pdf-watermark.pdf",
    ],
)
def test_what_is_read_right_raises_no_alarm(name: str, tmp_path: Path) -> None:
    assert differences(case(name), tmp_path) == {}


@needs_corpus
@pytest.mark.prove
@pytest.mark.parametrize("name", [entry["name"] for entry in entries("pdf")])
def test_the_corpus_raises_no_alarm(name: str, tmp_path: Path) -> None:
    entry = next(entry for entry in entries("pdf") if entry["name"] == name)
    if not entry["valid"] or entry["expect"].get("needs_password") or "arabic" in name:
        pytest.skip("it is not converted, or its letters have no meaning")
    assert differences(named(name), tmp_path) == {}


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ('ח"ש 3.50 היה', 'היה 3.50 ש"ח'),
        ("4,000 ב", "ב 4,000"),
        ("12:30-14:00 :העש", "שעה: 12:30-14:00"),
        ("Bell 7 ,גו", "וג, 7 Bell"),
    ],
)
def test_a_number_in_a_line_from_the_right_is_read_from_the_left(shown: str, said: str) -> None:
    """`shown` stands from the left to the right as it is printed."""
    letters = [
        pdf_letters.Letter(letter, 0, 10.0 * place, 10.0 * place + 10, 0, 10, 0, 0)
        for place, letter in enumerate(shown)
    ]
    assert pdf_letters.line_of(letters) == said
