"""Books in eight scripts from a file to the shop: on sale, readable, found as their readers type.

What their pages look like is for people to see: `tests.support.books.script_samples` makes them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pypdfium2
import pytest

from ebook_pipeline.books.records import Manifestations, Product
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.notifying import confirming
from ebook_pipeline.tools.browser import Browser
from tests.support.books.script_samples import all_samples, languages, sample
from tests.support.corpus import THOROUGH
from tests.support.existing import existing
from tests.support.homes import Home, open_home

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not THOROUGH, reason="set THOROUGH: half a minute of CPU"),
    pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine"),
]

CONTACT = "author@example.org"
FROM_THE_RIGHT = {"ar", "he", "ja"}
FOUND_IN_THE_TEXT = {
    "ar": "شهريار", "el": "φονισσα", "he": "בראשית", "hi": "प्रेमचन्द", "ja": "吾輩",
    "ru": "Каренину", "th": "อภัยมณี", "zh": "乙己",
}  # fmt: skip
SIDECAR = {"contact": CONTACT, "price": {"amount": "3.99", "currency": "EUR"}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("scripts")
    with open_home(folder / "home") as opened:
        confirming.vouch(opened.resources.database, "house", CONTACT, 20, actor="eve")
        files = all_samples(folder / "books")
        for file in files:
            file.with_name(f"{file.name}.json").write_text(json.dumps(SIDECAR))
        ingested = opened.shell("ingest", *files, "--json")
        assert ingested.code == 0, ingested.err
        yield opened


@pytest.fixture(scope="module")
def books(home: Home) -> dict[str, dict[str, Any]]:
    return home.ebooks("status", *languages(), "--json").books


def made(home: Home, language: str) -> Manifestations:
    records = RecordStore(home.resources.object_store)
    return existing(records.read("converted_book", language, 1, Manifestations))


def test_all_are_on_sale_and_nothing_was_lost_on_the_way(books: dict[str, dict[str, Any]]) -> None:
    assert {book: facts["state"] for book, facts in books.items()} == dict.fromkeys(
        languages(), "released"
    )
    told = {(book, one["rule"]) for book, facts in books.items() for one in facts["findings"]}
    assert [one for one in told if one[1].startswith("convert.")] == []


def test_each_is_found_by_title_author_and_a_word_in_its_own_script(home: Home) -> None:
    asked = [
        (language, query)
        for language in languages()
        for query in (
            sample(language).metadata["title"],
            sample(language).metadata["author"],
            FOUND_IN_THE_TEXT[language],
        )
    ]
    found = {
        (language, query): [
            entry["book"] for entry in home.ebooks("search", query, "--json").objects[0]["entries"]
        ]
        for language, query in asked
    }
    assert found == {(language, query): [language] for language, query in asked}


def test_pages_turn_and_lines_run_as_the_script_does(home: Home, tmp_path: Path) -> None:
    store = home.resources.object_store
    for language in languages():
        files = made(home, language)
        with pikepdf.open(store.fetch(files.pdf, tmp_path / f"{language}.pdf")) as pdf:
            turned = pdf.Root.get("/ViewerPreferences", pikepdf.Dictionary()).get("/Direction")
        assert (turned == pikepdf.Name.R2L) == (language in FROM_THE_RIGHT), language
        page = store.fetch(existing(files.preview_page), tmp_path / "page.html").read_text()
        assert ('<main dir="rtl">' in page) == (language in {"ar", "he"})
        assert ('<main class="vertical">' in page) == (language == "ja")


def test_the_reading_pdf_has_the_words_and_a_form_for_every_letter(
    home: Home, tmp_path: Path
) -> None:
    for language in languages():
        pdf = home.resources.object_store.fetch(made(home, language).pdf, tmp_path / "book.pdf")
        document = pypdfium2.PdfDocument(pdf)
        try:
            text = "".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()
        wanted = {letter for letter in sample(language).text if letter.isalpha()}
        assert len(wanted - set(text)) <= len(wanted) / 20, language


def test_what_is_sold_says_its_language_and_has_a_cover(
    home: Home, books: dict[str, dict[str, Any]]
) -> None:
    records = RecordStore(home.resources.object_store)
    for language, facts in books.items():
        product = existing(records.read("book_metadata", language, 1, Product))
        assert product.languages == (sample(language).language,)
        assert existing(product.word_count) > 100
        assert httpx.get(facts["links"]["cover"]).headers["content-type"].startswith("image/")
