"""Where releases are delivered from: immutable objects, and pointers that are replaced.

What stands at a path never changes; a new edition is a new path, and a pointer says which one is
live. Raw manuscripts never come here.
"""

import base64
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx
from botocore.exceptions import ClientError
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ebook_pipeline.books.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.books.keys import Secret
from ebook_pipeline.resources.aws import aws_errors, error_code
from ebook_pipeline.resources.origin import (
    PUBLIC,
    Conflict,
    Origin,
    UrlSigner,
    cache_control,
    safe_path,
    signer,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_s3 import S3Client

__all__ = ["Cdn", "CloudFrontCdn", "Conflict", "LocalEdge"]


class NoAnswer(Unavailable):
    """Nobody listens at the edge, or the connection broke."""


class Cdn(Protocol):
    """Releases at the edge. A path is relative, of letters, digits, ``._~-``; else ValueError."""

    def publish(self, path: str, source: Path, media_type: str) -> None:
        """Put an immutable object; the same bytes again do nothing, others raise Conflict."""

    def point(self, path: str, body: bytes, media_type: str) -> None:
        """Put or replace a pointer, atomically; caches are told."""

    def exists(self, path: str) -> bool:
        """Whether something stands at `path` of the origin."""

    def url(self, path: str, valid_seconds: int = 3600) -> str:
        """A signed URL; below ``public/`` a plain one."""

    def fetch(self, path: str, target: Path) -> str:
        """GET through the edge into `target`; the SHA-256 in hex. NotFound, Denied, Unavailable."""

    def remove(self, path: str) -> None:
        """Take it away from origin and caches; nothing happens where nothing stands."""


class LocalEdge:
    """The embedded edge: writes the folder that `ebook_pipeline.resources.edge` delivers from."""

    def __init__(self, origin: Path, secret_file: Path, base_url: str) -> None:
        self._origin = Origin(origin)
        self._secret_file = secret_file
        self._base_url = base_url.rstrip("/")
        self._http = _client(trust_env=False)

    def publish(self, path: str, source: Path, media_type: str) -> None:
        self._origin.put(path, source, media_type)

    def point(self, path: str, body: bytes, media_type: str) -> None:
        self._origin.point(path, body, media_type)

    def exists(self, path: str) -> bool:
        return self._origin.exists(path)

    def url(self, path: str, valid_seconds: int = 3600) -> str:
        plain = f"{self._base_url}/{safe_path(path)}"
        if path.startswith(PUBLIC):
            return plain
        return f"{plain}?{self._signer.query(path, valid_seconds)}"

    def fetch(self, path: str, target: Path) -> str:
        try:
            return _download(self._http, self.url(path), target)
        except NoAnswer as error:
            raise NoAnswer(f"the edge is down (`ebooks up` starts it): {error}") from error

    def remove(self, path: str) -> None:
        self._origin.remove(path)

    def close(self) -> None:
        """Close the connections to the edge."""
        self._http.close()

    @cached_property
    def _signer(self) -> UrlSigner:
        return signer(self._secret_file)


@dataclass(frozen=True)
class CloudFrontCdn:
    """A private bucket behind CloudFront with origin access control and a trusted key group.

    Objects up to 5 GiB: each is one conditional PUT. The bucket's policy gives the distribution
    and this process ``s3:ListBucket`` too, else what is missing looks Denied, not NotFound.
    `base_url` is ``https://<domain>`` unless set. `private_key` is the PEM (RSA 2048) whose public
    key is `key_pair_id`.
    """

    s3: "S3Client"
    cloudfront: "CloudFrontClient"
    bucket: str
    distribution_id: str
    domain: str
    key_pair_id: str
    private_key: Secret
    base_url: str | None = None
    _http: httpx.Client = field(
        default_factory=lambda: _client(trust_env=True), repr=False, compare=False
    )

    def publish(self, path: str, source: Path, media_type: str) -> None:
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        if self._stands(path, digest):
            return
        with source.open("rb") as stream, self._unless_there(path, digest), aws_errors(path):
            self.s3.put_object(
                Bucket=self.bucket,
                Key=safe_path(path),
                Body=stream,
                IfNoneMatch="*",
                ContentType=media_type,
                CacheControl=cache_control(immutable=True),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(digest).decode(),
                Metadata={"sha256": digest.hex(), "kind": "object"},
            )

    def point(self, path: str, body: bytes, media_type: str) -> None:
        if (self._head(path) or {}).get("kind") == "object":
            raise Conflict(f"{path} is published for good")
        digest = hashlib.sha256(body).digest()
        with aws_errors(path):
            self.s3.put_object(
                Bucket=self.bucket,
                Key=safe_path(path),
                Body=body,
                ContentType=media_type,
                CacheControl=cache_control(immutable=False),
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(digest).decode(),
                Metadata={"sha256": digest.hex(), "kind": "pointer"},
            )
        self._invalidate(path)

    def exists(self, path: str) -> bool:
        return self._head(path) is not None

    def url(self, path: str, valid_seconds: int = 3600) -> str:
        plain = f"{self.base_url or f'https://{self.domain}'}/{safe_path(path)}"
        if path.startswith(PUBLIC):
            return plain
        if valid_seconds <= 0:
            raise ValueError("a signed URL must be valid for a while")
        until = datetime.now(UTC) + timedelta(seconds=valid_seconds)
        signed: str = self._signer.generate_presigned_url(plain, date_less_than=until)
        return signed

    def fetch(self, path: str, target: Path) -> str:
        return _download(self._http, self.url(path), target)

    def remove(self, path: str) -> None:
        if not self.exists(path):
            return
        with aws_errors(path):
            self.s3.delete_object(Bucket=self.bucket, Key=safe_path(path))
        self._invalidate(path)

    def close(self) -> None:
        """Close the connections to the edge."""
        self._http.close()

    @cached_property
    def _signer(self) -> CloudFrontSigner:
        key = load_pem_private_key(self.private_key.reveal(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("CloudFront signs with an RSA key: see cloudfront_private_key")
        return CloudFrontSigner(self.key_pair_id, lambda m: key.sign(m, PKCS1v15(), SHA1()))  # noqa: S303

    def _stands(self, path: str, digest: bytes) -> bool:
        found = self._head(path)
        if found is None:
            return False
        if found.get("sha256") != digest.hex() or found.get("kind") != "object":
            raise Conflict(f"other bytes are published as {path}")
        return True

    @contextmanager
    def _unless_there(self, path: str, digest: bytes) -> Iterator[None]:
        """Another publisher was faster: fine where it put the same bytes."""
        try:
            yield
        except ServiceError as error:
            answer = error.__cause__
            if not isinstance(answer, ClientError) or error_code(answer) != "PreconditionFailed":
                raise
            self._stands(path, digest)

    def _head(self, path: str) -> dict[str, str] | None:
        try:
            with aws_errors(path):
                return self.s3.head_object(Bucket=self.bucket, Key=safe_path(path))["Metadata"]
        except NotFound:
            return None

    def _invalidate(self, path: str) -> None:
        with aws_errors(f"invalidation of {path}"):
            self.cloudfront.create_invalidation(
                DistributionId=self.distribution_id,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": [f"/{path}"]},
                    "CallerReference": str(uuid.uuid4()),
                },
            )


def _client(*, trust_env: bool) -> httpx.Client:
    timeout = httpx.Timeout(60, connect=5)
    return httpx.Client(
        timeout=timeout, trust_env=trust_env, headers={"Accept-Encoding": "identity"}
    )


def _download(client: httpx.Client, url: str, target: Path) -> str:
    """No message shows the query of `url`: who has the signature has the book."""
    shown = url.partition("?")[0]
    partial = target.with_name(f"{target.name}.part")
    try:
        with client.stream("GET", url) as answer, partial.open("wb") as out:
            _raise_for(answer.status_code, shown)
            digest = hashlib.sha256()
            for chunk in answer.iter_raw():
                digest.update(chunk)
                out.write(chunk)
        partial.replace(target)
    except httpx.TransportError as error:
        raise NoAnswer(f"{shown}: {type(error).__name__}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return digest.hexdigest()


def _raise_for(status: int, shown: str) -> None:
    if status == 200:
        return
    message = f"{shown} answered {status}"
    if status in (404, 410):
        raise NotFound(message)
    if status in (401, 403):
        raise Denied(message)
    if status in (408, 425, 429) or status >= 500:
        raise Unavailable(message)
    raise ServiceError(message)
