"""What readers get is what was released, or it is said what is not: on an edge that lies."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import partial
from pathlib import Path

import pytest

from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.cdn import Health, LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.client import EdgePoint
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.verifying import edge_log
from ebook_pipeline.services.verifying.edge_repair import EdgeRepairer
from ebook_pipeline.services.verifying.verification import (
    VerificationLimits,
    VerificationRun,
    Verifier,
    points,
)
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire
from tests.support.servers.faulty_proxy import (
    Answer,
    Call,
    Fault,
    Proxy,
    cut,
    refused,
    slow,
    whenever,
)
from tests.support.servers.postgres import rows

pytestmark = pytest.mark.prove

__all__ = ["edge_url", "home", "shop", "wire"]

CONTENT = ["publication", "cover", "pointer"]


@pytest.fixture
def verifier(shop: ProxiedShop) -> Iterator[Verifier]:
    made = Verifier(shop.database, shop.cdn, seconds=2.0)
    yield made
    made.close()


@pytest.fixture
def mending(shop: ProxiedShop, tmp_path: Path) -> Iterator[Verifier]:
    repairer = EdgeRepairer(shop.database, shop.cdn, shop.store, tmp_path / "scratch")
    made = Verifier(shop.database, shop.cdn, seconds=2.0, repairer=repairer)
    yield made
    made.close()


def rules(found: VerificationRun) -> set[tuple[str, str]]:
    return {(fault.asked, fault.rule) for book in found.books for fault in book.faults}


def events(shop: ProxiedShop) -> list[tuple[object, ...]]:
    query = "SELECT event, book, payload ->> 'point', payload ->> 'everything' FROM outbox"
    return rows(shop.database, f"{query} WHERE event LIKE 'edge.%' ORDER BY id")


def of_the_book(fault: Fault) -> Callable[[Call], Fault | None]:
    return whenever(lambda call: call.path.startswith("/books/") and bool(call.query), fault)


def _is_the_cover(call: Call) -> bool:
    return call.path.startswith("/public/") and call.path.endswith(".bin")


def answering(change: Callable[[Answer], Answer]) -> Fault:
    return lambda exchange: exchange.send(change(exchange.forward()))


def other_bytes(answer: Answer) -> Answer:
    return answer._replace(body=bytes(reversed(answer.body)))


def longer(answer: Answer) -> Answer:
    return answer._replace(body=answer.body + b"!")


def uncached(answer: Answer) -> Answer:
    told = [(n, v) for n, v in answer.headers if n.lower() != "cache-control"]
    return answer._replace(headers=told)


def aged(seconds: str, answer: Answer) -> Answer:
    """An older answer, as a cache gives it."""
    return Answer(200, [("Age", seconds)], answer.body + b" ")


def dated(seconds: float, status: int | None = None) -> Callable[[Answer], Answer]:
    def change(answer: Answer) -> Answer:
        kept = [(n, v) for n, v in answer.headers if n.lower() != "date"]
        date = ("Date", formatdate(time.time() + seconds, usegmt=True))
        return Answer(status or answer.status, [*kept, date], answer.body)

    return change


def test_a_book_as_it_was_released_is_whole(shop: ProxiedShop, verifier: Verifier) -> None:
    released = shop.sell()
    found = verifier.named(["emma"])
    assert (found.whole, rules(found)) == (True, set())
    requests = found.books[0].requests
    assert [one.asked for one in requests] == [*CONTENT, "unsigned", "expired"]
    assert [one.status for one in requests] == [200, 200, 200, 403, 403]
    assert [one.bytes for one in requests[:2]] == [f.blob.length for f in released.files]
    kept = rows(shop.database, "SELECT asked, whole, run FROM edge_check ORDER BY id")
    assert kept == [(one.asked, True, found.run) for one in requests]


def shared(answer: Answer) -> Answer:
    """As a distribution hands it on that lacks the policy for signed files."""
    told = [(n, v.replace("private", "public")) for n, v in answer.headers]
    return answer._replace(headers=told)


def test_a_signed_file_that_shared_caches_may_keep_is_told_but_nobody_is_woken(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    shop.wire.plan = whenever(lambda call: True, answering(shared))
    found = verifier.named(["emma"])
    faults = [fault for book in found.books for fault in book.faults]
    assert [(fault.rule, fault.grave) for fault in faults] == [("headers", False)]
    assert "private" in faults[0].message
    assert found.whole


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        (answering(other_bytes), "bytes"),
        (answering(longer), "length"),
        (cut, "cut"),
        (answering(uncached), "headers"),
        (refused(500, "x"), "status"),
        (refused(404, "x"), "missing"),
        (refused(403, "x"), "refused"),
        (refused(302, "x"), "status"),
    ],
)
def test_an_edge_that_lies_about_a_file_is_caught(
    shop: ProxiedShop, verifier: Verifier, lie: Fault, rule: str
) -> None:
    shop.sell()
    shop.wire.plan = whenever(_is_the_cover, lie)
    found = verifier.named(["emma"])
    assert not found.whole
    assert rules(found) == {("cover", rule)}
    assert all(fault.remedy for fault in found.books[0].faults)
    assert "Signature" not in found.model_dump_json()


def test_a_fault_that_passes_is_no_fault_but_counts_against_availability(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    struck: list[Call] = []

    def once(call: Call) -> Fault | None:
        struck.append(call)
        return refused(503, "SlowDown") if len(struck) == 3 else None

    shop.wire.plan = once
    assert verifier.named(["emma"]).whole
    [figures] = edge_log.figures(shop.database, 24)
    assert (figures.requests, figures.availability) == (4, 75.0)
    assert 0 < figures.p50 <= figures.p95
    assert events(shop) == []


def test_a_private_file_that_anybody_can_read_is_said(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    open_to_all = answering(lambda answer: Answer(200, answer.headers, b"the book"))
    shop.wire.plan = whenever(
        lambda call: call.path.startswith("/books/") and "Signature" not in call.query, open_to_all
    )
    assert rules(verifier.named(["emma"])) == {("unsigned", "open")}


def test_a_stale_pointer_is_said_and_rewritten(shop: ProxiedShop, mending: Verifier) -> None:
    """As after a kill between the commit and the pointer."""
    shop.sell()
    releases.withdraw(shop.database, "emma", actor="eve")
    looking = Verifier(shop.database, shop.cdn)
    assert rules(looking.named(["emma"])) == {("pointer", "pointer")}
    looking.close()
    found = mending.named(["emma"])
    assert (found.whole, found.books[0].repaired) == (True, ("pointer rewritten",))
    live = releases.current(shop.database, "emma")
    assert live is not None
    shop.cdn.fetch(pointer_path("emma"), shop.origin.parent / "back")
    assert (shop.origin.parent / "back").read_bytes() == pointer.pointer_body(live)


def test_a_cache_that_is_a_minute_behind_wakes_nobody(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    for age, whole in (("40", True), ("400", False)):
        old = answering(partial(aged, age))
        shop.wire.plan = whenever(lambda call: call.path.endswith("current.json"), old)
        found = verifier.named(["emma"])
        assert rules(found) == {("pointer", "pointer")}
        assert found.whole is whole


def test_a_file_that_is_gone_or_cut_at_the_origin_is_put_back(
    shop: ProxiedShop, verifier: Verifier, mending: Verifier
) -> None:
    released = shop.sell()
    place = shop.place(released)
    whole = place.read_bytes()
    for harm in (lambda: place.unlink(), lambda: place.write_bytes(whole[:9])):
        place.chmod(0o644)
        harm()
        assert not verifier.named(["emma"]).whole
        found = mending.named(["emma"])
        assert (found.whole, found.books[0].repaired) == (True, ("publication put back",))
        assert place.read_bytes() == whole
    assert [event for event, *_ in events(shop)] == ["edge.broken", "edge.restored"] * 2


def test_other_bytes_are_never_put_in_a_books_place(
    shop: ProxiedShop, mending: Verifier, tmp_path: Path
) -> None:
    released = shop.sell()
    shop.place(released).unlink()
    [blob] = (tmp_path / "store").rglob(released.files[0].blob.sha256)
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes()[::-1])
    found = mending.named(["emma"])
    assert not found.whole
    [said] = found.books[0].repaired
    assert said.startswith("not publication put back: blob")
    assert not shop.place(released).exists()


def test_an_incident_is_told_once_and_its_end_once(shop: ProxiedShop, verifier: Verifier) -> None:
    shop.sell()
    assert verifier.named(["emma"]).whole
    shop.wire.plan = of_the_book(refused(404, "NoSuchKey"))
    for _ in range(3):
        verifier.named(["emma"])
    assert events(shop) == [("edge.broken", "emma", "edge", "false")]
    [incident] = edge_log.open_incidents(shop.database)
    assert (incident.book, incident.faults[0].rule) == ("emma", "missing")
    shop.wire.plan = lambda _: None
    for _ in range(2):
        verifier.named(["emma"])
    assert [event for event, *_ in events(shop)] == ["edge.broken", "edge.restored"]
    assert edge_log.open_incidents(shop.database) == []


def test_a_point_that_never_answers_is_one_incident_and_costs_one_patience(
    shop: ProxiedShop,
) -> None:
    for book in ("emma", "evelina", "cecilia"):
        shop.sell(book)
    shop.wire.plan = whenever(lambda call: call.path != "/healthz", slow(1.5))
    impatient = Verifier(shop.database, shop.cdn, seconds=0.2)
    found = impatient.next_ones()
    assert (found.away, found.left) == (("edge",), ("emma", "evelina"))
    assert [one.status for one in found.books[0].requests] == [0, 0]
    shop.wire.plan = lambda _: None
    assert impatient.next_ones().whole
    impatient.close()
    assert events(shop) == [
        ("edge.broken", "cecilia", "edge", "true"),
        ("edge.restored", "cecilia", "edge", "true"),
    ]


def test_an_edge_of_errors_alone_is_away(shop: ProxiedShop, verifier: Verifier) -> None:
    shop.sell()
    shop.wire.plan = whenever(lambda call: call.path != "/healthz", refused(503, "x"))
    verifier.named(["emma"])
    assert events(shop) == [("edge.broken", "emma", "edge", "true")]


def test_an_edge_that_is_switched_off_is_broken_whatever_its_caches_answer(
    shop: ProxiedShop, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sell()
    off = Health(serves=False, settled=True, state="disabled, Deployed")
    monkeypatch.setattr(shop.cdn, "health", lambda: off)
    found = verifier.named(["emma"])
    assert (found.whole, found.edge) == (False, "disabled, Deployed")
    assert rules(found) == {("edge", "off")}
    assert events(shop) == [("edge.broken", "emma", "edge", "true")]


class Behind(LocalEdge):
    """An edge whose URLs are signed by a clock five minutes behind."""

    def url(self, path: str, valid_seconds: int = 3600, *, now: float | None = None) -> str:
        return super().url(path, valid_seconds, now=(now or time.time()) - 300)


def test_urls_signed_by_a_clock_that_is_behind_are_refused_and_the_clock_is_named(
    shop: ProxiedShop, home: Path
) -> None:
    shop.sell()
    shop.wire.plan = lambda _: answering(dated(300))
    behind = Behind(home / "released", home / "secret", shop.wire.url)
    verifier = Verifier(shop.database, behind)
    found = verifier.named(["emma"])
    verifier.close()
    behind.close()
    assert not found.whole
    [fault] = [one for one in found.books[0].faults if one.rule == "refused"]
    assert "s behind the edge's, by which signed URLs expire" in fault.message


def test_a_clock_that_is_wrong_is_said_while_urls_still_open(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    shop.wire.plan = lambda _: answering(dated(-300))
    found = verifier.named(["emma"])
    assert rules(found) == {("publication", "clock"), ("cover", "clock")}
    assert found.whole


def test_books_take_turns_and_broken_ones_come_again_at_once(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    books = [f"book-{number}" for number in range(6)]
    for book in books:
        shop.sell(book)
    small = Verifier(shop.database, shop.cdn, seconds=2.0, limits=VerificationLimits(books=2))
    seen = [[book.book for book in small.next_ones().books] for _ in range(4)]
    assert seen == [books[0:2], books[2:4], books[4:6], books[0:2]]
    place = shop.place(shop.sell("book-4", mark="b"))
    place.rename(place.with_name("@away"))
    verifier.named(["book-4"])
    assert [book.book for book in small.next_ones().books] == ["book-4", "book-2"]
    place.with_name("@away").rename(place)
    assert [book.book for book in small.next_ones().books] == ["book-4", "book-3"]
    assert [book.book for book in small.next_ones().books] == ["book-5", "book-0"]
    small.close()


def test_a_round_begins_no_book_beyond_its_megabytes_or_its_time(shop: ProxiedShop) -> None:
    for book in ("emma", "evelina"):
        shop.sell(book)
    for limits in (VerificationLimits(megabytes=0), VerificationLimits(seconds=0)):
        small = Verifier(shop.database, shop.cdn, limits=limits)
        assert [len(part) for part in (small.next_ones().books, small.next_ones().left)] == [1, 1]
        small.close()


def test_all_books_on_sale_are_seen_and_an_unknown_one_is_not_found(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    for book in ("emma", "evelina", "cecilia"):
        shop.sell(book)
    releases.withdraw(shop.database, "evelina", actor="eve")
    seen = [book.book for found in verifier.all() for book in found.books]
    assert seen == ["cecilia", "emma"]
    with pytest.raises(NotFound, match="nobody"):
        verifier.named(["nobody"])


def test_a_book_taken_off_sale_ends_its_incident_unsaid(
    shop: ProxiedShop, verifier: Verifier
) -> None:
    shop.sell()
    shop.wire.plan = of_the_book(refused(404, "x"))
    verifier.named(["emma"])
    releases.withdraw(shop.database, "emma", actor="eve")
    assert verifier.next_ones().books == ()
    assert edge_log.open_incidents(shop.database) == []
    assert [event for event, *_ in events(shop)] == ["edge.broken"]


def test_further_points_are_asked_with_the_same_signature(
    shop: ProxiedShop, edge_url: str, database: Database
) -> None:
    """A base URL, a forward proxy, and one server that is told the edge's name."""
    shop.sell()
    netloc = edge_url.partition("//")[2]
    with Proxy(edge_url).running() as other:
        further = (EdgePoint("base", "base", other.url), EdgePoint("host", "host", netloc))
        verifier = Verifier(database, shop.cdn, points=further, seconds=2.0)
        assert verifier.named(["emma"]).whole
        assert len(other.calls) == 5
        other.plan = of_the_book(answering(other_bytes))
        found = verifier.named(["emma"])
        verifier.close()
    assert {fault.point for fault in found.books[0].faults} == {"base"}
    assert events(shop) == [("edge.broken", "emma", "base", "false")]
    assert [one.point for one in edge_log.figures(database, 24)] == ["base", "edge", "host"]


def test_points_are_read_from_the_setting() -> None:
    assert points("") == ()
    assert points("https://probe.example/x proxy=http://eve:pw@10.0.0.7:3128 host=fra.example") == (
        EdgePoint("probe.example", "base", "https://probe.example/x"),
        EdgePoint("10.0.0.7:3128", "proxy", "http://eve:pw@10.0.0.7:3128"),
        EdgePoint("fra.example", "host", "fra.example"),
    )
    for wrong in ("probe.example", "ftp://x", "https://a.example host=a.example"):
        with pytest.raises(ServiceError, match="EBOOK_EDGE_POINTS"):
            points(wrong)


def test_the_latencies_of_a_day_are_told_by_point(shop: ProxiedShop, verifier: Verifier) -> None:
    shop.sell()
    verifier.named(["emma"])
    [(point, spans)] = edge_log.latencies(shop.database, 24).items()
    assert (point, len(spans)) == ("edge", 1)
