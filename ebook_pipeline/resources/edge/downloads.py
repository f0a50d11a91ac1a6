"""What our own edge delivered: counts on their way from its process to the data lake.

The edge has no database. It leaves a file of counts beside what it delivers, at most one a minute,
and whoever fills the lake takes them away. No address, no signature and nobody is in them.
"""

import atexit
import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebook_pipeline.books.measuring.downloads import DownloadCount, DownloadTally
from ebook_pipeline.foundation.errors import Damaged, PipelineError
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.client import OUR_NAME
from ebook_pipeline.resources.edge.origin import OriginFolder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FOLDER = "downloads"
_COUNTS = TypeAdapter(tuple[DownloadCount, ...])
_LOG = logging.getLogger(__name__)
_FLUSH_SECONDS = 60.0
_FETCHED = frozenset({200, 206})


class DownloadLog(Protocol):
    """Files that tell what was fetched, each written once; for many threads. ServiceErrors."""

    def names(self) -> list[str]:
        """The files that wait, in order of name."""
        ...

    def read(self, name: str) -> tuple[DownloadCount, ...]:
        """What the file holds; Damaged."""
        ...

    def remove(self, name: str) -> None:
        """It was taken; nothing happens where it is gone."""
        ...


class OwnDownloadLog(DownloadLog, Protocol):
    """The one that our own edge writes itself."""

    def add(self, counts: Sequence[DownloadCount]) -> None:
        """Leave these for who takes them."""
        ...


def download_log(origin: OriginFolder | OriginBucket) -> OwnDownloadLog:
    """The counts beside what is delivered from `origin`."""
    if isinstance(origin, OriginFolder):
        return DownloadFolder(origin.root / _FOLDER)
    return DownloadBucket(origin.s3, origin.bucket)


class DownloadFolder:
    """In a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, counts: Sequence[DownloadCount]) -> None:
        with disk.disk_errors("counts of downloads"):
            disk.make_folder(self._folder)
            target = self._folder / _new_name()
            disk.replace_file(target, _COUNTS.dump_json(tuple(counts)), self._folder)

    def names(self) -> list[str]:
        return sorted(file.name for file in self._folder.glob("*.json"))

    def read(self, name: str) -> tuple[DownloadCount, ...]:
        with disk.disk_errors("counts of downloads"):
            return _parsed(name, (self._folder / name).read_bytes())

    def remove(self, name: str) -> None:
        with disk.disk_errors("counts of downloads"):
            (self._folder / name).unlink(missing_ok=True)


class DownloadBucket:
    """In the bucket that the edge delivers from, below a prefix that no release has."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def add(self, counts: Sequence[DownloadCount]) -> None:
        body = _COUNTS.dump_json(tuple(counts))
        with aws_errors("counts of downloads"):
            self._s3.put_object(Bucket=self._bucket, Key=f"{_FOLDER}/{_new_name()}", Body=body)

    def names(self) -> list[str]:
        with aws_errors("counts of downloads"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{_FOLDER}/"
            )
            found = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return sorted(key.removeprefix(f"{_FOLDER}/") for key in found)

    def read(self, name: str) -> tuple[DownloadCount, ...]:
        with aws_errors("counts of downloads"):
            answer = self._s3.get_object(Bucket=self._bucket, Key=f"{_FOLDER}/{name}")
            return _parsed(name, answer["Body"].read())

    def remove(self, name: str) -> None:
        with aws_errors("counts of downloads"):
            self._s3.delete_object(Bucket=self._bucket, Key=f"{_FOLDER}/{name}")


class CountsDownloads:
    """The edge `app`, of which each file that is fetched is counted into `log`.

    A count is left a minute after the first that is not: an idle edge wakes for nothing.
    """

    def __init__(self, app: ASGIApp, log: OwnDownloadLog) -> None:
        self._app, self._log = app, log
        self._tally, self._lock = DownloadTally(), threading.Lock()
        self._timer: threading.Timer | None = None
        atexit.register(self.flush)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or _is_ours(scope):
            await self._app(scope, receive, send)
            return
        answer = _Answer()

        async def counted(message: Message) -> None:
            answer.hear(message)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            if answer.status in _FETCHED and answer.length:
                self._count(str(scope["path"]).lstrip("/"), answer)

    def flush(self) -> None:
        """Leave what was counted; what can't be left now is left later."""
        with self._lock:
            self._timer = None
            counts = self._tally.take()
        if not counts:
            return
        try:
            self._log.add(counts)
        except PipelineError as error:
            _LOG.warning("%d counts of downloads are lost: %s", len(counts), error)

    def _count(self, path: str, answer: "_Answer") -> None:
        if not self._tally.add(path, datetime.now(UTC), answer.length, begun=answer.begun):
            return
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(_FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()


class _Answer:
    """What is seen of an answer: its status, the bytes of its body, and where they begin."""

    def __init__(self) -> None:
        self.status, self.length, self.begun = 0, 0, False

    def hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            part = dict(message.get("headers", ())).get(b"content-range", b"bytes 0-")
            self.begun = part.startswith(b"bytes 0-")
        elif message["type"] == "http.response.body":
            self.length += len(message.get("body", b""))


def _is_ours(scope: Scope) -> bool:
    return dict(scope["headers"]).get(b"user-agent") == OUR_NAME.encode()


def _new_name() -> str:
    return f"{uuid.uuid4().hex}.json"


def _parsed(name: str, body: bytes) -> tuple[DownloadCount, ...]:
    try:
        return _COUNTS.validate_json(body)
    except ValidationError as error:
        raise Damaged(f"counts of downloads {name}: {error.error_count()} faults") from error
