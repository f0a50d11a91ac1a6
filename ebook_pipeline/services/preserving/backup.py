"""A set of database, objects, edge and landing store that belongs together, taken while runs go on.

The database is dumped first, as of one moment. What it names was stored before it was committed
and never changes, so that the files copied afterwards hold at least all of that. A pointer is
copied before the documents that it may name. Nothing is purged meanwhile: whoever takes something
away waits for `TAKING_AWAY`, which a backup holds.
"""

import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.database import Database, schema
from ebook_pipeline.resources.verified_streams import CHUNK
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.preserving import manifest
from ebook_pipeline.services.preserving.manifest import (
    DATABASES,
    FOLDERS,
    BackedUpFile,
    BackupManifest,
)
from ebook_pipeline.services.preserving.pool import BackupPool
from ebook_pipeline.services.preserving.tombstone_log import LOG_FOLDER

_SETTLED_SECONDS = 1.0
_POINTER = "current.json"
_BLOBS = ("objects", "blobs")


class BackupSummary(Record):
    """One backup: the set's name, how many files it lists, what of them was not there before."""

    name: str
    files: int
    bytes: int
    new_files: int
    new_bytes: int
    left_out: tuple[str, ...] = ()
    removed_sets: tuple[str, ...] = ()


@dataclass
class Backup:
    """Takes sets of the home `root` into `pool`; `dump` writes a database of it to a file.

    Dumps lie in `scratch`, a folder of the home's, until they are in the pool.
    """

    root: Path
    scratch: Path
    pool: BackupPool
    key: Secret
    database: Database
    dump: Callable[[str, Path], None]
    _left_out: list[str] = field(default_factory=list)
    _new: list[int] = field(default_factory=list)

    def take(self, *, keep_days: float | None = None) -> BackupSummary:
        """A whole set; sets older than `keep_days` go afterwards, with what only they name."""
        self.pool.prepare()
        with self.pool.alone(), self.database.lock(TAKING_AWAY):
            made_at = datetime.now(UTC)
            files = (*self._dumps(), *self._files())
            made = BackupManifest(
                made_at=made_at,
                revision=schema.newest(),
                files=files,
                left_out=tuple(self._left_out),
            )
            name = manifest.set_name(made_at, secrets.token_hex(3))
            self.bury()
            self.pool.write_set(name, manifest.signed(made.model_dump(mode="json"), self.key))
            removed = () if keep_days is None else self._forget(made_at - timedelta(keep_days))
        return BackupSummary(
            name=name,
            files=len(files),
            bytes=made.length,
            new_files=len(self._new),
            new_bytes=sum(self._new),
            left_out=made.left_out,
            removed_sets=removed,
        )

    def bury(self) -> int:
        """Keep the tombstones of all that was purged and erased; how many there are."""
        folder = self.root / "objects" / "documents" / LOG_FOLDER
        stones = sorted(folder.glob("*/*.json"))
        for path in stones:
            document = path.read_text(encoding="utf-8")
            name = f"{path.parent.name}-{path.stem}"
            self.pool.bury(name, manifest.signed(document, self.key))
        return len(stones)

    def _dumps(self) -> Iterator[BackedUpFile]:
        """Dagster's storage is the older of the two: a partition whose book is missing is odd."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        disk.make_folder(self.scratch, mode=0o700)
        try:
            for name in reversed(DATABASES):
                target = self.scratch / f"{name}.dump"
                self.dump(name, target)
                yield self._added(target, manifest.dump_path(name))
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _files(self) -> Iterator[BackedUpFile]:
        paths = [path for folder in FOLDERS for path in _regular_files(self.root / folder)]
        pointers = [path for path in paths if path.name == _POINTER]
        taken: dict[str, BackedUpFile] = {}
        for path in pointers:
            taken |= self._taken(path)
        # What a pointer names was there before it, so this list has it.
        for folder in FOLDERS:
            for path in _regular_files(self.root / folder):
                if path.name != _POINTER:
                    taken |= self._taken(path)
        yield from taken.values()

    def _taken(self, path: Path) -> dict[str, BackedUpFile]:
        """The file by its place; none where it is gone by now, or can't be taken whole."""
        place = path.relative_to(self.root).as_posix()
        try:
            place.encode()
            return {place: self._blob(path, place) or self._settled(path, place)}
        except FileNotFoundError:
            return {}
        except (UnicodeEncodeError, Damaged, OSError) as error:
            self._left_out.append(f"{os.fsencode(path)!r}: {error}"[:300])
            return {}

    def _blob(self, path: Path, place: str) -> BackedUpFile | None:
        """A blob's name is its digest: what the pool has of it is not read again."""
        parts = path.relative_to(self.root).parts
        if parts[:2] != _BLOBS or path.suffix:
            return None
        length = path.stat().st_size
        if not self.pool.has(path.name, length):
            added = self._added(path, place)
            if added.sha256 != path.name:
                raise Damaged("the blob is not what its name says")
        return BackedUpFile(path=place, sha256=path.name, length=length)

    def _settled(self, path: Path, place: str) -> BackedUpFile:
        """A file that nobody was writing while it was read."""
        for _ in range(3):
            before = path.stat()
            digest = _digest(path)
            if self.pool.has(digest, before.st_size):
                added = BackedUpFile(path=place, sha256=digest, length=before.st_size)
            else:
                added = self._added(path, place)
            if _stamp(path.stat()) == _stamp(before) and added.length == before.st_size:
                return added
            time.sleep(_SETTLED_SECONDS)
        raise Damaged("it was being written all the time")

    def _added(self, path: Path, place: str) -> BackedUpFile:
        digest, length = self.pool.add(path)
        self._new.append(length)
        return BackedUpFile(path=place, sha256=digest, length=length)

    def _forget(self, before: datetime) -> tuple[str, ...]:
        """The newest set always stays."""
        *older, _ = self.pool.sets()
        limit = manifest.set_name(before, "")
        removed = tuple(name for name in older if name < limit)
        for name in removed:
            self.pool.remove_set(name)
        named = {file.sha256 for name in self.pool.sets() for file in self._read(name).files}
        self.pool.sweep(named)
        return removed

    def _read(self, name: str) -> BackupManifest:
        return manifest.read_manifest(self.pool.read_set(name), self.key, f"set {name}")


def _regular_files(folder: Path) -> Iterator[Path]:
    """Below `folder`, over no link; what is being written has a name that is passed over."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(".") and entry.name.endswith(".tmp"):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _regular_files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns
