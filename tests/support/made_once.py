"""What takes long to make, made once for all workers of a session; tests work with copies."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

SHARED = "EBOOKS_TESTS_SHARED"
"""The environment variable that names the session's folder, see tests/conftest.py."""


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` as `make` has filled it; who comes while another makes it waits."""
    shared = Path(os.environ[SHARED])
    folder, unfinished = shared / name, shared / f"{name}.unfinished"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder
