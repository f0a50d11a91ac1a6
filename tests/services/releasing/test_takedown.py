"""A book that is taken down leaves nothing at the edge that is open to all, and can come back."""

import httpx
import pytest

from ebook_pipeline.books.records import Distribution
from ebook_pipeline.books.releasing.distribution import pointer_path
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.releasing.rollback import IncompleteRelease, ReleaseManager
from ebook_pipeline.services.verifying.edge_repair import EdgeRepairer
from ebook_pipeline.services.verifying.verification import Verifier
from tests.support.servers.edge import ProxiedShop, edge_url, home, shop, wire

__all__ = ["edge_url", "home", "shop", "wire"]


def manager(shop: ProxiedShop, *, repair: bool = False) -> ReleaseManager:
    scratch = shop.origin.parent / "scratch"
    repairer = EdgeRepairer(shop.database, shop.cdn, shop.store, scratch) if repair else None
    return ReleaseManager(Verifier(shop.database, shop.cdn, seconds=2.0, repairer=repairer), "eve")


def answers(shop: ProxiedShop, *released: Distribution) -> dict[str, set[int]]:
    """How the edge answers for each kind of file of these releases."""
    files = [file for distribution in released for file in distribution.files]
    return {
        rel: {httpx.get(shop.cdn.url(file.path)).status_code for file in files if file.rel == rel}
        for rel in ("publication", "cover")
    }


def test_covers_of_all_its_releases_go_and_what_was_bought_stays(shop: ProxiedShop) -> None:
    released = [shop.sell(edition=number) for number in (1, 2)]
    other = shop.sell("persuasion")
    assert answers(shop, *released) == {"publication": {200}, "cover": {200}}
    manager(shop).withdraw("emma", take_down=True)
    assert answers(shop, *released) == {"publication": {200}, "cover": {404}}
    assert answers(shop, other)["cover"] == {200}
    said = httpx.get(shop.cdn.url(pointer_path("emma"))).json()
    assert (said["state"], set(said["files"])) == ("withdrawn", {"publication"})
    assert releases.on_sale(shop.database) == ["persuasion"]


def test_what_a_new_edition_or_a_repair_puts_there_goes_again(shop: ProxiedShop) -> None:
    first = shop.sell()
    manager(shop).withdraw("emma", take_down=True)
    second = shop.sell(edition=2)
    assert answers(shop, first, second)["cover"] == {404}
    seen = manager(shop, repair=True).verifier
    assert isinstance(seen, Verifier)
    (verified,) = seen.named(["emma"]).books
    assert verified.whole
    assert answers(shop, first, second)["cover"] == {404}


def test_a_takedown_that_was_cut_off_is_finished_by_the_pointer(
    shop: ProxiedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = [shop.sell(edition=number) for number in (1, 2, 3)]
    real, calls = LocalEdge.remove, iter(range(99))

    def dies(self: LocalEdge, path: str) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt
        real(self, path)

    monkeypatch.setattr(LocalEdge, "remove", dies)
    with pytest.raises(KeyboardInterrupt):
        manager(shop).withdraw("emma", take_down=True)
    pointer.rewrite(shop.database, shop.cdn, "emma")
    assert answers(shop, *released)["cover"] == {404}


def test_it_comes_back_whole_or_not_at_all(shop: ProxiedShop) -> None:
    released = shop.sell()
    manager(shop).withdraw("emma", take_down=True)
    with pytest.raises(IncompleteRelease):
        manager(shop).release("emma")
    assert not manager(shop, repair=True).release("emma").taken_down
    assert answers(shop, released) == {"publication": {200}, "cover": {200}}
    assert releases.on_sale(shop.database) == ["emma"]


def test_a_book_that_is_withdrawn_already_can_still_be_taken_down(shop: ProxiedShop) -> None:
    released = shop.sell()
    manager(shop).withdraw("emma")
    assert answers(shop, released)["cover"] == {200}
    manager(shop).withdraw("emma", take_down=True)
    assert answers(shop, released)["cover"] == {404}
