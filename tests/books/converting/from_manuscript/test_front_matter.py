"""What a manuscript's first lines are: said, guessed with a reason, or text. None of it is lost."""

import itertools

import pytest

from ebook_pipeline.books.formats.manuscripts.person_names import looks_like_name, names_in
from ebook_pipeline.books.formats.manuscripts.title_page import KnownTitle, LineKind, title_page
from ebook_pipeline.books.records import BookFormat, Claims
from tests.books.converting.from_manuscript.conftest import MakeBook
from tests.support.corpus import case, needs_cases

PROSE = "The keeper lit the lamp, and nobody came to the house that evening. " * 6


@needs_cases
def test_a_subtitle_between_title_and_author_is_no_author(book_of: MakeBook) -> None:
    book = book_of(case("201-txt-subtitle-then-author.txt"))
    assert book.authors == ["Petra Vos"]
    assert book.package.subtitle == "A Sea Story"
    assert [text for _, text in book.title_page] == ["HARBOUR FOG", "A Sea Story", "Petra Vos"]
    assert {"convert.author-guessed", "convert.subtitle-guessed"} <= set(book.rules)


@needs_cases
@pytest.mark.parametrize(
    "name", ["204-docx-front-lines.docx", "204b-docx-front-lines-noauthor.docx"]
)
def test_a_dedication_is_kept_and_names_nobody(book_of: MakeBook, name: str) -> None:
    book = book_of(case(name))
    assert book.authors == ["Petra Vos"]
    assert "For my mother" in book.text


@needs_cases
def test_a_first_paragraph_of_two_words_stays(book_of: MakeBook) -> None:
    assert "First para Second para" in book_of(case("87-html-frames-old.html")).text
    assert book_of(case("205-html-front-line.html")).rules == []


FRONT = {
    "title": "The Harbour Fog",
    "subtitle": "A Sea Story",
    "author": "Petra Vos",
    "dedication": "For my mother",
    "epigraph": "“The sea is a long road.”",
    "copyright": "© 2021 Petra Vos",
}
ORDERS = [
    order
    for number in (2, 3, 4)
    for order in itertools.permutations(FRONT, number)
    if "title" in order[:2]
]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_no_line_of_the_front_is_lost_and_nobody_is_made_up(order: tuple[str, ...]) -> None:
    lines = [FRONT[name] for name in order]
    page = title_page(lines)
    assert page is None or set(page.authors) <= {"Petra Vos"}
    if page is not None:
        assert list(page.lines) == list(range(min(page.lines), max(page.lines) + 1))
    known = title_page(lines, KnownTitle(FRONT["title"], authors=("Petra Vos",)))
    assert known is not None
    assert known.lines[lines.index(FRONT["title"])] is LineKind.TITLE


@pytest.mark.parametrize("format_", [BookFormat.TEXT, BookFormat.MARKDOWN])
@pytest.mark.parametrize("order", ORDERS[::12], ids="-".join)
def test_a_book_of_another_name_has_every_line_of_its_front_in_its_text(
    book_of: MakeBook, order: tuple[str, ...], format_: BookFormat
) -> None:
    mark = "# " if format_ is BookFormat.MARKDOWN else ""
    lines = [FRONT[name] for name in order]
    text = "\n\n".join([*lines, f"{mark}Chapter 1", PROSE, f"{mark}Chapter 2", PROSE])
    book = book_of(text, format_, Claims(title="Another Name"))
    for line in lines:
        assert book.chapters.count(line) == sum(line in other for other in lines)


def test_a_title_that_the_submitter_changed_leaves_the_authors_own_page_in_the_text(
    book_of: MakeBook,
) -> None:
    text = f"The House\n\nby Ann Author\n\nChapter 1\n\n{PROSE}\n\nChapter 2\n\n{PROSE}"
    book = book_of(text, BookFormat.TEXT, Claims(title="The River"))
    assert [text for _, text in book.title_page] == ["The River", "Ann Author"]
    assert "The House by Ann Author Chapter 1" in book.text


@pytest.mark.parametrize(
    ("lines", "title", "authors"),
    [
        (("The House", "by Ann Low"), "The House", ("Ann Low",)),
        (("THE HOUSE", "BY", "ANN LOW"), "THE HOUSE", ("ANN LOW",)),
        (("Das Haus", "Roman", "von Anna Lo"), "Das Haus", ("Anna Lo",)),
        (("Title: The House", "Author: Ann Low"), "The House", ("Ann Low",)),
        (("雾港", "作者：沈明"), "雾港", ("沈明",)),
        (("霧の港", "夏目漱石 著"), "霧の港", ("夏目漱石",)),
        (("Туман", "Автор: Иван Лу"), "Туман", ("Иван Лу",)),
        (("ערפל", "מאת נועה לוי"), "ערפל", ("נועה לוי",)),
        (("The House", "Ann Low and Bo Ek"), "The House", ("Ann Low", "Bo Ek")),
        (("The House", "By the river"), "The House", ()),
        (("The House", "Northern story"), "The House", ()),
        (("For my mother",), "", ()),
        (("“Nobody,” she said", "Ann Low"), "", ()),
    ],
)
def test_the_first_lines_say_title_and_authors(
    lines: tuple[str, ...], title: str, authors: tuple[str, ...]
) -> None:
    page = title_page(lines)
    assert (page.title if page else "", page.authors if page else ()) == (title, authors)


@pytest.mark.parametrize(
    "name",
    ["Petra Vos", "J. R. R. Tolkien", "Ursula K. Le Guin", "Gabriel García Márquez", "PETRA VOS",
     "Ludwig van Beethoven", "Seán O’Casey", "Мария Иванова", "Anne-Marie du Pré", "Bo Ek Jr."],
)  # fmt: skip
def test_a_name_looks_like_one(name: str) -> None:
    assert looks_like_name(name)


@pytest.mark.parametrize(
    "text",
    ["A Sea Story", "For my mother", "First para", "The End", "Volume One", "Roman", "It was late",
     "Une histoire", "Eine Erzählung", "Повесть о море", "Chapter One", "© Petra Vos", "Part Two"],
)  # fmt: skip
def test_what_is_no_name_does_not(text: str) -> None:
    assert not looks_like_name(text)


def test_words_that_the_text_prints_small_are_no_names() -> None:
    assert not looks_like_name("Harbour Lights", frozenset({"harbour"}))
    assert names_in("Low, Ann") == ("Low, Ann",)
