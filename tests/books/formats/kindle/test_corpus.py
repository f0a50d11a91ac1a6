"""Every Kindle book of the corpus: what it is, as another program read it, and what is refused."""

from typing import Any

import pytest

from ebook_pipeline.books.formats import kindle
from ebook_pipeline.books.formats.kindle.book import opened
from ebook_pipeline.foundation.findings import blocks
from tests.support.corpus import entries, named, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]
BOOKS = entries("mobi")
BROKEN = [one for one in entries("hostile") if one["format"] == "mobi"]
EXTH = ("author", "publisher", "isbn", "subject", "description", "language", "asin", "cdetype")


def ids(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rpartition("/")[2]


@pytest.mark.parametrize("entry", BOOKS, ids=ids)
def test_a_book_is_what_its_manifest_says(entry: dict[str, Any]) -> None:
    expected, (findings, facts) = entry["expect"], kindle.inspect(named(entry["name"]))
    assert blocks(findings) == expected["encrypted"]
    assert facts.name.replace(" ", "_") == expected["pdb_name"].replace(" ", "_")
    assert facts.records == expected["records"]
    assert facts.compression == expected["compression"]
    assert facts.text_length == expected["text_length"]
    assert facts.text_records == expected["text_records"]
    assert facts.encryption == expected["drm"]
    assert facts.version == expected.get("mobi_version", 0)
    assert facts.hybrid == expected.get("hybrid_kf8", False)
    assert facts.has_cover == expected.get("has_cover", False)
    assert facts.codepage == expected.get("codepage", 1252)
    assert facts.title == expected.get("title", expected["pdb_name"])
    assert facts.dictionary == ("dictionary" in entry["case"])
    assert facts.obfuscated_fonts == ("obfuscated-fonts" in entry["case"])


@pytest.mark.parametrize("entry", BOOKS, ids=ids)
def test_what_a_book_says_of_itself_is_read_whole(entry: dict[str, Any]) -> None:
    said = kindle.read_exth(named(entry["name"]))
    for name in (*EXTH, "updated_title", "date"):
        assert list(said.all(name)) == entry["expect"].get(f"exth_{name}", []), name


@pytest.mark.parametrize("entry", [one for one in BOOKS if not one["expect"]["drm"]], ids=ids)
def test_the_text_has_as_many_bytes_as_the_header_says(entry: dict[str, Any]) -> None:
    with opened(named(entry["name"])) as file:
        for book in (file.mobipocket, file.kf8):
            if book is not None:
                assert len(book.text()) == book.header.text_length


@pytest.mark.parametrize("entry", BROKEN, ids=ids)
def test_a_damaged_book_is_refused_as_damaged(entry: dict[str, Any]) -> None:
    findings, _ = kindle.inspect(named(entry["name"]))
    assert [one.rule for one in findings] == ["mobi.damaged"]
