"""Streams that know what bytes they must give, and copies that appear whole or not at all."""

import hashlib
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody

CHUNK = 1 << 20


class VerifiedStream(io.RawIOBase):
    """`source` from beginning to end; Damaged is raised in place of the last wrong bytes."""

    def __init__(self, source: io.RawIOBase, ref: BlobRef) -> None:
        self._source = source
        self._ref = ref
        self._digest = hashlib.sha256()
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        with disk.disk_errors(f"blob {self._ref.sha256}"):
            count = self._source.readinto(view) or 0
        self._digest.update(view[:count])
        self._seen += count
        ended = count == 0 and len(view) > 0
        if ended or self._seen >= self._ref.length:
            self._verify()
        return count

    def close(self) -> None:
        self._source.close()
        super().close()

    def _verify(self) -> None:
        if self._seen != self._ref.length or self._digest.hexdigest() != self._ref.sha256:
            raise Damaged(f"blob {self._ref.sha256}: the bytes that are stored are other ones")


class PartStream(io.RawIOBase):
    """`length` bytes of `source`; Damaged where it ends before."""

    def __init__(self, source: io.RawIOBase, length: int, ref: BlobRef) -> None:
        self._source, self._left, self._ref = source, length, ref

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        if not view:
            return 0
        with disk.disk_errors(f"blob {self._ref.sha256}"):
            count = self._source.readinto(view) or 0
        if count == 0:
            raise Damaged(f"blob {self._ref.sha256}: it is shorter than what was stored")
        self._left -= count
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


class BodyStream(io.RawIOBase):
    """An S3 answer's body as a file, with our errors; it can be read once."""

    def __init__(self, body: "StreamingBody", what: str) -> None:
        self._body = body
        self._what = what

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        with aws_errors(self._what):
            chunk = self._body.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._body.close()
        super().close()


def verified(source: io.RawIOBase, length: int, ref: BlobRef) -> BinaryIO:
    """`source` behind a verifying buffer; Damaged at once if its `length` is another one."""
    if length != ref.length:
        source.close()
        raise Damaged(f"blob {ref.sha256}: {length} bytes where {ref.length} were stored")
    return io.BufferedReader(VerifiedStream(source, ref), CHUNK)


def part(source: io.RawIOBase, length: int, ref: BlobRef) -> BinaryIO:
    """The next `length` bytes of `source`, which is closed with them."""
    return io.BufferedReader(PartStream(source, length, ref), CHUNK)


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """Write to the stream; `target` appears when the body ends well, else nothing stays behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / disk.temporary_name()
    try:
        with temporary.open("xb") as stream:
            yield stream
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def save(stream: BinaryIO, target: Path) -> Path:
    """Copy `stream` to `target`, which appears whole or not at all."""
    with disk.disk_errors(f"writing {target.name}"), appearing(target) as copy:
        shutil.copyfileobj(stream, copy, CHUNK)
    return target
