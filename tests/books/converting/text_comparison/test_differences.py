"""Words compared: what is lost, moved, doubled, invented, and what makes no difference."""

import random

import pytest

from ebook_pipeline.books.converting.text_comparison.differences import (
    DifferenceKind,
    text_differences,
)
from ebook_pipeline.books.converting.text_comparison.source_text import Passage, SourceText

FOX = "The quick brown fox jumps over the lazy dog."
SEA = "Far out at sea the water is as blue as the bluest cornflower."


def text(*passages: str | Passage, spaces: bool = True, order: bool = True) -> SourceText:
    return SourceText(
        [
            Passage(each, f"paragraph {number}") if isinstance(each, str) else each
            for number, each in enumerate(passages, 1)
        ],
        spaces_are_certain=spaces,
        order_is_certain=order,
    )


def differences(source: SourceText, book: SourceText) -> list[tuple[str, int, str]]:
    return [
        (str(difference.kind), difference.words, difference.passage)
        for difference in text_differences(source, book)
    ]


@pytest.mark.parametrize(
    ("source", "book"),
    [
        ("“Don’t,” she said — twice.", '"Don\'t", she said -- twice.'),
        ("ﬁrst eﬀort", "first effort"),
        ("Schiff\u00adfahrt", "Schifffahrt"),
        ("cafe\u0301", "café"),
        ("THE FERRY", "The Ferry"),
        ("\ufe8d\ufedf\ufe92\ufea4\ufeae", "البحر"),
        ("霧の港", "霧 の\n港"),
        ("a\u00a0b\u2009c", "a b c"),
        ("one\u200btwo", "onetwo"),
        ("❦ ❦ ❦", ""),
    ],
)
def test_typography_makes_no_difference(source: str, book: str) -> None:
    assert differences(text(source), text(book)) == []


def test_a_word_taken_out_is_lost_at_its_place() -> None:
    source = text(FOX, SEA)
    book = text(FOX.replace("lazy ", ""), SEA)
    (difference,) = text_differences(source, book)
    assert (difference.kind, difference.words, difference.place, difference.passage) == (
        DifferenceKind.LOST, 1, "paragraph 1", "lazy",
    )  # fmt: skip


def test_a_passage_that_stands_twice_is_doubled() -> None:
    assert differences(text(FOX, SEA), text(FOX, FOX, SEA)) == [("doubled", 9, FOX[:-1])]


def test_a_passage_of_nobody_is_invented() -> None:
    book = text(FOX, "Once upon a time there was a king.", SEA)
    assert differences(text(FOX, SEA), book) == [
        ("invented", 8, "Once upon a time there was a king")
    ]


def test_passages_that_changed_places_are_moved() -> None:
    assert differences(text(FOX, SEA), text(SEA, FOX)) == [("moved", 9, FOX[:-1])]
    assert differences(text(FOX, SEA, order=False), text(SEA, FOX)) == []


def test_words_that_run_together_are_told_where_spaces_are_certain() -> None:
    assert differences(text("ONE TWO THREE"), text("ONETWO THREE")) == [("joined", 2, "ONE TWO")]
    assert differences(text("a passage"), text("a pas sage")) == [("split", 2, "pas sage")]
    assert differences(text("exam ple", spaces=False), text("example")) == []


def test_what_stands_on_our_title_page_is_neither_lost_nor_invented() -> None:
    page = (Passage("The Ferry", optional=True), Passage("Ann Author", optional=True))
    assert differences(text("The Ferry", "by Ann Author", SEA), text(*page, SEA)) == []
    assert differences(text(SEA), text(*page, SEA)) == []


def title_page(*lines: str) -> list[Passage]:
    return [Passage(line, "title.xhtml", optional=True) for line in lines]


def test_lines_of_one_paragraph_may_be_those_of_our_title_page() -> None:
    page = title_page("The Ferry", "A Novel", "Ann Author")
    assert differences(text("The Ferry\nA Novel\nAnn Author", SEA), text(*page, SEA)) == []
    assert differences(text("A Novel\nAnn Author\n" + SEA), text(*page, SEA)) == []
    assert differences(text("The Ferry\nAnn Author", SEA), text(*page, SEA)) == [
        ("lost", 4, "The Ferry Ann Author")
    ]


@pytest.mark.parametrize("page", ["The Lazy Dog", "Lazy"])
def test_a_title_page_hides_no_word_that_the_text_lost(page: str) -> None:
    book = text(*title_page(page), FOX.replace("lazy ", ""))
    assert differences(text(FOX), book) == [("lost", 1, "lazy")]


def test_generated_numbers_may_stand_in_the_book_or_not() -> None:
    number = Passage("Chapter 1", optional=True)
    assert differences(text(number, SEA), text("Chapter 1", SEA)) == []
    assert differences(text(number, SEA), text(SEA)) == []


@pytest.mark.parametrize("seed", range(40))
def test_every_word_taken_out_at_random_is_found(seed: int) -> None:
    chance = random.Random(seed)
    words = [str(chance.randrange(200)) for _ in range(600)]
    gone = sorted(chance.sample(range(600), chance.randrange(1, 30)))
    kept = [word for place, word in enumerate(words) if place not in gone]
    source, book = text(*_lines(words)), text(*_lines(kept))
    lost = [each for each in text_differences(source, book) if each.kind is DifferenceKind.LOST]
    assert sum(each.words for each in lost) == len(gone)
    assert not [each for each in text_differences(source, book) if each not in lost]


def test_a_text_that_only_repeats_is_compared_too() -> None:
    chance = random.Random(1)
    words = [chance.choice("ab") for _ in range(20_000)]
    mixed = words.copy()
    chance.shuffle(mixed)
    assert not differences(text(" ".join(words)), text(" ".join(words)))
    lost = [
        count
        for kind, count, _ in differences(text(" ".join(mixed), "end"), text(" ".join(words)))
        if kind == "lost"
    ]
    assert sum(lost) >= 1


def _lines(words: list[str]) -> list[str]:
    return [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]
