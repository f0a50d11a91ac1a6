"""What a home's processes have worked and hold: commands, tools, children, its Postgres.

Children that ended are counted by whoever waited for them, which the kernel adds up.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.1
"""Between two looks at what is held in memory."""


@dataclass(frozen=True)
class ProcessClock:
    """The processes below `root` and the servers of the Postgres in `postgres`, where there is one.

    `postgres` is its folder. A process that one of them left to another parent is missed.
    """

    root: int
    postgres: Path | None = None
    _looks: "_Looks" = field(default_factory=lambda: _Looks())

    def seconds(self) -> float:
        """CPU seconds until now, of all processes that live and of those that they waited for.

        What looking takes, here and in `megabytes`, is not counted.
        """
        with self._looks.timed():
            total = sum(_cpu(process) for process in self._processes())
        return total - self._looks.seconds

    def megabytes(self) -> float:
        """Resident memory now, each page once: what is shared is divided among its sharers."""
        with self._looks.timed():
            return sum(_share(process) for process in self._processes()) / (1 << 20)

    def _processes(self) -> Iterator[psutil.Process]:
        for pid in (self.root, self._postmaster()):
            if pid is None or not psutil.pid_exists(pid):
                continue
            process = psutil.Process(pid)
            yield process
            yield from process.children(recursive=True)

    def _postmaster(self) -> int | None:
        if self.postgres is None:
            return None
        lock_file = self.postgres / "data" / "postmaster.pid"
        return int(lock_file.read_text().split()[0]) if lock_file.exists() else None


@dataclass
class _Looks:
    """CPU seconds that looking at processes took of our own."""

    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def timed(self) -> Iterator[None]:
        begun = time.thread_time()
        try:
            yield
        finally:
            with self._lock:
                self.seconds += time.thread_time() - begun


@dataclass
class MemoryWatch:
    """The most memory that the clock's processes held at a time, looked at until it is closed."""

    clock: ProcessClock
    peak: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "MemoryWatch":
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS * 5):
            self.peak = max(self.peak, self.clock.megabytes())


def _cpu(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:4])
    except psutil.Error:  # it has ended: its parent has its time
        return 0.0


def _share(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0
