"""Books verified, repaired and rolled back from a shell, on the services of one machine."""

from collections.abc import Iterator

import httpx
import pytest

from ebook_pipeline.services.releasing import releases
from tests.support.existing import existing
from tests.support.homes import Home, open_home
from tests.support.servers.edge import Shop


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("home")) as home:
        yield home


@pytest.fixture(scope="module")
def shop(home: Home) -> Shop:
    made = home.resources
    shop = Shop(made.database, made.cdn, made.object_store, home.settings.root / "released")
    for edition in (1, 2):
        shop.sell(edition=edition)
    assert home.ebooks("events", "deliver").code == 0  # else the next command rewrites pointers
    return shop


def pointed(home: Home) -> dict[str, object]:
    said: dict[str, object] = httpx.get(
        home.resources.cdn.url("public/books/emma/current.json")
    ).json()
    return said


@pytest.mark.usefixtures("shop")
def test_what_is_whole_is_told_with_the_edges_figures(home: Home) -> None:
    answer = home.ebooks("verify", "--json")
    assert answer.code == 0
    [book, edge, day, month] = answer.objects
    assert (book["book"], book["whole"], len(book["requests"])) == ("emma", True, 5)
    assert (edge["serves"], edge["edge"]) == (True, "running")
    assert (day["point"], day["hours"], day["availability"]) == ("edge", 24, 100.0)
    assert month["hours"] == 720


def test_what_is_broken_ends_with_1_and_says_what_to_do_until_it_is_repaired(
    home: Home, shop: Shop
) -> None:
    live = existing(releases.current(shop.database, "emma"))
    shop.place(live.distribution).unlink()
    home.resources.cdn.point("public/books/emma/current.json", b"{}", "application/json")
    broken = home.ebooks("verify", "emma")
    assert broken.code == 1
    assert "emma  broken" in broken.out
    assert "answered 404" in broken.out
    assert "ebooks verify emma --repair" in broken.out
    mended = home.ebooks("verify", "emma", "--repair")
    assert mended.code == 0, mended.out
    assert "repair: pointer rewritten" in mended.out
    assert "repair: publication put back" in mended.out
    assert pointed(home)["state"] == "live"


def test_a_rollback_is_verified_and_a_damaged_release_is_mended_first(
    home: Home, shop: Shop
) -> None:
    first = existing(releases.saved(shop.database, "emma", "emma-1"))
    shop.place(first.distribution).unlink()
    refused = home.ebooks("rollback", "emma")
    assert refused.code == 1
    assert "`ebooks verify emma --release emma-1 --repair` mends what it can" in refused.err
    assert pointed(home)["release"] == "emma-2"
    assert home.ebooks("verify", "emma", "--release", "emma-1", "--repair").code == 0
    done = home.ebooks("rollback", "emma", "--json")
    assert done.objects == [{"book": "emma", "state": "live", "release": "emma-1", "edition": 1}]
    assert pointed(home)["release"] == "emma-1"
    none_older = home.ebooks("rollback", "emma")
    assert (none_older.code, none_older.out) == (1, "")
    assert "emma-2 (edition 2)" in none_older.err


def test_an_unknown_book_and_wrong_usage_are_told_apart(home: Home) -> None:
    assert home.ebooks("verify", "nobody").code == 1
    assert home.ebooks("verify", "--release", "emma-1").code == 2
