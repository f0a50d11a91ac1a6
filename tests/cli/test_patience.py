"""How long a service that was started is waited for: not by the clock alone, for others use it."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ebook_pipeline.cli import local_services
from ebook_pipeline.cli.local_services import Program
from ebook_pipeline.foundation.errors import ServiceError

SLOW = Program("dagster", (sys.executable,), 9, "EBOOK_WEB_PORT", "http://127.0.0.1:9/")
LOG = Path("dagster.log")


@pytest.fixture
def child() -> "Iterator[subprocess.Popen[bytes]]":
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture(autouse=True)
def minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is two minutes after the one before."""
    clock = itertools.count(0, 120)
    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _: None)
    monkeypatch.setattr(local_services, "time", time)


def after_looks(looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = itertools.chain([False] * looks, itertools.repeat(True))
    monkeypatch.setattr(local_services, "answers", lambda _: next(answers))


def test_one_that_works_is_waited_for(
    child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    after_looks(5, monkeypatch)
    used = itertools.count(2, 2)
    monkeypatch.setattr(local_services, "_cpu_seconds", lambda _: float(next(used)))
    local_services._wait_until_ready(SLOW, child, LOG)
    assert next(used) > 2 * 5


def test_one_that_hangs_is_given_up(
    child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    after_looks(5, monkeypatch)
    with pytest.raises(ServiceError, match=r"did not become ready in 90 s: see dagster\.log"):
        local_services._wait_until_ready(SLOW, child, LOG)


def test_one_that_has_ended_is_told_at_once(
    child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    after_looks(5, monkeypatch)
    child.kill()
    child.wait()
    with pytest.raises(ServiceError, match="dagster ended at once"):
        local_services._wait_until_ready(SLOW, child, LOG)
