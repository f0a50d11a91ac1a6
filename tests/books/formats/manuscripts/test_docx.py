"""DOCX: what is found in it, and headings that only look like ones."""

from pathlib import Path

import pytest
from lxml import etree

from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.formats.manuscripts import compound_file_finding, docx_headings
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.findings import Severity
from tests.support.books.manuscripts import docx, odt, paragraph

TEXT = "It was late, and nobody came to the house by the river. " * 4
BOLD = "<w:b/>"
CENTRED = '<w:jc w:val="center"/>'


def rules(path: Path, format_: BookFormat = BookFormat.DOCX) -> list[str]:
    return [one.rule for one in manuscripts.clean(path, format_).findings]


def message(path: Path, rule: str, format_: BookFormat = BookFormat.DOCX) -> str:
    found = manuscripts.clean(path, format_).findings
    return next(one.message for one in found if one.rule == rule)


def styled(path: Path) -> list[str]:
    """The words of the paragraphs that cleaning made headings."""
    document = manuscripts.clean(path, BookFormat.DOCX).parts["word/document.xml"]
    assert document is not None
    root = etree.fromstring(document)
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return [
        "".join(str(word) for word in one.itertext())
        for one in root.iter(f"{space}p")
        if any(
            named.get(f"{space}val", "").startswith("EbookHeading")
            for named in one.iter(f"{space}pStyle")
        )
    ]


def test_a_plain_document_with_heading_styles_has_nothing_to_be_said_of(tmp_path: Path) -> None:
    assert rules(docx(tmp_path / "a", paragraph("One", "H1") + paragraph(TEXT))) == []


