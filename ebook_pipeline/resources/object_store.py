"""Bytes under their SHA-256, and small named documents: on this machine's disk or in S3.

Blobs are written once and never change; a document under a key is replaced as a whole.
"""

import base64
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypedDict

from ebook_pipeline.books.records import BlobRef, canonical_json
from ebook_pipeline.foundation.errors import Damaged, NotFound, ServiceError
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.object_keys import blob_key, checked_key, checked_prefix
from ebook_pipeline.resources.s3_versions import remove_versions
from ebook_pipeline.resources.verified_streams import CHUNK, BodyStream, part, save, verified

if TYPE_CHECKING:
    from boto3.s3.transfer import TransferConfig
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_PART = 16 << 20
_Source = io.BufferedReader | io.BytesIO


class ObjectStore(Protocol):
    """Safe for many threads and processes at a time; every method may raise ServiceErrors."""

    far: bool
    """Whether each question goes over a network: of very many, a few are asked."""

    def put(self, source: Path | bytes, media_type: str) -> BlobRef:
        """Store the bytes unless they are there; a damaged blob is replaced by the good one."""
        ...

    def open(self, ref: BlobRef) -> BinaryIO:
        """The blob from its beginning to its end, without seeking.

        NotFound; Damaged here or at the read that reaches the end of wrong bytes.
        """
        ...

    def open_part(self, ref: BlobRef, first: int, length: int) -> BinaryIO:
        """`length` bytes from the byte `first` (from 0) on, which the blob must have; NotFound.

        Only the length is checked, Damaged: no digest is of a part.
        """
        ...

    def fetch(self, ref: BlobRef, target: Path) -> Path:
        """A verified copy as `target`, which appears whole or not at all; NotFound, Damaged."""
        ...

    def exists(self, ref: BlobRef) -> bool:
        """Whether a blob of this digest and length is there; its bytes are not read."""
        ...

    def write(self, key: str, body: bytes) -> None:
        """Make or replace a document. A key must not be the folder of other keys."""
        ...

    def read(self, key: str) -> bytes:
        """A document's bytes; NotFound."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """The documents' keys that begin with `prefix`, sorted."""
        ...

    def remove_blob(self, ref: BlobRef) -> None:
        """Take a blob away for good; nothing happens where there is none."""
        ...

    def remove(self, key: str) -> None:
        """Take a document away for good; nothing happens where there is none."""
        ...


