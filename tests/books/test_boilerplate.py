"""What digital libraries put around a text is told from the text."""

import pytest

from ebook_pipeline.books.boilerplate import (
    MOST_LICENCE_WORDS,
    UNNAMED,
    boilerplate_lines,
    libraries,
    own_text,
    plain,
)
from ebook_pipeline.books.describing.sketches import NEAR_DUPLICATE, similarity, sketch

START = "*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***"
END = "*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***"
BOOK = ["Emma Woodhouse, handsome, clever, and rich.", "She was the youngest of two daughters."]


def test_a_librarys_header_and_licence_are_its_own() -> None:
    lines = ["The eBook of Emma", "Credits: some volunteers", START, *BOOK, END, "Section 1.", "…"]
    found = boilerplate_lines(lines)
    assert set(found) == {0, 1, 2, 5, 6, 7}
    assert set(found.values()) == {"Project Gutenberg"}
    assert own_text("\n".join(lines)) == "\n".join(BOOK)


def test_a_marker_of_nobody_we_know_takes_nothing_with_it() -> None:
    lines = [
        "A dedication.",
        "*** START OF THE TEXT ***",
        *BOOK,
        "*** END OF THE TEXT ***",
        "Notes.",
    ]
    assert boilerplate_lines(lines) == {1: UNNAMED, 4: UNNAMED}


@pytest.mark.parametrize(
    "line",
    [
        "Digitized by the Internet Archive in 2008 with funding from Microsoft Corporation",
        "This is a digital copy of a book that was preserved for generations on library shelves.",
        "This ebook is the product of many hours of hard work by volunteers for Standard Ebooks.",
        "http://hdl.handle.net/2027/uc1.b3321234",
        "This book is brought to you by Feedbooks",
        "Produced by Ann and the Online Distributed Proofreading Team at http://www.pgdp.net",
    ],
)
def test_paragraphs_of_other_libraries_are_known_by_their_words(line: str) -> None:
    assert set(boilerplate_lines([BOOK[0], line, BOOK[1]])) == {1}


@pytest.mark.parametrize(
    "line",
    [
        "*** At the start of the war they met. ***",
        "* * *",
        "Start of the project, he said.",
        "Gutenberg's project was a Bible.",
        "She went to the archive to look for the book.",
    ],
)
def test_what_only_sounds_so_is_the_books(line: str) -> None:
    assert boilerplate_lines([BOOK[0], line, BOOK[1]]) == {}


def test_more_behind_the_marker_than_a_licence_has_is_the_books() -> None:
    long = ["word " * 100] * (MOST_LICENCE_WORDS // 100 + 1)
    assert set(boilerplate_lines([*BOOK, END, *long])) == {2}


def test_two_stories_under_one_licence_are_not_alike() -> None:
    licence = "\n".join(f"{number} term of the licence {number * 7}" for number in range(400))
    first, other = (
        f"{START}\n{' '.join(f'{letter}{n}' for n in range(500))}\n{END}\n{licence}"
        for letter in "ab"
    )
    assert similarity(sketch(first), sketch(other)) > NEAR_DUPLICATE
    assert similarity(sketch(own_text(first)), sketch(own_text(other))) == 0


def test_phrases_stand_as_they_are_compared() -> None:
    phrases = [phrase for library in libraries() for phrase in library.phrases]
    assert phrases == [plain(phrase) for phrase in phrases]
    assert len(phrases) == len(set(phrases))
