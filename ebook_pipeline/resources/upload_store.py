"""Where the bytes of unfinished uploads lie, and how a whole one appears in the landing store.

Nothing here is held in memory but what one call brings. A file is hidden below `HIDDEN` until it
is landed, where no look into the landing store sees it. How much of it counts, the caller knows
(`UploadRef.received`): bytes beyond that were never acknowledged, and are written over.
"""

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ebook_pipeline.books.owning.landing_keys import SIDECAR
from ebook_pipeline.foundation.errors import Damaged, NotFound, StoreFull
from ebook_pipeline.resources import beneath, disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.s3_upload import PART, part_size
from ebook_pipeline.resources.upload_parts import (
    HIDDEN,
    PartWriter,
    UploadRef,
    hidden_key,
)
from ebook_pipeline.resources.verified_streams import CHUNK, BodyStream

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

_BLOCK = 8 << 20
_RESERVE = 64 << 20
"""Bytes that a disk keeps free: a database that shares it must go on."""


class UploadWriter(Protocol):
    """Takes the bytes that follow; one thread at a time."""

    block: int
    """Whoever writes lets no chunk cross a multiple of this, and persists at each."""

    def write(self, chunk: memoryview) -> None:
        """Take `chunk`; StoreFull, or another ServiceError."""
        ...

    def persist(self) -> None:
        """Make all that was written durable."""
        ...


class UploadStore(Protocol):
    """Safe for many threads, of different uploads; every method may raise ServiceErrors."""

    def begin(self, upload: str, length: int) -> str:
        """Make room for an upload; its `place`. StoreFull where there is none."""
        ...

    def writer(self, upload: UploadRef) -> AbstractContextManager[UploadWriter]:
        """A writer from `upload.received` on; NotFound, Damaged where bytes are gone."""
        ...

    def direct_url(self, upload: str, length: int, seconds: int) -> str | None:
        """Where anybody who holds this may PUT the whole file meanwhile; None: nowhere."""
        ...

    def complete(self, upload: UploadRef) -> None:
        """Nothing more is written. Again, it changes nothing; Damaged where bytes are missing."""
        ...

    def open(self, upload: UploadRef) -> AbstractContextManager[BinaryIO]:
        """The bytes of a complete upload, from the first one on."""
        ...

    def land(self, upload: UploadRef, key: str, sidecar: bytes) -> None:
        """Let a complete upload appear as `key` in the landing store, its sidecar first.

        Again, it changes nothing. Damaged where something else lies there.
        """
        ...

    def discard(self, upload: UploadRef) -> None:
        """Take its bytes away; again, it changes nothing."""
        ...

    def leftovers(self, before: datetime) -> Iterator[UploadRef]:
        """What lies here since before then, whoever knows of it."""
        ...


