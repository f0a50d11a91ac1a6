"""The child that stays: it keeps what it loaded, limits hold for every call, answers are data."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ebook_pipeline.foundation.errors import BookError, LimitExceeded, ServiceError, Unavailable
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.limits import Limits
from ebook_pipeline.tools.sandbox import Cancelled
from ebook_pipeline.tools.worker import Worker
from tests.support import sandbox_functions, worker_functions

TESTS = (Path(sandbox_functions.__file__).parents[1],)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(Limits(seconds=60, megabytes=1500), reads=TESTS)
    yield worker
    worker.close()


def hurried(seconds: float) -> Worker:
    return Worker(Limits(seconds=seconds, megabytes=1500), reads=TESTS)


def test_one_child_answers_all_calls(worker: Worker) -> None:
    first = worker.call(worker_functions.pid)
    assert first != os.getpid()
    assert [worker.call(worker_functions.pid) for _ in range(3)] == [first] * 3


def test_arguments_and_answers_may_be_large(worker: Worker) -> None:
    text = "x" * 8_000_000
    assert worker.call(worker_functions.echo, text) == text


def test_calls_of_many_threads_take_turns(worker: Worker) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: worker.call(sandbox_functions.add, n, 1), range(40)))
    assert answers == list(range(1, 41))


def test_a_call_that_never_ends_is_ended_and_the_next_gets_another_child() -> None:
    worker = hurried(0.05)
    with pytest.raises(Unavailable, match="hangs"):
        worker.call(sandbox_functions.sleep, 60)
    assert hurried(30).call(sandbox_functions.add, 1, 1) == 2
    worker.close()


def test_a_call_that_wants_too_much_memory_is_refused_and_the_next_is_not(worker: Worker) -> None:
    with pytest.raises(LimitExceeded) as caught:
        worker.call(sandbox_functions.hog)
    assert caught.value.finding.rule == "sandbox.memory"
    assert worker.call(sandbox_functions.add, 1, 1) == 2


def test_a_child_that_remembers_too_much_is_replaced_before_a_text_meets_the_limit() -> None:
    worker = Worker(Limits(seconds=60, megabytes=600), reads=TESTS)
    children = [worker.call(worker_functions.keep, 100) for _ in range(12)]
    assert 3 <= len(set(children)) <= 6
    worker.close()


def test_a_death_is_the_texts_and_the_next_call_gets_another_child(worker: Worker) -> None:
    before = worker.call(worker_functions.pid)
    with pytest.raises(BookError) as caught:
        worker.call(sandbox_functions.die)
    assert caught.value.finding.rule == "sandbox.crash"
    assert worker.call(worker_functions.pid) != before


def test_errors_of_ours_come_through(worker: Worker) -> None:
    with pytest.raises(Unavailable):
        worker.call(sandbox_functions.unavailable)
    with pytest.raises(BookError) as caught:
        worker.call(sandbox_functions.value_error)
    assert caught.value.finding.rule == "sandbox.crash"
    with pytest.raises(ServiceError, match="not installed"):
        worker.call(worker_functions.not_installed)


def test_an_answer_that_is_no_such_value_is_refused(worker: Worker) -> None:
    with pytest.raises(BookError, match="without an answer"):
        worker.call(worker_functions.lie)


def test_an_answer_that_nobody_asked_for_is_heard_by_nobody(worker: Worker) -> None:
    child = worker.call(worker_functions.answer_ahead)
    assert child > 0
    assert worker.call(worker_functions.pid) == child


def test_its_child_reaches_no_network(worker: Worker) -> None:
    if sandbox.isolation() is sandbox.Isolation.NONE:
        pytest.skip("nothing isolates here")
    assert not worker.call(worker_functions.has_network)


def test_everything_is_cancelled_at_once(worker: Worker) -> None:
    pid = worker.call(worker_functions.pid)
    cancelled = threading.Event()

    def call() -> None:
        with pytest.raises(Cancelled):
            worker.call(sandbox_functions.spin)
        cancelled.set()

    thread = threading.Thread(target=call)
    child = psutil.Process(pid)
    before = child.cpu_times().user
    thread.start()
    while child.cpu_times().user < before + 0.1:  # until the call runs: it is cancelled, not late
        time.sleep(0.01)
    sandbox.kill_all()
    assert cancelled.wait(30)
    thread.join()
    assert not psutil.pid_exists(pid)
    assert worker.call(sandbox_functions.add, 1, 1) == 2
