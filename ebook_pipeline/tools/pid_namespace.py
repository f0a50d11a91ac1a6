"""A PID namespace: children that are forked in one can't name, and so not signal, others outside.

What is mounted at /proc stays the machine's, where they have other numbers than they know: only
programs that look other processes up there, as browsers do, are better off without.

https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
"""

import os
import signal
from pathlib import Path

from ebook_pipeline.tools import libc, prctl

_CLONE_NEWPID = 0x20000000
_FILES = 1 << 16


def enter() -> int:
    """From now on this process, which has one thread, forks into a new namespace.

    Returns its first process, which does nothing but outlive the others and be their orphans'
    parent; the kernel ends them all with it, and it with this process. Raises OSError.
    """
    leave_for_children()
    first = os.fork()
    if first == 0:
        _wait_for_ever()
    return first


def leave_for_children() -> None:
    """Have what this process forks, but not itself, be in a new namespace. Raises OSError."""
    libc.checked(libc.library().unshare(_CLONE_NEWPID))


def is_first_child() -> bool:
    """Whether a child that is forked now is the first one of a namespace."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def children_of(pid: int) -> list[int]:
    """The numbers, as they are here, of the processes whose parent is `pid`."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:  # no such process any more, or no Linux
        return []


def _wait_for_ever() -> None:
    """In the namespace's first process: hold nothing open, reap whoever ends."""
    try:
        prctl.signal_at_parents_death(signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.closerange(0, _FILES)
        while True:
            signal.pause()
    finally:
        os._exit(0)
