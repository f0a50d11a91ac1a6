"""What an RTF may say and how: what it says is in the book, or is said."""

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
from tests.support.corpus import case, needs_cases

TYPESETTER = Typesetter()
FONTS = rb"{\fonttbl{\f0 Arial;}{\f1\fcharset128 MS Mincho;}{\f2\fcharset136 Ming;}}"
Read = tuple[str, list[Finding]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes | Path], Read]:
    """The words of the book's chapters, a line per block, and what the comparison finds."""

    def made(body: bytes | Path) -> Read:
        source = tmp_path / "book.rtf"
        given = body if isinstance(body, bytes) else b""
        source.write_bytes(b"{\\rtf1\\ansi\\ansicpg1252 " + FONTS + given + b"\\par}")
        source = body if isinstance(body, Path) else source
        target = tmp_path / "made.epub"
        epub_from_manuscript(source, BookFormat.RTF, target, Claims(), TYPESETTER)
        with zipfile.ZipFile(target) as book:
            names = sorted(name for name in book.namelist() if "chapter-" in name)
            markup = " ".join(book.read(name).decode().split("<body>")[1] for name in names)
        text = re.sub(r"<(?!/?(?:rt|ruby)|p dir)[^>]+>", "", markup.replace("</p>", "|"))
        findings = list(compare_texts(source, BookFormat.RTF, target))
        return " ".join(text.split()), findings

    return made


def lost(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings if finding.rule != "convert.left-out"]


@needs_cases
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("50-rtf-cp1251.rtf", "Старый смотритель"),
        ("51-rtf-unicode.rtf", "thumbs \U0001f743, kanji 隖本"),
        ("52-rtf-font-charsets.rtf", "ميناء الضباب"),
        ("52b-rtf-sjis-escaped.rtf", "港の霧は表から晴れた"),
        ("52c-rtf-sjis-mixed-trail.rtf", "Words. 霧の港は晴れた more."),
        ("52d-rtf-gbk.rtf", "守塔的老人点起了灯"),
        ("53-rtf-structures.rtf", "It left early"),
    ],
)
def test_a_case_of_the_field_comes_out_right(
    read: Callable[[bytes | Path], Read], name: str, words: str
) -> None:
    text, findings = read(case(name))
    assert words in text
    assert lost(findings) == []


SIGNS = rb"{\fonttbl{\f8\fcharset2 Symbol;}{\f9\fnil\fcharset2 Wingdings;}}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rb"face \u-10179?\u-8704? here", "face \U0001f600 here"),
        (rb"{\uc2 a\u-10179\'3f\'3f\u-8704\'3f\'3f b}", "a\U0001f600 b"),
        (rb"half \u-10179? alone", "half \ufffd alone"),
        (
            rb"{\f1 \'83\\\'83\'5c\'83\{\'83\}} end",
            "ソソボマ end",
        ),
        (rb"{\f1 \'96\'b6\'82\'cc\'8d`}", "霧の港"),
        (rb"{\f2 \'a5@\'a4\'40}", "世一"),
        (rb"a\page b\column c", "a b c"),
        (rb"one\qmspace two", "one two"),
        (rb"a{\shp{\*\shpinst{\shptxt \pard boxed\par two\par}}}b\par next", "ab | boxed | two"),
        (rb"a{\*\do\dobxcolumn{\dptxbxtext \pard old box\par}\dpx0}b\par next", "ab | old box"),
        (rb"a{\upr{ansi}{\*\ud{\u1513?}}}b", "aשb"),
        (rb"a{\xe entry}{\tc line}b", "ab"),
        (rb"see {\field{\*\fldinst SEQ x}{\fldrslt 7}} here", "see 7 here"),
        (rb"x\sect y", "x | y"),
        (rb"a{\v gone}b{\deleted gone}c", "abc"),
        (SIGNS + rb"{\f8 abg \'b7 \u-3999?} {\f9 J\'e0} plain a", "αβγ • α ☺→ plain a"),
        (rb"x {\field{\*\fldinst SYMBOL 97 \\\\f Symbol}{\fldrslt}} y", "x α y"),
        (b"one\\\ntwo\\\nthree", "one | two | three"),
        (rb"a {\mvf gone }{\mvt here} b", "a here b"),
        ("Gr\\'f6\\'dfe Größe “ja” 𝄞".encode(), "Größe Größe “ja” 𝄞"),
        (
            rb"{\shp{\*\shpinst{\shptxt new\par}}{\shprslt{\*\do{\dptxbxtext new\par}}}}a",
            "a | new",
        ),
        (rb"\pard\rtlpar \u1513?\u1500? \par \u1513?\par\pard\ltrpar z", '<p dir="rtl">של |'),
    ],
)
def test_what_a_construct_shows_is_kept(
    read: Callable[[bytes | Path], Read], body: bytes, words: str
) -> None:
    text, findings = read(rb"\pard " + body)
    assert words in text.replace("|", " | ").replace("  ", " ")
    assert lost(findings) == []


