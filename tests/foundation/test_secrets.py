"""A secret stays one, however it is printed, copied or stored."""

import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.secrets import Secret

KEY = Secret(b"thirty-two bytes nobody may see!")


@pytest.mark.parametrize(
    "shown",
    [repr(KEY), str(KEY), f"{KEY}", f"{KEY!r:>10}", f"{KEY:s}", "%s %r" % (KEY, KEY), str([KEY])],  # noqa: UP031
)
def test_no_way_of_printing_shows_the_bytes(shown: str) -> None:
    assert "<secret>" in shown
    assert "thirty" not in shown


def test_a_log_line_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("keys").warning("wrapped %s", KEY)
    assert caplog.messages == ["wrapped <secret>"]


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_it_refuses_to_leave_the_process(leak: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        leak(KEY)


def test_it_cannot_be_a_field_of_a_record() -> None:
    with pytest.raises(TypeError, match="no field"):

        class Leaking(Record):
            key: Secret


def test_equal_bytes_are_equal_secrets() -> None:
    assert Secret(b"a") == Secret(b"a")
    assert Secret(b"a") != Secret(b"b")
    assert Secret(b"a") != b"a"
    assert len({Secret(b"a"), Secret(b"a"), Secret(b"b")}) == 2


def test_random_ones_have_the_length_of_an_aes_256_key_and_differ() -> None:
    assert len(Secret.random()) == 32
    assert Secret.random() != Secret.random()


def test_reveal_gives_the_bytes() -> None:
    assert Secret(b"abc").reveal() == b"abc"
