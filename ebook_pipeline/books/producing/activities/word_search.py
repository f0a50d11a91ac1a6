"""Words hidden in a square of letters, each exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ebook_pipeline.books.picture_books.finished_book import TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import Area
from ebook_pipeline.books.producing.activities.drawing import frame, label, line

_DIRECTIONS = ((1, 0), (0, 1), (1, 1))
"""To the right, down, and both: as children read."""
_TRIES = 400
_LETTERS = {"en": "ABCDEFGHIJKLMNOPRSTUVWY", "de": "ABCDEFGHIKLMNOPRSTUWZ"}


@dataclass(frozen=True)
class Found:
    """Where a word begins (column, row) and which way it runs."""

    word: str
    column: int
    row: int
    step: tuple[int, int]


@dataclass(frozen=True)
class WordSearch:
    """`rows` of equally many letters; `words` in capital letters."""

    rows: tuple[str, ...]
    words: tuple[str, ...]


def make_word_search(seed: int, words: Sequence[str], size: int, language: str) -> WordSearch:
    """A square of `size` letters with as many of the words as have room.

    Raises ValueError where not one has.
    """
    random = Random(f"words {seed} {size} {' '.join(words)}")  # noqa: S311
    fitting = [word for word in map(spelt, words) if 2 < len(word) <= size]
    chosen = _none_within_another(fitting)
    for _ in range(_TRIES):
        grid: dict[tuple[int, int], str] = {}
        hidden = [word for word in chosen if _hide(word, grid, size, random)]
        rows = _filled(grid, size, random, _LETTERS[language])
        search = WordSearch(rows, tuple(hidden))
        if hidden and all(len(find_word(search, word)) == 1 for word in hidden):
            return search
    raise ValueError("no word has room in the square")


def find_word(search: WordSearch, word: str) -> list[Found]:
    """Every place where the word stands, in any of the directions."""
    size = len(search.rows)
    return [
        Found(word, column, row, step)
        for row in range(size)
        for column in range(size)
        for step in _DIRECTIONS
        if _read(search, column, row, step, len(word)) == word
    ]


def spelt(word: str) -> str:
    """A word as it is hidden: capital letters, no sharp s."""
    return "".join(letter for letter in word.upper() if letter.isalpha())


def draw_word_search(
    search: WordSearch, area: Area, *, solved: bool
) -> tuple[list[str], list[TextBlock]]:
    """The square in its frame, and in the solution a line below each word."""
    size = len(search.rows)
    side = area.width / size

    def middle(column: float, row: float) -> tuple[float, float]:
        return area.x + (column + 0.5) * side, area.y + (row + 0.5) * side

    letters = [
        label(letter, middle(column, row), side * 0.55)
        for row, letters_of in enumerate(search.rows)
        for column, letter in enumerate(letters_of)
    ]
    lines = []
    for word in search.words if solved else ():
        place = find_word(search, word)[0]
        far = len(word) - 1
        end = middle(place.column + place.step[0] * far, place.row + place.step[1] * far)
        lines.append(line([middle(place.column, place.row), end], side * 0.7, "#c4c4c4"))
    return [*lines, frame(area)], letters


def _none_within_another(words: Sequence[str]) -> list[str]:
    unique = list(dict.fromkeys(words))
    return [
        word
        for word in unique
        if not any(word in other and word != other for other in unique) and word != word[::-1]
    ]


def _hide(word: str, grid: dict[tuple[int, int], str], size: int, random: Random) -> bool:
    """Put the word where letters that are there agree with it; whether there was a place."""
    for _ in range(60):
        step = random.choice(_DIRECTIONS)
        far = len(word) - 1
        column = random.randrange(size - step[0] * far)
        row = random.randrange(size - step[1] * far)
        cells = [(column + step[0] * at, row + step[1] * at) for at in range(len(word))]
        if all(grid.get(cell, letter) == letter for cell, letter in zip(cells, word, strict=True)):
            grid.update(zip(cells, word, strict=True))
            return True
    return False


def _filled(
    grid: dict[tuple[int, int], str], size: int, random: Random, letters: str
) -> tuple[str, ...]:
    return tuple(
        "".join(grid.get((column, row)) or random.choice(letters) for column in range(size))
        for row in range(size)
    )


def _read(search: WordSearch, column: int, row: int, step: tuple[int, int], length: int) -> str:
    size = len(search.rows)
    far = length - 1
    if column + step[0] * far >= size or row + step[1] * far >= size:
        return ""
    return "".join(search.rows[row + step[1] * at][column + step[0] * at] for at in range(length))
