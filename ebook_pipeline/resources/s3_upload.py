"""A file put into a bucket: whole or not at all, and never over another.

Its SHA-256 and those of its parts are taken in one reading, and S3 refuses every part whose bytes
are others. boto3's transfer manager hashes what it happens to read when it sends: a file that
changes meanwhile would be stored as the one that was asked for.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART = 8 << 20
_MOST_PARTS = 10_000
_AT_ONCE = 4
_ABANDONED = timedelta(days=1)


class ObjectHeaders(TypedDict):
    """What S3 keeps of an object beside its bytes."""

    ContentType: str
    CacheControl: str
    Metadata: dict[str, str]


class _Place(TypedDict):
    Bucket: str
    Key: str


class _Md5(TypedDict, total=False):
    ContentMD5: str


class _Upload(_Place):
    UploadId: str


@dataclass(frozen=True)
class FileDigests:
    """A file's length and SHA-256, and the SHA-256 of each of its parts of `part` bytes."""

    length: int
    sha256: bytes
    part: int
    parts: Sequence[bytes] = field(repr=False)


@dataclass(frozen=True)
class Uploader:
    """Puts files into one bucket; a process holds at most four parts in memory for each file.

    Files of up to `part` bytes are one request. Larger parts than that are taken of files that
    would have more than 10,000, https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.
    `content_md5` adds the header of RFC 1864 for endpoints that ask for it.
    """

    s3: "S3Client"
    bucket: str
    part: int = PART
    content_md5: bool = False

    def measure(self, source: Path) -> FileDigests:
        """Read `source` once; beside the whole, each part is hashed by a thread of its own."""
        part = part_size(source.stat().st_size, self.part)
        whole, length, parts = hashlib.sha256(), 0, []
        with source.open("rb") as stream, ThreadPoolExecutor(1) as beside:
            while chunk := stream.read(part):
                digest = beside.submit(_sha256, chunk)
                whole.update(chunk)
                length += len(chunk)
                parts.append(digest.result())
        return FileDigests(length, whole.digest(), part, parts)

    def create(self, key: str, source: Path, measured: FileDigests, about: ObjectHeaders) -> None:
        """Put `source` as `key`, unless something stands there; else or on failure, nothing stays.

        Raises `ClientError` of code ``PreconditionFailed`` behind a `ServiceError` where something
        does, `Damaged` or `ServiceError` where the file is not what was measured.
        """
        place: _Place = {"Bucket": self.bucket, "Key": key}
        with aws_errors(key):
            if len(measured.parts) > 1:
                self._create_of_parts(place, source, measured, about)
            else:
                self._create_at_once(place, source, measured, about)

    def _create_at_once(
        self, place: _Place, source: Path, measured: FileDigests, about: ObjectHeaders
    ) -> None:
        with source.open("rb") as stream:
            body = stream.read(measured.length)
        self.s3.put_object(
            **place,
            **about,
            **self._md5(body),
            Body=body,
            IfNoneMatch="*",
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=_base64(measured.sha256),
        )

    def _create_of_parts(
        self, place: _Place, source: Path, measured: FileDigests, about: ObjectHeaders
    ) -> None:
        self._forget_abandoned(place)
        begun = self.s3.create_multipart_upload(**place, **about, ChecksumAlgorithm="SHA256")
        upload: _Upload = {**place, "UploadId": begun["UploadId"]}
        try:
            parts = self._send(upload, source, measured)
            self.s3.complete_multipart_upload(
                **upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
        except BaseException as error:
            self._abort(upload, error)
            raise

    def _send(
        self, upload: _Upload, source: Path, measured: FileDigests
    ) -> "list[CompletedPartTypeDef]":
        """Every part, four at a time; after the first failure no further one is begun."""
        with source.open("rb") as stream, ThreadPoolExecutor(_AT_ONCE) as pool:
            sent = [
                pool.submit(self._send_part, upload, stream.fileno(), measured, number)
                for number in range(len(measured.parts))
            ]
            try:
                return [part.result() for part in sent]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _send_part(
        self, upload: _Upload, file: int, measured: FileDigests, number: int
    ) -> "CompletedPartTypeDef":
        body = _read(file, number * measured.part, measured.part)
        checksum = _base64(measured.parts[number])
        answer = self.s3.upload_part(
            **upload,
            **self._md5(body),
            PartNumber=number + 1,
            Body=body,
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=checksum,
        )
        return {"PartNumber": number + 1, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    def _md5(self, body: bytes) -> _Md5:
        if not self.content_md5:
            return {}
        return {"ContentMD5": _base64(hashlib.md5(body, usedforsecurity=False).digest())}

    def _forget_abandoned(self, place: _Place) -> None:
        """Take away the parts that publishers of this key left behind when they were killed."""
        oldest = datetime.now(UTC) - _ABANDONED
        pages = self.s3.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=place["Bucket"], Prefix=place["Key"]):
            for upload in page.get("Uploads", []):
                if upload["Key"] == place["Key"] and upload["Initiated"] < oldest:
                    self._forget({**place, "UploadId": upload["UploadId"]})

    def _abort(self, upload: _Upload, error: BaseException) -> None:
        try:
            self._forget(upload)
        except ServiceError as left:
            error.add_note(f"its parts stay until the next upload or the lifecycle rule: {left}")

    def _forget(self, upload: _Upload) -> None:
        try:
            with aws_errors(f"the parts of {upload['Key']}"):
                self.s3.abort_multipart_upload(**upload)
        except NotFound:
            return  # completed or aborted: its answer was lost


def part_size(length: int, part: int = PART) -> int:
    """The bytes of each part of a file: `part`, or what keeps their number below 10,000."""
    return max(part, -(-length // _MOST_PARTS))


def _read(file: int, offset: int, length: int) -> bytes:
    """`os.pread` may give less than was asked for before the file's end."""
    body = os.pread(file, length, offset)
    while 0 < len(body) < length:
        more = os.pread(file, length - len(body), offset + len(body))
        if not more:
            break
        body += more
    return body


def _sha256(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
