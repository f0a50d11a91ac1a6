"""Files of a folder that others may change, reached step by step and over no link.

As openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS: what becomes a link between two looks
leads nowhere. https://man7.org/linux/man-pages/man2/openat2.2.html
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ebook_pipeline.foundation.errors import NotFound


@contextmanager
def folder(root: Path, prefix: str) -> Iterator[int]:
    """A handle of the folder ``prefix/``, reached from `root` step by step and over no link.

    As openat2(2) with RESOLVE_BENEATH: a folder that becomes a link meanwhile leads nowhere.
    """
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in prefix.split("/")[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def make_folders(root: Path, key: str) -> None:
    """The folders that `key` lies in, each made where it is missing; over no link."""
    prefix = ""
    for part in key.split("/")[:-1]:
        with parent(root, f"{prefix}{part}") as (inside, name), suppress(FileExistsError):
            os.mkdir(name, dir_fd=inside)
            os.fsync(inside)
        prefix = f"{prefix}{part}/"


@contextmanager
def parent(root: Path, key: str) -> Iterator[tuple[int, str]]:
    """The folder that holds `key`, and the name there; NotFound where the key leads elsewhere."""
    parts = key.split("/")
    if "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise NotFound(f"{key!r} is no file of the folder")
    try:
        with folder(root, key[: -len(parts[-1])]) as handle:
            yield handle, parts[-1]
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            message = f"{key!r} is no file of the folder"
            raise NotFound(message) from error
        raise


@contextmanager
def open_file(root: Path, key: str) -> Iterator[BinaryIO]:
    """A regular file only: no link, and no pipe that would wait for its writer."""
    with parent(root, key) as (inside, name):
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotFound(f"{name}: no regular file")
        yield stream


def status(root: Path, key: str) -> os.stat_result | None:
    """What the folder says of `key`, None where there is no such file."""
    try:
        with parent(root, key) as (inside, name):
            return os.stat(name, dir_fd=inside, follow_symlinks=False)
    except FileNotFoundError:
        return None
