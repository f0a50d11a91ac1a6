"""Numbers in headings, and where their order breaks."""

import pytest

from ebook_pipeline.books.judging.numbering import (
    Heading,
    NumberedHeading,
    breaks,
    numbered,
    sequences,
)


def run_of(*texts: str, level: int = 2) -> list[list[NumberedHeading]]:
    return sequences(Heading(f"{n}.xhtml", level, text) for n, text in enumerate(texts))


@pytest.mark.parametrize(
    ("text", "number", "form"),
    [
        ("Chapter 12", 12, "arabic"),
        ("CHAPTER XIV. The Storm", 14, "roman"),
        ("Chapter the First", 1, "words"),
        ("The Third Book", 3, "words"),
        ("Chapter Twenty-One", 21, "words"),
        ("Chapter Thirtieth", 30, "words"),
        ("IX", 9, "roman"),
        ("L", 50, "roman"),
        ("XL: At Sea", 40, "roman"),
        ("7. At Sea", 7, "arabic"),
        ("Kapitel 3", 3, "arabic"),
        ("Act II", 2, "roman"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, number: int, form: str) -> None:
    one = numbered(Heading("a", 1, text))
    assert one is not None
    assert (one.number, one.form) == (number, form)


@pytest.mark.parametrize(
    "text",
    ["I am born", "1984", "L. of G.’s Purport", "Chapter and Verse", "Preface", "", "Civil", "0"],
)
def test_other_headings_have_no_number(text: str) -> None:
    assert numbered(Heading("a", 1, text)) is None


def test_a_gap_names_what_is_missing() -> None:
    (run,) = run_of("I", "II", "V", "VI", "VII", "VIII", "IX")
    assert [one.missing for one in breaks(run)] == [(3, 4)]


def test_a_missing_first_chapter_is_seen_and_an_excerpt_is_none() -> None:
    (run,) = run_of("Chapter 2", "Chapter 3", "Chapter 4")
    assert [one.missing for one in breaks(run)] == [(1,)]
    (excerpt,) = run_of("Chapter 12", "Chapter 13", "Chapter 14")
    assert breaks(excerpt) == []


def test_numbers_begin_again_in_every_part() -> None:
    assert [len(run) for run in run_of("I", "II", "I", "II", "III")] == [2, 3]


def test_numbers_in_no_order_are_no_numbering() -> None:
    (run,) = run_of("Letter 1", "Letter 9", "Letter 14", "Letter 30", "Letter 31")
    assert breaks(run) == []


def test_doubles_are_told_from_gaps() -> None:
    (run,) = run_of("Chapter 1", "Chapter 2", "Chapter 2", "Chapter 3")
    (one,) = breaks(run)
    assert one.is_double
    assert not one.missing


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("第十二回 夢", 12), ("第二百〇三章", 203), ("제3장 나루터", 3), ("Розділ 2", 2),
        ("Chương 4: Bến đò", 4), ("Bölüm 5", 5), ("অধ্যায় ৩", 3), ("فصل ۲", 2), ("Rozdział IV", 4),
        ("第一印象", 0), ("十人", 0),
    ],
)  # fmt: skip
def test_chapters_are_numbered_in_other_scripts(heading: str, number: int) -> None:
    told = numbered(Heading("one.xhtml", 1, heading))
    assert (told.number if told else 0) == number
