"""Each run's own scratch folder, locked for as long as its process lives.

The kernel lets go of the lock when the process dies, by whatever signal: so everybody on this
machine can tell whether a run still lives, and the next run removes what dead ones have left.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ebook_pipeline.foundation.errors import ServiceError

_PREFIX = "run-"
_TEMPORARY = "ebook-run-"
_held: dict[Path, int] = {}
_lock = threading.Lock()


def claim(root: Path, run: str) -> Path:
    """The folder of `run` below `root`, ours until this process ends; dead runs' are removed."""
    root.mkdir(parents=True, exist_ok=True)
    with _lock:
        _sweep(root, _PREFIX)
        return _claim(root / f"{_PREFIX}{run}")


def claim_temporary(run: str) -> Path:
    """The folder for all that this process and its tools call temporary, while `run` has it.

    A killed browser or JVM cleans nothing up, and temporary files of big books fill disks.
    """
    with _lock:
        root = _system_temporary()
        _sweep(root, _TEMPORARY)
        folder = _claim(root / f"{_TEMPORARY}{run[:8]}")
        tempfile.tempdir = str(folder)
        os.environ["TMPDIR"] = str(folder)
        return folder


def lives(root: Path, run: str) -> bool:
    """Whether some process of this machine, perhaps this one, has claimed the run's folder."""
    folder = root / f"{_PREFIX}{run}"
    if folder in _held:
        return True
    handle = _locked(folder)
    if handle is None:
        return folder.exists()
    os.close(handle)
    return False


def _claim(folder: Path) -> Path:
    while folder not in _held:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        handle = _locked(folder)
        if handle is None and folder.exists():
            raise ServiceError(f"another process works in {folder}")
        if handle is not None and _still_there(folder, handle):
            _held[folder] = handle
        elif handle is not None:
            os.close(handle)
    return folder


def _locked(folder: Path) -> int | None:
    """The open folder, locked; None where another holds it or there is no such folder of ours."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(handle).st_uid == os.geteuid():
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
    except BlockingIOError:
        pass
    os.close(handle)
    return None


def _still_there(folder: Path, handle: int) -> bool:
    """A sweep may have removed it between making and locking."""
    try:
        return os.path.samestat(folder.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _sweep(root: Path, prefix: str) -> None:
    for folder in _folders(root, prefix):
        handle = None if folder in _held else _locked(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _folders(root: Path, prefix: str) -> Iterator[Path]:
    return (Path(entry.path) for entry in os.scandir(root) if entry.name.startswith(prefix))


def _system_temporary() -> Path:
    """Where temporary files lie when no run has claimed a folder for its own."""
    here = Path(tempfile.gettempdir())
    return here.parent if here.name.startswith(_TEMPORARY) else here


def _release_all() -> None:
    for folder, handle in _held.items():
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)
    _held.clear()


def _forked() -> None:
    """A fork's copies of the locks would outlive us: they stay the parent's alone."""
    for handle in _held.values():
        os.close(handle)
    _held.clear()


atexit.register(_release_all)
os.register_at_fork(after_in_child=_forked)
