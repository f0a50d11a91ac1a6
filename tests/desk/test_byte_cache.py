"""What the desk keeps in memory: bounded in bytes and in time, the oldest use goes first."""

import pytest

from ebook_pipeline.desk.byte_cache import ByteCache


class Maker:
    """Makes bytes, and counts how often it had to."""

    def __init__(self, size: int = 1) -> None:
        self.size, self.made = size, 0

    def __call__(self) -> bytes:
        self.made += 1
        return bytes(self.size)


def test_what_was_made_is_not_made_again() -> None:
    cache, maker = ByteCache(100, 60), Maker()
    assert cache.get("a", maker) == cache.get("a", maker)
    assert maker.made == 1


def test_what_was_used_longest_ago_goes_first() -> None:
    cache, makers = ByteCache(100, 60), {name: Maker(40) for name in "abc"}
    for name in "abac":  # c does not fit beside both
        cache.get(name, makers[name])
    cache.get("a", makers["a"])
    cache.get("b", makers["b"])
    assert {name: maker.made for name, maker in makers.items()} == {"a": 1, "b": 2, "c": 1}


def test_nothing_is_kept_beyond_its_time() -> None:
    now = [0.0]
    cache, maker = ByteCache(100, 60, lambda: now[0]), Maker()
    cache.get("a", maker)
    now[0] = 59.9
    cache.get("a", maker)
    assert maker.made == 1
    now[0] = 60
    cache.get("a", maker)
    assert maker.made == 2


def test_what_would_push_all_else_out_is_not_kept() -> None:
    cache, small, large = ByteCache(100, 60), Maker(10), Maker(51)
    cache.get("small", small)
    for _ in range(2):
        cache.get("large", large)
        cache.get("small", small)
    assert (small.made, large.made) == (1, 2)


def test_an_error_is_the_callers_and_nothing_is_kept_of_it() -> None:
    def fails() -> bytes:
        raise LookupError

    cache, maker = ByteCache(100, 60), Maker()
    with pytest.raises(LookupError):
        cache.get("a", fails)
    assert cache.get("a", maker) == b"\0"
