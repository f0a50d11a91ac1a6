"""Amazon's clients as this project wants them, and Amazon's errors as this project names them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from botocore import exceptions as boto

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError, Unavailable

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

_BUSY = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConditionalRequestConflict",
        "DependencyTimeoutException",
        "InternalError",
        "InternalFailure",
        "KMSInternalException",
        "KeyUnavailableException",
        "LimitExceededException",
        "OperationAborted",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_REFUSED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncorrectKeyException",
        "InvalidCiphertextException",
        "InvalidToken",
        "UnrecognizedClientException",
    }
)
_SKEWED = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_TOO_LATE_OR_EARLY = ("Signature expired", "Signature not yet current")
_ABSENT = frozenset({"NoSuchKey", "NotFound", "NotFoundException"})
_NO_ANSWER = (
    boto.ConnectionError,
    boto.HTTPClientError,
    boto.IncompleteReadError,
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
)
_NO_RIGHTS = (boto.NoCredentialsError, boto.PartialCredentialsError)
_WRONG_BYTES = (boto.FlexibleChecksumError, boto.ChecksumError)

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

    def s3(self) -> "S3Client":
        with _MAKING:
            return _session(self.region).client(
                "s3", endpoint_url=self.endpoint_url, config=self._config
            )

    def kms(self) -> "KMSClient":
        with _MAKING:
            return _session(self.region).client(
                "kms", endpoint_url=self.endpoint_url, config=self._config
            )

    def cloudfront(self) -> "CloudFrontClient":
        with _MAKING:
            return _session(self.region).client(
                "cloudfront", endpoint_url=self.endpoint_url, config=self._config
            )

    def ses(self) -> "SESClient":
        with _MAKING:
            return _session(self.region).client(
                "ses", endpoint_url=self.endpoint_url, config=self._config
            )

    def sns(self) -> "SNSClient":
        with _MAKING:
            return _session(self.region).client(
                "sns", endpoint_url=self.endpoint_url, config=self._config
            )

    def sqs(self) -> "SQSClient":
        with _MAKING:
            return _session(self.region).client(
                "sqs", endpoint_url=self.endpoint_url, config=self._config
            )

    @cached_property
    def _config(self) -> "Config":
        from botocore.config import Config

        return Config(
            connect_timeout=self.connect_seconds,
            read_timeout=self.read_seconds,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=32,
            tcp_keepalive=True,
            s3={"addressing_style": "path" if self.endpoint_url else "auto"},
        )


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
        raise boto.IncompleteReadError(actual_bytes=len(body), expected_bytes=int(promised))


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """Turn Amazon's errors in the body into ours; `what` names the thing asked for.

    Throttling, 5xx, timeouts, lost connections and a wrong clock of ours are Unavailable; 404 is
    NotFound; refusals, missing credentials and a wrong KMS context are Denied; a wrong checksum is
    Damaged.
    """
    from boto3.exceptions import Boto3Error
    from s3transfer.exceptions import RetriesExceededError

    try:
        yield
    except (boto.ClientError, boto.BotoCoreError, Boto3Error, RetriesExceededError) as error:
        clock = "this machine's clock is wrong: " if _is_skewed(error) else ""
        raise _kind(error)(f"{what}: {clock}{error}") from error


def error_code(error: boto.ClientError) -> str:
    """The service's own code, such as ``NoSuchKey``; for answers without a body the status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _is_skewed(error: BaseException) -> bool:
    """Whether Amazon refused a signature for its time: a clock that is set right ends it.

    Some services have a code for it, others only a sentence.
    """
    if not isinstance(error, boto.ClientError):
        return False
    message = str(error.response.get("Error", {}).get("Message", ""))
    return error_code(error) in _SKEWED or message.startswith(_TOO_LATE_OR_EARLY)


def _kind(error: BaseException) -> type[ServiceError]:
    if isinstance(error, boto.ClientError):
        return _kind_of_answer(error)
    if isinstance(error, _NO_ANSWER):
        return Unavailable
    if isinstance(error, _NO_RIGHTS):
        return Denied
    if isinstance(error, _WRONG_BYTES):
        return Damaged
    if isinstance(error, boto.BotoCoreError):
        return ServiceError
    # The transfer manager wraps what S3 answered and keeps it as cause or context only.
    inner = getattr(error, "last_exception", None) or error.__cause__ or error.__context__
    return _kind(inner) if inner else Unavailable


def _kind_of_answer(error: boto.ClientError) -> type[ServiceError]:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _BUSY or status >= 500 or status == 429 or _is_skewed(error):
        return Unavailable
    if code in _REFUSED or status in (401, 403):
        return Denied
    # A bucket that is not there is a wrong setting, not an absent object.
    if code in _ABSENT or (status == 404 and code != "NoSuchBucket"):
        return NotFound
    return ServiceError
