"""A backup's folder: sealed files under a digest, sets that list them, tombstones beside.

``data/<aa>/<digest>``, ``sets/<name>.json``, ``tombstones/<name>.json``. A set is written last and
as a whole: what was killed before has left bytes that no set names, and nothing that looks whole.
Folders that an earlier release made hold their files as they are, and stay so.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.verified_streams import CHUNK
from ebook_pipeline.services.preserving.manifest import BackedUpFile, is_set_name
from ebook_pipeline.services.preserving.sealing import Reader, Seal, Writer, least_length

_MARK = "ebooks-backup"
_PLAIN, _SEALED = "1", "2"
"""First line of the mark; the second, where files are sealed, is the recipients' mark."""


class BackupPool:
    """The folder of a backup; many sets share what is the same in them.

    Without a `seal` only the names of sets can be read, or a folder that is not sealed.
    """

    def __init__(self, root: Path, seal: Seal | None = None) -> None:
        self.root = root
        self._given = seal

    def prepare(self) -> None:
        """Make the folder, or take a backup's. ServiceError where it is something else."""
        with disk.disk_errors(f"backup {self.root}"):
            disk.make_folder(self.root, mode=0o700)
            if not (self.root / _MARK).exists() and any(self.root.iterdir()):
                raise ServiceError(f"{self.root} is neither empty nor a backup")
            disk.create_file(self.root / _MARK, self._mark.encode())
            for name in ("data", "sets", "tombstones"):
                disk.make_folder(self.root / name, mode=0o700)
            shutil.rmtree(self.scratch, ignore_errors=True)
            disk.make_folder(self.scratch, mode=0o700)

    @property
    def is_sealed(self) -> bool:
        """False for a folder that an earlier release made."""
        return self._first_lines()[0] == _SEALED

    @property
    def _mark(self) -> str:
        return f"{_PLAIN}\n" if self._given is None else f"{_SEALED}\n{self._given.mark}\n"

    @property
    def _seal(self) -> Seal | None:
        if self.is_sealed and self._given is None:
            raise ServiceError(f"{self.root} is sealed: it is opened by its keys")
        return self._given if self.is_sealed else None

    def _require_recipients(self) -> None:
        """Files that are there are not sealed anew: a new recipient has a new folder."""
        if (seal := self._seal) is not None and self._first_lines()[1:] != [seal.mark]:
            raise ServiceError(f"{self.root} is sealed for others: choose another folder")

    def _first_lines(self) -> list[str]:
        with disk.disk_errors(f"backup {self.root}"), (self.root / _MARK).open("rb") as stream:
            return stream.read(200).decode("ascii", "replace").split()[:2] or [""]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other backups out of this folder; the kernel lets go when we die."""
        self._require_recipients()
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
            found = self._path(sha256).stat().st_size
        except FileNotFoundError:
            return False
        return found == length if self._seal is None else found >= least_length(length)

    def add(self, source: Path) -> tuple[str, int]:
        """Copy a file's bytes unless they are there: its SHA-256 and length."""
        temporary = self.scratch / disk.temporary_name()
        try:
            digest, length = copy_hashed(source, temporary, self._seal)
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
        try:
            whole = self._is_copied(source, target, file)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        if not whole:
            target.unlink(missing_ok=True)
            raise Damaged(f"{file.path} is damaged in the backup ({source})")

    def _is_copied(self, source: Path, target: Path, file: BackedUpFile) -> bool:
        seal = self._seal
        try:
            if seal is None:
                return copy_hashed(source, target) == (file.sha256, file.length)
            return opened_hashed(source, target, seal) == (file.sha256, file.length)
        except Damaged:
            return False
        except Denied as error:
            raise Denied(f"{file.path}: {error}") from error

    def sets(self) -> list[str]:
        """The names of all sets, the oldest first."""
        if not (self.root / _MARK).is_file():
            raise NotFound(f"{self.root} is no backup")
        names = (path.stem for path in (self.root / "sets").glob("*.json"))
        return sorted(filter(is_set_name, names))

    def read_set(self, name: str) -> bytes:
        with disk.disk_errors(f"set {name}"):
            return self._opened(self._set(name).read_bytes(), f"set {name}")

    def write_set(self, name: str, body: bytes) -> None:
        """All bytes reach the disk first."""
        os.sync()
        disk.replace_file(self._set(name), self._list(body), self.scratch)

    def remove_set(self, name: str) -> None:
        self._set(name).unlink(missing_ok=True)

    def tombstones(self) -> Iterator[tuple[str, bytes]]:
        """What was purged since ever, by name, as it was signed."""
        for path in sorted((self.root / "tombstones").glob("*.json")):
            yield path.stem, self._opened(path.read_bytes(), f"tombstone {path.stem}")

    def bury(self, name: str, body: bytes) -> None:
        """Keep a tombstone, whatever becomes of the sets."""
        place = self.root / "tombstones" / f"{name}.json"
        disk.replace_file(place, self._list(body), self.scratch)

    def sweep(self, named: set[str]) -> int:
        """Remove files whose digests are not `named` by any set; how many."""
        names = {self._path(sha256).name for sha256 in named}
        removed = 0
        for path in (self.root / "data").glob("*/*"):
            if path.name not in names:
                path.unlink()
                removed += 1
        return removed

    def _path(self, sha256: str) -> Path:
        name = sha256 if (seal := self._seal) is None else seal.name(sha256)
        return self.root / "data" / name[:2] / name

    def _list(self, body: bytes) -> bytes:
        return body if (seal := self._seal) is None else seal.seal_list(body)

    def _opened(self, body: bytes, place: str) -> bytes:
        return body if (seal := self._seal) is None else seal.open_list(body, place)

    def _set(self, name: str) -> Path:
        return self.root / "sets" / f"{name}.json"


def copy_hashed(source: Path, target: Path, seal: Seal | None = None) -> tuple[str, int]:
    """Copy a regular file, over no link, sealed if so asked; SHA-256 and length of its bytes."""
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as stream, target.open("xb") as copy:
        seen = _Counted(source=stream)
        if seal is None:
            shutil.copyfileobj(seen, copy, CHUNK)
        else:
            seal.seal(seen, copy)
    return seen.found


def opened_hashed(source: Path, target: Path, seal: Seal) -> tuple[str, int]:
    """What `copy_hashed` has sealed; SHA-256 and length of what was written."""
    with source.open("rb") as stream, target.open("xb") as copy:
        seen = _Counted(target=copy)
        seal.open(stream, seen)
    return seen.found


class _Counted:
    """Digest and length of all that is read from one stream, or written to another."""

    def __init__(self, source: Reader | None = None, target: Writer | None = None) -> None:
        self._source, self._target = source, target
        self._digest, self._length = hashlib.sha256(), 0

    @property
    def found(self) -> tuple[str, int]:
        return self._digest.hexdigest(), self._length

    def read(self, size: int = -1, /) -> bytes:
        assert self._source is not None
        body = self._source.read(size)
        self._note(body)
        return body

    def write(self, body: bytes, /) -> int:
        assert self._target is not None
        self._note(body)
        return self._target.write(body)

    def flush(self) -> None:
        """Nothing is held back."""

    def _note(self, body: bytes) -> None:
        self._digest.update(body)
        self._length += len(body)
