"""Marked EPUBs: clean by EPUBCheck, readable as before, and leading back to their order."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ebook_pipeline.books.protecting.lcp import encryption, profiles
from ebook_pipeline.books.protecting.marking import xhtml
from ebook_pipeline.books.protecting.marking.epub import mark_epub, tokens_in_epub
from ebook_pipeline.books.protecting.marking.token import Buyer, token_of, traced
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books import mixed_epub as epubs
from tests.support.books.epub import epub as valid_epub
from tests.support.corpus import CORPUS, needs_corpus
from tests.support.existing import existing
from tests.support.markup import text_of

SECRET = Secret(bytes(range(32)))
BUYER = Buyer(order="2026-0017", name='Zoë <zoe@example.org> & "co"')
TOKEN = token_of(BUYER.order, SECRET)
BOOKS = [
    "novels/treasure-island-epub2.epub",
    "samples/haruko-html-jpeg.epub",
    "samples/wasteland-otf-obf.epub",
]


def page(paragraphs: int) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>'
        b"<!-- </p> --><p>a</p>" + b"<p>b<em>c</em></p>\n" * paragraphs + b"</body></html>\n"
    )


def copy_of(source: Path, folder: Path, buyer: Buyer = BUYER) -> Path:
    target = folder / "copy.epub"
    mark_epub(source, target, buyer, SECRET)
    return target


def errors(checker: EpubCheck, path: Path) -> set[tuple[str, str]]:
    return {
        (finding.rule, finding.message)
        for finding in checker.check(path, "default")
        if finding.severity >= Severity.ERROR
    }


def test_a_marked_copy_is_as_valid_as_the_book(epubcheck: EpubCheck, tmp_path: Path) -> None:
    source = valid_epub(tmp_path / "plain.epub")
    assert errors(epubcheck, copy_of(source, tmp_path)) == errors(epubcheck, source) == set()


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", BOOKS)
def test_real_books_get_no_new_error_and_lead_to_their_order(
    epubcheck: EpubCheck, tmp_path: Path, name: str
) -> None:
    copy = copy_of(CORPUS / name, tmp_path)
    assert errors(epubcheck, copy) <= errors(epubcheck, CORPUS / name)
    orders = ["2026-0016", BUYER.order, "2026-0018"]
    (trace,) = traced(tokens_in_epub(copy), orders, SECRET)
    assert trace.order == BUYER.order


def test_the_buyer_is_named_and_is_no_markup(tmp_path: Path) -> None:
    source = epubs.write(tmp_path / "plain.epub", {**epubs.RESOURCES, "EPUB/one.xhtml": page(3)})
    found = epubs.read(copy_of(source, tmp_path))
    for name in ("EPUB/ex-libris.xhtml", "EPUB/one.xhtml"):
        assert BUYER.said in text_of(etree.fromstring(found[name]))
    assert BUYER.said.encode() not in found["EPUB/nav.xhtml"]


def test_the_page_stands_behind_the_first(tmp_path: Path) -> None:
    copy = copy_of(epubs.write(tmp_path / "plain.epub"), tmp_path)
    spine = existing(etree.fromstring(epubs.read(copy)["EPUB/package.opf"]).find("{*}spine"))
    assert [itemref.get("idref") for itemref in spine] == ["one", "ex-libris", "odd"]


def test_a_picture_book_keeps_its_pages_as_they_are(tmp_path: Path) -> None:
    fixed = epubs.package(meta='<meta property="rendition:layout">pre-paginated</meta>')
    resources = {**epubs.RESOURCES, "EPUB/one.xhtml": page(3)}
    copy = copy_of(epubs.write(tmp_path / "plain.epub", resources, package=fixed), tmp_path)
    found = epubs.read(copy)
    assert b"This copy" not in found["EPUB/one.xhtml"]
    spine = existing(etree.fromstring(found["EPUB/package.opf"]).find("{*}spine"))
    assert spine[-1].get("idref") == "ex-libris"


def test_marks_survive_another_zip_without_the_visible_lines(tmp_path: Path) -> None:
    source = epubs.write(tmp_path / "plain.epub", {**epubs.RESOURCES, "EPUB/one.xhtml": page(80)})
    found = epubs.read(copy_of(source, tmp_path))
    del found["EPUB/ex-libris.xhtml"]
    body = found["EPUB/one.xhtml"]
    start = body.index(b'<p id="m-')
    found["EPUB/one.xhtml"] = body[:start] + body[body.index(b"</p", start) + 4 :].lstrip(b">")
    with zipfile.ZipFile(tmp_path / "other.epub", "w") as archive:
        for name, entry in found.items():
            archive.writestr(name, entry)
    assert tokens_in_epub(tmp_path / "other.epub")[TOKEN] == 2


def test_nothing_but_marks_differs_and_the_same_order_gives_the_same_file(tmp_path: Path) -> None:
    source = epubs.write(tmp_path / "plain.epub", {**epubs.RESOURCES, "EPUB/one.xhtml": page(80)})
    copy = copy_of(source, tmp_path)
    before, after = epubs.read(source), epubs.read(copy)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"EPUB/one.xhtml", "EPUB/package.opf", epubs.ODD_NAME}
    with zipfile.ZipFile(copy) as archive:
        assert archive.infolist()[0].filename == "mimetype"
    first = copy.read_bytes()
    assert copy_of(source, tmp_path).read_bytes() == first


def test_copies_are_not_made_of_protected_books(tmp_path: Path) -> None:
    source = epubs.write(tmp_path / "plain.epub")
    encryption.protect(source, tmp_path / "protected.epub", SECRET, profiles.BASIC)
    with pytest.raises(BookError) as caught:
        copy_of(tmp_path / "protected.epub", tmp_path)
    assert caught.value.finding.rule == "marking.encrypted"


@pytest.mark.parametrize("body", [b"<html", "<p/>".encode("utf-16"), b"<svg/>", b""])
def test_what_is_no_xhtml_stays_as_it_is(body: bytes) -> None:
    assert xhtml.marked(body, TOKEN, "line") == body


def test_a_buyer_can_not_write_a_second_line() -> None:
    assert Buyer(order="a\nb\x00c", name="\x85x\u2028y").said == (
        "This copy was made for x y, order a b c."
    )


@given(token=st.binary(min_size=8, max_size=8).filter(any), paragraphs=st.integers(32, 120))
def test_any_token_is_read_back_and_the_text_stays(token: bytes, paragraphs: int) -> None:
    body = page(paragraphs)
    copy = xhtml.marked(body, token, "")
    assert xhtml.tokens(copy)[token] == (2 * paragraphs + 1) // 64
    assert etree.tostring(etree.fromstring(copy)) == etree.tostring(etree.fromstring(body))
