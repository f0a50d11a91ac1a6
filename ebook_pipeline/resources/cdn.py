"""Where releases are delivered from: immutable objects, and pointers that are replaced.

What stands at a path never changes; a new edition is a new path, and a pointer says which one is
live. Raw manuscripts never come here.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.client import EdgeClient, NoAnswer
from ebook_pipeline.resources.edge.origin import (
    PUBLIC,
    Conflict,
    OriginFolder,
    UrlSigner,
    safe_path,
    signer,
)
from ebook_pipeline.resources.s3_upload import PART

if TYPE_CHECKING:
    from botocore.signers import CloudFrontSigner
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_s3 import S3Client

__all__ = ["Cdn", "CloudFrontCdn", "Conflict", "LocalEdge"]


_PULSE_SECONDS = 5.0


class Health(NamedTuple):
    """Whether the edge as a whole serves; `state` in its own words, `settled` unless it changes."""

    serves: bool
    settled: bool
    state: str


class Cdn(Protocol):
    """Releases at the edge. A path is relative, of letters, digits, ``._~-``; else ValueError."""

    def publish(self, path: str, source: Path, media_type: str) -> None:
        """Put an immutable object; the same bytes again do nothing, others raise Conflict."""

    def point(self, path: str, body: bytes, media_type: str, *, at_once: bool = True) -> None:
        """Put or replace a pointer, atomically; caches are told, unless a minute may pass."""

    def exists(self, path: str) -> bool:
        """Whether something stands at `path` of the origin."""

    def recorded(self, path: str) -> str | None:
        """The SHA-256 (hex) that the origin says stands at `path`; None where nothing does."""

    def url(self, path: str, valid_seconds: int = 3600, *, now: float | None = None) -> str:
        """A signed URL, by our clock or as if it were `now`; below ``public/`` a plain one."""

    def fetch(self, path: str, target: Path, at_most: int | None = None) -> str:
        """GET through the edge into `target`; the SHA-256 in hex. NotFound, Denied, Unavailable.

        What is longer than `at_most` bytes is broken off there, and has another SHA-256.
        """

    def remove(self, path: str) -> None:
        """Take it away from origin and caches; nothing happens where nothing stands."""

    def purge(self, path: str) -> None:
        """As `remove`, with whatever the origin has kept of what stood there before."""

    def refresh(self, path: str) -> None:
        """Caches forget what they have of `path` and ask the origin again; for repairs."""

    def close(self) -> None:
        """Close the connections to the edge."""

    def health(self) -> Health:
        """What the edge says of itself; Unavailable or Denied where it can't be asked."""

    @property
    def client(self) -> EdgeClient:
        """Makes requests at the edge as readers do."""


class LocalEdge:
    """The embedded edge: writes what `resources.edge.server` delivers from.

    `origin` is a folder, or the bucket that several machines share.
    """

    def __init__(self, origin: Path | OriginBucket, secret_file: Path, base_url: str) -> None:
        self._origin = OriginFolder(origin) if isinstance(origin, Path) else origin
        self._secret_file = secret_file
        self._base_url = base_url.rstrip("/")
        self.client = EdgeClient(trust_env=False)
        self._pulse = EdgeClient(trust_env=False, seconds=_PULSE_SECONDS)

    def publish(self, path: str, source: Path, media_type: str) -> None:
        self._origin.put(path, source, media_type)

    def point(self, path: str, body: bytes, media_type: str, *, at_once: bool = True) -> None:  # noqa: ARG002
        self._origin.point(path, body, media_type)

    def exists(self, path: str) -> bool:
        return self._origin.exists(path)

    def recorded(self, path: str) -> str | None:
        return self._origin.recorded(path)

    def url(self, path: str, valid_seconds: int = 3600, *, now: float | None = None) -> str:
        plain = f"{self._base_url}/{safe_path(path)}"
        if path.startswith(PUBLIC):
            return plain
        return f"{plain}?{self._signer.query(path, valid_seconds, now)}"

    def fetch(self, path: str, target: Path, at_most: int | None = None) -> str:
        try:
            return self.client.download(self.url(path), target, at_most)
        except NoAnswer as error:
            raise NoAnswer(f"the edge is down (`ebooks up` starts it): {error}") from error

    def remove(self, path: str) -> None:
        self._origin.remove(path)

    def purge(self, path: str) -> None:
        self._origin.purge(path)

    def refresh(self, path: str) -> None:
        safe_path(path)  # nothing is cached here

    def health(self) -> Health:
        """Asked twice before it is said that it does not serve."""
        for _ in range(2):
            seen = self._pulse.look(f"{self._base_url}/healthz", 100)
            if seen.status == 200:
                return Health(serves=True, settled=True, state="running")
        reason = seen.trouble or f"/healthz answered {seen.status}"
        return Health(serves=False, settled=True, state=f"{reason} (`ebooks up` starts it)")

    def close(self) -> None:
        """Close the connections to the edge."""
        self.client.close()
        self._pulse.close()

    @cached_property
    def _signer(self) -> UrlSigner:
        return signer(self._secret_file)


