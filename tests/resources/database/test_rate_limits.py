"""One contract for the limits of requests, counted in memory and in Postgres."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.rate_limits import (
    MemoryRateLimiter,
    PostgresRateLimiter,
    Rate,
    RateLimiter,
    ReservingRateLimiter,
)
from tests.support.servers.postgres import rows

RATE = Rate(burst=3, seconds=10)


class Clock:
    """Seconds, which a test turns."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "postgres", "reserving"])
def limiter(request: pytest.FixtureRequest, clock: Clock) -> RateLimiter:
    made: dict[str, Callable[[], RateLimiter]] = {
        "memory": lambda: MemoryRateLimiter(clock),
        "postgres": lambda: PostgresRateLimiter(request.getfixturevalue("database"), clock),
        "reserving": lambda: ReservingRateLimiter(MemoryRateLimiter(clock), clock),
    }
    return made[str(request.param)]()


def test_a_burst_is_allowed_and_then_one_each_interval(limiter: RateLimiter, clock: Clock) -> None:
    assert [limiter.take([("a", RATE)]) for _ in range(4)] == [0, 0, 0, pytest.approx(10)]
    clock.now += 4
    assert limiter.take([("a", RATE)]) == pytest.approx(6)
    clock.now += 6.001
    assert limiter.take([("a", RATE)]) == 0
    assert limiter.take([("a", RATE)]) > 9
    clock.now += 100
    assert [limiter.take([("a", RATE)]) > 0 for _ in range(4)] == [False] * 3 + [True]


def test_what_is_refused_is_not_counted(limiter: RateLimiter, clock: Clock) -> None:
    for _ in range(20):
        limiter.take([("a", RATE)])
    clock.now += 10.001
    assert limiter.take([("a", RATE)]) == 0


def test_keys_are_counted_apart_and_the_longest_wait_is_told(limiter: RateLimiter) -> None:
    slow = Rate(burst=1, seconds=60)
    assert limiter.take([("a", RATE), ("b", slow)]) == 0
    assert limiter.take([("a", RATE), ("b", slow)]) == pytest.approx(60)
    assert limiter.take([("a", RATE)]) == 0
    assert limiter.take([("c", slow)]) == 0
    assert limiter.take([]) == 0


def test_many_at_once_get_no_more_than_the_burst(limiter: RateLimiter) -> None:
    rate = Rate(burst=10, seconds=1000)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.take([("a", rate), ("b", rate)]), range(40)))
    assert waits.count(0) == 10


def test_of_large_bursts_several_are_taken_at_once_and_no_more_allowed(clock: Clock) -> None:
    """Two processes, of which each reserves ten: the burst is used up, and not one is too much."""
    large = [("a", Rate(burst=100, seconds=1))]
    shared = MemoryRateLimiter(clock)
    processes = [ReservingRateLimiter(shared, clock) for _ in range(2)]
    waits = [processes[number % 2].take(large) for number in range(120)]
    assert waits.count(0) == 100
    assert not any(process.take_reserved(large) for process in processes)
    clock.now += 3.001
    assert [processes[0].take(large) for _ in range(4)] == [0, 0, 0, pytest.approx(1, abs=0.01)]


def test_what_is_reserved_is_asked_of_nobody_and_of_all_keys_or_none(clock: Clock) -> None:
    shared = MemoryRateLimiter(clock)
    limiter = ReservingRateLimiter(shared, clock)
    both = [("a", Rate(burst=200, seconds=1)), ("b", Rate(burst=100, seconds=1))]
    assert not limiter.take_reserved(both)
    assert limiter.take(both) == 0
    assert all(limiter.take_reserved(both) for _ in range(9))
    assert not limiter.take_reserved(both)
    assert limiter.take(both[:1]) == 0
    assert not limiter.take_reserved(both)
    assert limiter.take_reserved(both[:1])
    clock.now += 1000
    assert not limiter.take_reserved(both[:1])


def test_keys_that_allow_everything_again_are_swept(database: Database, clock: Clock) -> None:
    limiter = PostgresRateLimiter(database, clock)
    limiter.take([(f"key {number}", RATE) for number in range(50)])
    clock.now += 1000
    limiter._taken = iter([1000])  # type: ignore[assignment]
    limiter.take([("now", RATE)])
    assert rows(database, "SELECT key FROM rate_limit") == [("now",)]


def test_the_servers_clock_counts_where_no_other_is_given(database: Database) -> None:
    limiter = PostgresRateLimiter(database)
    waits = [limiter.take([("a", Rate(burst=1, seconds=100))]) for _ in range(2)]
    assert waits[0] == 0
    assert 90 < waits[1] <= 100
