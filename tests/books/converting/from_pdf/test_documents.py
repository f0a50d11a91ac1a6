"""Blocks are written as XHTML: each kind in its element, pages and links where they belong."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind, Inline
from ebook_pipeline.books.converting.from_pdf.contents import Anchors, TocTarget
from ebook_pipeline.books.converting.from_pdf.documents import DocumentWriter
from ebook_pipeline.books.converting.from_pdf.links import PagePosition
from ebook_pipeline.books.converting.to_epub.authoring import AuthoredChapter
from tests.support.books.built_lines import block


def chapters(
    *parts: Sequence[Block],
    targets: Sequence[str | PagePosition] = (),
    labels: Sequence[str] = (),
    marks: Sequence[TocTarget] = (),
) -> list[AuthoredChapter]:
    anchors = Anchors([one for part in parts for one in part])
    return DocumentWriter(parts, targets, anchors, labels).chapters(marks)


def body(*blocks: Block, **more: Any) -> str:
    """The markup of one document."""
    return chapters(blocks, **more)[0].body


def row(number: int, *cells: str, head: bool = False) -> Block:
    made = Block(BlockKind.ROW, [], 0, 500.0, row=number)
    made.cells = [block(cell, BlockKind.ROW, head=head) for cell in cells]
    return made


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (block("Text & <more>."), "<p>Text &amp; &lt;more&gt;.</p>"),
        (block("Sunrise", BlockKind.HEADING, level=2), "<h2>Sunrise</h2>"),
        (block("Tyger", BlockKind.VERSE), '<p class="verse">Tyger</p>'),
        (block("", BlockKind.RULE), "<hr/>"),
        (block("Said he.", BlockKind.QUOTE), "<blockquote><p>Said he.</p></blockquote>"),
        (
            block("", BlockKind.PICTURE, picture="p.png", label='A  "fox"'),
            '<figure><img src="images/p.png" alt="A &quot;fox&quot;"/></figure>',
        ),
    ],
)
def test_a_block_is_written_as_what_it_is(made: Block, written: str) -> None:
    assert body(made) == written


def test_the_looks_of_letters_are_elements_inside_of_the_spaces() -> None:
    made = block("")
    made.content = [
        Inline("It is "),
        Inline("very ", italic=True),
        Inline("bold", bold=True, italic=True),
        Inline("\n"),
        Inline("2", raised=1),
        Inline("3", raised=-1),
        Inline(" ", bold=True),
    ]
    assert body(made) == (
        "<p>It is <i>very</i> <b><i>bold</i></b><br/><sup>2</sup><sub>3</sub> </p>"
    )


def test_items_become_lists_by_their_marks_which_go() -> None:
    items = [
        block(text, BlockKind.ITEM) for text in ("• one", "– two", "3. three", "4) four", "bare")
    ]
    assert body(*items) == (
        "<ul><li>one</li><li>two</li></ul>\n"
        '<ol><li value="3">three</li><li value="4">four</li></ol>\n'
        '<ul style="list-style: none"><li>bare</li></ul>'
    )


def test_rows_become_tables_and_a_number_that_falls_begins_another() -> None:
    found = body(row(0, "Name", "Age", head=True), row(1, "Ann", "10"), row(0, "Bo", "7"))
    assert found == (
        "<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>10</td></tr></table>\n"
        "<table><tr><td>Bo</td><td>7</td></tr></table>"
    )


def test_a_note_stands_at_the_end_and_leads_back_to_its_first_mark() -> None:
    text = block("")
    text.content = [Inline("Said "), Inline("1", raised=1, note=0), Inline("1", raised=1, note=0)]
    found = body(block("By whom?", BlockKind.NOTE, note=0, label="1"), text)
    reference = 'epub:type="noteref" role="doc-noteref" href="#note-1"><sup>1</sup></a>'
    assert found == (
        f'<p>Said <a id="ref-1" {reference}<a {reference}</p>\n'
        '<section epub:type="footnotes">\n'
        '<aside epub:type="footnote" role="doc-footnote" id="note-1"><p><span class="note-number">'
        '<a role="doc-backlink" href="#ref-1">1</a></span> By whom?</p></aside>\n</section>'
    )


def test_a_note_that_nothing_refers_to_leads_nowhere() -> None:
    found = body(block("By whom?", BlockKind.NOTE, note=4, label="*"))
    assert '<span class="note-number">*</span> By whom?' in found
    assert "<a " not in found


def test_a_mark_whose_note_is_in_another_document_leads_there() -> None:
    text = block("")
    text.content = [Inline("*", note=0)]
    first, _ = chapters([text], [block("By whom?", BlockKind.NOTE, note=0)])
    assert 'href="chapter-0002.xhtml#note-1"' in first.body


def linking(link: int) -> Block:
    made = block("")
    made.content = [Inline("See "), Inline("there ", link=link)]
    return made


def test_links_lead_out_and_to_the_blocks_that_stand_at_their_place() -> None:
    targets: list[str | PagePosition] = ["https://a.org/?a&b", PagePosition(0), PagePosition(1)]
    there = block("There.", page=1)
    first, second = chapters(
        [linking(0), linking(1), linking(2), linking(9)], [there], targets=targets
    )
    assert re.findall(r"See (.*?) ?</p>", first.body) == [
        '<a href="https://a.org/?a&amp;b">there</a>',
        '<a href="#at-1">there</a>',
        '<a href="chapter-0002.xhtml#at-2">there</a>',
        "there",
    ]
    assert second.body == '<p id="at-2">There.</p>'


def test_every_page_begins_once_also_within_a_block_and_empty_ones_before_the_next() -> None:
    within = block("it goes ", page=0)
    within.content += [Inline("", page=1), Inline("on")]
    made = [within, block("Later.", page=3)]
    found = chapters(made, labels=["i", "1", "", "3"])[0]
    assert [re.findall(r'id="(page-\d)"', line) for line in found.body.splitlines()] == [
        ["page-1", "page-2"],
        ["page-4"],
    ]
    assert 'it goes <span id="page-2" epub:type="pagebreak"' in found.body
    assert [(one.title, one.href) for one in found.pages] == [
        ("i", "#page-1"),
        ("1", "#page-2"),
        ("3", "#page-4"),
    ]


def test_a_document_has_its_lines_of_the_contents_and_their_title() -> None:
    heading, text = block("Sunrise", BlockKind.HEADING, level=1), block("Text.")
    inner = block("Inner", BlockKind.HEADING, level=2)
    [found] = chapters(
        [heading, text, inner], marks=[TocTarget("Sun", 1, heading), TocTarget("In", 2, inner)]
    )
    assert found.title == "Sun"
    assert [(one.title, one.href, one.level) for one in found.entries or ()] == [
        ("Sun", "#at-1", 1),
        ("In", "#at-2", 2),
    ]
    assert '<h1 id="at-1">Sunrise</h1>' in found.body


def test_a_document_without_a_line_of_the_contents_is_called_by_its_heading_or_counted() -> None:
    first, second = chapters([block("Sun\nrise", BlockKind.HEADING, level=1)], [block("Text.")])
    assert (first.title, second.title) == ("Sun rise", "Part 2")
    assert first.entries == ()
