"""Footnotes are taken from a page's foot where its text refers to them."""

import pytest

from ebook_pipeline.books.converting.from_pdf.footnotes import Footnote, take_footnotes
from ebook_pipeline.books.converting.from_pdf.lines import Line
from tests.support.books.built_lines import line, lined, page_of, span, stacked, texts


def referring(mark: str, *, raised: int = 1) -> Line:
    """A line whose words are followed by a raised mark."""
    return lined(span("It is said"), span(mark, 102, 504, 6, raised=raised), span(" by all.", 106))


def foot(*notes: str, base: float = 60.0) -> list[Line]:
    return [line(text, 50, base - number * 9, size=7) for number, text in enumerate(notes)]


def said(note: Footnote) -> str:
    return " ".join(texts(note.lines))


def test_a_note_leaves_the_page_and_its_mark_the_note() -> None:
    page = page_of(referring("1"), *foot("1 By whom is not known,", "nor when."))
    [note] = take_footnotes([page], 10.0)
    assert (note.number, note.mark, said(note)) == (0, "1", "By whom is not known, nor when.")
    assert texts(page.lines) == ["It is said1 by all."]
    assert [one.note for one in page.lines[0].spans] == [-1, 0, -1]


def test_notes_are_numbered_through_the_book() -> None:
    pages = [page_of(referring("1"), *foot("1 One."), number=number) for number in range(3)]
    assert [(note.number, note.mark) for note in take_footnotes(pages, 10.0)] == [
        (0, "1"),
        (1, "1"),
        (2, "1"),
    ]


def test_several_notes_of_a_page_have_their_own_marks() -> None:
    page = page_of(referring("1"), referring("2"), *foot("1. One.", "2. Two.", "goes on."))
    assert [said(note) for note in take_footnotes([page], 10.0)] == ["One.", "Two. goes on."]


def test_a_sign_at_a_words_end_refers_too_and_is_a_piece_of_its_own() -> None:
    page = page_of(line("It is said* by all."), *foot("* By whom is not known."))
    [note] = take_footnotes([page], 10.0)
    assert note.mark == "*"
    assert [(one.text, one.note) for one in page.lines[0].spans] == [
        ("It is said", -1),
        ("*", 0),
        (" by all.", -1),
    ]


def test_a_note_goes_on_at_the_foot_of_the_next_page() -> None:
    first = page_of(referring("1"), *foot("1 It is long and"), number=4)
    second = page_of(*stacked("text"), *foot("goes on here."), number=5)
    [note] = take_footnotes([first, second], 10.0)
    assert said(note) == "It is long and goes on here."
    assert texts(second.lines) == ["text"]


@pytest.mark.parametrize(
    "foot_lines",
    [
        foot("1 By whom?", base=400.0),
        [line("1 By whom?", 50, 60, size=10)],
        foot("7 Not referred to."),
    ],
    ids=["high-up", "as-large-as-the-text", "without-reference"],
)
def test_what_is_no_note_of_the_page_stays(foot_lines: list[Line]) -> None:
    page = page_of(referring("1"), *foot_lines)
    assert take_footnotes([page], 10.0) == []
    assert len(page.lines) == 1 + len(foot_lines)


def test_a_number_on_the_line_refers_to_nothing() -> None:
    page = page_of(line("In 1 case"), *foot("1 By whom?"))
    assert take_footnotes([page], 10.0) == []


def test_a_page_of_small_print_alone_has_no_notes() -> None:
    page = page_of(*foot("1 One.", "2 Two."))
    assert take_footnotes([page], 10.0) == []
    assert texts(page.lines) == ["1 One.", "2 Two."]
