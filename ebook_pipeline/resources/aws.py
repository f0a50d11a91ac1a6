"""Amazon's clients as this project wants them, and Amazon's errors as this project names them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from ebook_pipeline.resources import aws_tracing

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from botocore.model import OperationModel
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_MAKING = threading.Lock()  # sessions, unlike clients, are not thread-safe


@dataclass(frozen=True)
class Aws:
    """Makes clients, which are thread-safe; one `Aws` serves the whole process.

    `attempts` counts the first one; the executor goes on retrying what is still Unavailable.
    """

    region: str
    endpoint_url: str | None = None
    attempts: int = 3
    connect_seconds: float = 5
    read_seconds: float = 60
    _made: list[Any] = field(default_factory=list, repr=False, compare=False)

    def s3(self) -> "S3Client":
        """Signs links by version 4, which binds a link's length, for the region's own host.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
        """
        from botocore.config import Config

        own = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if self.endpoint_url else "virtual"},
        )
        client: S3Client = self._client("s3", self._config.merge(own))
        return client

    def kms(self) -> "KMSClient":
        client: KMSClient = self._client("kms")
        return client

    def cloudfront(self) -> "CloudFrontClient":
        client: CloudFrontClient = self._client("cloudfront")
        return client

    def ses(self) -> "SESClient":
        client: SESClient = self._client("ses")
        return client

    def sns(self) -> "SNSClient":
        client: SNSClient = self._client("sns")
        return client

    def sqs(self) -> "SQSClient":
        client: SQSClient = self._client("sqs")
        return client

    def close(self) -> None:
        """Close the connections of all clients that were made, by copies of this one too."""
        for client in self._made:
            client.close()

    def _client(self, service: str, config: "Config | None" = None) -> Any:
        with _MAKING:
            make: Any = _session(self.region).client
            client = make(service, endpoint_url=self.endpoint_url, config=config or self._config)
            aws_tracing.trace(client)
            self._made.append(client)
            return client

    @cached_property
    def _config(self) -> "Config":
        from botocore.config import Config

        return Config(
            connect_timeout=self.connect_seconds,
            read_timeout=self.read_seconds,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=32,
            tcp_keepalive=True,
        )


def make_bucket(s3: "S3Client", name: str) -> bool:
    """A bucket of that name of ours; whether it was made now. Raises as `aws_errors`."""
    with aws_errors(f"bucket {name}"):
        try:
            s3.create_bucket(Bucket=name)
        except (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
            return False
    return True


@cache
def _session(region: str) -> "Session":
    """One per process and region: it reads Amazon's service models, which takes a second."""
    from boto3.session import Session

    session = Session(region_name=region)
    session.events.register("before-parse", _expect_whole)
    return session


def _expect_whole(
    operation_model: "OperationModel", response_dict: dict[str, Any], **_: object
) -> None:
    """Raise where the connection broke within an answer: botocore would read it as an empty one."""
    body = response_dict["body"]
    promised = response_dict["headers"].get("content-length")
    if promised is None or not isinstance(body, bytes) or operation_model.http["method"] == "HEAD":
        return
    if len(body) < int(promised):
        from botocore.exceptions import IncompleteReadError

        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(promised))


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """Turn Amazon's errors in the body into ours; `what` names the thing asked for.

    Throttling, 5xx, timeouts, lost connections and a wrong clock of ours are Unavailable; 404 is
    NotFound; refusals, missing credentials and a wrong KMS context are Denied; a wrong checksum is
    Damaged.
    """
    from ebook_pipeline.resources import aws_failures

    try:
        yield
    except aws_failures.FAILURES as error:
        raise aws_failures.as_ours(error, what) from error