def test_contents_made_by_the_word_processor_go_and_are_said(
    read: Callable[[bytes | Path], Read],
) -> None:
    contents = rb"{\field{\*\fldinst TOC \\o}{\fldrslt Fog\tab 3\par Ice\tab 9\par}}\pard Text."
    text, findings = read(contents)
    assert text.startswith("Text.")
    assert [finding.message for finding in findings] == [
        "Left out on purpose: 4 words of contents made by the word processor."
    ]


def test_a_table_stays_before_the_paragraph_whose_note_follows_it(
    read: Callable[[bytes | Path], Read],
) -> None:
    row = rb"\trowd\cellx900\pard\intbl cell\cell\row\pard "
    text, findings = read(row + rb"behind{\footnote\pard the note\par}")
    assert text.index("cell") < text.index("behind") < text.index("the note")
    assert lost(findings) == []


def test_rows_whose_cells_do_not_say_that_they_are_some_are_one_table(
    read: Callable[[bytes | Path], Read],
) -> None:
    """Pandoc makes tables within each other of them, and takes quadratic time."""
    rows = b"".join(rb"\trowd\cellx900\cellx1800 a%d\cell b\cell\row " % n for n in range(300))
    text, findings = read(rows + rb"\pard Behind the table.")
    assert re.findall(r"a\d+", text) == [f"a{number}" for number in range(300)]
    assert text.rstrip("| ").endswith("Behind the table.")
    assert lost(findings) == []


def test_cells_of_a_table_within_a_table_do_not_run_together(
    read: Callable[[bytes | Path], Read],
) -> None:
    inner = rb"\trowd\cellx1000\intbl\itap2 in one\nestcell in two\nestcell{\*\nesttableprops"
    outer = rb"\trowd\cellx9\cellx19\nestrow}{\nonesttables\par}\pard\intbl\itap1 outer\cell\row"
    text, findings = read(inner + outer + rb"\pard after")
    assert "in one in two" in text
    assert [rule for rule in lost(findings) if rule.startswith("convert.text")] == []


@pytest.mark.parametrize(
    "code",
    [
        b'HYPERLINK \\\\l "bm"',
        b"HYPERLINK \\\\l bm",
        b'HYPERLINK "file:///c:/x.doc"',
        b"HYPERLINK x.doc",
        b'INCLUDETEXT "c:\\\\\\\\x.doc"',
    ],
)
def test_what_a_field_shows_stays_whatever_becomes_of_its_code(
    read: Callable[[bytes | Path], Read], code: bytes
) -> None:
    field = b"{\\field{\\*\\fldinst{" + code + b"}}{\\fldrslt{jump}}}"
    target = b"\\par {\\*\\bkmkstart bm}Target{\\*\\bkmkend bm}"
    text, findings = read(b"See " + field + b" now." + target)
    assert "See jump now." in text
    assert lost(findings) == []


def test_a_note_in_a_cell_keeps_its_words(read: Callable[[bytes | Path], Read]) -> None:
    row = rb"\trowd\cellx1\cellx2\pard\intbl a{\footnote \chftn the note}\cell b\cell\row"
    text, findings = read(rb"\pard Before\par" + row + rb"\pard after\par")
    assert text == "Before|a1|b|after|1|the note|"
    assert lost(findings) == []
