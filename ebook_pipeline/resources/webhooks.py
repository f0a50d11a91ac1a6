"""Events to other people's servers, signed as Standard Webhooks says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from ebook_pipeline.foundation.errors import Busy, Denied, Gone, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.events import EVENT_TYPES, Event
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.foundation.toml_files import read_toml
from ebook_pipeline.resources.event_bus import event_body

if TYPE_CHECKING:
    from ebook_pipeline.resources.http_post import HttpPoster

_SECONDS = 10.0
_PREFIX = "whsec_"
_SHORTEST_SECRET = 24
_LONGEST_SECRET = 64
_LONGEST_FILE = 1024
_BUSY = (429, 503)

Find = Callable[[str], str | None]
"""The value of an environment variable, or None."""


class Endpoint(Record):
    """One ``[[webhook]]`` of the file: where to, which events, and where its secrets are.

    The secrets themselves never stand in the file. Of several each one signs, so that a receiver
    who knows the old or the new one is content: that is how they are changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    url: str
    types: tuple[str, ...] = Field(min_length=1)
    secret_env: tuple[str, ...] = ()
    secret_file: tuple[Path, ...] = ()

    @field_validator("types", "secret_env", "secret_file", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("types")
    @classmethod
    def _known(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in types:
            if not any(_matches(pattern, kind) for kind in EVENT_TYPES):
                raise ValueError(f"no event is called {pattern!r}")
        return types

    @model_validator(mode="after")
    def _whole(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("url: an http or https address, without a user")
        if not (self.secret_env or self.secret_file):
            raise ValueError("secret_env or secret_file: where the secret is")
        return self


class Webhook:
    """A server of somebody else that is told of the events it wants."""

    def __init__(
        self,
        endpoint: Endpoint,
        secrets: Sequence[Secret],
        *,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = f"webhook:{endpoint.name}"
        self._endpoint, self._secrets = endpoint, tuple(secrets)
        self._seconds, self._clock = seconds, clock

    def deliver(self, event: Event) -> None:
        """Post the event and be content with any 2xx.

        Raises `Busy` where the answer says when to come again, `Gone` for 410, `Unavailable`
        for no answer in time and 5xx, else a ServiceError; none of them quotes the answer.
        """
        if not any(_matches(pattern, event.type) for pattern in self._endpoint.types):
            return
        sent = event_body(event)
        try:
            answer = self._poster.post(self._endpoint.url, self._headers(event, sent), sent)
        except Unavailable as error:
            raise Unavailable(f"{self.name}: {error}") from error
        if not 200 <= answer.status < 300:
            raise _refusal(self.name, answer.status, answer.headers.get("retry-after", ""))

    @cached_property
    def _poster(self) -> "HttpPoster":
        from ebook_pipeline.resources.http_post import HttpPoster

        return HttpPoster(self._seconds)

    def _headers(self, event: Event, sent: bytes) -> dict[str, str]:
        at = str(int(self._clock()))
        signed = f"{event.id}.{at}.".encode() + sent
        return {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "ebook-pipeline",
            "webhook-id": event.id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(_signature(secret, signed) for secret in self._secrets),
        }


def load_webhooks(file: Path, find: Find, scheme: Literal["http", "https"]) -> list[Webhook]:
    """The webhooks of a TOML file; `find` looks environment variables up.

    With `scheme` https no other is taken. Raises ServiceError, without a word of a secret, where
    the file is not as it must be.
    """
    try:
        endpoints = _Listed.model_validate(read_toml(file)).webhook
    except OSError as error:
        raise ServiceError(f"{file}: {error.strerror}") from None
    except (ValueError, ValidationError) as error:
        raise ServiceError(f"{file}: {_said(error)}") from None
    for endpoint in endpoints:
        if scheme == "https" and urlsplit(endpoint.url).scheme != "https":
            raise ServiceError(f"{file}: {endpoint.name}: its url must begin with https")
    return [Webhook(endpoint, _secrets(endpoint, file.parent, find)) for endpoint in endpoints]


class _Listed(Record):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    webhook: tuple[Endpoint, ...] = ()

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        names = [endpoint.name for endpoint in self.webhook]
        if len(names) != len(set(names)):
            raise ValueError("two webhooks have the same name")
        return self


def _said(error: ValueError | ValidationError) -> str:
    """What is wrong, without the values: one of them may be a secret that stands in its place."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "no TOML" if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__


def _secrets(endpoint: Endpoint, folder: Path, find: Find) -> list[Secret]:
    where = f"webhook {endpoint.name}"
    texts = [(f"${name}", find(name)) for name in endpoint.secret_env]
    texts += [(str(path), _first_line(where, folder / path)) for path in endpoint.secret_file]
    return [_secret(f"{where}: {source}", text) for source, text in texts]


def _first_line(where: str, path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST_FILE).partition(b"\n")[0].decode("ascii", "replace")
    except OSError as error:
        raise ServiceError(f"{where}: {path}: {error.strerror}") from None


def _secret(where: str, text: str | None) -> Secret:
    """24 to 64 bytes in Base64, with or without ``whsec_`` before them."""
    if not text:
        raise ServiceError(f"{where}: there is no secret")
    try:
        value = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ServiceError(f"{where}: the secret is no Base64") from None
    if not _SHORTEST_SECRET <= len(value) <= _LONGEST_SECRET:
        raise ServiceError(f"{where}: a secret has 24 to 64 bytes")
    return Secret(value)


def _signature(secret: Secret, signed: bytes) -> str:
    digest = hmac.digest(secret.reveal(), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _matches(wanted: str, kind: str) -> bool:
    """``release.live`` itself, ``release.*`` for all of them, ``*`` for every event."""
    if wanted == "*" or wanted == kind:
        return True
    return wanted.endswith(".*") and kind.startswith(wanted[:-1])


def _refusal(name: str, status: int, after: str) -> ServiceError:
    answered = f"{name} answered {status}"
    if status == 410:
        return Gone(answered)
    if status in _BUSY and (seconds := _seconds(after)) is not None:
        return Busy(answered, seconds)
    if status == 429 or status >= 500:
        return Unavailable(answered)
    if 300 <= status < 400:
        return ServiceError(f"{answered}: redirects are not followed")
    if status in (401, 403):
        return Denied(answered)
    return NotFound(answered) if status == 404 else ServiceError(answered)


def _seconds(after: str) -> float | None:
    """``Retry-After`` in seconds, a number or a date; None for neither (RFC 9110 §10.2.3)."""
    if after.isascii() and after.isdigit():
        return float(after[:9])
    try:
        at = parsedate_to_datetime(after)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
