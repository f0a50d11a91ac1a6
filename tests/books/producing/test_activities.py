"""Activities are solvable, by a solver that knows nothing of how they were made."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.picture_books.book_maker import make_book
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.trim_sizes import Area
from ebook_pipeline.books.producing.activities import differences, dots, maze, word_search
from ebook_pipeline.books.producing.workbook import story_words, workbook

SEEDS = st.integers(0, 10_000)
SQUARE = Area(x=50, y=50, width=400, height=400)


@given(SEEDS, st.integers(2, 20), st.integers(2, 20))
def test_a_maze_has_exactly_one_way_through(seed: int, columns: int, rows: int) -> None:
    made = maze.make_maze(seed, columns, rows)
    way = maze.solve_maze(made)
    assert (way[0], way[-1]) == ((0, 0), made.goal)
    assert len(made.passages) == columns * rows - 1  # a tree: a second way would need one more
    assert all(made.open_between(a, b) for a, b in pairwise(way))


def test_a_maze_whose_way_is_walled_up_is_not_solved() -> None:
    made = maze.make_maze(1, 8, 8)
    way = maze.solve_maze(made)
    wall = (min(way[3], way[4]), max(way[3], way[4]))
    assert maze.solve_maze(replace(made, passages=made.passages - {wall})) == ()


@pytest.mark.parametrize("name", dots.OUTLINES)
@pytest.mark.parametrize("count", [8, 14, 24, 34])
def test_dots_join_to_an_outline_that_crosses_itself_nowhere(name: str, count: int) -> None:
    points = dots.place_dots(name, count, SQUARE)
    assert 5 <= len(points) <= count
    assert dots.solve_dots(points)


def test_dots_that_cross_or_crowd_are_no_picture() -> None:
    assert not dots.solve_dots([(0, 0), (100, 100), (100, 0), (0, 100)])
    assert not dots.solve_dots([(0, 0), (100, 0), (100, 100), (0, 5)])


WORDS = ["hedgehog", "lantern", "forest", "friend", "scarf", "night", "Bär", "groß"]


@given(SEEDS, st.sampled_from([8, 10, 13]), st.sampled_from(["en", "de"]))
def test_each_hidden_word_stands_in_the_square_exactly_once(
    seed: int, size: int, language: str
) -> None:
    made = word_search.make_word_search(seed, WORDS, size, language)
    assert made.words
    assert all(len(row) == size for row in made.rows)
    assert all(len(word_search.find_word(made, word)) == 1 for word in made.words)


def test_differences_are_found_again_in_the_drawn_pictures() -> None:
    book = make_book(Brief(seed=3, pages=24))
    made = next(
        found
        for page in book.pages[2:]
        if (found := differences.make_differences(7, page.line_art)) is not None
    )
    assert differences.FEWEST <= len(made.places) <= differences.WANTED
    assert differences.find_differences(made.whole, made.changed) == list(made.places)
    assert differences.find_differences(made.whole, made.whole) == []


@pytest.mark.prove
def test_a_workbook_has_an_even_number_of_pages_that_can_be_bound() -> None:
    book = make_book(Brief(seed=5, pages=24, age_group="6-8", language="de"))
    pages = workbook(book).pages
    assert len(pages) >= 24
    assert len(pages) % 2 == 0
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert workbook(book) == workbook(book)


def test_words_worth_hiding_are_of_the_story_and_fit() -> None:
    book = make_book(Brief(seed=5, pages=24, age_group="6-8"))
    words = story_words(book, 10)
    assert len(words) >= 3
    assert all(4 <= len(word) <= 10 for word in words)
