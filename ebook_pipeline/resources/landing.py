"""Where manuscripts arrive: a folder of this machine or a bucket. Nothing here is ever changed.

A file ``<file>.json`` beside ``<file>`` is its sidecar: what the submitter says of the book.
"""

import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol
from urllib.parse import quote

from ebook_pipeline.books.describing.sidecar import LARGEST_SIDECAR, parse_claims
from ebook_pipeline.books.records import Claims, Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError, Unavailable
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.verified_streams import CHUNK, BodyStream, appearing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LOG = logging.getLogger(__name__)
_SIDECAR = ".json"
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download")
_LITTER = frozenset({"thumbs.db", "desktop.ini"})


class ArrivalChanged(ServiceError):
    """The file is another one than the arrival says: list again and take the new one."""

    retryable = True


class Arrival(Record):
    """A whole file: `version` is another one when its bytes or its sidecar may have changed."""

    key: str
    version: str
    length: int
    sidecar: str | None = None


class LandingStore(Protocol):
    """Safe for many threads; every method may raise ServiceErrors."""

    def arrivals(self) -> Iterator[Arrival]:
        """Files that nobody is writing any more, sorted by key; sidecars are no arrivals."""
        ...

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        """A copy of exactly that version as `target`; Changed, NotFound."""
        ...

    def claims(self, arrival: Arrival) -> Claims:
        """What the sidecar of that version says; Changed, or BookError ``landing.sidecar``."""
        ...

    def uri(self, key: str) -> str:
        """Where the file is, for people and records."""
        ...


@dataclass(frozen=True)
class _Found:
    version: str
    length: int
    rests: bool = True


class LandingFolder:
    """Files at any depth of `folder` that were not written to for `quiet_seconds`.

    Symbolic links below `folder` are passed over, whether they are files or folders.
    """

    def __init__(self, folder: Path, quiet_seconds: float) -> None:
        self._folder = folder
        self._quiet_seconds = quiet_seconds

    def arrivals(self) -> Iterator[Arrival]:
        with disk.disk_errors(f"landing folder {self._folder}"):
            found = dict(self._walk("", time.time()))
        return _arrivals(found)

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        path = self._path(arrival.key)
        with disk.disk_errors(f"landing file {arrival.key}"):
            self._check(arrival)
            with _open_plain(path) as source, appearing(target) as copy:
                shutil.copyfileobj(source, copy, CHUNK)
                self._check(arrival)
        return target

    def claims(self, arrival: Arrival) -> Claims:
        if arrival.sidecar is None:
            return Claims()
        with disk.disk_errors(f"sidecar {arrival.sidecar}"):
            self._check(arrival)
            with _open_plain(self._path(arrival.sidecar)) as stream:
                body = stream.read(LARGEST_SIDECAR + 1)
            self._check(arrival)
        return parse_claims(body, arrival.sidecar)

    def uri(self, key: str) -> str:
        return (self._folder.absolute() / key).as_uri()

    def _walk(self, prefix: str, now: float) -> Iterator[tuple[str, _Found]]:
        for entry in _scan(self._folder / prefix, missing_ok=prefix != ""):
            if _ignored(entry.name):
                continue
            if not _is_text(entry.name):
                _LOG.warning("landing: %r has a name that is no UTF-8: rename it", entry.name)
            elif entry.is_dir(follow_symlinks=False):
                yield from self._walk(f"{prefix}{entry.name}/", now)
            elif entry.is_file(follow_symlinks=False):
                found = _look(entry, now - self._quiet_seconds, now)
                if found is not None:
                    yield f"{prefix}{entry.name}", found

    def _path(self, key: str) -> Path:
        """The file of `key`; NotFound where the key leads out of the folder or over a link."""
        root = os.path.realpath(self._folder)
        path = os.path.join(root, key)  # noqa: PTH118 - pathlib would tidy what we must judge
        inside = path.startswith(os.path.join(root, "")) and "\0" not in key  # noqa: PTH118
        if not inside or os.path.realpath(path) != path:
            raise NotFound(f"landing file {key!r}: it is not in the landing folder")
        return Path(path)

    def _check(self, arrival: Arrival) -> None:
        book = _version(self._path(arrival.key).lstat())
        try:
            sidecar = _version(self._path(arrival.key + _SIDECAR).lstat())
        except FileNotFoundError:
            sidecar = None
        if _joined(book, sidecar) != arrival.version:
            raise ArrivalChanged(f"landing file {arrival.key} is another one by now")


