"""What readers get is what was released, or it is said what is not: on an edge that lies."""

from functools import partial
from pathlib import Path

import pytest

from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.verifying import edge_log
from ebook_pipeline.services.verifying.verification import Verifier
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire
from tests.support.servers.faulty_proxy import Answer, Call, Fault, cut, refused, whenever
from tests.support.servers.postgres import rows
from tests.support.services.verification import (
    CONTENT,
    aged,
    answering,
    events,
    longer,
    mending,
    other_bytes,
    rules,
    shared,
    uncached,
    verifier,
)

pytestmark = pytest.mark.prove

__all__ = ["edge_url", "home", "mending", "shop", "verifier", "wire"]


def _is_the_cover(call: Call) -> bool:
    return call.path.startswith("/public/") and call.path.endswith(".bin")


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
