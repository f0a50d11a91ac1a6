"""Whether readers get what was released: books looked at through the edge, from every point.

A round is bounded in books, bytes and time, so that a catalogue of any size is verified in turns.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.client import EDGE, EdgeClient, EdgePoint
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.verifying import edge_log
from ebook_pipeline.services.verifying.edge_check import (
    POINTER,
    EdgeChecker,
    EdgeFault,
    EdgeRequest,
    PointCheck,
)
from ebook_pipeline.services.verifying.edge_repair import EdgeRepairer
from ebook_pipeline.settings import Settings

ROUND_SECONDS = 120.0
_MB = 1 << 20
_KINDS = ("proxy", "host")


class BookVerification(Record):
    """One book: what was asked, what is wrong, what was repaired. `whole`: nothing grave is."""

    book: str
    release: str
    state: str
    whole: bool
    faults: tuple[EdgeFault, ...] = ()
    repaired: tuple[str, ...] = ()
    requests: tuple[EdgeRequest, ...] = ()

    @property
    def refusal(self) -> str:
        """Why the release does not go on sale, and what mends it."""
        grave = [f"{fault.asked}: {fault.message}" for fault in self.faults if fault.grave]
        return (
            f"{self.release} does not go on sale, for readers would not get it whole:"
            f" {'; '.join(grave[:3])}. `ebooks verify {self.book} --release {self.release}"
            " --repair` mends what it can"
        )


class VerificationRun(Record):
    """One verification. `left`: books of this round that time, bytes or the edge did not allow."""

    run: str
    serves: bool
    edge: str
    away: tuple[str, ...] = ()
    books: tuple[BookVerification, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Every book that was asked for was seen whole."""
        return self.serves and not self.left and all(book.whole for book in self.books)


@dataclass(frozen=True)
class VerificationLimits:
    """What one round may take."""

    books: int = 20
    megabytes: int = 256
    seconds: float = ROUND_SECONDS


@dataclass(frozen=True)
class Verifier:
    """Looks, keeps what it saw, tells of incidents; with a `repairer` it mends and looks again.

    `points` are asked beside the edge's own address, with the patience of `seconds`.
    """

    database: Database
    cdn: Cdn
    points: Sequence[EdgePoint] = ()
    seconds: float = 10.0
    limits: VerificationLimits = field(default_factory=VerificationLimits)
    repairer: EdgeRepairer | None = None

    def next_ones(self) -> VerificationRun:
        """The books whose turn it is, within the limits."""
        edge_log.tidy(self.database, [point.name for point in self._everywhere])
        books = edge_log.next_books(self.database, self.limits.books)
        return self._round(books, self.limits)

    def all(self) -> Iterator[VerificationRun]:
        """Every book on sale, a hundred to a round, however long that takes."""
        for books in slices(releases.on_sale(self.database), 100):
            yield self._round(books, None)

    def named(self, books: Sequence[str]) -> VerificationRun:
        """These books, whether on sale or withdrawn; NotFound where one was never released."""
        for book in books:
            self._live(book)
        return self._round(books, None)

    def release(self, book: str, name: str) -> BookVerification:
        """Any release that the book ever had, on sale or not; nothing is kept of what is seen."""
        live = releases.saved(self.database, book, name)
        if live is None:
            raise NotFound(f"{book!r} has no release {name!r}")
        requests, faults = self._away_from_sale(live)
        repaired = self.repairer.repair(live, faults) if self.repairer else ()
        if repaired:
            requests, faults = self._away_from_sale(live)
        return BookVerification(
            book=book,
            release=name,
            state=live.state,
            whole=not any(fault.grave for fault in faults),
            faults=tuple(faults),
            repaired=repaired,
            requests=tuple(requests),
        )

    def _away_from_sale(self, live: BookRelease) -> tuple[list[EdgeRequest], list[EdgeFault]]:
        """The pointer names another release, rightly."""
        checks = self._checker.look(live, EdgePoint())
        requests = [request for request in checks.requests if request.asked != POINTER]
        return requests, [fault for fault in checks.faults if fault.asked != POINTER]

    def _round(self, books: Sequence[str], limits: VerificationLimits | None) -> VerificationRun:
        run = _Run(str(uuid.uuid4()), *self._health())
        done: list[BookVerification] = []
        for book in books:
            if done and not self._goes_on(run, limits):
                break
            done.append(self._verified(run, book))
        return VerificationRun(
            run=run.id,
            serves=run.serves,
            edge=run.edge,
            away=tuple(sorted(run.away)),
            books=tuple(done),
            left=tuple(books[len(done) :]),
        )

    def _goes_on(self, run: "_Run", limits: VerificationLimits | None) -> bool:
        if len(run.away) == len(self._everywhere):
            return False
        return limits is None or (
            run.bytes < limits.megabytes * _MB and run.seconds < limits.seconds
        )

    def _verified(self, run: "_Run", book: str) -> BookVerification:
        live, checks = self._seen(run, book)
        repaired: tuple[str, ...] = ()
        if self.repairer:
            repaired = self.repairer.repair(live, _faults(checks))
        if repaired:
            edge_log.save_checks(self.database, run.id, live, checks)
            live, checks = self._seen(run, book)
        edge_log.save_checks(self.database, run.id, live, checks)
        faults = _faults(checks)
        return BookVerification(
            book=book,
            release=live.release,
            state=live.state,
            whole=bool(checks) and not any(fault.grave for fault in faults),
            faults=tuple(faults),
            repaired=repaired,
            requests=tuple(request for check in checks for request in check.requests),
        )

    def _seen(self, run: "_Run", book: str) -> tuple[BookRelease, list[PointCheck]]:
        """A release that was replaced while we looked is looked at as it is now."""
        live = self._live(book)
        checks = list(self._looks(run, live))
        if any(fault.asked == POINTER for fault in _faults(checks)):
            now = self._live(book)
            if now != live:
                return now, list(self._looks(run, now))
        return live, checks

    def _looks(self, run: "_Run", live: BookRelease) -> Iterator[PointCheck]:
        """Points that are away are not asked again in this round: a silence costs its patience."""
        for point in self._everywhere:
            if point.name in run.away:
                continue
            checks = self._checker.look(live, point)
            if point.name == EDGE and not run.serves:
                checks = checks._replace(away=True, faults=(_off(run.edge), *checks.faults))
            if checks.away:
                run.away.add(point.name)
            run.bytes += sum(request.bytes for request in checks.requests)
            yield checks

    def _health(self) -> tuple[bool, str]:
        """An edge that cannot be asked about itself may well serve: its answers will show it."""
        try:
            health = self.cdn.health()
        except ServiceError as error:
            return True, f"unknown: {error}"
        return health.serves, health.state if health.settled else f"{health.state} (changing)"

    def _live(self, book: str) -> BookRelease:
        live = releases.current(self.database, book)
        if live is None:
            raise NotFound(f"{book!r} was never released (`ebooks status {book}` says why)")
        return live

    @cached_property
    def _everywhere(self) -> tuple[EdgePoint, ...]:
        return (EdgePoint(), *self.points)

    @cached_property
    def _checker(self) -> EdgeChecker:
        client = EdgeClient(self.cdn.client.trust_env, self.seconds)
        return EdgeChecker(self.cdn, client)

    def close(self) -> None:
        """Close the connections to the points."""
        self._checker.client.close()


