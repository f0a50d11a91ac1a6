"""What became of a source's words: lost, moved, run together, cut up; what is doubled or new."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, groupby, takewhile

from ebook_pipeline.books.converting.text_comparison.alignment import Gap, gaps
from ebook_pipeline.books.converting.text_comparison.source_text import SourceText
from ebook_pipeline.books.converting.text_comparison.words import (
    Vocabulary,
    WordSequence,
    plain,
    word_spans,
)

_SHINGLE = 3
"""Words by which a passage is known again."""
_KNOWN_SHARE = 0.8
"""Share of a new passage's shingles, 0 to 1, which the source has, from which it is doubled."""
_PASSES = 4
"""How often what was moved is looked for: each pass finds what kept its order."""
_NEAR = 3
"""Words between two differences of one passage, up to which they are one."""
Run = tuple[int, int]


class DifferenceKind(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    INVENTED = "invented"
    MOVED = "moved"
    JOINED = "joined"
    SPLIT = "split"


@dataclass(frozen=True)
class Difference:
    """`words` words that differ; `passage` shows them as `place` has them."""

    kind: DifferenceKind
    words: int
    place: str
    passage: str


def text_differences(source: SourceText, book: SourceText) -> Iterator[Difference]:
    """Every difference between the words of `source` and of `book`, in the order of each kind.

    Text that is optional on one side is neither lost nor new there, but may hold what the other
    side's whole passages say.
    """
    vocabulary = Vocabulary()
    ours, theirs = _Side(_without_title(source, book), vocabulary), _Side(book, vocabulary)
    lost, new = [], []
    for gap in gaps(ours.words.numbers, theirs.words.numbers):
        rest, joined, split = _respaced(ours.words, theirs.words, vocabulary, gap)
        if source.spaces_are_certain:
            yield from _told(DifferenceKind.JOINED, ours.words, joined)
            yield from _told(DifferenceKind.SPLIT, theirs.words, split)
        lost.append((rest.left_start, rest.left_end))
        new.append((rest.right_start, rest.right_end))
    moved = _Moves(ours.words, theirs.words, lost, new)
    if source.order_is_certain:
        yield from _told(DifferenceKind.MOVED, ours.words, moved.moved)
    missing = theirs.without_held(moved.lost, ours.words)
    yield from _told(
        DifferenceKind.LOST, ours.words, _joined(_without_furniture(missing, ours.words))
    )
    unknown = _joined(ours.without_held(moved.new, theirs.words))
    known = _known(unknown, ours.words.numbers, theirs.words.numbers)
    doubled = [run for run in unknown if run in known]
    yield from _told(DifferenceKind.DOUBLED, theirs.words, doubled)
    invented = [run for run in unknown if run not in known]
    yield from _told(DifferenceKind.INVENTED, theirs.words, invented)


def _without_title(source: SourceText, book: SourceText) -> SourceText:
    """The source; its first passages are optional where our title page says just the same.

    Their words would else be found in the text that follows, and that be lost.
    """
    page = {_folded(passage.text) for passage in book.passages if passage.optional}
    title = takewhile(lambda passage: _folded(passage.text) in page, source.passages)
    first = [replace(passage, optional=True) for passage in title]
    return replace(source, passages=(*first, *source.passages[len(first) :]))


def _folded(text: str) -> str:
    """The words of `text` alone: a manuscript may mark its title (``# Title``)."""
    said = plain(text).casefold()
    return " ".join(said[start:end] for start, end in word_spans(said))


class _Side:
    """The words of one text; what of it is optional stands apart."""

    def __init__(self, text: SourceText, vocabulary: Vocabulary) -> None:
        self.words = WordSequence(
            (passage for passage in text.passages if not passage.optional), vocabulary
        )
        optional = [passage for passage in text.passages if passage.optional]
        self._optional = [
            frozenset(WordSequence([passage], vocabulary).numbers) for passage in optional
        ]
        self._pages = [
            WordSequence(page, vocabulary)
            for _, page in groupby(optional, key=lambda passage: passage.place)
        ]

    def without_held(self, runs: Iterable[Run], words: WordSequence) -> Iterator[Run]:
        """The `runs` of the other side's `words`, without the passages that an optional one holds.

        One word of a passage may be wanting: “by Ann Author” is held by “Ann Author”. What begins a
        passage is held by optional ones that say just that one after the other: the lines of a
        title page.
        """
        for run in runs:
            start = run[0]
            for piece, end in words.split(*run):
                if self._holds(words, piece, end):
                    if start < piece:
                        yield start, piece
                    start = end
            if start < run[1]:
                yield start, run[1]

    def _holds(self, words: WordSequence, start: int, end: int) -> bool:
        if not self._optional:
            return False
        wanted, whole = words.numbers[start:end], words.passage_numbers(start)
        if any(page.has_whole_passages(whole) for page in self._pages):
            return True
        if not words.begins_passage(start):
            return False
        if any(page.has_whole_passages(wanted) for page in self._pages):
            return True
        most = 1 if end - start > 2 else 0
        return words.ends_passage(end) and any(
            sum(number not in held for number in wanted) <= most for held in self._optional
        )


def _without_furniture(runs: Iterable[Run], words: WordSequence) -> Iterator[Run]:
    """The `runs` but for passages that a book may leave out."""
    for run in runs:
        for start, end in words.split(*run):
            if not words.passages[words.passage_of(start)].furniture:
                yield start, end


def _respaced(
    ours: WordSequence, theirs: WordSequence, vocabulary: Vocabulary, gap: Gap
) -> tuple[Gap, list[Run], list[Run]]:
    """The `gap` without words that differ by their spaces only; those joined, those split."""
    joined: list[Run] = []
    split: list[Run] = []
    here, there = gap.left_start, gap.right_start
    while here < gap.left_end and there < gap.right_end:
        rest = Gap(here, gap.left_end, there, gap.right_end)
        end, stop = _same_letters(ours, theirs, vocabulary, rest)
        if end == here:
            break
        (joined if end - here > stop - there else split).append(
            (here, end) if end - here > stop - there else (there, stop)
        )
        here, there = end, stop
    return Gap(here, gap.left_end, there, gap.right_end), joined, split


def _same_letters(
    ours: WordSequence, theirs: WordSequence, vocabulary: Vocabulary, gap: Gap
) -> tuple[int, int]:
    """Where the shortest beginnings of a gap's sides end that have the same letters.

    The gap's own start where they have none.
    """
    left, right = "", ""
    here, there = gap.left_start, gap.right_start
    while True:
        if len(left) <= len(right) and here < gap.left_end:
            left += vocabulary.words[ours.numbers[here]]
            here += 1
        elif there < gap.right_end and len(right) <= len(left):
            right += vocabulary.words[theirs.numbers[there]]
            there += 1
        else:
            return gap.left_start, gap.right_start
        if left == right:
            return here, there
        if not (left.startswith(right) or right.startswith(left)):
            return gap.left_start, gap.right_start


class _Moves:
    """What stands elsewhere in the book, taken out of what is lost and new."""

    def __init__(
        self, ours: WordSequence, theirs: WordSequence, lost: Sequence[Run], new: Sequence[Run]
    ) -> None:
        self.lost = [run for run in lost if run[0] < run[1]]
        self.new = [run for run in new if run[0] < run[1]]
        self.moved: list[Run] = []
        for _ in range(_PASSES):
            if not self.lost or not self.new or not self._look(ours.numbers, theirs.numbers):
                break
        self.moved.sort()

    def _look(self, ours: "array[int]", theirs: "array[int]") -> bool:
        left, right = _Joined(ours, self.lost), _Joined(theirs, self.new)
        rest = gaps(left.numbers, right.numbers)
        lost = [(gap.left_start, gap.left_end) for gap in rest]
        found = len(left.numbers) - sum(end - start for start, end in lost)
        if found:
            self.moved += left.runs(_others(lost, len(left.numbers)))
            self.lost = left.runs(lost)
            self.new = right.runs((gap.right_start, gap.right_end) for gap in rest)
        return found > 0


class _Joined:
    """Runs of a sequence put behind each other; places in it lead back to the sequence."""

    def __init__(self, numbers: "array[int]", runs: Sequence[Run]) -> None:
        self._runs = runs
        self._starts = [0, *accumulate(end - start for start, end in runs)]
        self.numbers: array[int] = array("I")
        for start, end in runs:
            self.numbers.extend(numbers[start:end])

    def runs(self, places: Iterable[Run]) -> list[Run]:
        """The runs of the sequence that `places`, ascending, are."""
        found: list[Run] = []
        number = 0
        for start, end in places:
            while start < end:
                while self._starts[number + 1] <= start:
                    number += 1
                border = min(end, self._starts[number + 1])
                offset = self._runs[number][0] - self._starts[number]
                found.append((start + offset, border + offset))
                start = border
        return found


def _joined(runs: Iterable[Run]) -> list[Run]:
    """The `runs`; those that touch are one."""
    joined: list[Run] = []
    for start, end in runs:
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _others(runs: Sequence[Run], length: int) -> Iterator[Run]:
    """What of 0 to `length` is in none of the `runs`."""
    reached = 0
    for start, end in [*runs, (length, length)]:
        if reached < start:
            yield reached, start
        reached = end


def _known(runs: Sequence[Run], ours: "array[int]", theirs: "array[int]") -> frozenset[Run]:
    """Those of the book's new `runs` that the source has: its words, or what stands beside them."""
    wanted = {shingle for run in runs for shingle in _shingles(theirs, *run)}
    seen: set[tuple[int, ...]] = set()
    if wanted:
        seen = {shingle for shingle in _shingles(ours, 0, len(ours)) if shingle in wanted}
    return frozenset(run for run in runs if _is_known(run, seen, theirs))


def _is_known(run: Run, seen: set[tuple[int, ...]], theirs: "array[int]") -> bool:
    start, end = run
    length = end - start
    if length < _SHINGLE:
        words = theirs[start:end]
        return words in (theirs[max(0, start - length) : start], theirs[end : end + length])
    shingles = list(_shingles(theirs, start, end))
    return sum(shingle in seen for shingle in shingles) >= _KNOWN_SHARE * len(shingles)


def _shingles(numbers: "array[int]", start: int, end: int) -> Iterator[tuple[int, ...]]:
    return (tuple(numbers[place : place + _SHINGLE]) for place in range(start, end - _SHINGLE + 1))


def _told(kind: DifferenceKind, words: WordSequence, runs: Iterable[Run]) -> Iterator[Difference]:
    for near in _near_ones(runs, words):
        start, end = near[0][0], near[-1][1]
        count = sum(last - first for first, last in near)
        yield Difference(kind, count, words.place(start), words.shown(start, end))


def _near_ones(runs: Iterable[Run], words: WordSequence) -> Iterator[list[Run]]:
    """The `runs` in groups of those that stand close to each other in one passage."""
    near: list[Run] = []
    for start, end in runs:
        if near and not _is_near(near[-1][1], start, words):
            yield near
            near = []
        near.append((start, end))
    if near:
        yield near


def _is_near(end: int, start: int, words: WordSequence) -> bool:
    same = words.passage_of(end - 1) == words.passage_of(start)
    return start == end or (same and 0 < start - end <= _NEAR)
