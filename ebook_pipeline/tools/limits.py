"""What one call in the sandbox may use, and the kernel's limits that hold it to that."""

import os
import resource
from dataclasses import dataclass

_LARGEST_FILE = 4 << 30


@dataclass(frozen=True)
class Limits:
    """What one call may use: wall seconds, MiB, open files.

    `megabytes` bounds the address space; 0 sets no bound. With `resident` it bounds, for programs
    that reserve far more than they use (browsers, JVMs), the resident memory of the program and
    its children, looked at four times a second. A program that `gains_privileges` to isolate
    itself (a browser) is spared the system-call filter, which would forbid it; not the namespace.
    """

    seconds: float = 120
    megabytes: int = 1500
    open_files: int = 256
    resident: bool = False
    gains_privileges: bool = False


def apply_limits(limits: Limits) -> None:
    """Hold this process, and each that it starts, to `limits`; they can't be raised again."""
    cores = os.cpu_count() or 1
    values = {
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CPU: int(limits.seconds) * cores + 5,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
    }
    if limits.megabytes and not limits.resident:
        values[resource.RLIMIT_AS] = limits.megabytes << 20
    for kind, value in values.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
