"""What a process asks of the kernel about its parent and its children. Elsewhere than on Linux,
nothing is asked. https://man7.org/linux/man-pages/man2/prctl.2.html
"""

import os
import signal
import sys

from ebook_pipeline.tools import libc

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


def signal_at_parents_death(number: signal.Signals) -> None:
    """Have the kernel send this process `number` when its parent dies, however that dies."""
    _prctl(_PR_SET_PDEATHSIG, number)


def end_with_parent(parent: int | None = None) -> None:
    """Have this process end in order with its parent, also where that is dead already.

    Who started it says its number as `parent`: it may be dead before this is asked.
    """
    parent = parent or os.getppid()
    signal_at_parents_death(signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def adopt_orphans() -> None:
    """Become the parent of whatever this process' children leave behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def close_memory() -> None:
    """Let no process of the same user read this one's memory, environment or open files.

    A new program starts open again. PR_SET_DUMPABLE: the kernel gives /proc/<pid> to root, writes
    no core and refuses ptrace.
    """
    _prctl(_PR_SET_DUMPABLE, 0)


def forgo_privileges() -> None:
    """No program that this process starts has more privileges than it has: no set-user-id."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        libc.library().prctl(option, value, 0, 0, 0)
