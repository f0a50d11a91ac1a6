"""Regular files, opened and read to a bound: no link, no device, no pipe without a writer."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class NotRegular(OSError):
    """What stands at the name is no regular file."""


def open_regular(path: Path, *, follow: bool = False) -> BinaryIO:
    """The regular file at `path`; over a link only with `follow`. Raises OSError, NotRegular."""
    if not follow and path.is_symlink():
        raise NotRegular(None, "it is a link", str(path))
    handle = os.open(path, _FLAGS if follow else _FLAGS | os.O_NOFOLLOW)
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise NotRegular(None, "it is no regular file", str(path))
    return stream


def read_regular(path: Path, most: int, *, follow: bool = False) -> bytes:
    """The first `most` bytes of the regular file at `path`. Raises OSError, NotRegular."""
    with open_regular(path, follow=follow) as stream:
        return stream.read(most)


def files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every entry below `folder` that is no folder, over no link; the walk keeps its own stack.

    What may not be read, or has a longer path than the system opens, is passed over.
    """
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            else:
                yield entry