class UploadFolder:
    """Files in a hidden folder of the landing folder: to land one is to give it its name there."""

    def __init__(self, landing: Path) -> None:
        self._landing, self._folder = landing, landing / HIDDEN

    def begin(self, upload: str, length: int) -> str:
        with disk.disk_errors("the landing folder"):
            disk.make_folder(self._landing)
            disk.make_folder(self._folder, 0o700)
            if shutil.disk_usage(self._folder).free < length + _RESERVE:
                raise StoreFull(f"the landing folder has no room for {length} bytes")
            disk.write_file(self._folder / upload, b"", 0o640)
            disk.sync_folder(self._folder)
        return ""

    @contextmanager
    def writer(self, upload: UploadRef) -> Iterator["_FileWriter"]:
        with disk.disk_errors(f"upload {upload.id}"):
            handle = os.open(self._folder / upload.id, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            if os.fstat(handle).st_size < upload.received:
                raise Damaged(f"upload {upload.id}: bytes that were taken are gone")
            yield _FileWriter(handle, upload.received)
        finally:
            os.close(handle)

    def direct_url(self, upload: str, length: int, seconds: int) -> str | None:  # noqa: ARG002
        return None

    def complete(self, upload: UploadRef) -> None:
        path = self._folder / upload.id
        with disk.disk_errors(f"upload {upload.id}"):
            length = path.stat().st_size
            if length > upload.length:
                os.truncate(path, upload.length)
        if length < upload.length:
            raise Damaged(f"upload {upload.id}: {length} bytes of {upload.length} are there")

    @contextmanager
    def open(self, upload: UploadRef) -> Iterator[BinaryIO]:
        with disk.disk_errors(f"upload {upload.id}"):
            stream = (self._folder / upload.id).open("rb")
        with stream:
            yield stream

    def land(self, upload: UploadRef, key: str, sidecar: bytes) -> None:
        source = self._folder / upload.id
        with disk.disk_errors(f"landing file {key}"):
            beneath.make_folders(self._landing, key)
            if beneath.status(self._landing, key) is None:
                self._put_sidecar(key + SIDECAR, sidecar)
            with beneath.parent(self._landing, key) as (inside, name):
                _link(source, inside, name, upload)
                os.fsync(inside)
            source.unlink(missing_ok=True)

    def discard(self, upload: UploadRef) -> None:
        with disk.disk_errors(f"upload {upload.id}"):
            (self._folder / upload.id).unlink(missing_ok=True)

    def leftovers(self, before: datetime) -> Iterator[UploadRef]:
        if not self._folder.is_dir():
            return
        with disk.disk_errors("the landing folder"), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_mtime < before.timestamp():
                        yield UploadRef(id=entry.name, length=status.st_size)

    def _put_sidecar(self, key: str, sidecar: bytes) -> None:
        temporary = self._folder / disk.temporary_name()
        try:
            disk.write_file(temporary, sidecar, 0o640)
            with beneath.parent(self._landing, key) as (inside, name):
                os.replace(temporary, name, dst_dir_fd=inside)
        finally:
            temporary.unlink(missing_ok=True)


class _FileWriter:
    block = _BLOCK

    def __init__(self, file: int, offset: int) -> None:
        self._file, self._offset = file, offset

    def write(self, chunk: memoryview) -> None:
        with disk.disk_errors("an upload"):
            while chunk:
                written = os.pwrite(self._file, chunk, self._offset)
                self._offset += written
                chunk = chunk[written:]

    def persist(self) -> None:
        with disk.disk_errors("an upload"):
            os.fdatasync(self._file)


def _link(source: Path, inside: int, name: str, upload: UploadRef) -> None:
    """Give `source` the `name` in the folder `inside`, unless it has it already."""
    with suppress(FileExistsError, FileNotFoundError):
        os.link(source, name, dst_dir_fd=inside, follow_symlinks=False)
    there = _status(name, inside)
    if there is None:
        raise NotFound(f"upload {upload.id}: its bytes are gone")
    here = _status(str(source), None)
    same = there.st_ino == here.st_ino if here else there.st_size == upload.length
    if not same:
        raise Damaged(f"upload {upload.id}: something else lies in its place")


def _status(name: str, inside: int | None) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=inside, follow_symlinks=False)
    except FileNotFoundError:
        return None


