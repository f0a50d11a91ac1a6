"""Documents of a provider: fetched over HTTPS, without being led elsewhere, up to a size."""

from collections.abc import Mapping
from typing import Any

import httpx

from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.foundation.foreign_json import parse_json

MOST_BYTES = 256 << 10
_SECONDS = 10.0


class ProviderError(ServiceError):
    """The provider answers, and not as OpenID Connect wants it."""


def fetched(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object at `url`. Raises `Unavailable`, and `ProviderError` for any other answer."""
    try:
        with (
            httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, headers=dict(headers or {}), data=form) as answer,
        ):
            body = _body(answer)
    except httpx.HTTPError as error:
        raise Unavailable(f"the provider does not answer: {error!r}") from error
    if answer.status_code >= 500:
        raise Unavailable(f"the provider answers {answer.status_code}")
    return _object(answer.status_code, body)


def _body(answer: httpx.Response) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise ProviderError("the provider's answer is too long")
    return body


def _object(status: int, body: bytes) -> dict[str, Any]:
    try:
        document = parse_json(body)
    except ValueError as error:
        raise ProviderError(f"the provider answers {status} without JSON") from error
    if status != httpx.codes.OK or not isinstance(document, dict):
        why = document.get("error") if isinstance(document, dict) else ""
        raise ProviderError(f"the provider answers {status} {str(why)[:100]}")
    return document
