"""Answers of endpoints over HTTP, taken up to a size and a time; their faults told as ours."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ebook_pipeline.foundation.errors import ServiceError, Unavailable, may_answer_later

if TYPE_CHECKING:
    import httpx


def require_ok(status: int, where: str) -> None:
    """Raise `Unavailable` where a retry may help, ServiceError for any other status than 200."""
    if may_answer_later(status):
        raise Unavailable(f"{where} answered {status}")
    if status != 200:
        raise ServiceError(f"{where} answered {status}")


class AnswerBounds(NamedTuple):
    """Bytes and seconds that an answer may take; `endless`: the error of one that has more bytes.

    `require` judges its status, for whom it names.
    """

    most: int
    endless: type[ServiceError]
    seconds: float | None = None
    require: Callable[[int, str], None] = require_ok


def bounded_answer(
    client: "httpx.Client", method: str, url: str, where: str, bounds: AnswerBounds, **sent: Any
) -> bytes:
    """The body of the answer; `where` says in errors whose it is.

    Raises `Unavailable` where a retry may help, and what `bounds` say. Nothing of what was sent or
    answered stands in an error. It is asked for as it is: 64 kB that are compressed can be
    gigabytes before anybody counts them.
    """
    import httpx

    started = time.monotonic()
    sent["headers"] = {**sent.get("headers", {}), "Accept-Encoding": "identity"}
    try:
        with client.stream(method, url, **sent) as answer:
            bounds.require(answer.status_code, where)
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise ServiceError(f"{where} answered compressed, which nobody asked for")
            body = bytearray()
            for chunk in answer.iter_raw():
                body += chunk
                if len(body) > bounds.most:
                    raise bounds.endless(f"{where} does not stop answering")
                if bounds.seconds is not None and time.monotonic() - started > bounds.seconds:
                    raise Unavailable(f"{where} took longer than {bounds.seconds:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"{where} did not answer: {type(error).__name__}") from error
    return bytes(body)
