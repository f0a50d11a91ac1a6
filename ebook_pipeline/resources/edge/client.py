"""Requests at the edge as a reader makes them: bounded in time and size, with constant memory.

No message shows the query of a URL: who has the signature has the book.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable

if TYPE_CHECKING:
    import httpx

EDGE = "edge"
"""The point that readers ask: the edge's own address."""

SKEW = 60.0
"""Seconds by which a clock may be wrong before it is said."""

OUR_NAME = "ebook-pipeline"
"""How our own requests name themselves: what verification fetches is no download."""
_SLOWEST = 64 << 10


class NoAnswer(Unavailable):
    """Nobody listens at the edge, it broke off, or it took too long."""


@dataclass(frozen=True)
class EdgePoint:
    """A place to ask from or at. `kind` says what `address` is:

    ``edge`` nothing: the edge's own URL is asked; ``base`` a URL in the place of the edge's scheme
    and host; ``proxy`` a forward proxy; ``host`` one server of the edge, which is told the edge's
    name (a regional host of CloudFront).
    """

    name: str = EDGE
    kind: str = EDGE
    address: str = ""


@dataclass(frozen=True)
class EdgeAnswer:
    """What came of one request.

    `status` is 0 where no answer began in time; `trouble` says what broke it off. `length` and
    `sha256` are of the bytes that were read, of which an answer too long has more than it may.
    `milliseconds` until the answer began. `ahead`: seconds by which the edge's clock is ahead of
    ours, if it told.
    """

    status: int
    milliseconds: float
    length: int = 0
    sha256: str = ""
    trouble: str = ""
    ahead: float | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def skewed(self) -> str:
        """A sentence where one of the two clocks is wrong by more than a minute, else nothing."""
        if self.ahead is None or abs(self.ahead) <= SKEW:
            return ""
        side = "behind" if self.ahead > 0 else "ahead of"
        return (
            f"this machine's clock is {abs(self.ahead):,.0f} s {side} the edge's, by which signed"
            " URLs expire: let NTP set it"
        )


@dataclass(frozen=True)
class EdgeClient:
    """One per process and edge; safe for many threads. `seconds`: for any silence of the edge."""

    trust_env: bool = True
    seconds: float = 60.0

    def look(self, url: str, at_most: int, point: EdgePoint | None = None) -> EdgeAnswer:
        """GET `url` at `point`, reading until more than `at_most` bytes came; never raises."""
        return self._asked(url, _Limited(at_most), point or EdgePoint())

    def download(self, url: str, target: Path, at_most: int | None = None) -> str:
        """GET `url` into `target`, which appears whole or not at all; the SHA-256 in hex.

        An answer of more than `at_most` bytes is not read to its end. Raises
        NotFound, Denied, Unavailable, or ServiceError for any other answer than 200.
        """
        shown = url.partition("?")[0]
        partial = target.with_name(f"{target.name}.part")
        try:
            with partial.open("wb") as out:
                seen = self._asked(url, _Limited(at_most, out.write), EdgePoint())
            if seen.status in (0, 200) and seen.trouble:
                raise NoAnswer(f"{shown}: {seen.trouble}")
            _raise_for(seen, shown)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return seen.sha256

    def close(self) -> None:
        """Close the connections; who never asked anything has none."""
        for client in self._proxied.values():
            client.close()
        if "_direct" in vars(self):
            self._direct.close()

    def _asked(self, url: str, body: "_Limited", point: EdgePoint) -> EdgeAnswer:
        import httpx

        begun = time.monotonic()
        client, request = self._request(url, point)
        try:
            answer = client.send(request, stream=True)
        except httpx.TransportError as error:
            return EdgeAnswer(0, _since(begun), trouble=_words(error))
        milliseconds = _since(begun)
        try:
            trouble = body.take(answer, begun + self.seconds)
        except httpx.TransportError as error:
            trouble = f"cut short after {body.length:,} bytes: {_words(error)}"
        finally:
            answer.close()
        return EdgeAnswer(
            answer.status_code,
            milliseconds,
            length=body.length,
            sha256=body.digest.hexdigest(),
            trouble=trouble,
            ahead=_ahead(answer.headers),
            headers=dict(answer.headers),
        )

    def _request(self, url: str, point: EdgePoint) -> "tuple[httpx.Client, httpx.Request]":
        if point.kind == "proxy":
            client = self._proxied.setdefault(point.address, self._client(point.address))
            return client, client.build_request("GET", url)
        own, there = urlsplit(url), urlsplit(point.address)
        headers, extensions = {}, {}
        if point.kind == "base":
            path = f"{there.path.rstrip('/')}{own.path}"
            url = own._replace(scheme=there.scheme, netloc=there.netloc, path=path).geturl()
        elif point.kind == "host":
            headers, extensions = {"Host": own.netloc}, {"sni_hostname": own.hostname}
            url = own._replace(netloc=point.address).geturl()
        client = self._direct
        request = client.build_request("GET", url, headers=headers, extensions=extensions)
        return client, request

    @cached_property
    def _direct(self) -> "httpx.Client":
        return self._client(None)

    @cached_property
    def _proxied(self) -> "dict[str, httpx.Client]":
        return {}

    def _client(self, proxy: str | None) -> "httpx.Client":
        import httpx

        timeout = httpx.Timeout(self.seconds, connect=min(5, self.seconds))
        return httpx.Client(
            timeout=timeout,
            trust_env=self.trust_env,
            proxy=proxy,
            headers={"Accept-Encoding": "identity", "User-Agent": OUR_NAME},
        )


class _Limited:
    """The bytes of an answer: counted, hashed, handed on, and broken off where they never end."""

    def __init__(self, at_most: int | None, keep: Callable[[bytes], Any] = lambda _: None) -> None:
        self.digest = hashlib.sha256()
        self.length = 0
        self._at_most, self._keep = at_most, keep

    def take(self, answer: "httpx.Response", deadline: float) -> str:
        """What broke the body off, or nothing; slower than 64 KiB a second is too slow."""
        for chunk in answer.iter_raw():
            self.digest.update(chunk)
            self.length += len(chunk)
            self._keep(chunk)
            if self._at_most is not None and self.length > self._at_most:
                return ""
            if time.monotonic() > deadline + self.length / _SLOWEST:
                return f"too slow: {self.length:,} bytes"
        return ""


def _raise_for(seen: EdgeAnswer, shown: str) -> None:
    if seen.status == 200:
        return
    message = f"{shown} answered {seen.status}"
    if seen.status in (404, 410):
        raise NotFound(message)
    if seen.status in (401, 403):
        raise Denied(f"{message}; {seen.skewed}" if seen.skewed else message)
    if seen.status in (408, 425, 429) or seen.status >= 500:
        raise Unavailable(message)
    raise ServiceError(message)


def _ahead(headers: "httpx.Headers") -> float | None:
    """RFC 9110 §6.6.1; what a cache kept was dated `Age` seconds ago (RFC 9111 §5.1)."""
    age = headers.get("Age", "0")
    try:
        dated = parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return None
    return dated + (int(age) if age.isdigit() else 0) - time.time()


def _since(begun: float) -> float:
    return (time.monotonic() - begun) * 1000


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
