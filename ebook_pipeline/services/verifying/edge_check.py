"""One release as readers get it: what is asked at each point of the edge, and what is wrong there.

Nothing here writes, and no answer of the edge raises.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ebook_pipeline.books.records import ReleaseFile
from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.edge.client import EdgeAnswer, EdgeClient, EdgePoint
from ebook_pipeline.resources.edge.origin import PUBLIC, cache_control, readers_cache_control
from ebook_pipeline.services.releasing import pointer
from ebook_pipeline.services.releasing.releases import BookRelease

POINTER, UNSIGNED, EXPIRED = "pointer", "unsigned", "expired"
REPAIRABLE = frozenset({"missing", "length", "bytes", "cut", POINTER})
"""Faults that `edge_repair` can do something about."""

_VALID = 240
_AN_HOUR = 3600
_POINTER_LIVES = 60
_LONGEST_POINTER = 64 << 10
_POLICY = "give the distribution the response headers policies of deploy/aws"
_GUARDS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class EdgeFault(Record):
    """What a reader would find wrong; a fault that is not grave is told, but nobody is woken."""

    rule: str
    point: str
    asked: str
    message: str
    remedy: str
    grave: bool = True


class EdgeRequest(Record):
    """One request: what was asked for, where, and what came; `status` 0 is no answer in time."""

    point: str
    asked: str
    whole: bool
    status: int
    milliseconds: float
    bytes: int
    fault: str = ""


class PointCheck(NamedTuple):
    """What came of one book at one point. `away`: nothing was answered there, or only errors."""

    requests: tuple[EdgeRequest, ...]
    faults: tuple[EdgeFault, ...]
    away: bool


class _Wrong(NamedTuple):
    rule: str
    message: str
    remedy: str
    grave: bool = True


class _Question(NamedTuple):
    asked: str
    url: str
    at_most: int
    judge: Callable[[EdgeAnswer], Iterator[_Wrong]]


@dataclass(frozen=True)
class EdgeChecker:
    """Asks with `client`, whose patience bounds every request."""

    cdn: Cdn
    client: EdgeClient

    def look(self, live: BookRelease, point: EdgePoint) -> PointCheck:
        """Every file of the release compared whole, its pointer, and what must stay closed.

        Where two requests in a row get no answer, the point is not asked further.
        """
        requests: list[EdgeRequest] = []
        faults: list[EdgeFault] = []
        for question in self._questions(live):
            seen = self.client.look(question.url, question.at_most, point)
            if _may_pass(seen):
                requests.append(_request(question, point, seen, _trouble(seen)))
                seen = self.client.look(question.url, question.at_most, point)
            wrong = _trouble(seen) or next(question.judge(seen), None)
            requests.append(_request(question, point, seen, wrong))
            if wrong:
                faults.append(_fault(question, point, wrong))
            if seen.status == 0:
                break
        return PointCheck(tuple(requests), tuple(faults), all(map(_no_answer, requests)))

    def _questions(self, live: BookRelease) -> Iterator[_Question]:
        private = [file for file in live.distribution.files if not file.path.startswith(PUBLIC)]
        for file in live.distribution.files:
            url = self.cdn.url(file.path, _VALID)
            yield _Question(file.rel, url, file.blob.length, _FileJudge(live.book, file))
        body = pointer.pointer_body(live)
        judge = _PointerJudge(self.cdn, live.book, hashlib.sha256(body).hexdigest())
        yield _Question(POINTER, self.cdn.url(pointer_path(live.book)), _LONGEST_POINTER, judge)
        for file in private[:1]:
            signed = self.cdn.url(file.path, _VALID)
            yield _Question(UNSIGNED, signed.partition("?")[0], 0, _closed)
            expired = self.cdn.url(file.path, 1, now=time.time() - _AN_HOUR)
            yield _Question(EXPIRED, expired, 0, _closed)


class _FileJudge:
    """An immutable object: status, length, bytes, and what caches and browsers are told."""

    def __init__(self, book: str, file: ReleaseFile) -> None:
        self._book, self._file = book, file

    def __call__(self, seen: EdgeAnswer) -> Iterator[_Wrong]:
        again = f"ebooks verify {self._book} --repair"
        blob = self._file.blob
        if seen.status in (401, 403):
            yield _refused(seen)
        if seen.status in (404, 410):
            yield _Wrong("missing", f"answered {seen.status}", f"{again} puts it back")
        if seen.status != 200:
            yield _odd(seen)
        declared = seen.headers.get("content-length", str(seen.length))
        if declared != str(blob.length) or seen.length != blob.length:
            message = (
                f"{seen.length:,} bytes (said: {declared}) where {blob.length:,} were released"
            )
            yield _Wrong("length", message, again)
        if seen.sha256 != blob.sha256:
            yield _Wrong("bytes", "the bytes are not those that were released", again)
        yield from _headers(seen, self._file)


class _PointerJudge:
    """The pointer says what the catalogue says; a cache may be a minute behind the origin."""

    def __init__(self, cdn: Cdn, book: str, sha256: str) -> None:
        self._cdn, self._book, self._sha256 = cdn, book, sha256

    def __call__(self, seen: EdgeAnswer) -> Iterator[_Wrong]:
        again = f"ebooks verify {self._book} --repair rewrites it"
        if seen.status not in (200, 404, 410):
            yield _odd(seen)
        if seen.status != 200:
            yield _Wrong(POINTER, f"answered {seen.status}", again)
        if seen.sha256 != self._sha256:
            age = seen.headers.get("age", "")
            young = age.isdigit() and int(age) <= _POINTER_LIVES
            on_its_way = young and self._cdn.recorded(pointer_path(self._book)) == self._sha256
            message = "it says something else than the catalogue"
            yield _Wrong(POINTER, message, again, grave=not on_its_way)


def _closed(seen: EdgeAnswer) -> Iterator[_Wrong]:
    if seen.status in (401, 403):
        return
    if seen.status == 200:
        message = "anybody can read it without a valid signature"
        remedy = "restrict the path to the distribution's key group, and the bucket to the edge"
        yield _Wrong("open", message, remedy)
    yield _odd(seen)


def _headers(seen: EdgeAnswer, file: ReleaseFile) -> Iterator[_Wrong]:
    kept = readers_cache_control(file.path, immutable=True)
    expected = {"content-type": file.blob.media_type, "cache-control": kept}
    for name, wanted in expected.items():
        value = seen.headers.get(name, "")
        if _plain(value) != _plain(wanted):
            message = f"{name}: {value or 'nothing'} where it is {wanted}"
            # a distribution without the policy hands on what the origin tells it
            grave = value != cache_control(immutable=True)
            remedy = "see who changes headers between the origin and readers" if grave else _POLICY
            yield _Wrong("headers", message, remedy, grave=grave)
    for name, wanted in _GUARDS.items():
        if seen.headers.get(name, "") != wanted:
            yield _Wrong("headers", f"no {name}: {wanted}", _POLICY, grave=False)
    if seen.skewed:
        yield _Wrong("clock", seen.skewed, "sudo timedatectl set-ntp true", grave=False)


def _plain(value: str) -> str:
    """A header's value without the character set that some servers add to a type."""
    return value.partition("; charset")[0].strip().lower()


