"""A backup's folder: bytes under their SHA-256, sets that list them, tombstones beside.

``data/<aa>/<sha256>``, ``sets/<name>.json``, ``tombstones/<name>.json``. A set is written last and
as a whole: what was killed before has left bytes that no set names, and nothing that looks whole.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebook_pipeline.foundation.errors import Damaged, NotFound, ServiceError
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.verified_streams import CHUNK
from ebook_pipeline.services.preserving.manifest import BackedUpFile, is_set_name

_MARK = "ebooks-backup"
_FORMAT = b"1\n"


class BackupPool:
    """The folder of a backup; many sets share what is the same in them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Make the folder, or take a backup's. ServiceError where it is something else."""
        with disk.disk_errors(f"backup {self.root}"):
            disk.make_folder(self.root, mode=0o700)
            if not (self.root / _MARK).exists() and any(self.root.iterdir()):
                raise ServiceError(f"{self.root} is neither empty nor a backup")
            disk.create_file(self.root / _MARK, _FORMAT)
            for name in ("data", "sets", "tombstones"):
                disk.make_folder(self.root / name, mode=0o700)
            shutil.rmtree(self.scratch, ignore_errors=True)
            disk.make_folder(self.scratch, mode=0o700)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other backups out of this folder; the kernel lets go when we die."""
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ServiceError(f"another backup to {self.root} is under way") from error
            yield

    @property
    def scratch(self) -> Path:
        return self.root / "tmp"

    def has(self, sha256: str, length: int) -> bool:
        """Whether bytes of that digest and length are there; they are not read."""
        try:
            return self._path(sha256).stat().st_size == length
        except FileNotFoundError:
            return False

    def add(self, source: Path) -> tuple[str, int]:
        """Copy a file's bytes unless they are there: its SHA-256 and length."""
        temporary = self.scratch / disk.temporary_name()
        try:
            digest, length = copy_hashed(source, temporary)
            if not self.has(digest, length):
                self._path(digest).parent.mkdir(mode=0o700, exist_ok=True)
                temporary.replace(self._path(digest))
        finally:
            temporary.unlink(missing_ok=True)
        return digest, length

    def take(self, file: BackedUpFile, target: Path) -> None:
        """A copy as `target`, checked while it is made. `Damaged`, `NotFound` name the file."""
        source = self._path(file.sha256)
        if not source.exists():
            raise NotFound(f"the backup lacks {file.path} (data of {file.sha256[:16]}…)")
        digest, length = copy_hashed(source, target)
        if (digest, length) != (file.sha256, file.length):
            target.unlink()
            raise Damaged(f"{file.path} is damaged in the backup ({source})")

    def sets(self) -> list[str]:
        """The names of all sets, the oldest first."""
        if not (self.root / _MARK).is_file():
            raise NotFound(f"{self.root} is no backup")
        names = (path.stem for path in (self.root / "sets").glob("*.json"))
        return sorted(filter(is_set_name, names))

    def read_set(self, name: str) -> bytes:
        with disk.disk_errors(f"set {name}"):
            return self._set(name).read_bytes()

    def write_set(self, name: str, body: bytes) -> None:
        """All bytes reach the disk first."""
        os.sync()
        disk.replace_file(self._set(name), body, self.scratch)

    def remove_set(self, name: str) -> None:
        self._set(name).unlink(missing_ok=True)

    def tombstones(self) -> Iterator[tuple[str, bytes]]:
        """What was purged since ever, by name, as it was signed."""
        for path in sorted((self.root / "tombstones").glob("*.json")):
            yield path.stem, path.read_bytes()

    def bury(self, name: str, body: bytes) -> None:
        """Keep a tombstone, whatever becomes of the sets."""
        disk.replace_file(self.root / "tombstones" / f"{name}.json", body, self.scratch)

    def sweep(self, named: set[str]) -> int:
        """Remove bytes that are not `named` by any set; how many files."""
        removed = 0
        for path in (self.root / "data").glob("*/*"):
            if path.name not in named:
                path.unlink()
                removed += 1
        return removed

    def _path(self, sha256: str) -> Path:
        return self.root / "data" / sha256[:2] / sha256

    def _set(self, name: str) -> Path:
        return self.root / "sets" / f"{name}.json"


def copy_hashed(source: Path, target: Path) -> tuple[str, int]:
    """Copy a regular file, over no link; SHA-256 and length of what was written."""
    digest, length = hashlib.sha256(), 0
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as stream, target.open("xb") as copy:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            length += len(chunk)
    return digest.hexdigest(), length
