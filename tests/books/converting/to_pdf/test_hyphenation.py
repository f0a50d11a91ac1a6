"""Words break where their language breaks them, and only in running text."""

import pytest
from lxml import etree

from ebook_pipeline.books.converting.to_pdf.hyphenation import Hyphenator
from tests.support.markup import text_of


def broken(markup: str, language: str | None = "en") -> str:
    root = etree.fromstring(f"<body>{markup}</body>")
    Hyphenator().hyphenate(root, language)
    return text_of(root).replace("\u00ad", "|")


def test_a_long_word_breaks_between_its_syllables() -> None:
    assert broken("<p>an <i>extraordinary</i> superfluous word</p>") == (
        "an extra|or|di|nary super|flu|ous word"
    )


def test_every_element_is_broken_in_its_own_language() -> None:
    german = broken('<p>copyrighted</p><p xml:lang="de">Zusammenhang</p>')
    assert german == "copy|rightedZusam|men|hang"


@pytest.mark.parametrize(
    ("word", "language", "broken_up"),
    [
        ("asszonyok", "hu", "asszo|nyok"),  # not *asz|szonyok*, which it would be in mid-line too
        ("Überraschung", "de", "Über|ra|schung"),
        ("encyclopédie", "fr-CA", "ency|clo|pé|die"),
        ("İstanbulluların", "tr", "İstanbulluların"),  # longer in small letters
    ],
)
def test_a_soft_hyphen_changes_no_letter(word: str, language: str, broken_up: str) -> None:
    assert broken(f"<p>{word}</p>", language) == broken_up


@pytest.mark.parametrize("language", [None, "he", "ja", "x'; import os", "../../etc"])
def test_words_of_unknown_languages_stay_whole(language: str | None) -> None:
    assert broken("<p>extraordinary</p>", language) == "extraordinary"


@pytest.mark.parametrize(
    "markup",
    [
        "<h1>Extraordinary</h1>",
        "<pre>extraordinary</pre>",
        "<p>see standardebooks.org/contribute</p>",
        "<p>somebody@extraordinary.example</p>",
        "<p>good-naturedness</p>",
        "<p>ex\u00adtraordinary</p>",
    ],
)
def test_headings_code_addresses_and_compounds_stay_as_they_are(markup: str) -> None:
    plain = text_of(etree.fromstring(markup)).replace("\u00ad", "|")
    assert broken(markup) == plain
