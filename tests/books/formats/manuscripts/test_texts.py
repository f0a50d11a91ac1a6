"""Plain text, Markdown, RTF and HTML: encodings, wrapped lines, nesting, notes."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.manuscripts import encodings, html_footnotes, prose
from ebook_pipeline.books.formats.manuscripts.heading_detection import (
    StyledParagraph,
    detect_headings,
)
from ebook_pipeline.books.formats.manuscripts.html import parse_html
from ebook_pipeline.books.formats.manuscripts.prose import PartKind
from ebook_pipeline.books.formats.unmarked_unicode import unmarked_unicode
from ebook_pipeline.books.records import BookFormat


def cleaned(path: Path, text: bytes, format_: BookFormat) -> manuscripts.CleanedManuscript:
    path.write_bytes(text)
    return manuscripts.clean(path, format_)


QUOTED = "“Bother!” said the Mole – and went out. Café, naïve, Müller, señor. " * 30


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["manuscript.encoding"]),
        ("cp1252", ["manuscript.encoding"]),
    ],
)
def test_a_text_is_read_in_its_encoding_and_other_than_utf_8_is_said(
    encoding: str, said: list[str]
) -> None:
    read = encodings.decode_text(QUOTED.encode(encoding))
    assert read.text == QUOTED
    assert [one.rule for one in read.findings] == said


def test_cyrillic_in_its_old_encoding_is_not_taken_for_western() -> None:
    text = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья по-своему. " * 20
    assert encodings.decode_text(text.encode("cp1251")).text == text


def test_a_few_bytes_that_are_no_utf_8_are_mended_and_said_with_their_line() -> None:
    read = encodings.decode_text("Zeile eins äöü\n".encode() * 30 + b"caf\xe9\n")
    assert [one.rule for one in read.findings] == ["manuscript.mixed-encoding"]
    assert read.findings[0].place == "line 31"
    assert read.text.endswith("café\n")


def test_bytes_of_a_letter_that_was_cut_off_are_said_with_their_line() -> None:
    read = encodings.decode_text("Zeile eins äöü\n".encode() * 30 + b"x \xf0\x9f\x98 y\n")
    rules = [one.rule for one in read.findings]
    assert "manuscript.undecodable" in rules


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        "Chapter One\r\n\r\nIt was late.\r\n",
        "Глава первая\n\nБыло поздно.\n",
        "第一章\n\n守塔的老人点起了灯。\n",
    ],
)
def test_unicode_without_a_mark_is_told_by_its_letters(encoding: str, text: str) -> None:
    read = encodings.decode_text((text * 3).encode(encoding))
    assert read.text == (text * 3).replace("\r\n", "\n")
    assert read.encoding == encoding


def test_binary_data_is_no_text_without_a_mark() -> None:
    data = bytes(range(256)) * 16
    assert unmarked_unicode(data) == ""
    assert unmarked_unicode(b"\0" * 64) == ""


def test_control_characters_go_and_are_said() -> None:
    read = encodings.decode_text(b"one\x00two\x07")
    assert read.text == "onetwo"
    assert [one.rule for one in read.findings] == ["manuscript.control-characters"]


def test_wrapped_lines_are_one_paragraph_and_verse_keeps_its_own() -> None:
    wrapped = (
        "The Mole had been working very hard all the morning, spring-\n"
        "cleaning his little home. First with brooms, then with dusters;\n"
        "then on ladders and steps and chairs, with a brush and a pail.\n\n"
        "All along the backwater,\nThrough the rushes tall,\nDucks are a-dabbling,\nUp tails all!\n"
    )
    found = prose.read_prose(wrapped + "\n* * *\n\n" + wrapped)
    kinds = [part.kind for part in found.parts]
    assert kinds == [
        PartKind.PARAGRAPH,
        PartKind.VERSE,
        PartKind.BREAK,
        PartKind.PARAGRAPH,
        PartKind.VERSE,
    ]
    assert "spring-cleaning" in found.parts[0].text
    assert found.parts[1].lines[1] == "Through the rushes tall,"


def test_a_text_without_blank_lines_has_a_paragraph_per_line() -> None:
    found = prose.read_prose("\n".join(["It was late, and nobody came to the house. " * 5] * 4))
    assert [part.kind for part in found.parts] == [PartKind.PARAGRAPH] * 4


def test_the_first_lines_of_a_text_are_its_title_and_author() -> None:
    text = "The House\n\nby Ann Author\n\n\nChapter 1\n\n{0}\n\nChapter 2\n\n{0}\n"
    found = prose.read_prose(text.format("It was late. " * 30))
    page = found.title_page
    assert (page.title, page.authors, page.guessed) == ("The House", ("Ann Author",), {})
    assert found.headings == ("Chapter 1", "Chapter 2")


def looks(*texts: str) -> list[StyledParagraph]:
    return [StyledParagraph(text) for text in texts]


def test_roman_numerals_are_headings_only_where_they_count_up() -> None:
    body = "It was late, and nobody came."
    assert detect_headings(looks("I", body, "II: Out", body, "III", body)) == {0: 1, 2: 1, 4: 1}
    assert detect_headings(looks(body, "I", body, "MIX", body)) == {}


def test_chapters_below_parts_are_a_level_deeper() -> None:
    body = "It was late, and nobody came."
    found = detect_headings(
        looks("Part One", "Chapter 1", body, "Chapter 2", body, "Part Two", body)
    )
    assert found == {0: 1, 1: 2, 3: 2, 5: 1}


def test_a_printed_table_of_contents_is_not_its_chapters() -> None:
    body = "It was late, and nobody came."
    names = ("Chapter 1", "Chapter 2", "Chapter 3")
    found = detect_headings(
        looks("Contents", *names, body, *(x for one in names for x in (one, body)))
    )
    assert found == {5: 1, 7: 1, 9: 1}


def test_groups_of_an_rtf_that_have_no_end_are_fatal(tmp_path: Path) -> None:
    found = cleaned(tmp_path / "a", b"{\\rtf1" + b"{" * 100_000, BookFormat.RTF)
    assert [one.rule for one in found.findings] == ["manuscript.nesting"]


def test_elements_of_html_that_have_no_end_are_fatal(tmp_path: Path) -> None:
    found = cleaned(tmp_path / "a", b"<html><body>" + b"<div>" * 100_000, BookFormat.HTML)
    assert [one.rule for one in found.findings] == ["manuscript.nesting"]


def test_quotations_of_markdown_that_have_no_end_are_fatal(tmp_path: Path) -> None:
    found = cleaned(tmp_path / "a", b"# One\n\n" + b"> " * 10_000 + b"x", BookFormat.MARKDOWN)
    assert [one.rule for one in found.findings] == ["manuscript.nesting"]


def test_letters_of_an_rtf_come_in_the_code_page_of_their_font(tmp_path: Path) -> None:
    rtf = (
        b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}"
        b"{\\pard\\outlinelevel0 One\\par}"
        b"{\\pard\\f0 caf\\'e9 \\u8220\"B\\uc0\\u8221 {\\f1 \\'cc\\'e8\\'f0}\\par}}"
    )
    text = cleaned(tmp_path / "a", rtf, BookFormat.RTF).parts[""]
    assert text is not None
    assert b"\\u233\\'3f" in text
    assert b"\\u8220\\'3fB\\u8221\\'3f" in text
    assert b"\\u1052\\'3f\\u1080\\'3f\\u1088\\'3f" in text


def test_bold_centred_lines_of_an_rtf_are_headings(tmp_path: Path) -> None:
    body = b"{\\pard\\ql It was late, and nobody came to the house.\\par}" * 5
    rtf = (
        b"{\\rtf1"
        + b"{\\pard\\qc\\b Dawn\\par}"
        + body
        + b"{\\pard\\qc\\b Dusk\\par}"
        + body
        + b"}"
    )
    found = cleaned(tmp_path / "a", rtf, BookFormat.RTF)
    text = found.parts[""]
    assert text is not None
    assert text.count(b"\\outlinelevel0") == 2


def test_notes_of_a_word_processors_html_are_found_by_their_links() -> None:
    root = parse_html(
        '<p>Late.<a href="#_ftn1" name="_ftnref1">[1]</a> More.</p><div id="ftn1">'
        '<p><a href="#_ftnref1" name="_ftn1">[1]</a> My note.</p></div>'
    )
    assert html_footnotes.mark_footnotes(root) == 1
    notes = root.find(".//section[@role='doc-endnotes']")
    assert notes is not None
    assert "".join(map(str, notes.itertext())).strip() == "My note.↩"
    mark = root.find(".//a[@role='doc-noteref']")
    assert mark is not None
    assert mark.tail == " More."
