"""Starts a program that must listen to us on a port of this machine, and shuts it in first.

Such a program can't be a child of the sandbox, whose network is empty. It connects to nothing,
sends no datagram, starts nothing and opens only the files that it is given. Where the system lacks
a layer the program runs all the same, without it.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from ebook_pipeline.tools import identity, landlock, prctl, system_calls
from ebook_pipeline.tools.identity import Identity
from ebook_pipeline.tools.landlock import FileRules
from ebook_pipeline.tools.system_calls import Work

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from ebook_pipeline.tools import launcher; launcher.main(sys.argv[2:])"
)
_THREADS = 512
_LARGEST_FILE = 1 << 30
_CALL = 4095
"""The last of the numbers from which children get their users: calls are counted from 1."""


def shut_in(command: Sequence[str], files: FileRules) -> list[str]:
    """The command line that runs `command` with no more than `files`."""
    words = json.dumps([[str(path) for path in part] for part in _parts(files)])
    code = Path(__file__).parents[2]
    return [sys.executable, "-I", "-S", "-c", _START, str(code), words, *command]


def main(argv: Sequence[str]) -> None:
    """Become ``argv[1:]`` with the files that ``argv[0]`` names."""
    files = FileRules(*(tuple(map(Path, part)) for part in json.loads(argv[0])))
    counted = os.geteuid() == 0
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: _LARGEST_FILE}
    if counted:
        limits[resource.RLIMIT_NPROC] = _THREADS
    for kind, value in limits.items():
        resource.setrlimit(kind, (value, value))
    identity.bound()
    with contextlib.suppress(OSError):  # a container without that number
        identity.take(Identity.USER if counted else Identity.SHARED, _CALL)
    prctl.forgo_privileges()
    with contextlib.suppress(OSError):
        landlock.restrict(files, listens=True)
    with contextlib.suppress(OSError):
        system_calls.restrict(Work.FORKING, Work.SERVER)
    os.execv(argv[1], list(argv[1:]))  # noqa: S606


def _parts(files: FileRules) -> tuple[tuple[Path, ...], ...]:
    return files.read, files.run, files.write, files.own
