"""How a book is divided: what its contents list, and what is pointed to."""

import pytest

from ebook_pipeline.books.converting.from_pdf import contents
from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.from_pdf.contents import Anchors
from ebook_pipeline.books.converting.from_pdf.links import OutlineEntry, PagePosition
from tests.support.books.built_lines import block

HEADING = BlockKind.HEADING


@pytest.fixture
def book() -> list[Block]:
    """Three chapters on three pages, each a heading and a paragraph."""
    made = []
    for page, title in enumerate(("Sunrise", "Noon", "Sunset")):
        made += [
            block(title, HEADING, page=page, top=550, level=1),
            block(f"{title} came.", page=page),
        ]
    return made


def said(found: Block | None) -> str | None:
    return found.text if found is not None else None


def of(title: str, page: int, depth: int = 0, top: float | None = None) -> OutlineEntry:
    return OutlineEntry(title, depth, PagePosition(page, top))


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (PagePosition(1), "Noon"),
        (PagePosition(1, 552.0), "Noon"),
        (PagePosition(1, 500.0), "Noon came."),
        (PagePosition(1, 20.0), "Sunset"),
        (PagePosition(2, 20.0), "Sunset came."),
        (PagePosition(9), "Sunset came."),
    ],
)
def test_a_place_is_the_first_block_at_it_or_after_it(
    book: list[Block], place: PagePosition, text: str
) -> None:
    assert said(Anchors(book).at(place)) == text


def test_in_a_book_without_blocks_nothing_is_pointed_to() -> None:
    assert Anchors([]).at(PagePosition(0)) is None
    assert Anchors([]).titled(of("Sunrise", 0)) is None


def test_a_block_gets_a_name_when_it_is_asked_for_and_keeps_it(book: list[Block]) -> None:
    anchors = Anchors(book)
    assert [anchors.name(book[3]), anchors.name(book[0]), anchors.name(book[3])] == [
        "at-1",
        "at-2",
        "at-1",
    ]
    assert book[1].anchor == ""


def test_an_entry_means_the_block_with_its_title_on_its_page_or_the_next(book: list[Block]) -> None:
    assert said(Anchors(book).titled(of("NOON.", 1))) == "Noon"
    assert said(Anchors(book).titled(of("Noon", 0))) == "Noon"


def test_an_entry_below_a_heading_means_the_heading(book: list[Block]) -> None:
    assert said(Anchors(book).titled(of("Another title", 1, top=500.0))) == "Noon"


def test_the_outline_is_the_contents_in_the_order_of_the_book(book: list[Block]) -> None:
    entries = [of("Sunset", 2), of("Sunrise", 0), of("At noon", 1, depth=1)]
    found = contents.toc_targets(book, entries, Anchors(book))
    assert [(mark.title, mark.level) for mark in found] == [
        ("Sunrise", 1),
        ("At noon", 2),
        ("Sunset", 1),
    ]


def test_a_paragraph_with_an_entrys_title_becomes_a_heading(book: list[Block]) -> None:
    book[2].kind = BlockKind.PARAGRAPH
    contents.toc_targets(book, [of("Noon", 1, depth=2)], Anchors(book))
    assert (book[2].kind, book[2].level) == (HEADING, 3)


def test_a_title_in_a_wrong_encoding_is_written_as_the_page_has_it(book: list[Block]) -> None:
    book[0].content = block("Élise’s River").content
    [mark] = contents.toc_targets(book, [of("Ã‰lise's River", 0)], Anchors(book))
    assert mark.title == "Élise’s River"


def test_without_an_outline_headings_are_the_contents_down_to_the_level_below_the_dividing_one(
    book: list[Block],
) -> None:
    deeper = [block(f"Section {n}", HEADING, page=1, level=2) for n in range(4)]
    deepest = [block("Detail", HEADING, page=1, level=3)]
    found = contents.toc_targets([*book, *deeper, *deepest], (), Anchors(book))
    assert [mark.level for mark in found] == [1, 1, 1, 2, 2, 2, 2]


def test_a_document_begins_where_the_contents_begin_an_entry(book: list[Block]) -> None:
    marks = contents.toc_targets(book, (), Anchors(book))
    parts = contents.split_documents(book, marks, outlined=False, most=10_000)
    assert [part[0].text for part in parts] == ["Sunrise", "Noon", "Sunset"]


def test_headings_that_follow_each_other_stay_together() -> None:
    part = block("Part One", HEADING, level=1)
    chapters = [
        one
        for n in range(3)
        for one in (block(f"Chapter {n}", HEADING, page=n, level=1), block("Text.", page=n))
    ]
    book = [part, *chapters]
    marks = contents.toc_targets(book, (), Anchors(book))
    assert len(contents.split_documents(book, marks, outlined=False, most=10_000)) == 3


def test_a_long_document_is_parted_but_never_within_a_table() -> None:
    long = [block("x" * 60) for _ in range(3)]
    table = [block("y" * 60, BlockKind.ROW) for _ in range(3)]
    assert [len(part) for part in contents.split_documents(long, [], outlined=False, most=100)] == [
        2,
        1,
    ]
    assert [
        len(part) for part in contents.split_documents(table, [], outlined=False, most=100)
    ] == [3]


def test_an_outline_divides_at_its_highest_level_that_has_several_entries(
    book: list[Block],
) -> None:
    entries = [of("The Book", 0), of("Sunrise", 0, 1), of("Noon", 1, 1), of("Sunset", 2, 1)]
    marks = contents.toc_targets(book, entries, Anchors(book))
    assert len(contents.split_documents(book, marks, outlined=True, most=10_000)) == 3
