"""JSON from strangers: read, or refused with one kind of error."""

import pytest

from ebook_pipeline.foundation.foreign_json import MOST_DEPTH, parse_json


def test_what_is_usual_is_read() -> None:
    assert parse_json(b'{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert parse_json("7") == 7


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [MOST_DEPTH + 2, 900, 100_000])
def test_what_nests_too_deeply_is_no_json(opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    with pytest.raises(ValueError, match="nests too deeply"):
        parse_json(opening * depth + "0" + closing * depth)


@pytest.mark.parametrize("document", [b"", b"{", b"\xff\xfe", b"9" * 5000, b'"\\ud800'])
def test_what_is_no_json_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(document)
