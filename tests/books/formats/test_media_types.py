"""Formats by their bytes."""

import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.media_types import MEDIA_TYPES, extension_finding, sniff
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from tests.support.books.epub import epub
from tests.support.corpus import entries, named, needs_corpus

FORMATS = {"txt": "text", "md": "markdown", "pdb": "mobi", "azw3": "mobi", "onix": "text"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"junk before\n%PDF-1.7\n", BookFormat.PDF),
        (b"{\\rtf1 x}", BookFormat.RTF),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>x", BookFormat.HTML),
        (b"# One\n\ntext\n\n## Two\n\ntext", BookFormat.MARKDOWN),
        ("Café — naïve".encode("cp1252"), BookFormat.TEXT),
        ("日本語の本".encode("utf-16"), BookFormat.TEXT),
        (b"\x7fELF\0\0\0", BookFormat.UNKNOWN),
        (b"PK\x03\x04 cut off", BookFormat.UNKNOWN),
    ],
)
def test_bytes_say_what_a_file_is(tmp_path: Path, content: bytes, expected: BookFormat) -> None:
    (tmp_path / "book").write_bytes(content)
    assert sniff(tmp_path / "book") is expected


@pytest.mark.parametrize(
    "text",
    [
        "One.\n\n* * *\n\nTwo.\n\n* * *\n\nThree.\n",
        "One.\n\n---\n\nTwo.\n\n---\n\nThree.\n",
        "He brought:\n\n- oil\n- wicks\n\n> he wrote\n> so\n",
    ],
)
def test_breaks_lists_and_quotations_alone_are_plain_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "book").write_text(text)
    assert sniff(tmp_path / "book") is BookFormat.TEXT


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_markdown_is_known_by_its_block_whatever_ends_its_lines(tmp_path: Path, end: str) -> None:
    text = "\ufeff---\ntitle: Fog\nlanguage: de\n---\n\n# One\n\nText.\n".replace("\n", end)
    (tmp_path / "book").write_bytes(text.encode())
    assert sniff(tmp_path / "book") is BookFormat.MARKDOWN


def test_an_epub_without_its_mimetype_is_still_one(tmp_path: Path) -> None:
    assert sniff(epub(tmp_path / "b", {"mimetype": None})) is BookFormat.EPUB


def test_an_ordinary_zip_is_no_book(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.epub", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert sniff(tmp_path / "b.epub") is BookFormat.UNKNOWN


def test_a_multibyte_letter_at_the_end_of_the_head_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"x" * 65_535 + "é".encode())
    assert sniff(tmp_path / "b.txt") is BookFormat.TEXT


def test_an_empty_file_is_no_book(tmp_path: Path) -> None:
    (tmp_path / "b.epub").touch()
    with pytest.raises(BookError) as caught:
        sniff(tmp_path / "b.epub")
    assert caught.value.finding.rule == "media-type.empty"


def test_only_a_name_that_claims_another_format_is_an_error() -> None:
    assert extension_finding("a/b.EPUB", BookFormat.EPUB) is None
    assert extension_finding("b", BookFormat.EPUB) is None
    assert extension_finding("v1.2", BookFormat.EPUB) is None
    assert extension_finding("notes.txt", BookFormat.MARKDOWN) is None
    finding = extension_finding("b.epub", BookFormat.PDF)
    assert finding is not None
    assert finding.rule == "media-type.extension"


def test_every_format_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == set(BookFormat)


@needs_corpus
@pytest.mark.corpus
def test_the_whole_corpus_is_recognised() -> None:
    wrong = {}
    for entry in entries("novel", "sample", "w3c-test", "pdf", "mobi", "manuscript"):
        found = sniff(named(entry["name"])).value
        expected = FORMATS.get(entry["format"], entry["format"])
        if found != expected and "damaged-bad1" not in entry["name"]:
            wrong[entry["name"]] = found
    assert wrong == {}