class LocalObjectStore:
    """Blobs under ``blobs/<aa>/<sha256>``, documents under ``documents/<key>`` of `root`."""

    far = False

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents = root / "documents"

    def put(self, source: Path | bytes, media_type: str) -> BlobRef:
        with _reading(source) as stream, disk.disk_errors("storing a blob"):
            temporary = self._scratch / disk.temporary_name()
            try:
                ref = _copy(stream, temporary, media_type)
                if not self._is_whole(ref):
                    self._keep(temporary, ref)
            finally:
                temporary.unlink(missing_ok=True)
        return ref

    def open(self, ref: BlobRef) -> BinaryIO:
        with disk.disk_errors(f"blob {ref.sha256}"):
            raw = self._path(ref).open("rb", buffering=0)
            return verified(raw, os.fstat(raw.fileno()).st_size, ref)

    def open_part(self, ref: BlobRef, first: int, length: int) -> BinaryIO:
        _check_part(ref, first, length)
        with disk.disk_errors(f"blob {ref.sha256}"):
            raw = self._path(ref).open("rb", buffering=0)
            raw.seek(first)
        return part(raw, length, ref)

    def fetch(self, ref: BlobRef, target: Path) -> Path:
        with self.open(ref) as stream:
            return save(stream, target)

    def exists(self, ref: BlobRef) -> bool:
        with disk.disk_errors(f"blob {ref.sha256}"):
            return self._length(ref) == ref.length

    def write(self, key: str, body: bytes) -> None:
        path = self._document(key)
        if path.is_dir():
            raise ServiceError(f"document {key}: other documents lie under this key")
        with disk.disk_errors(f"document {key}"):
            disk.replace_file(path, body, self._scratch)

    def read(self, key: str) -> bytes:
        path = self._document(key)
        with disk.disk_errors(f"document {key}"):
            return path.read_bytes()

    def keys(self, prefix: str) -> Iterator[str]:
        folder, _, _ = checked_prefix(prefix).rpartition("/")
        with disk.disk_errors(f"documents under {prefix}"):
            yield from self._walk(folder, prefix)

    def remove_blob(self, ref: BlobRef) -> None:
        path = self._path(ref)
        with disk.disk_errors(f"blob {ref.sha256}"):
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.json").unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        with disk.disk_errors(f"document {key}"):
            self._document(key).unlink(missing_ok=True)

    def _path(self, ref: BlobRef) -> Path:
        return self._root / "blobs" / ref.sha256[:2] / ref.sha256

    def _document(self, key: str) -> Path:
        return self._documents / checked_key(key)

    @cached_property
    def _scratch(self) -> Path:
        folder = self._root / "tmp"
        disk.make_folder(folder)
        disk.sweep(folder)
        return folder

    def _length(self, ref: BlobRef) -> int | None:
        try:
            return self._path(ref).stat().st_size
        except FileNotFoundError:
            return None

    def _is_whole(self, ref: BlobRef) -> bool:
        if self._length(ref) != ref.length:
            return False
        with self._path(ref).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == ref.sha256

    def _keep(self, temporary: Path, ref: BlobRef) -> None:
        path = self._path(ref)
        temporary.chmod(0o400)
        # The blob's rename is the commit: whoever sees a blob finds its sidecar beside it.
        sidecar = canonical_json(ref.model_dump(mode="json"))
        disk.replace_file(path.with_name(f"{path.name}.json"), sidecar, self._scratch)
        disk.move_into_place(temporary, path)

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        for name, is_folder in _entries(self._documents / folder):
            key = f"{folder}/{name}".lstrip("/")
            if is_folder and (key.startswith(prefix) or prefix.startswith(key)):
                yield from self._walk(key.rstrip("/"), prefix)
            elif not is_folder and key.startswith(prefix):
                yield key


