"""The bytes of an upload on their way into a bucket, part by part, and what its keys are called."""

import base64
import hashlib
from typing import IO, TYPE_CHECKING

from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.verified_streams import CHUNK, BodyStream

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HIDDEN = ".uploads"
TAIL = ".tail"


class UploadRef(Record):
    """One upload as its store knows it: `received` of `length` bytes count.

    `place` is what the store itself said when the upload began.
    """

    id: str
    length: int
    received: int = 0
    place: str = ""


class PartWriter:
    """Spools one part on disk, and sends it to S3 with its SHA-256 when it is full."""

    def __init__(
        self, s3: "S3Client", bucket: str, upload: UploadRef, block: int, spool: IO[bytes]
    ) -> None:
        self._s3, self._bucket, self._upload, self.block = s3, bucket, upload, block
        self._spool, self._offset, self._digest = spool, upload.received, hashlib.sha256()

    def resume(self) -> None:
        """Begin with what is left of the part that a connection broke in."""
        left = self._offset % self.block
        if left == 0 or self._offset == self._upload.length:
            return
        what = f"upload {self._upload.id}"
        with aws_errors(what):
            answer = self._s3.get_object(
                Bucket=self._bucket, Key=tail_key(self._upload.id, self._offset // self.block)
            )
        with BodyStream(answer["Body"], what) as stream:
            while left and (chunk := stream.read(min(left, CHUNK))):
                self._take(memoryview(chunk))
                left -= len(chunk)
        if left:
            raise Damaged(f"{what}: bytes that were taken are gone")

    def write(self, chunk: memoryview) -> None:
        self._take(chunk)
        self._offset += len(chunk)

    def persist(self) -> None:
        ended = self._offset == self._upload.length
        if self._offset % self.block == 0 or ended:
            self._send_part()
        else:
            self._puttail_key()

    def _take(self, chunk: memoryview) -> None:
        with disk.disk_errors("an upload"):
            self._spool.write(chunk)
        self._digest.update(chunk)

    def _send_part(self) -> None:
        if self._spool.tell() == 0:
            return
        self._spool.seek(0)
        with aws_errors(f"upload {self._upload.id}"):
            self._s3.upload_part(
                Bucket=self._bucket,
                Key=hidden_key(self._upload.id),
                UploadId=self._upload.place,
                PartNumber=-(-self._offset // self.block),
                Body=self._spool,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(self._digest.digest()).decode(),
            )
        self._spool.seek(0)
        self._spool.truncate()
        self._digest = hashlib.sha256()

    def _puttail_key(self) -> None:
        end = self._spool.tell()
        self._spool.seek(0)
        with aws_errors(f"upload {self._upload.id}"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=tail_key(self._upload.id, self._offset // self.block),
                Body=self._spool,
            )
        self._spool.seek(end)


def hidden_key(upload: str) -> str:
    return f"{HIDDEN}/{upload}"


def tail_key(upload: str, part: int) -> str:
    """Of what is left of a part: a later part's never takes the place of an earlier one's."""
    return f"{HIDDEN}/{upload}.{part}{TAIL}"
