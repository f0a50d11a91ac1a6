"""The bucket that an edge delivers releases from: CloudFront's origin, and that of our own edge.

An object's metadata say what it is: its SHA-256, and whether it is published for good (``object``)
or replaced (``pointer``). A bucket without a policy serves nobody but us.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.edge.origin import Conflict, OriginEntry, cache_control, safe_path
from ebook_pipeline.resources.s3_upload import PART, ObjectHeaders, Uploader
from ebook_pipeline.resources.s3_versions import remove_versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchUpload"})
_OBJECT, _POINTER = "object", "pointer"
_CHUNK = 1 << 18


class _Held(NamedTuple):
    """What the bucket says of an object."""

    sha256: str
    kind: str
    media_type: str
    length: int


@dataclass(frozen=True)
class OriginBucket:
    """As `OriginFolder`, in S3; `part_bytes` and `content_md5` are `Uploader`'s."""

    s3: "S3Client"
    bucket: str
    part_bytes: int = PART
    content_md5: bool = False

    def put(self, path: str, source: Path, media_type: str) -> None:
        """Publish for good; the same bytes again do nothing, others are a Conflict."""
        uploader = Uploader(self.s3, self.bucket, self.part_bytes, self.content_md5)
        measured = uploader.measure(source)
        if self._stands(path, measured.sha256):
            return
        about = _about(media_type, measured.sha256, immutable=True)
        with self._unless_there(path, measured.sha256):
            uploader.create(safe_path(path), source, measured, about)

    def point(self, path: str, body: bytes, media_type: str) -> None:
        """Replace the pointer at `path`; a Conflict where an immutable object stands there."""
        held = self._head(path)
        if held and held.kind == _OBJECT:
            raise Conflict(f"{path} is published for good")
        digest = hashlib.sha256(body).digest()
        with aws_errors(path):
            self.s3.put_object(
                Bucket=self.bucket,
                Key=safe_path(path),
                Body=body,
                **_about(media_type, digest, immutable=False),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(digest).decode(),
            )

    def exists(self, path: str) -> bool:
        return self._head(path) is not None

    def recorded(self, path: str) -> str | None:
        """The SHA-256 that is noted of what stands at `path`; None where nothing does."""
        held = self._head(path)
        return None if held is None else held.sha256

    def remove(self, path: str) -> None:
        """Nothing stands at `path` any more; nothing happens where nothing stood."""
        with aws_errors(path):
            self.s3.delete_object(Bucket=self.bucket, Key=safe_path(path))

    def purge(self, path: str) -> bool:
        """As `remove`, with all versions that the bucket kept; whether there were any."""
        return remove_versions(self.s3, self.bucket, safe_path(path)) > 0

    def entry(self, path: str) -> OriginEntry:
        """What stands at `path`, a pointer with its body. NotFound where nothing does."""
        held = self._head(path)
        if held is None:
            raise NotFound(path)
        body = None
        if held.kind == _POINTER:
            body = base64.b64encode(b"".join(self.content(path))).decode()
        return OriginEntry(
            media_type=held.media_type, sha256=held.sha256, length=held.length, body=body
        )

    def content(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` until before `end`, read as they are asked for."""
        last = "" if end is None else end - 1
        asked = {"Range": f"bytes={start}-{last}"} if start or end is not None else {}
        with aws_errors(path):
            answer = self.s3.get_object(
                Bucket=self.bucket,
                Key=safe_path(path),
                **asked,  # type: ignore[arg-type]  # its only key is a text
            )
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(_CHUNK)

    def _stands(self, path: str, digest: bytes) -> bool:
        held = self._head(path)
        if held is None:
            return False
        if (held.sha256, held.kind) != (digest.hex(), _OBJECT):
            raise Conflict(f"other bytes are published as {path}")
        return True

    @contextmanager
    def _unless_there(self, path: str, digest: bytes) -> Iterator[None]:
        """Another publisher was faster, or our own first answer was lost: fine if bytes agree."""
        from ebook_pipeline.resources.aws_failures import error_code

        try:
            yield
        except ServiceError as error:
            if error_code(error.__cause__) not in _TAKEN:
                raise
            if not self._stands(path, digest):
                raise

    def _head(self, path: str) -> _Held | None:
        try:
            with aws_errors(path):
                answer = self.s3.head_object(Bucket=self.bucket, Key=safe_path(path))
        except NotFound:
            return None
        stored = answer["Metadata"]
        return _Held(
            stored.get("sha256", ""),
            stored.get("kind", ""),
            answer["ContentType"],
            answer["ContentLength"],
        )


def _about(media_type: str, digest: bytes, *, immutable: bool) -> ObjectHeaders:
    return {
        "ContentType": media_type,
        "CacheControl": cache_control(immutable=immutable),
        "Metadata": {"sha256": digest.hex(), "kind": _OBJECT if immutable else _POINTER},
    }
