"""Prices, availability, previews and similar books: wrong words are refused early."""

import pytest
from click.testing import CliRunner

from ebook_pipeline.cli import ebooks


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["price"], "name a book, or a file"),
        (["price", "emma", "--territory", "Mars"], "is no country"),
        (["price", "emma", "--import", __file__], "name a book, or a file"),
        (["price", "emma", "--amount", "cheap", "--currency", "EUR"], "--amount"),
        (["price", "emma", "--amount", "nan", "--currency", "EUR"], "--amount"),
        (["price", "emma", "--amount", "9.99"], "--currency"),
        (["availability", "emma", "--territory", "DE"], "--territory goes with"),
        (["availability", "emma", "--for-sale"], "--territory goes with"),
        (["availability", "emma", "--territory", "XX", "--for-sale"], "is no country"),
        (["preview", "emma", "--list", "--revoke", "x"], "exclude each other"),
        (["preview", "emma", "--days", "0"], "range"),
        (["similar", "emma", "--territory", "EU"], "is no country"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_started(words: list[str], told: str) -> None:
    done = CliRunner().invoke(ebooks, words)
    assert (done.exit_code, told in done.output) == (2, True)
