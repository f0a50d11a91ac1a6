"""What can go wrong, said so that the caller knows whether a retry helps.

PipelineError
├── BookError          the file is at fault: a finding and a rejected book, never a retry
│   └── LimitExceeded  the file asked for more time, memory or space than a book may have
└── ServiceError       we or a service are at fault: retried when `retryable`, then failed
    ├── Unavailable    a service did not answer: worth a retry
    │   ├── Busy       it says when to come again
    │   └── StoreFull  there is no room until somebody makes some
    ├── NotFound       what was recorded is not there
    │   └── Gone       it says that it will not come back
    ├── Denied         we may not: rights, a wrong key or a wrong context
    └── Damaged        bytes are not those that were stored
"""

from typing import Self

from ebook_pipeline.foundation.findings import Finding, Severity


class PipelineError(Exception):
    """Base of all errors raised on purpose."""


class BookError(PipelineError):
    """A file too broken to go on; `finding` is what its author is told."""

    def __init__(self, rule: str, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(
            rule=rule, severity=Severity.FATAL, message=message, place=place, remedy=remedy
        )

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The error that stops a file for what `finding` says of it."""
        return cls(finding.rule, finding.message, place=finding.place, remedy=finding.remedy)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).of, (self.finding,)


class LimitExceeded(BookError):
    """The file asked for more time, memory or space than one book may have."""


class ServiceError(PipelineError):
    """A fault of ours or of a service that we use, never of a book."""

    retryable = False


class Unavailable(ServiceError):
    """A service did not answer, or asked us to slow down."""

    retryable = True


def may_answer_later(status: int) -> bool:
    """Whether an HTTP status is worth a retry of the same request. RFC 9110, 6585, 8470."""
    return status in (408, 425, 429) or status >= 500


class Busy(Unavailable):
    """A service asks to be left alone for `seconds`."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.seconds)


class StoreFull(Unavailable):
    """A disk or a store has no room for more: a retry helps once somebody has made some."""


class NotFound(ServiceError):
    """What a record points to is not there."""


class Gone(NotFound):
    """What was there says that it will not come back: asking again is pointless."""


class Denied(ServiceError):
    """We may not do this, or hold the wrong key for it: asking again gives the same answer."""


class Damaged(ServiceError):
    """Bytes read are not the bytes that were stored."""