class S3ObjectStore:
    """The same names as keys of one bucket, whose incomplete uploads a lifecycle rule removes."""

    far = True

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, source: Path | bytes, media_type: str) -> BlobRef:
        with _reading(source) as stream:
            before = _stamp(source)
            ref = _measure(stream, media_type)
            with aws_errors(f"storing blob {ref.sha256}"):
                if not self._holds(ref):
                    self._upload(source, stream, ref)
                    self._forget_if_changed(source, before, ref)
        return ref

    def open(self, ref: BlobRef) -> BinaryIO:
        with aws_errors(f"blob {ref.sha256}"):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=blob_key(ref), ChecksumMode="ENABLED"
            )
        raw = BodyStream(answer["Body"], f"blob {ref.sha256}")
        return verified(raw, answer["ContentLength"], ref)

    def open_part(self, ref: BlobRef, first: int, length: int) -> BinaryIO:
        _check_part(ref, first, length)
        asked = f"bytes={first}-{first + length - 1}"
        with aws_errors(f"blob {ref.sha256}"):
            answer = self._client.get_object(Bucket=self._bucket, Key=blob_key(ref), Range=asked)
        return part(BodyStream(answer["Body"], f"blob {ref.sha256}"), length, ref)

    def fetch(self, ref: BlobRef, target: Path) -> Path:
        with self.open(ref) as stream:
            return save(stream, target)

    def exists(self, ref: BlobRef) -> bool:
        with aws_errors(f"blob {ref.sha256}"):
            head = self._head(ref)
        return head is not None and head["ContentLength"] == ref.length

    def write(self, key: str, body: bytes) -> None:
        with aws_errors(f"document {checked_key(key)}"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"documents/{key}",
                Body=body,
                ContentType="application/json" if key.endswith(".json") else "binary/octet-stream",
                ChecksumSHA256=_base64(hashlib.sha256(body).hexdigest()),
            )

    def read(self, key: str) -> bytes:
        with aws_errors(f"document {checked_key(key)}"):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=f"documents/{key}", ChecksumMode="ENABLED"
            )
            return answer["Body"].read()

    def keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        with aws_errors(f"documents under {prefix}"):
            for page in pages.paginate(
                Bucket=self._bucket, Prefix=f"documents/{checked_prefix(prefix)}"
            ):
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix("documents/")

    def remove_blob(self, ref: BlobRef) -> None:
        remove_versions(self._client, self._bucket, blob_key(ref))

    def remove(self, key: str) -> None:
        remove_versions(self._client, self._bucket, f"documents/{checked_key(key)}")

    def _head(self, ref: BlobRef) -> "HeadObjectOutputTypeDef | None":
        try:
            with aws_errors(f"blob {ref.sha256}"):
                return self._client.head_object(
                    Bucket=self._bucket, Key=blob_key(ref), ChecksumMode="ENABLED"
                )
        except NotFound:
            return None

    def _holds(self, ref: BlobRef) -> bool:
        head = self._head(ref)
        if head is None or head["ContentLength"] != ref.length:
            return False
        if head["Metadata"].get("sha256") != ref.sha256:
            return False
        checksum = head.get("ChecksumSHA256", "")
        # A multipart object's checksum is one of its parts' checksums: nothing to compare with.
        composite = not checksum or "-" in checksum
        return composite or checksum == _base64(ref.sha256)

    def _upload(self, source: Path | bytes, stream: _Source, ref: BlobRef) -> None:
        if ref.length > _PART:
            self._upload_parts(source, ref)
            return
        stream.seek(0)
        self._client.put_object(
            Bucket=self._bucket,
            Key=blob_key(ref),
            Body=stream,
            ContentType=ref.media_type,
            Metadata={"sha256": ref.sha256},
            ChecksumSHA256=_base64(ref.sha256),
        )

    def _forget_if_changed(
        self, source: Path | bytes, before: tuple[int, int], ref: BlobRef
    ) -> None:
        if _stamp(source) != before:
            self._client.delete_object(Bucket=self._bucket, Key=blob_key(ref))
            raise Damaged(f"blob {ref.sha256}: its source changed while it was being stored")

    def _upload_parts(self, source: Path | bytes, ref: BlobRef) -> None:
        target: _Target = {
            "Bucket": self._bucket,
            "Key": blob_key(ref),
            "ExtraArgs": {
                "ChecksumAlgorithm": "SHA256",
                "ContentType": ref.media_type,
                "Metadata": {"sha256": ref.sha256},
            },
            "Config": _transfer(),
        }
        if isinstance(source, Path):
            self._client.upload_file(str(source), **target)
        else:
            self._client.upload_fileobj(io.BytesIO(source), **target)


class _Target(TypedDict):
    Bucket: str
    Key: str
    ExtraArgs: dict[str, object]
    Config: "TransferConfig"


def _check_part(ref: BlobRef, first: int, length: int) -> None:
    if first < 0 or length < 1 or first + length > ref.length:
        raise ValueError(f"blob {ref.sha256} has no {length} bytes from {first} on")


@contextmanager
def _reading(source: Path | bytes) -> Iterator[_Source]:
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as stream:
        yield stream


def _copy(stream: _Source, target: Path, media_type: str) -> BlobRef:
    """A synced copy of `stream`, described by the very bytes that were copied."""
    digest = hashlib.sha256()
    with target.open("xb") as copy:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
        length = copy.tell()
    return BlobRef(sha256=digest.hexdigest(), length=length, media_type=media_type)


def _measure(stream: _Source, media_type: str) -> BlobRef:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return BlobRef(sha256=digest, length=stream.seek(0, os.SEEK_END), media_type=media_type)


def _stamp(source: Path | bytes) -> tuple[int, int]:
    if isinstance(source, bytes):
        return len(source), 0
    status = source.stat()
    return status.st_size, status.st_mtime_ns


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Names in `folder`, folders with a slash at their end, which sorts them as S3 sorts keys."""
    try:
        with os.scandir(folder) as entries:
            names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((f"{name}/" if is_folder else name, is_folder) for name, is_folder in names)


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _transfer() -> "TransferConfig":
    from boto3.s3.transfer import TransferConfig

    return TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, max_concurrency=4)