class LandingBucket:
    """Objects of one bucket; S3 shows them only when they are whole."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def arrivals(self) -> Iterator[Arrival]:
        with aws_errors(f"landing bucket {self._bucket}"):
            found = dict(self._list())
        return _arrivals(found)

    def fetch(self, arrival: Arrival, target: Path) -> Path:
        self._check(arrival)
        what = f"landing object {arrival.key}"
        with aws_errors(what):
            answer = self._client.get_object(Bucket=self._bucket, Key=arrival.key)
        if _stamp(answer["ETag"], answer["LastModified"]) != arrival.version.partition("+")[0]:
            answer["Body"].close()
            raise ArrivalChanged(f"{what} is another one by now")
        with (
            disk.disk_errors(what),
            BodyStream(answer["Body"], what) as source,
            appearing(target) as copy,
        ):
            shutil.copyfileobj(source, copy, CHUNK)
            if copy.tell() != answer["ContentLength"]:
                raise Unavailable(f"{what}: the answer ended early")
        return target

    def claims(self, arrival: Arrival) -> Claims:
        if arrival.sidecar is None:
            return Claims()
        self._check(arrival)
        with aws_errors(f"sidecar {arrival.sidecar}"):
            answer = self._client.get_object(Bucket=self._bucket, Key=arrival.sidecar)
            body = answer["Body"].read(LARGEST_SIDECAR + 1)
            answer["Body"].close()
        if _stamp(answer["ETag"], answer["LastModified"]) != arrival.version.partition("+")[2]:
            raise ArrivalChanged(f"sidecar {arrival.sidecar} is another one by now")
        return parse_claims(body, arrival.sidecar)

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{quote(key)}"

    def _list(self) -> Iterator[tuple[str, _Found]]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket):
            for item in page.get("Contents", []):
                parts = item["Key"].split("/")
                if parts[-1] and not any(_ignored(part) for part in parts):
                    stamp = _stamp(item["ETag"], item["LastModified"])
                    yield item["Key"], _Found(stamp, item["Size"])

    def _stamped(self, key: str) -> str:
        with aws_errors(f"landing object {key}"):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        return _stamp(head["ETag"], head["LastModified"])

    def _check(self, arrival: Arrival) -> None:
        book = self._stamped(arrival.key)
        try:
            sidecar = self._stamped(arrival.key + _SIDECAR)
        except NotFound:
            sidecar = None
        if _joined(book, sidecar) != arrival.version:
            raise ArrivalChanged(f"landing object {arrival.key} is another one by now")


def _arrivals(found: Mapping[str, _Found]) -> Iterator[Arrival]:
    for key, file in sorted(found.items(), key=lambda item: item[0].encode()):
        if key.lower().endswith(_SIDECAR):
            continue
        sidecar = found.get(key + _SIDECAR)
        if file.rests and (sidecar is None or sidecar.rests):
            yield Arrival(
                key=key,
                version=_joined(file.version, sidecar.version if sidecar else None),
                length=file.length,
                sidecar=key + _SIDECAR if sidecar else None,
            )


def _stamp(etag: str, modified: datetime) -> str:
    """The bytes and when they came: the same bytes, sent again after others, are news."""
    return f"{etag.strip(chr(34))}@{modified.timestamp():.0f}"


def _joined(book: str, sidecar: str | None) -> str:
    return f"{book}+{sidecar}" if sidecar else book


def _ignored(name: str) -> bool:
    lower = name.lower()
    return lower.startswith((".", "~$")) or lower.endswith(_UNFINISHED) or lower in _LITTER


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _scan(folder: Path, *, missing_ok: bool) -> list[os.DirEntry[str]]:
    """What is in `folder`; nothing where somebody has removed it since it was seen."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        if missing_ok:
            return []
        raise


def _look(entry: os.DirEntry[str], quiet_since: float, now: float) -> _Found | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    # A file dated in the future would never rest: go by when it was changed here.
    touched = status.st_mtime if status.st_mtime <= now else status.st_ctime
    return _Found(_version(status), status.st_size, touched <= quiet_since)


def _version(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


def _open_plain(path: Path) -> BinaryIO:
    """Open a regular file only: no link, and no pipe that would wait for its writer."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise NotFound(f"{path.name}: no regular file")
    return stream
