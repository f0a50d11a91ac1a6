"""An empty folder for each call of the sandbox, gone when the call is: the fork server makes them.

They lie in one folder, locked. The folder of a server that was killed stays behind unlocked, and
the next one to start removes it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

_PREFIX = "ebooks-sandbox-"
_LEAST = 1024
"""Bytes that a name and its inode take, at the least, where the file is empty."""


class WorkFolders:
    """The folders of running calls; leaving the context removes them all."""

    def __init__(self) -> None:
        _remove_abandoned(Path(tempfile.gettempdir()))
        self._root, self._lock = _made_and_locked()

    def __enter__(self) -> "WorkFolders":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove them all."""
        shutil.rmtree(self._root, ignore_errors=True)
        self.unlock()

    def unlock(self) -> None:
        """Leave them to the process that this one was forked from; two may do so at once."""
        held, self._lock = self._lock, -1
        if held >= 0:
            os.close(held)

    def make(self, call: int) -> Path:
        """A new empty folder for the call of this number."""
        folder = self._root / str(call)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, call: int) -> None:
        """The call's folder with all that it holds; what clings to it goes with the server."""
        folder = self._root / str(call)
        try:
            folder.rmdir()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)


def disk_use(folders: Iterable[Path], most: int) -> int:
    """Bytes on disk of all that lies in `folders`, counted until they are more than `most`."""
    used, left = 0, list(dict.fromkeys(folders))
    while left and used <= most:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:  # gone meanwhile
            for entry in entries:
                used += _LEAST + entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    left.append(Path(entry.path))
                if used > most:
                    break
    return used


def _made_and_locked() -> tuple[Path, int]:
    """A new folder and its lock; made again where another server took it for an abandoned one."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), _locked(folder):  # another user's, or one in use
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock; BlockingIOError where somebody does, NotADirectoryError for a pipe
    of that name, which would be waited for."""
    lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)
