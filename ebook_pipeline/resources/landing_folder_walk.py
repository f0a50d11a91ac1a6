"""One look through a landing folder."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.formats.unpacked_books import (
    CONTAINER,
    unpacked_finding,
    unpacked_within,
)
from ebook_pipeline.books.owning.landing_keys import is_passed_over
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import beneath
from ebook_pipeline.resources.landing_arrivals import Arrival, FoundFile, refused_arrival
from ebook_pipeline.resources.landing_names import finding, unusable

_MAY_READ = "Let the pipeline's user read it, or take it away."


class FolderWalk:
    """One look through a landing folder, with a stack of its own: folders may nest deeper."""

    def __init__(self, root: Path, quiet_seconds: float) -> None:
        self.found: dict[str, FoundFile] = {}
        self.refused: list[Arrival] = []
        self._root, self._now = root, time.time()
        self._quiet_since = self._now - quiet_seconds

    def run(self) -> None:
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            try:
                waiting += self._folders(prefix)
            except OSError as error:
                if prefix == "":
                    raise
                self._cannot_read(prefix, error)

    def _folders(self, prefix: str) -> Iterator[str]:
        """Take what lies in one folder; the folders in it are given back."""
        if prefix and self._is_unpacked(prefix):
            self.refused.append(refused_arrival(prefix, unpacked_finding(prefix.rstrip("/"))))
            return
        with beneath.folder(self._root, prefix) as handle, os.scandir(handle) as entries:
            for entry in entries:
                key = f"{prefix}{entry.name}"
                if is_passed_over(entry.name):
                    continue
                if refusal := unusable(key):
                    self.refused.append(refused_arrival(key, refusal))
                elif entry.is_dir(follow_symlinks=False):
                    yield f"{key}/"
                elif entry.is_file(follow_symlinks=False):
                    self._take(key, entry)

    def _is_unpacked(self, prefix: str) -> bool:
        """Whether what lies in a folder is one book, in its parts."""
        if unpacked_within(f"{prefix}x") is not None:
            return True
        with contextlib.suppress(OSError, NotFound):
            return beneath.status(self._root, prefix + CONTAINER) is not None
        return False

    def _take(self, key: str, entry: "os.DirEntry[str]") -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._cannot_read(key, error)
            return
        # A file dated in the future would never rest: go by when it was changed here.
        touched = status.st_mtime if status.st_mtime <= self._now else status.st_ctime
        rests = touched <= self._quiet_since
        self.found[key] = FoundFile(version_of(status), status.st_size, rests)

    def _cannot_read(self, key: str, error: OSError) -> None:
        """What has gone since it was seen is nobody's problem."""
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            refusal = finding("landing.unreadable", key, str(error.strerror), _MAY_READ)
            self.refused.append(refused_arrival(key, refusal))


def version_of(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"
