"""Words over line ends: hyphens that stay or go, spaces, scripts without spaces."""

import pytest

from ebook_pipeline.books.converting.from_pdf import dehyphenation
from ebook_pipeline.books.converting.from_pdf.blocks import Inline
from ebook_pipeline.books.converting.from_pdf.lines import Line
from tests.support.books.built_lines import line, lined, span, stacked


def together(found: list[Line], breaks: list[bool] | None = None) -> list[Inline]:
    return dehyphenation.join_lines(
        found, breaks or [False] * (len(found) - 1), dehyphenation.WordForms(found)
    )


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        (("a con\u00ad", "sider b", "consider"), "a consider b consider"),
        (("a self-con\u00ad", "tained b", "contained"), "a self-contained b contained"),
        (("a will-", "o'-the-wisp b"), "a will-o'-the-wisp b"),
        (("he came—", "and went"), "he came—and went"),
        (("東京", "駅"), "東京駅"),
        (("pages 12-", "14 of it"), "pages 12-14 of it"),
        (("by Smith-", "Jones himself"), "by Smith-Jones himself"),
        (("one  two\u00a0", "\u2003three"), "one two three"),
        (("soft\u00adened words", "here"), "softened words here"),
    ],
)
def test_words_are_joined_over_line_ends(written: tuple[str, ...], joined: str) -> None:
    assert "".join(one.text for one in together([line(text) for text in written])) == joined


def test_a_vocabulary_counts_forms_whatever_their_case() -> None:
    seen = dehyphenation.WordForms(
        stacked("The river, the River", "and the well-known man’s house")
    )
    assert (seen["river"], seen["THE"], seen["well-known"], seen["man’s"]) == (2, 3, 1, 1)
    assert seen["known"] == 0


def test_a_broken_word_is_counted_as_no_form() -> None:
    seen = dehyphenation.WordForms(stacked("He could not con\u00ad", "sider it"))
    assert (seen["con"], seen["consider"]) == (0, 0)


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("con", "sider", True),
        ("well", "known", False),
        ("con", "Sider", False),
        ("self-con", "sider", True),
        ("self-un", "known", False),
    ],
)
def test_a_word_is_whole_as_the_book_writes_it_elsewhere(
    before: str, after: str, whole: bool
) -> None:
    seen = dehyphenation.WordForms(stacked("to consider a well-known man"))
    assert seen.whole(before, after) == whole


def test_a_book_whose_lines_break_words_has_unknown_ones_whole_too() -> None:
    broken = stacked("we con\u00ad", "sider it, and we consider", "a strato\u00ad", "sphere")
    assert dehyphenation.WordForms(broken).whole("strato", "sphere")
    assert not dehyphenation.WordForms(stacked("no line breaks a word here")).whole(
        "strato", "sphere"
    )


def test_lines_that_break_on_purpose_keep_their_ends() -> None:
    found = together(stacked("Tyger Tyger, burning bright,", "In the forests"), [True])
    assert [one.text for one in found] == ["Tyger Tyger, burning bright,", "\n", "In the forests"]


def test_a_page_that_begins_within_a_block_begins_within_its_content() -> None:
    found = together([line("it goes"), line("on here", page=1)])
    assert [(one.text, one.page) for one in found] == [("it goes ", -1), ("", 1), ("on here", -1)]


def test_a_word_that_is_broken_by_a_page_is_whole_before_it() -> None:
    lines = [line("we con\u00ad"), line("sider it", page=1), line("consider", page=1)]
    found = together(lines)
    assert "".join(one.text for one in found) == "we consider it consider"
    assert found[1].page == 1


def test_letters_of_one_look_are_one_piece_over_the_line_end() -> None:
    first = lined(span("It is ", 50), span("very", 80, italic=True))
    second = lined(span("much", 50, italic=True), span(" so", 70))
    assert [(one.text, one.italic) for one in together([first, second])] == [
        ("It is ", False),
        ("very much", True),
        (" so", False),
    ]


def test_what_points_somewhere_stays_a_piece_of_its_own() -> None:
    pointing = span("there", 80)
    pointing.link = 3
    found = together([lined(span("See ", 50), pointing, span(".", 105))])
    assert [(one.text, one.link) for one in found] == [("See ", -1), ("there", 3), (".", -1)]


def test_outer_spaces_are_gone() -> None:
    assert [one.text for one in together([line("  one "), line("two  ")])] == ["one two"]


@pytest.mark.parametrize(
    ("before", "after", "language", "whole"),
    [
        ("well", "known", "en", False),
        ("twenty", "one", "en", False),
        ("light", "house", "en", True),
        ("remem", "brance", "en-GB", True),
        ("un", "accustomed", "en", True),
        ("peut", "être", "fr", False),
        ("Nacht", "himmel", "de", True),
        ("Fluss", "ufer", "de-AT", True),
    ],
)
def test_a_hyphen_stays_where_the_language_has_it(
    before: str, after: str, language: str, whole: bool
) -> None:
    """The book itself writes the word nowhere else."""
    assert dehyphenation.WordForms([], language).whole(before, after) is whole


def test_the_book_goes_before_the_language() -> None:
    lines = [line("a wellknown and wellknown book")]
    assert dehyphenation.WordForms(lines, "en").whole("well", "known")
