"""Many files through one function: several at a time, answers in the order of the files."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

_AHEAD = 4
_A_MOMENT = 0.05


def in_order(
    function: Callable[[S], T], items: Iterable[S], at_once: int, cancel: Callable[[], None]
) -> Generator[T, None, None]:
    """The answers of `function`, each as soon as it and those before it are there.

    Few answers wait at a time, however many items there are. Raises what the function raises.
    Whoever stops before the end (close the generator) leaves nothing running: `cancel` is called
    until the calls under way have ended.
    """
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > _AHEAD * at_once:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            _end([one for one in waiting if not one.cancel()], cancel)


def _end(running: list[Future[T]], cancel: Callable[[], None]) -> None:
    left = set(running)
    while left:
        cancel()
        _, left = wait(left, timeout=_A_MOMENT)
