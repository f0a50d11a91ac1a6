"""What is scarce is used by so many stages at a time as its pool has places, in all processes."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.execution import Batch, Chain, Done, stage
from ebook_pipeline.execution.pools import Pools
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.sandbox import Cancelled
from tests.support.demo_chain.stages import Apple, AppleContext, Demo

NEVER = threading.Event()
HOLDER = """
import fcntl, sys
place = open(sys.argv[1], "w")
fcntl.flock(place, fcntl.LOCK_EX)
print("in", flush=True)
sys.stdin.read()
"""


class Crowd:
    """How many are inside, and how many were at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.inside = self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.inside -= 1


def test_no_more_are_inside_than_there_are_places_however_many_come(tmp_path: Path) -> None:
    crowd, both = Crowd(), threading.Barrier(2, timeout=60)

    def visit(_: int) -> None:
        ours = Pools(tmp_path, {"jvm": 2, "browser": 1})  # each a process of its own, for the lock
        with ours.entered({"jvm"}, NEVER), crowd:
            both.wait()
            NEVER.wait(0.002)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(visit, range(16)))
    assert crowd.most == 2


def test_without_a_limit_nothing_is_asked_of_the_disk(tmp_path: Path) -> None:
    with Pools(tmp_path / "pools", {"jvm": 0}).entered({"jvm", "browser"}, NEVER):
        assert not (tmp_path / "pools").exists()


def test_a_killed_process_frees_its_place_and_a_cancelled_run_waits_for_none(
    tmp_path: Path,
) -> None:
    pools, stop = Pools(tmp_path, {"browser": 1}), threading.Event()
    argv = [sys.executable, "-c", HOLDER, str(tmp_path / "browser-0")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        threading.Timer(0.05, stop.set).start()
        with pytest.raises(Cancelled), pools.entered({"browser"}, stop):
            pytest.fail("two are inside")
        holder.kill()
    with pools.entered({"browser"}, NEVER):
        pass


def test_a_stage_holds_its_place_while_it_works_and_none_for_what_is_reused(
    tmp_path: Path,
) -> None:
    crowd = Crowd()

    @stage(group="pressing", version="1", pools=frozenset({"press"}))
    def juice(apple: Apple) -> Apple:
        with crowd:
            return apple

    chain = Chain("pressed", AppleContext, [juice])
    pools = Pools(tmp_path / "pools", {"press": 1})
    demo = Demo(tmp_path / "store", in_flight=4, pools=pools)
    keys = [f"apple-{number}" for number in range(12)]
    assert sum(isinstance(event, Done) for event in Batch(chain, demo.context, keys)) == 12
    assert crowd.most == 1
    with pools.entered({"press"}, NEVER):  # full: a stage that asked would wait for ever
        again = [event for event in Batch(chain, demo.context, keys) if isinstance(event, Done)]
    assert [event.reused for event in again] == [True] * 12


def test_every_pool_that_a_stage_names_has_a_setting() -> None:
    named = {pool for chain in (BOOK_CHAIN, BRIEF_CHAIN) for one in chain for pool in one.pools}
    assert named == set(Pools.of(Settings()).limits)
