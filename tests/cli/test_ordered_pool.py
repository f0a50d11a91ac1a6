"""Many files through one function: the order of the answers, and leaving early."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from ebook_pipeline.cli.ordered_pool import in_order


def nothing() -> None:
    """Cancels nothing: for calls that end by themselves."""


def test_answers_come_in_the_order_of_the_items_whichever_is_done_first() -> None:
    second_done = threading.Event()

    def slow_first(item: int) -> int:
        if item == 0:
            assert second_done.wait(30)
        second_done.set()
        return item

    assert list(in_order(slow_first, range(20), 2, nothing)) == list(range(20))


def test_few_items_are_taken_ahead_of_the_answers() -> None:
    taken = []

    def items() -> Iterator[int]:
        for item in itertools.count():
            taken.append(item)
            yield item

    answers = in_order(str, items(), 2, nothing)
    assert next(answers) == "0"
    answers.close()
    assert len(taken) < 20


def test_what_the_function_raises_is_raised_and_the_rest_is_not_begun() -> None:
    begun = []

    def broken(item: int) -> None:
        begun.append(item)
        raise LookupError(item)

    with pytest.raises(LookupError):
        list(in_order(broken, range(1000), 2, nothing))
    assert len(begun) < 20


def test_leaving_early_cancels_what_is_under_way_until_it_has_ended() -> None:
    go_on, cancelled = threading.Event(), []

    def stuck(item: int) -> int:
        return item if item == 0 else item * go_on.wait(60)

    def cancel() -> None:
        cancelled.append(True)
        if len(cancelled) == 3:  # as a call that was between two children at first
            go_on.set()

    answers = in_order(stuck, range(9), 2, cancel)
    assert next(answers) == 0
    answers.close()
    assert len(cancelled) >= 3
