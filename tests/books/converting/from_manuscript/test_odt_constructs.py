"""Everything that may stand in the text of an ODT: what it says is in the book, or is said."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.from_manuscript import epub_from_manuscript
from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.manuscripts import odt
from tests.support.corpus import case, needs_cases

TYPESETTER = Typesetter()
HEADING = '<text:h text:outline-level="1">The Ferry</text:h><text:p>It left.</text:p>'
CELL = "<table:table-row><table:table-cell>{}</table:table-cell></table:table-row>"
TABLE = f"<table:table><table:table-column/>{CELL}</table:table>"
BOX = "<draw:frame><draw:text-box>{}</draw:text-box></draw:frame>"
Read = tuple[str, list[Finding]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    """The markup of the book's chapters on one line, and what the comparison finds."""

    def made(body: str | Path, styles: str = "") -> Read:
        source = body if isinstance(body, Path) else odt(tmp_path / "b.odt", HEADING + body, styles)
        target = tmp_path / "made.epub"
        epub_from_manuscript(source, BookFormat.ODT, target, Claims(), TYPESETTER)
        with zipfile.ZipFile(target) as book:
            names = sorted(name for name in book.namelist() if "chapter-" in name)
            text = " ".join(book.read(name).decode().split("<body>")[1] for name in names)
        findings = compare_texts(source, BookFormat.ODT, target)
        return " ".join(text.split()), list(findings)

    return made


def lost(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if finding.rule != "convert.left-out"]


@needs_cases
def test_the_case_of_the_field_comes_out_right(read: Callable[..., Read]) -> None:
    text, findings = read(case("60-odt-changes.odt"))
    assert "<p>After frame.</p><p>FRAMED TEXT</p>" in text
    assert "<ruby>港<rt>みなと</rt></ruby>." in text
    assert "OLD TOC ENTRY" not in text
    assert lost(findings) == []


@pytest.mark.parametrize(
    ("inside", "markup"),
    [
        (f"<text:p>a{BOX.format('<text:p>boxed</text:p>')}b</text:p>", "<p>ab</p><p>boxed</p>"),
        (BOX.format("<text:p>on the page</text:p>"), "<p>on the page</p>"),
        ("<draw:custom-shape><text:p>in a star</text:p></draw:custom-shape>", "<p>in a star</p>"),
        ("<text:p><text:meta>meta</text:meta></text:p>", "<p>meta</p>"),
        ("<text:p><text:meta-field>field</text:meta-field></text:p>", "<p>field</p>"),
        ("<text:p><text:date>3 May</text:date></text:p>", "3 May"),
        ("<text:p><text:page-number>4</text:page-number></text:p>", "4"),
        ("<text:p><text:user-field-get>user</text:user-field-get></text:p>", "user"),
        ("<text:p><text:placeholder>place</text:placeholder></text:p>", "place"),
        ("<text:p><text:conditional-text>if</text:conditional-text></text:p>", "if"),
        ("<text:p><text:bibliography-mark>[Doe]</text:bibliography-mark></text:p>", "[Doe]"),
        ("<text:numbered-paragraph><text:p>nine</text:p></text:numbered-paragraph>", "nine"),
        (TABLE.format("<text:p>a</text:p>" + TABLE.format("<text:p>in</text:p>")), "<td>in</td>"),
        (TABLE.format('<text:h text:outline-level="3">cell</text:h>'), ">cell</h"),
        (f"<table:table><table:table-row-group>{CELL.format('<text:p>group</text:p>')}"
         "</table:table-row-group></table:table>", "<td>group</td>"),
        ("<text:list><text:list-item><text:p>i</text:p>" + TABLE.format("<text:p>t</text:p>")
         + "</text:list-item></text:list>", "<td>t</td>"),
        ("<text:list><text:list-header><text:p>head</text:p></text:list-header></text:list>",
         "<li>head</li>"),
        ('<text:list><text:list-item><text:h text:outline-level="1">Fog</text:h></text:list-item>'
         "</text:list><text:p>End.</text:p>", ">Fog</h1>"),
        ("<text:section><text:section><text:p>deep</text:p></text:section></text:section>", "deep"),
        ("<text:alphabetical-index><text:index-body><text:p>Fog</text:p></text:index-body>"
         "</text:alphabetical-index>", "<p>Fog</p>"),
        ("<text:p>a<text:note text:note-class='endnote'><text:note-citation>1</text:note-citation>"
         "<text:note-body><text:list><text:list-item><text:p>listed</text:p></text:list-item>"
         "</text:list></text:note-body></text:note></text:p>", "listed"),
        ('<text:p><text:a xlink:href="https://example.org/">x<text:date>y</text:date></text:a>'
         "</text:p>", '<a href="https://example.org/">xy</a>'),
        ('<text:p><text:bookmark text:name="a b"/>to</text:p><text:p><text:bookmark-ref '
         'text:ref-name="a b">from</text:bookmark-ref></text:p>', 'href="#a_b">from</a>'),
    ],
)  # fmt: skip
def test_what_a_construct_shows_is_kept(
    read: Callable[..., Read], inside: str, markup: str
) -> None:
    text, findings = read(inside + "<text:p>After.</text:p>")
    assert markup in text
    assert "<p>After.</p>" in text
    assert lost(findings) == []


STYLES = (
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/>'
    '</style:style><style:style style:name="R" style:family="paragraph"><style:paragraph-properties'
    ' style:writing-mode="rl-tb"/></style:style>'
    '<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"'
    ' fo:language="fr" fo:country="FR"/></style:style>'
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1"'
    ' style:num-format="1" text:start-value="4"/></text:list-style>'
)


def test_hidden_text_goes_and_is_said(read: Callable[..., Read]) -> None:
    body = '<text:p>a <text:span text:style-name="H">secret</text:span></text:p>'
    body += '<text:section text:display="none"><text:p>two words</text:p></text:section>'
    text, findings = read(body, STYLES)
    assert "secret" not in text
    assert [finding.message for finding in findings] == [
        "Left out on purpose: 3 words of hidden text."
    ]


def test_directions_languages_and_numbers_of_lists_are_kept(read: Callable[..., Read]) -> None:
    body = '<text:p text:style-name="R">שלום</text:p>'
    body += '<text:p><text:span text:style-name="B">oui</text:span></text:p>'
    body += '<text:list text:style-name="L"><text:list-item><text:p>four</text:p></text:list-item>'
    text, findings = read(f"{body}</text:list>", STYLES)
    assert '<p dir="rtl">שלום</p>' in text
    assert re.search(r'<strong><span [^>]*lang="fr-FR"[^>]*>oui</span></strong>', text)
    assert '<ol start="4"><li>four</li></ol>' in text
    assert lost(findings) == []
