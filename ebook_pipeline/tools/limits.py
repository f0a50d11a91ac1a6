"""What one call in the sandbox may use, and the kernel's limits that hold it to that."""

import math
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.foundation.errors import Unavailable

BUSY = 10
"""Times its CPU seconds that a call may take on the clock."""
_KILLED_LATER = 5
"""CPU seconds behind the limit: the signal that names it must come before the one that kills."""
_THREADS = 256
"""Of one call, whatever it starts besides."""


def still_waiting(deadline: float, seconds: float) -> float:
    """Seconds until `deadline` (of the monotonic clock) of a call that may use `seconds` of CPU.

    Raises Unavailable when it has passed: a busy machine is no fault of a file, and what hangs is
    tried again and then fails loudly.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable(
            f"work on this file had not ended after {seconds * BUSY:g} seconds on the clock, though"
            f" it may use {seconds:g} seconds of a processor: the machine is busy, or it hangs"
        )
    return left


@dataclass(frozen=True)
class Limits:
    """What one call may use: CPU seconds, MiB, open files, processes, MiB on disk.

    On the clock it may take `BUSY` times its `seconds`, for others use the machine too. A program
    of several processes has its seconds for each of them on each core.

    `megabytes` bounds the address space, a function's besides what the process that it is forked
    from came to hold; 0 sets no bound. With `resident` it bounds, for programs that reserve far
    more than they use (browsers, JVMs), the resident memory of the program and its children, looked
    at four times a second.

    Without `processes` it starts none, and a function no program either; threads it may have.
    `disk` bounds what lies in its folder and in those that it may write to, looked at once a
    second. A program that `gains_privileges` to isolate itself (a browser) may enter namespaces;
    where it could not under a filter of system calls, it is spared that.
    """

    seconds: float = 120
    megabytes: int = 1500
    open_files: int = 256
    resident: bool = False
    processes: int = 0
    disk: int = 4096
    gains_privileges: bool = False


def apply_limits(limits: Limits, *, counted: bool) -> None:
    """Hold this process, and each that it starts, to `limits`; they can't be raised again.

    `counted`: its processes are counted apart from others' of its user. Of open files nothing is
    said: `bound_open_files` does, once those of the process that was forked are closed.
    """
    cores = (os.cpu_count() or 1) if limits.processes else 1
    values = {
        resource.RLIMIT_CPU: math.ceil(limits.seconds) * cores,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.disk << 20,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if counted:
        values[resource.RLIMIT_NPROC] = _THREADS + limits.processes
    if limits.megabytes and not limits.resident:
        values[resource.RLIMIT_AS] = limits.megabytes << 20
    for kind, value in values.items():
        _bound(kind, value, _KILLED_LATER if kind == resource.RLIMIT_CPU else 0)


def bound_open_files(limits: Limits) -> None:
    """Hold this process, and each that it starts, to so many open files."""
    _bound(resource.RLIMIT_NOFILE, limits.open_files)


def _bound(kind: int, value: int, later: int = 0) -> None:
    _, hard = resource.getrlimit(kind)
    value = _least(value, hard)
    resource.setrlimit(kind, (value, _least(value + later, hard)))


def address_space() -> int:
    """MiB of this process, as RLIMIT_AS counts them."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize() >> 20


def _least(value: int, hard: int) -> int:
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
