"""An earlier release goes on sale again whole, or not at all; what is said is what happened."""

from collections.abc import Iterator

import httpx
import pytest

from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.foundation.errors import NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.rollback import IncompleteRelease, ReleaseManager
from ebook_pipeline.services.verifying.verification import Verifier
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire
from tests.support.servers.faulty_proxy import is_call, refused, whenever
from tests.support.servers.postgres import rows

__all__ = ["edge_url", "home", "shop", "wire"]


@pytest.fixture
def manager(shop: ProxiedShop) -> Iterator[ReleaseManager]:
    verifier = Verifier(shop.database, shop.cdn, seconds=2.0)
    yield ReleaseManager(verifier, "eve")
    verifier.close()


@pytest.fixture
def editions(shop: ProxiedShop) -> None:
    for number in (1, 2, 3):
        shop.sell(edition=number)


def on_sale(shop: ProxiedShop) -> tuple[str, str]:
    live = releases.current(shop.database, "emma")
    assert live is not None
    return live.release, live.state


def pointed(shop: ProxiedShop) -> tuple[str, str]:
    said = httpx.get(shop.cdn.url(pointer_path("emma"))).json()
    return said["release"], said["state"]


@pytest.mark.usefixtures("editions")
def test_going_back_is_to_the_release_before_and_again_to_the_one_before_that(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    assert manager.roll_back("emma").release == "emma-2"
    assert manager.roll_back("emma").release == "emma-1"
    assert on_sale(shop) == pointed(shop) == ("emma-1", "live")
    told = rows(
        shop.database,
        "SELECT payload ->> 'release' FROM outbox WHERE event = 'release.live' ORDER BY id",
    )
    assert [name for (name,) in told] == ["emma-1", "emma-2", "emma-3", "emma-2", "emma-1"]
    assert ("eve", "release") in rows(shop.database, "SELECT actor, action FROM audit")


@pytest.mark.usefixtures("editions")
def test_a_book_that_was_rolled_back_stays_so_until_a_newer_edition_comes(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    manager.roll_back("emma", "emma-1")
    shop.sell(edition=3)
    assert on_sale(shop) == ("emma-1", "live")
    shop.sell(edition=4)
    assert on_sale(shop) == ("emma-4", "live")


@pytest.mark.usefixtures("editions")
def test_going_forward_again_is_to_a_named_release(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    manager.roll_back("emma")
    assert manager.roll_back("emma", "emma-3").release == "emma-3"
    assert pointed(shop) == ("emma-3", "live")


def test_where_no_release_is_older_those_that_there_are_are_listed(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    shop.sell()
    with pytest.raises(
        NotFound, match=r"no release of emma is older: it has emma-1 \(edition 1, on"
    ):
        manager.roll_back("emma")
    with pytest.raises(NotFound, match=r"no release 'emma-9': it has emma-1"):
        manager.roll_back("emma", "emma-9")
    with pytest.raises(NotFound, match="'nobody' was never released"):
        manager.roll_back("nobody")


@pytest.mark.usefixtures("editions")
def test_what_is_not_whole_at_the_edge_does_not_go_on_sale(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    second = releases.saved(shop.database, "emma", "emma-2")
    assert second is not None
    place = shop.place(second.distribution)
    place.chmod(0o644)
    place.write_bytes(place.read_bytes()[::-1])
    with pytest.raises(IncompleteRelease, match="verify emma --release emma-2 --repair"):
        manager.roll_back("emma")
    assert on_sale(shop) == pointed(shop) == ("emma-3", "live")
    assert rows(shop.database, "SELECT count(*) FROM audit WHERE action = 'release'") == [(0,)]


@pytest.mark.usefixtures("editions")
def test_a_stale_pointer_does_not_keep_a_release_from_going_back(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    shop.cdn.point(pointer_path("emma"), b"{}", "application/json")
    manager.roll_back("emma")
    assert pointed(shop) == ("emma-2", "live")


@pytest.mark.usefixtures("editions")
def test_a_withdrawn_book_is_not_put_on_sale_by_going_back(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    manager.withdraw("emma")
    assert on_sale(shop) == pointed(shop) == ("emma-3", "withdrawn")
    with pytest.raises(ServiceError, match="`ebooks release emma` puts it back"):
        manager.roll_back("emma")
    assert manager.release("emma").state == "live"
    assert pointed(shop) == ("emma-3", "live")


@pytest.mark.usefixtures("editions")
def test_a_pointer_that_fails_after_the_commit_is_said_and_mended_later(
    shop: ProxiedShop, manager: ReleaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(LocalEdge, "point", down)
        with pytest.raises(Unavailable, match="emma-2 is on sale, but the edge does not say so"):
            manager.roll_back("emma")
    assert on_sale(shop) == ("emma-2", "live")
    assert pointed(shop) == ("emma-3", "live")
    assert isinstance(manager.verifier, Verifier)
    found = manager.verifier.named(["emma"])
    assert [fault.rule for fault in found.books[0].faults] == ["pointer"]


@pytest.mark.usefixtures("editions")
def test_while_the_edge_is_in_trouble_nothing_changes(
    shop: ProxiedShop, manager: ReleaseManager
) -> None:
    shop.wire.plan = whenever(is_call("", "GET", "/books/"), refused(503, "SlowDown"))
    with pytest.raises(IncompleteRelease, match="answered 503"):
        manager.roll_back("emma")
    assert on_sale(shop) == ("emma-3", "live")