@dataclass
class _Run:
    """A round under way."""

    id: str
    serves: bool
    edge: str
    away: set[str] = field(default_factory=set)
    bytes: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun


def verifier(settings: Settings, resources: Resources, *, repair: bool = False) -> Verifier:
    """A verifier as the settings want it."""
    repairer = EdgeRepairer(
        resources.database, resources.cdn, resources.object_store, settings.scratch
    )
    return Verifier(
        resources.database,
        resources.cdn,
        points=points(settings.edge_points),
        seconds=settings.edge_seconds,
        limits=VerificationLimits(settings.verify_books, settings.verify_megabytes),
        repairer=repairer if repair else None,
    )


def points(setting: str) -> tuple[EdgePoint, ...]:
    """The points that ``EBOOK_EDGE_POINTS`` names, separated by spaces.

    ``https://probe.example`` is asked in the place of the edge's own address;
    ``proxy=http://10.0.0.7:3128`` is a forward proxy; ``host=fra50.example`` is one server of the
    edge. ServiceError where it is none of these, or two have one name.
    """
    edge_points = tuple(map(_point, setting.split()))
    names = [point.name for point in edge_points]
    if len({EDGE, *names}) != len(names) + 1:
        raise ServiceError("EBOOK_EDGE_POINTS names a point twice")
    return edge_points


def _point(written: str) -> EdgePoint:
    kind, _, address = written.partition("=")
    if kind not in _KINDS:
        kind, address = "base", written
    parts = urlsplit(address if kind != "host" else f"https://{address}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServiceError(
            f"EBOOK_EDGE_POINTS: {written!r} is no https://HOST, proxy=http://HOST or host=HOST"
        )
    return EdgePoint(parts.netloc.rpartition("@")[2], kind, address)


def _off(edge: str) -> EdgeFault:
    return EdgeFault(
        rule="off",
        point=EDGE,
        asked=EDGE,
        message=f"the edge says that it does not serve: {edge}",
        remedy="enable the distribution, or `ebooks up` for a local edge",
    )


def _faults(checks: Sequence[PointCheck]) -> list[EdgeFault]:
    return [fault for check in checks for fault in check.faults]