def test_macros_are_an_error_whatever_the_name(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {"word/vbaProject.bin": b"x"}
    found = manuscripts.clean(
        docx(tmp_path / "a", paragraph("One", "H1"), "", parts), BookFormat.DOCX
    )
    assert [(one.rule, one.severity) for one in found.findings] == [
        ("manuscript.macros", Severity.ERROR)
    ]
    assert "word/vbaProject.bin" not in found.parts


def test_tracked_changes_and_comments_are_counted_and_what_becomes_of_them_is_said(
    tmp_path: Path,
) -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    changed = '<w:p><w:ins w:author="E"><w:r><w:t>new</w:t></w:r></w:ins>'
    changed += '<w:del w:author="E"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
    comments = f'<w:comments xmlns:w="{space}"><w:comment w:author="Eve"/></w:comments>'
    book = docx(
        tmp_path / "a", paragraph("One", "H1") + changed, "", {"word/comments.xml": comments}
    )
    assert "2 tracked changes (inserted, deleted)" in message(book, "manuscript.tracked-changes")
    assert "as if all were accepted" in message(book, "manuscript.tracked-changes")
    assert "1 comment (by Eve)" in message(book, "manuscript.comments")
    assert "word/comments.xml" not in manuscripts.clean(book, BookFormat.DOCX).parts


def test_a_document_nested_as_no_book_is_fatal(tmp_path: Path) -> None:
    book = docx(tmp_path / "a", "<w:sdt>" * 400 + "</w:sdt>" * 400)
    assert rules(book) == ["xml.nesting"]


def test_bold_centred_lines_are_headings_where_no_style_says_so(tmp_path: Path) -> None:
    body = "".join(
        paragraph(title, run=BOLD, more=CENTRED) + paragraph(TEXT) * 5
        for title in ("The House", "The River")
    )
    book = docx(tmp_path / "a", body)
    assert styled(book) == ["The House", "The River"]
    assert "2 were found by how they look" in message(book, "manuscript.no-headings")


def test_a_style_that_makes_lines_bold_and_centred_is_looked_through(tmp_path: Path) -> None:
    body = "".join(paragraph(one, "Mine") + paragraph(TEXT) * 5 for one in ("Dawn", "Dusk"))
    assert styled(docx(tmp_path / "a", body)) == ["Dawn", "Dusk"]


def test_numbered_chapters_need_no_look_but_a_sentence_about_one_is_none(tmp_path: Path) -> None:
    body = "".join(
        paragraph(one) + paragraph(TEXT) * 3
        for one in ("Chapter 1", "Chapter Two", "Chapter three was the best of them.")
    )
    assert styled(docx(tmp_path / "a", body)) == ["Chapter 1", "Chapter Two"]


def test_scene_breaks_and_bold_sentences_are_no_headings(tmp_path: Path) -> None:
    body = paragraph("* * *", run=BOLD, more=CENTRED) + paragraph("Stop!", run=BOLD)
    assert styled(docx(tmp_path / "a", body + paragraph(TEXT) * 5)) == []


def test_hidden_text_goes_and_the_text_of_a_box_stays_where_it_hung(tmp_path: Path) -> None:
    hidden = paragraph("Not for you", run="<w:vanish/>")
    box = (
        "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
        + paragraph("In a box")
        + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    book = docx(tmp_path / "a", paragraph("One", "H1") + hidden + box + paragraph("After"))
    assert rules(book) == ["manuscript.hidden-text", "manuscript.text-box"]
    document = manuscripts.clean(book, BookFormat.DOCX).parts["word/document.xml"]
    assert document is not None
    assert b"Not for you" not in document
    assert document.index(b"In a box") < document.index(b"After")


def test_a_document_of_word_97_and_a_locked_one_are_named(tmp_path: Path) -> None:
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    (tmp_path / "old").write_bytes(compound + b"Word.Document.8")
    (tmp_path / "locked").write_bytes(compound + "EncryptedPackage".encode("utf-16-le"))
    (tmp_path / "other").write_bytes(b"\0\1")
    said = [compound_file_finding(tmp_path / name) for name in ("old", "locked", "other")]
    assert [one and one.rule for one in said] == ["format.word-97", "protection.password", None]


def test_an_odt_says_its_changes_comments_and_macros(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>old</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="1">One</text:h><text:p>It was<office:annotation>'
        "<dc:creator>Eve</dc:creator><text:p>Really?</text:p></office:annotation> late.</text:p>"
    )
    book = odt(tmp_path / "a", body, parts={"Basic/Standard/Module1.xml": "<x/>"})
    assert rules(book, BookFormat.ODT) == [
        "manuscript.macros",
        "manuscript.tracked-changes",
        "manuscript.comments",
    ]
    content = manuscripts.clean(book, BookFormat.ODT).parts["content.xml"]
    assert content is not None
    assert b"Really?" not in content
    assert b"old" not in content
    assert b" late." in content


def test_bold_centred_lines_of_an_odt_are_headings(tmp_path: Path) -> None:
    style = (
        '<style:style style:name="P1" style:family="paragraph"><style:paragraph-properties '
        'fo:text-align="center"/><style:text-properties fo:font-weight="bold"/></style:style>'
    )
    body = "".join(
        f'<text:p text:style-name="P1">{title}</text:p>' + f"<text:p>{TEXT}</text:p>" * 5
        for title in ("Dawn", "Dusk")
    )
    content = manuscripts.clean(odt(tmp_path / "a", body, style), BookFormat.ODT).parts[
        "content.xml"
    ]
    assert content is not None
    assert content.count(b"<text:h ") == 2


def test_a_paragraphs_style_is_looked_for_once_for_all_its_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    inner = docx_headings._inner

    def counted(element: etree._Element, outer: str, name: str) -> etree._Element | None:
        asked.append(outer)
        return inner(element, outer, name)

    monkeypatch.setattr(docx_headings, "_inner", counted)
    word = docx_headings.W.strip("{}")
    paragraph = etree.fromstring(f'<w:p xmlns:w="{word}">{"<w:r/>" * 500}</w:p>')
    styles = docx_headings.ParagraphStyles(None)
    assert not any(styles.is_hidden(run) for run in paragraph)
    assert asked.count(docx_headings._PROPERTIES) == 1
