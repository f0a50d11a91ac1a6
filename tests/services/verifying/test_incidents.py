"""What is told of an edge that fails: incidents and their ends, clocks, rounds, points."""

import time
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.cdn import Health, LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.client import EdgePoint
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.verifying import edge_log
from ebook_pipeline.services.verifying.verification import VerificationLimits, Verifier, points
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire
from tests.support.servers.faulty_proxy import Proxy, refused, slow, whenever
from tests.support.services.verification import (
    answering,
    dated,
    events,
    of_the_book,
    other_bytes,
    rules,
    verifier,
)

__all__ = ["edge_url", "home", "shop", "verifier", "wire"]

pytestmark = pytest.mark.prove


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
