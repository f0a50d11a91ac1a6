"""Drop caps joined to the word that they begin. Thresholds: see the package."""

from ebook_pipeline.books.converting.from_pdf.dehyphenation import WordForms
from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span

_LARGER_THAN_BODY = 1.7
"""Times the body's size, above which a single letter is a drop cap."""
_LONGEST_DROP_CAP = 3
"""Characters, a quotation mark before the letter included."""
_NEAR_SIZES = 1.2
"""Sizes of the drop cap, up to which a line beside it belongs to it."""
_BESIDE_SIZE = 0.7
"""Times the size of the drop cap, below which a line beside it is text."""
_WORDS_ALONE = frozenset("AIOÀYEUaoyeu")


def join_drop_caps(page: Page, body: float, vocabulary: WordForms) -> None:
    """Put every large initial of the page into the first line that stands beside it."""
    for initial in page.lines:
        beside = lines_beside(initial, page, body)
        if not beside:
            continue
        first = max(beside, key=lambda line: line.base)
        page.lines = [line for line in page.lines if line is not initial]
        _put(initial, first, vocabulary)
        for line in beside:
            line.left = initial.left


def join_first(lines: list[Line], vocabulary: WordForms) -> list[Line]:
    """The lines of one known paragraph, its large initial put into the line beside it."""
    if len(lines) < 2:
        return lines
    initial, first = lines[:2]
    if not (_is_initial(initial, first.size) and _beside(initial, first)):
        return lines
    _put(initial, first, vocabulary)
    first.left = initial.left
    return lines[1:]


def lines_beside(initial: Line, page: Page, body: float) -> list[Line]:
    """The lines of text that stand beside a drop cap; none where `initial` is no drop cap."""
    if not _is_initial(initial, body):
        return []
    return [line for line in page.lines if line is not initial and _beside(initial, line)]


def _is_initial(line: Line, body: float) -> bool:
    text = line.text.strip()
    letters = [letter for letter in text if letter.isalpha()]
    return (
        line.size > body * _LARGER_THAN_BODY
        and len(letters) == 1
        and len(text) <= _LONGEST_DROP_CAP
    )


def _beside(initial: Line, line: Line) -> bool:
    """Whether a line of text stands to the right of the initial, at its height."""
    near = -2 <= line.left - initial.right <= _NEAR_SIZES * initial.size
    high = initial.base - initial.size * 0.15 <= line.base <= initial.top + line.size * 0.1
    return near and high and line.size < initial.size * _BESIDE_SIZE


def _put(initial: Line, first: Line, vocabulary: WordForms) -> None:
    letter, head = initial.text.strip(), first.spans[0]
    word = first.text.split(" ")[0].strip('.,;:!?”’"')
    # The line itself is among what the vocabulary has seen.
    whole = vocabulary[letter + word] >= vocabulary[word] - 1 or letter not in _WORDS_ALONE
    glued = letter if whole and word[:1].isalpha() else f"{letter} "
    span = Span(glued, head.style, initial.left, initial.right, head.base, initial.spans[0].mark)
    first.spans.insert(0, span)
    first.first += first.left - initial.left
