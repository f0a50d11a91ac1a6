"""Whose a landing key is: its first folder says so."""

import pytest

from ebook_pipeline.books.owning.accounts import imprint_key
from ebook_pipeline.books.owning.landing_keys import (
    account_of,
    landing_key,
    may_submit,
    own_name,
)

ALL = frozenset({"house", "ann", "bob"})
ALONE = frozenset({"house"})


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("emma.epub", "house"),
        ("ann", "house"),
        ("house/emma.epub", "house"),
        ("ann/emma.epub", "ann"),
        ("ann/bob/emma.epub", "ann"),
        ("ANN/emma.epub", None),
        ("annex/emma.epub", None),
        ("ann /emma.epub", None),
        ("/emma.epub", "house"),
        ("./ann/emma.epub", None),
    ],
)
def test_the_first_folder_says_whose_a_file_is(key: str, account: str | None) -> None:
    assert account_of(key, ALL) == account


def test_a_house_that_is_alone_has_every_folder_unless_others_could_have_put_it_there() -> None:
    assert account_of("series/emma.epub", ALONE) == "house"
    assert account_of("series/emma.epub", ALONE, strict=True) is None


@pytest.mark.parametrize(
    ("account", "name", "key"),
    [
        ("house", "emma.epub", "emma.epub"),
        ("house", "series/emma.epub", "series/emma.epub"),
        ("house", "ann/emma.epub", "house/ann/emma.epub"),
        ("ann", "emma.epub", "ann/emma.epub"),
        ("ann", "bob/emma.epub", "ann/bob/emma.epub"),
    ],
)
def test_a_shells_file_gets_a_key_in_its_accounts_folder(account: str, name: str, key: str) -> None:
    assert landing_key(account, name, ALL) == key
    assert may_submit(account, key, ALL)


def test_the_houses_books_are_not_named_after_its_folder() -> None:
    assert own_name("house", "house/emma.epub") == "emma.epub"
    assert own_name("ann", "ann/emma.epub") == "ann/emma.epub"


def test_imprints_are_compared_without_case_width_and_white_space() -> None:
    assert imprint_key("  Straße\u3000Ｂooks ") == imprint_key("STRASSE  books")
