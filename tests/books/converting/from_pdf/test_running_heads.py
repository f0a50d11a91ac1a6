"""Running heads and page numbers leave the text, and nothing else does."""

from collections.abc import Callable

import pytest

from ebook_pipeline.books.converting.from_pdf import running_heads
from ebook_pipeline.books.converting.from_pdf.lines import Page
from ebook_pipeline.books.converting.from_pdf.running_heads import remove_running_heads
from tests.support.books.built_lines import line, page_of, stacked, texts

TEXT = ["It was a bright cold day", "in April, and the clocks", "were striking."]


def pages(
    count: int,
    head: Callable[[int], str] | None = None,
    folio: Callable[[int], str] | None = None,
    first: int = 0,
) -> list[Page]:
    """Pages of text; `head` and `folio` say for every number what stands above and below."""
    made = []
    for number in range(first, first + count):
        above = [line(head(number), 150, 570)] if head and head(number) else []
        below = [line(folio(number), 200, 30)] if folio and folio(number) else []
        made.append(page_of(*above, *stacked(*TEXT, base=500), *below, number=number))
    return made


def left(made: list[Page]) -> list[list[str]]:
    """What is left of every page but its text."""
    return [[text for text in texts(page.lines) if text not in TEXT] for page in made]


@pytest.mark.parametrize(
    ("text", "value"),
    [("iv", 4), ("XIX", 19), ("mcmlxxxiv", 1984), ("a", None), ("", None), ("x1", None)],
)
def test_roman_numbers_have_a_value(text: str, value: int | None) -> None:
    assert running_heads.roman_value(text) == value


def test_a_head_that_comes_again_is_gone() -> None:
    made = pages(4, head=lambda _: "A BOOK OF CLOCKS")
    assert remove_running_heads(made, 10.0) == {}
    assert left(made) == [[]] * 4


def test_heads_of_left_and_right_pages_and_their_numbers_are_gone() -> None:
    made = pages(8, head=lambda n: f"{n + 1} A BOOK" if n % 2 else f"APRIL {n + 1}")
    remove_running_heads(made, 10.0)
    assert left(made) == [[]] * 8


def test_numbers_that_count_the_pages_are_gone_and_told() -> None:
    made = pages(4, folio=lambda n: f"– {n + 11} –")
    assert remove_running_heads(made, 10.0) == {0: "11", 1: "12", 2: "13", 3: "14"}
    assert left(made) == [[]] * 4


def test_roman_numbers_count_too() -> None:
    made = pages(3, folio=lambda n: ("v", "vi", "vii")[n])
    assert remove_running_heads(made, 10.0) == {0: "v", 1: "vi", 2: "vii"}


@pytest.mark.parametrize("said", ["Page {} of 9", "{} / 9", "3 von {}"])
def test_a_page_of_so_many_is_gone(said: str) -> None:
    made = pages(2, folio=lambda n: said.format(n + 1))
    remove_running_heads(made, 10.0)
    assert left(made) == [[]] * 2


def test_a_head_that_stands_once_stays() -> None:
    made = pages(4, head=lambda n: ("ONE", "TWO", "THREE", "FOUR")[n])
    remove_running_heads(made, 10.0)
    assert left(made) == [["ONE"], ["TWO"], ["THREE"], ["FOUR"]]


def test_numbers_that_do_not_count_the_pages_stay() -> None:
    made = pages(4, folio=lambda n: ("1984", "12", "7", "300")[n])
    assert remove_running_heads(made, 10.0) == {}
    assert left(made) == [["1984"], ["12"], ["7"], ["300"]]


def test_letters_larger_than_the_text_are_no_running_head() -> None:
    made = [
        page_of(line("CLOCKS", 150, 570, size=14), *stacked(*TEXT), number=number)
        for number in range(4)
    ]
    remove_running_heads(made, 10.0)
    assert left(made) == [["CLOCKS"]] * 4


def test_what_stands_in_the_middle_of_the_page_stays_however_often() -> None:
    made = [page_of(*stacked("Chorus:", *TEXT, base=400), number=number) for number in range(4)]
    remove_running_heads(made, 10.0)
    assert left(made) == [["Chorus:"]] * 4


def test_a_page_is_not_emptied_of_words() -> None:
    made = [page_of(line("A BOOK OF CLOCKS", 150, 570), number=number) for number in range(4)]
    remove_running_heads(made, 10.0)
    assert left(made) == [["A BOOK OF CLOCKS"]] * 4


def test_a_page_of_its_number_alone_is_emptied() -> None:
    made = [*pages(3, folio=lambda n: str(n + 1)), page_of(line("4", 200, 30), number=3)]
    assert remove_running_heads(made, 10.0)[3] == "4"
    assert made[3].lines == []


@pytest.mark.parametrize(
    ("misread", "number"),
    [
        ("TREASURE IS1AND {}", "4"),
        ("TREASUREIsLAND) {}", "4"),
        ("“Treasure IstAND” |  . {}", "4"),
        ("TREASURE ISLAND oh NS re", None),
        ("TREASURE ISLAND{}", None),
    ],
)
def test_a_head_that_was_misread_on_one_page_is_gone_too(misread: str, number: str | None) -> None:
    made = pages(8, head=lambda n: f"TREASURE ISLAND {n + 1}" if n != 3 else misread.format(n + 1))
    assert remove_running_heads(made, 10.0).get(3) == number
    assert left(made) == [[]] * 8


def test_the_number_beside_a_head_is_the_pages() -> None:
    made = pages(6, head=lambda n: f"{n + 12} A BOOK" if n % 2 else f"APRIL {n + 12}")
    assert remove_running_heads(made, 10.0) == {n: str(n + 12) for n in range(6)}


def test_a_number_that_came_out_too_large_takes_no_head_along() -> None:
    made = [
        page_of(
            line("TREASURE ISLAND", 50, 570),
            line(str(n + 1), 300, 570.4, size=13 if n % 2 else 10),
            *stacked(*TEXT),
            number=n,
        )
        for n in range(6)
    ]
    assert remove_running_heads(made, 10.0) == {n: str(n + 1) for n in range(6)}
    assert left(made) == [[]] * 6


@pytest.mark.parametrize("misread", ["1O4", "lO4", "I04", "1044", "14", "103"])
def test_a_number_that_was_misread_where_numbers_stand_is_gone(misread: str) -> None:
    made = pages(6, folio=lambda n: str(n + 101) if n != 3 else misread)
    remove_running_heads(made, 10.0)
    assert left(made) == [[]] * 6


@pytest.mark.parametrize("last", ["no", "287", "a boy", "1984", "X"])
def test_a_last_word_where_numbers_stand_is_no_number(last: str) -> None:
    made = pages(6, folio=lambda n: str(n + 101) if n != 3 else last)
    remove_running_heads(made, 10.0)
    assert left(made)[3] == [last]


def test_titles_of_chapters_that_are_alike_are_no_misread_heads() -> None:
    titles = ["CHAPTER ONE", "CHAPTER TWO", "CHAPTER IV", "CHAPTER VI"]
    made = pages(8, head=lambda n: titles[n - 4] if n >= 4 else "CHAPTER V")
    remove_running_heads(made, 10.0)
    assert left(made) == [[]] * 4 + [[title] for title in titles]
