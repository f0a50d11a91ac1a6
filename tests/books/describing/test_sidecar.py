"""Sidecars as people write them, and as nobody should."""

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.describing.sidecar import LARGEST_SIDECAR, parse_claims, sidecar_claims
from ebook_pipeline.books.records import Claims, Price
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

NINE_EUROS = Price(amount=Decimal("9.99"), currency="EUR")


def parsed(document: object) -> Claims:
    return parse_claims(json.dumps(document).encode(), "book.epub.json")


def finding(body: bytes) -> Finding:
    with pytest.raises(BookError) as caught:
        parse_claims(body, "book.epub.json")
    assert caught.value.finding.rule == "landing.sidecar"
    assert caught.value.finding.place == "book.epub.json"
    assert caught.value.finding.remedy
    return caught.value.finding


def test_every_field_is_read() -> None:
    claims = parsed({"title": "Emma", "authors": ["Jane Austen"], "book": "emma", "price": "0 GBP"})
    assert claims == Claims(
        title="Emma",
        authors=("Jane Austen",),
        book="emma",
        price=Price(amount=Decimal(0), currency="GBP"),
    )


def test_an_empty_object_claims_nothing() -> None:
    assert parsed({}) == Claims()


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_claims(b'\xef\xbb\xbf{"title": "Emma"}', "p").title == "Emma"


@pytest.mark.parametrize(
    "document",
    [
        {"price": "9.99 EUR"},
        {"price": "9.99EUR"},
        {"price": " 9.99 eur "},
        {"price": 9.99, "currency": "EUR"},
        {"price": "9.99", "currency": "EUR"},
        {"price": {"amount": 9.99, "currency": "EUR"}},
        {"price": {"amount": "9.99", "currency": "EUR"}},
        {"price": {"amount": 9.99}, "currency": "EUR"},
    ],
)
def test_a_price_is_read_in_each_form(document: dict[str, Any]) -> None:
    assert parsed(document).price == NINE_EUROS


@pytest.mark.parametrize(
    "document",
    [
        {"price": 9.99},
        {"price": "9.99"},
        {"price": "EUR"},
        {"currency": "EUR"},
        {"price": "-1 EUR"},
        {"price": "9,99 EUR"},
        {"price": "9.99 EURO"},
        {"price": "٩ EUR"},
        {"price": 1e300, "currency": "EUR"},
        {"price": True, "currency": "EUR"},
        {"price": ["9.99 EUR"]},
        {"price": {}},
        {"price": {"amount": 9.99, "currency": "EUR", "tax": 1}},
    ],
)
def test_a_wrong_price_is_named_with_its_right_forms(document: dict[str, Any]) -> None:
    found = finding(json.dumps(document).encode())
    assert found.message.startswith("price:")
    assert "9.99 EUR" in found.remedy


def test_an_unknown_field_is_named_with_the_nearest_one() -> None:
    found = finding(b'{"titel": "Emma", "colour": 1}')
    assert found.message == "unknown fields: titel, colour"
    assert "titel: did you mean title?" in found.remedy
    assert "colour: remove it" in found.remedy


def test_every_field_of_a_wrong_type_is_named() -> None:
    found = finding(b'{"title": 1, "authors": "Jane Austen"}')
    assert "title:" in found.message
    assert "authors:" in found.message
    assert 'authors: write a list of texts, such as ["Jane Austen"]' in found.remedy


def test_a_book_that_is_no_key_is_refused() -> None:
    assert "book:" in finding(b'{"book": "../Emma"}').remedy


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"title": "Emma", "title": "Persuasion"}',
        b'{"title": NaN}',
        b"\xff\xfe{}",
        b'{"title": "\\u0000"}',
        b'{"title": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"authors": ["a\\u0001"]}',
        b"[" * 100_000,
        b'{"title":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"price": ' + b"9" * 10_000 + b"}",
        b'{"title": "' + b"a" * LARGEST_SIDECAR + b'"}',
    ],
    ids=lambda body: body[:20],
)
def test_what_is_no_sidecar_is_a_finding(body: bytes) -> None:
    assert finding(body).message


@given(st.binary(max_size=200))
def test_any_bytes_are_claims_or_a_finding(body: bytes) -> None:
    assert claims_or_finding(body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from([*Claims.model_fields, "currency", "amount"])


@given(st.dictionaries(_NAMES, _JSON, max_size=5))
def test_any_object_is_claims_or_a_finding(document: dict[str, Any]) -> None:
    assert claims_or_finding(json.dumps(document).encode())


def claims_or_finding(body: bytes) -> bool:
    """Whether the claims in `body` survive a round trip; True too where they are refused."""
    try:
        claims = parse_claims(body, "p")
    except BookError:
        return True
    return Claims.model_validate_json(claims.model_dump_json()) == claims


@pytest.mark.parametrize("kind", ["device", "pipe", "link", "folder"])
def test_only_a_regular_file_is_read_as_a_sidecar(tmp_path: Path, kind: str) -> None:
    sidecar = tmp_path / "emma.epub.json"
    (tmp_path / "elsewhere.json").write_text('{"title": "Stolen"}')
    make: dict[str, Callable[[], object]] = {
        "device": lambda: sidecar.symlink_to("/dev/zero"),
        "pipe": lambda: os.mkfifo(sidecar),
        "link": lambda: sidecar.symlink_to(tmp_path / "elsewhere.json"),
        "folder": sidecar.mkdir,
    }
    make[kind]()
    claims = sidecar_claims(tmp_path / "emma.epub")
    assert claims.title is None
    assert [defect.rule for defect in claims.defects] == ["landing.sidecar"]


def test_a_sidecar_of_many_gigabytes_is_read_no_further_than_it_may_be_long(
    tmp_path: Path,
) -> None:
    with (tmp_path / "emma.epub.json").open("wb") as file:
        file.truncate(8 << 30)
    (defect,) = sidecar_claims(tmp_path / "emma.epub").defects
    assert "larger than" in defect.message


def test_no_sidecar_claims_nothing(tmp_path: Path) -> None:
    assert sidecar_claims(tmp_path / "emma.epub").defects == ()