@dataclass(frozen=True)
class CloudFrontCdn:
    """A private bucket behind CloudFront with origin access control and a trusted key group.

    The bucket's policy gives the distribution and this process ``s3:ListBucket`` too, else what is
    missing looks Denied, not NotFound. `private_key` is the PEM (RSA 2048) whose public key is
    `key_pair_id`; `base_url` is ``https://<domain>`` unless set; `part_bytes` and `content_md5`
    are `Uploader`'s.
    """

    s3: "S3Client"
    cloudfront: "CloudFrontClient"
    bucket: str
    distribution_id: str
    domain: str
    key_pair_id: str
    private_key: Secret
    base_url: str | None = None
    part_bytes: int = PART
    content_md5: bool = False
    client: EdgeClient = field(default_factory=EdgeClient, repr=False, compare=False)

    def publish(self, path: str, source: Path, media_type: str) -> None:
        self._origin.put(path, source, media_type)

    def point(self, path: str, body: bytes, media_type: str, *, at_once: bool = True) -> None:
        self._origin.point(path, body, media_type)
        if at_once:
            self._invalidate(path)

    def exists(self, path: str) -> bool:
        return self._origin.exists(path)

    def recorded(self, path: str) -> str | None:
        return self._origin.recorded(path)

    def url(self, path: str, valid_seconds: int = 3600, *, now: float | None = None) -> str:
        plain = f"{self.base_url or f'https://{self.domain}'}/{safe_path(path)}"
        if path.startswith(PUBLIC):
            return plain
        if valid_seconds <= 0:
            raise ValueError("a signed URL must be valid for a while")
        until = datetime.fromtimestamp((now or time.time()) + valid_seconds, UTC)
        signed: str = self._signer.generate_presigned_url(plain, date_less_than=until)
        return signed

    def fetch(self, path: str, target: Path, at_most: int | None = None) -> str:
        return self.client.download(self.url(path), target, at_most)

    def remove(self, path: str) -> None:
        if not self.exists(path):
            return
        self._origin.remove(path)
        self._invalidate(path)

    def purge(self, path: str) -> None:
        if self._origin.purge(path):
            self._invalidate(path)

    def refresh(self, path: str) -> None:
        self._invalidate(safe_path(path))

    def health(self) -> Health:
        with aws_errors(f"distribution {self.distribution_id}"):
            answer = self.cloudfront.get_distribution(Id=self.distribution_id)
        distribution = answer["Distribution"]
        on, status = distribution["DistributionConfig"]["Enabled"], distribution["Status"]
        state = f"{'enabled' if on else 'disabled'}, {status}"
        return Health(serves=on, settled=status == "Deployed", state=state)

    def close(self) -> None:
        """Close the connections to the edge."""
        self.client.close()

    @cached_property
    def _origin(self) -> OriginBucket:
        return OriginBucket(self.s3, self.bucket, self.part_bytes, self.content_md5)

    @cached_property
    def _signer(self) -> "CloudFrontSigner":
        from botocore.signers import CloudFrontSigner
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA1
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key(self.private_key.reveal(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("CloudFront signs with an RSA key: see cloudfront_private_key")
        return CloudFrontSigner(self.key_pair_id, lambda m: key.sign(m, PKCS1v15(), SHA1()))  # noqa: S303

    def _invalidate(self, path: str) -> None:
        with aws_errors(f"invalidation of {path}"):
            self.cloudfront.create_invalidation(
                DistributionId=self.distribution_id,
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": [f"/{path}"]},
                    "CallerReference": str(uuid.uuid4()),
                },
            )
