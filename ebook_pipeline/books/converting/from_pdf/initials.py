"""Large initials joined to the word that they begin."""

from ebook_pipeline.books.converting.from_pdf.lines import Line, Page, Span
from ebook_pipeline.books.converting.from_pdf.words import Vocabulary

_LARGE = 1.7
_LONGEST = 3
_NEAR = 1.2
_WORDS_ALONE = frozenset("AIOÀYEUaoyeu")


def join_initials(page: Page, body: float, vocabulary: Vocabulary) -> None:
    """Put every large initial of the page into the first line that stands beside it."""
    for initial in [line for line in page.lines if _is_initial(line, body)]:
        beside = [line for line in page.lines if line is not initial and _beside(initial, line)]
        if not beside:
            continue
        first = max(beside, key=lambda line: line.base)
        page.lines = [line for line in page.lines if line is not initial]
        _put(initial, first, vocabulary)
        for line in beside:
            line.left = initial.left


def _is_initial(line: Line, body: float) -> bool:
    text = line.text.strip()
    letters = [one for one in text if one.isalpha()]
    return line.size > body * _LARGE and len(letters) == 1 and len(text) <= _LONGEST


def _beside(initial: Line, line: Line) -> bool:
    """Whether a line of text stands to the right of the initial, at its height."""
    near = -2 <= line.left - initial.right <= _NEAR * initial.size
    high = initial.base - initial.size * 0.15 <= line.base <= initial.top + line.size * 0.1
    return near and high and line.size < initial.size * 0.7


def _put(initial: Line, first: Line, vocabulary: Vocabulary) -> None:
    letter, head = initial.text.strip(), first.spans[0]
    word = first.text.split(" ")[0].strip('.,;:!?”’"')
    # The line itself is among what the vocabulary has seen.
    whole = vocabulary[letter + word] >= vocabulary[word] - 1 or letter not in _WORDS_ALONE
    glued = letter if whole and word[:1].isalpha() else f"{letter} "
    span = Span(glued, head.look, initial.left, initial.right, head.base, initial.spans[0].mark)
    first.spans.insert(0, span)
    first.first += first.left - initial.left
