"""A process with all that descends from it, as those need it who look several times a second.

Where the kernel lists a thread's children they are read there: psutil looks at every process of the
machine instead, 4 ms where 190 run, against 0.3 for a browser's.

https://man7.org/linux/man-pages/man5/proc_tid_children.5.html
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

_OWN_CHILDREN = Path("/proc/thread-self/children")
_MOST = 4096
"""Members: a family that grows while it is looked at is no endless one."""


def family(process: psutil.Process) -> list[psutil.Process]:
    """`process`, then its children, theirs, and so on; those that have just ended are left out."""
    if not _OWN_CHILDREN.exists():
        return [process, *_looked_up(process)]
    members, seen = [process], {process.pid}
    for member in members:
        for pid in _listed(member.pid):
            if pid not in seen and len(members) < _MOST:
                seen.add(pid)
                members += _processes(pid)
    return members


def _listed(pid: int) -> Iterator[int]:
    """The children of all threads: a child is its thread's."""
    threads: list[Path] = []
    with contextlib.suppress(OSError):  # it has just ended
        threads += Path(f"/proc/{pid}/task").iterdir()
    for thread in threads:
        with contextlib.suppress(OSError):  # the thread has
            yield from map(int, (thread / "children").read_text("ascii").split())


def _processes(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def _looked_up(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