class UploadBucket:
    """A multipart upload of one hidden object: to land it is to have S3 copy it.

    Parts are of one size, so `received` says how many there are. What is left of a part when a
    connection breaks is kept as an object beside, for S3 takes no small part but the last.
    """

    def __init__(self, s3: "S3Client", bucket: str, part: int = PART) -> None:
        self._s3, self._bucket, self._part = s3, bucket, part

    def begin(self, upload: str, length: int) -> str:  # noqa: ARG002
        with aws_errors(f"upload {upload}"):
            begun = self._s3.create_multipart_upload(
                Bucket=self._bucket, Key=hidden_key(upload), ChecksumAlgorithm="SHA256"
            )
        return begun["UploadId"]

    @contextmanager
    def writer(self, upload: UploadRef) -> Iterator[PartWriter]:
        with tempfile.TemporaryFile() as spool:
            block = part_size(upload.length, self._part)
            writer = PartWriter(self._s3, self._bucket, upload, block, spool)
            writer.resume()
            yield writer

    def direct_url(self, upload: str, length: int, seconds: int) -> str | None:
        wanted = {"Bucket": self._bucket, "Key": hidden_key(upload), "ContentLength": length}
        with aws_errors(f"upload {upload}"):
            return self._s3.generate_presigned_url("put_object", wanted, ExpiresIn=seconds)

    def complete(self, upload: UploadRef) -> None:
        length = self._length(hidden_key(upload.id))
        if length is None and upload.place:
            self._join_parts(upload)
            length = self._length(hidden_key(upload.id))
        if length is None:
            raise NotFound(f"upload {upload.id}: its bytes have not come")
        if length != upload.length:
            raise Damaged(f"upload {upload.id}: {length} bytes of {upload.length} are there")

    @contextmanager
    def open(self, upload: UploadRef) -> Iterator[BinaryIO]:
        what = f"upload {upload.id}"
        with aws_errors(what):
            answer = self._s3.get_object(Bucket=self._bucket, Key=hidden_key(upload.id))
        with io.BufferedReader(BodyStream(answer["Body"], what), CHUNK) as stream:
            yield stream

    def land(self, upload: UploadRef, key: str, sidecar: bytes) -> None:
        with aws_errors(f"landing object {key}"):
            if not self._has_landed(upload, key):
                self._s3.put_object(Bucket=self._bucket, Key=key + SIDECAR, Body=sidecar)
                self._s3.copy(
                    {"Bucket": self._bucket, "Key": hidden_key(upload.id)},
                    self._bucket,
                    key,
                    ExtraArgs={
                        "Metadata": {"upload": upload.id},
                        "MetadataDirective": "REPLACE",
                        "ChecksumAlgorithm": "SHA256",
                    },
                )
            self._s3.delete_object(Bucket=self._bucket, Key=hidden_key(upload.id))

    def discard(self, upload: UploadRef) -> None:
        if upload.place:
            with suppress(NotFound), aws_errors(f"upload {upload.id}"):
                self._s3.abort_multipart_upload(
                    Bucket=self._bucket, Key=hidden_key(upload.id), UploadId=upload.place
                )
        with aws_errors(f"upload {upload.id}"):
            self._s3.delete_object(Bucket=self._bucket, Key=hidden_key(upload.id))
            self._forget_tails(upload)

    def leftovers(self, before: datetime) -> Iterator[UploadRef]:
        prefix = f"{HIDDEN}/"
        with aws_errors(f"landing bucket {self._bucket}"):
            begun = self._s3.get_paginator("list_multipart_uploads")
            for begun_page in begun.paginate(Bucket=self._bucket, Prefix=prefix):
                for part in begun_page.get("Uploads", []):
                    if part["Initiated"] < before:
                        name = part["Key"].removeprefix(prefix)
                        yield UploadRef(id=name, length=0, place=part["UploadId"])
            whole = self._s3.get_paginator("list_objects_v2")
            for page in whole.paginate(Bucket=self._bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    if item["LastModified"] < before:
                        name = item["Key"].removeprefix(prefix).partition(".")[0]
                        yield UploadRef(id=name, length=item["Size"])

    def _join_parts(self, upload: UploadRef) -> None:
        with aws_errors(f"upload {upload.id}"):
            pages = self._s3.get_paginator("list_parts").paginate(
                Bucket=self._bucket, Key=hidden_key(upload.id), UploadId=upload.place
            )
            parts = [part for page in pages for part in page.get("Parts", [])]
            self._s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=hidden_key(upload.id),
                UploadId=upload.place,
                MultipartUpload={"Parts": [_joined(part) for part in parts]},
            )
            self._forget_tails(upload)

    def _forget_tails(self, upload: UploadRef) -> None:
        prefix = f"{hidden_key(upload.id)}."
        for page in self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        ):
            for item in page.get("Contents", []):
                self._s3.delete_object(Bucket=self._bucket, Key=item["Key"])

    def _has_landed(self, upload: UploadRef, key: str) -> bool:
        try:
            with aws_errors(f"landing object {key}"):
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
        except NotFound:
            return False
        if head["Metadata"].get("upload") != upload.id:
            raise Damaged(f"upload {upload.id}: something else lies in its place")
        return True

    def _length(self, key: str) -> int | None:
        try:
            with aws_errors(key):
                return self._s3.head_object(Bucket=self._bucket, Key=key)["ContentLength"]
        except NotFound:
            return None


def _joined(part: "PartTypeDef") -> "CompletedPartTypeDef":
    """What S3 wants to hear of a part that it has, with the checksum that it took it by."""
    joined: CompletedPartTypeDef = {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}
    if "ChecksumSHA256" in part:
        joined["ChecksumSHA256"] = part["ChecksumSHA256"]
    return joined