def _refused(seen: EdgeAnswer) -> _Wrong:
    if seen.skewed:
        message = f"answered {seen.status}; {seen.skewed}"
        return _Wrong("refused", message, "sudo timedatectl set-ntp true")
    remedy = "see that the edge trusts the key that URLs are signed with, and may read its origin"
    return _Wrong("refused", f"our signed URL was answered {seen.status}", remedy)


def _odd(seen: EdgeAnswer) -> _Wrong:
    return _Wrong("status", f"answered {seen.status}", "ask the edge's operator; see its logs")


def _trouble(seen: EdgeAnswer) -> _Wrong | None:
    if seen.status == 0:
        remedy = "see that the edge runs and can be reached (`ebooks up` starts a local one)"
        return _Wrong("away", f"no answer: {seen.trouble}", remedy)
    if seen.status != 200:
        return _odd(seen) if _may_pass(seen) else None
    return _Wrong("cut", seen.trouble, "ebooks verify --repair") if seen.trouble else None


def _may_pass(seen: EdgeAnswer) -> bool:
    """Worth asking once more before it is called a fault."""
    return seen.status in (0, 408, 425, 429) or seen.status >= 500 or bool(seen.trouble)


def _no_answer(request: EdgeRequest) -> bool:
    return request.status in (0, 429) or request.status >= 500


def _request(
    question: _Question, point: EdgePoint, seen: EdgeAnswer, wrong: _Wrong | None
) -> EdgeRequest:
    return EdgeRequest(
        point=point.name,
        asked=question.asked,
        whole=wrong is None or not wrong.grave,
        status=seen.status,
        milliseconds=round(seen.milliseconds, 2),
        bytes=seen.length,
        fault="" if wrong is None else f"{wrong.rule}: {wrong.message}",
    )


def _fault(question: _Question, point: EdgePoint, wrong: _Wrong) -> EdgeFault:
    facts = wrong._asdict()
    return EdgeFault(point=point.name, asked=question.asked, **facts)
