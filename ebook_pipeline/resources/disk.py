"""Durable files for the resources of one machine: atomic, synced, and with our errors."""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, StoreFull, Unavailable

_LEFTOVER_SECONDS = 24 * 3600
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_MAY_PASS = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EINTR,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn an `OSError` in the body into NotFound, Denied, Unavailable or ServiceError."""
    try:
        yield
    except OSError as error:
        raise _kind(error)(f"{what}: {error.strerror or error}") from error


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make `folder` and what is above it, so that it is still there after a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        return
    sync_folder(folder.parent)


def keep_private() -> None:
    """What this process makes from now on, and what it starts, is its user's alone."""
    os.umask(0o077)


def make_private_folder(folder: Path) -> None:
    """Make `folder`, or shut the one that is there to others.

    One that is somebody else's, or that many write to, such as a temporary folder, is left as it
    is.
    """
    make_folder(folder, mode=0o700)
    status = folder.stat()
    if status.st_uid == os.geteuid() and not status.st_mode & (stat.S_ISVTX | stat.S_IWOTH):
        folder.chmod(stat.S_IMODE(status.st_mode) & 0o700)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: a rename lasts only when its folder is synced."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temporary_name() -> str:
    """A file name that no other writer uses and that every listing here passes over."""
    return f".{secrets.token_hex(12)}.tmp"


def write_file(path: Path, body: bytes, mode: int = 0o644) -> None:
    """A new file with `body`, synced."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())


def move_into_place(temporary: Path, target: Path) -> None:
    """Rename a synced file to `target`, replacing what was there."""
    make_folder(target.parent)
    temporary.replace(target)
    sync_folder(target.parent)


def replace_file(target: Path, body: bytes, scratch: Path) -> None:
    """`target` holds `body` or what it held before, never a part; `scratch` is on the same disk."""
    temporary = scratch / temporary_name()
    try:
        write_file(temporary, body)
        move_into_place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def create_file(target: Path, body: bytes, mode: int = 0o644) -> bool:
    """Make `target` with `body` unless it exists; of many writers exactly one is told True."""
    temporary = target.parent / temporary_name()
    try:
        write_file(temporary, body, mode)
        target.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
    return True


def sweep(scratch: Path) -> None:
    """Remove what writers that were killed have left in `scratch` a day ago or earlier."""
    oldest = time.time() - _LEFTOVER_SECONDS
    for entry in os.scandir(scratch):
        if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < oldest:
            Path(entry.path).unlink(missing_ok=True)


def _kind(error: OSError) -> type[ServiceError]:
    if error.errno in _ABSENT:
        return NotFound
    if error.errno in _REFUSED:
        return Denied
    if error.errno in _FULL:
        return StoreFull
    return Unavailable if error.errno in _MAY_PASS else ServiceError
