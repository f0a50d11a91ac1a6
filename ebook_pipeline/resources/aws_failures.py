"""What Amazon's errors mean, as this project names them; imported where one is to be caught."""

from boto3.exceptions import Boto3Error
from botocore import exceptions as boto
from s3transfer.exceptions import RetriesExceededError

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError, Unavailable

FAILURES = (boto.ClientError, boto.BotoCoreError, Boto3Error, RetriesExceededError)

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


def as_ours(error: Exception, what: str) -> ServiceError:
    """Our error for one of `FAILURES`; `what` names the thing that was asked for."""
    clock = "this machine's clock is wrong: " if _is_skewed(error) else ""
    return _kind(error)(f"{what}: {clock}{error}")


def error_code(error: BaseException | None) -> str:
    """The service's own code, such as ``NoSuchKey``; for answers without a body the status.

    Nothing where `error` is no answer of a service.
    """
    if not isinstance(error, boto.ClientError):
        return ""
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
