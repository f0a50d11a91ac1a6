"""A child that was taken over answers what it likes: nothing of it runs here, and it has a type."""

import math
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import BookError, LimitExceeded, ServiceError, Unavailable
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import answers, sandbox
from ebook_pipeline.tools.answers import NoAnswer, answer_of, read_answer
from tests.support import sandbox_functions

FINDING = Finding(rule="a.b", severity=Severity.ERROR, message="so")


@dataclass(frozen=True)
class Piece:
    """One of everything that functions return."""

    place: Path
    data: bytes
    share: float
    findings: tuple[Finding, ...]
    pages: dict[int, str]
    marks: frozenset[str]
    severity: Severity | None = None


PIECE = Piece(Path("/a/b"), b"\xff\0", math.inf, (FINDING,), {7: "vii"}, frozenset({"x"}))


def piece() -> Piece:
    return PIECE


def pieces() -> "list[tuple[str, Piece | None]]":
    return [("ä", PIECE), ("", None)]


def half_a_pair() -> str:
    return "a\ud800b"


def number() -> int:
    return 1


@pytest.mark.parametrize("function", [piece, pieces, number])
def test_what_functions_return_comes_back_as_it_was(function: Callable[[], object]) -> None:
    assert read_answer(answer_of(function), function) == function()


def test_half_of_a_surrogate_pair_is_no_text_and_becomes_a_question_mark() -> None:
    assert read_answer(answer_of(half_a_pair), half_a_pair) == "a?b"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"v",
        b"x1",
        b'v"1"',
        b"v1.5",
        b"v[1]",
        b"vnull",
        b"v1,2",
        b"v1]+[1",
        b"v" + b"[" * 100_000,
        b'v{"a":' * 10_000,
        b"\x80\x04N.",
        pickle.dumps(1),
        b"r{}",
        b'r{"error":"BookError"}',
        b'r{"error":1,"message":"x"}',
        b'r{"error":"x","message":"x","code":"x"}',
        b'r{"error":"x","message":"x","finding":{"rule":"a"}}',
        b'c{"message":["x"],"trace":"x"}',
    ],
)
def test_what_is_no_answer_of_the_declared_type_is_none(answer: bytes) -> None:
    with pytest.raises(NoAnswer):
        read_answer(answer, number)


def test_only_errors_of_ours_are_raised_and_as_what_they_are() -> None:
    for name in ("os.system", "builtins.KeyboardInterrupt", "builtins.SystemExit", "x", ""):
        document = f'r{{"error":"{name}","message":"m"}}'.encode()
        with pytest.raises(ServiceError, match="m") as caught:
            read_answer(document, number)
        assert type(caught.value) is ServiceError
    errors = "ebook_pipeline.foundation.errors"
    with pytest.raises(Unavailable):
        read_answer(f'r{{"error":"{errors}.Unavailable","message":"m"}}'.encode(), number)
    # The one that needs more than a message, and a book's without a finding.
    for name in ("Busy", "LimitExceeded"):
        with pytest.raises(ServiceError, match="m"):
            read_answer(f'r{{"error":"{errors}.{name}","message":"m"}}'.encode(), number)


def test_a_finding_comes_as_the_error_of_a_book_whatever_its_name_is() -> None:
    finding = FINDING.model_dump_json()
    for name in ("ebook_pipeline.foundation.errors.Unavailable", "os.system"):
        with pytest.raises(BookError) as caught:
            read_answer(f'r{{"error":"{name}","message":"m","finding":{finding}}}'.encode(), number)
        assert (caught.value.finding.rule, type(caught.value)) == ("a.b", BookError)


def test_a_child_that_ran_out_of_memory_says_so_in_one_letter() -> None:
    with pytest.raises(LimitExceeded):
        read_answer(b"m", number)


class Bomb:
    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.place,)


def test_a_pickle_in_the_answer_is_never_opened(tmp_path: Path) -> None:
    for prefix in (b"", b"v", b"r", b"c"):
        bomb = prefix + pickle.dumps(Bomb(tmp_path / "done"))
        with pytest.raises(BookError) as caught:
            sandbox.call(sandbox_functions.answer_raw, bomb)
        assert caught.value.finding.rule == "sandbox.crash"
    assert not list(tmp_path.iterdir())


def test_an_answer_of_another_type_is_a_crash_of_the_work() -> None:
    for answer in (b'v"text"', b"v" + b"[" * 50_000, b"v", os.urandom(1000)):
        with pytest.raises(BookError) as caught:
            sandbox.call(sandbox_functions.answer_raw, answer)
        assert caught.value.finding.rule == "sandbox.crash"


def test_an_endless_answer_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_LARGEST_ANSWER", 4 << 20)
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(sandbox_functions.answer_for_ever)
    assert caught.value.finding.rule == "sandbox.output"


def test_a_child_does_not_write_its_own_end() -> None:
    """How it ended is told over a pipe that the child never had."""
    with pytest.raises(BookError, match="ended with 7"):
        sandbox.call(sandbox_functions.answer_raw, b"v5" + b"\0\0\0\0", 7)


def test_every_type_that_is_declared_is_known_to_be_read() -> None:
    assert answers._adapter(Path.exists)  # no type at all is plain JSON
    assert answers._adapter(sandbox_functions.noisy)
