"""What a browser keeps of the API is asked about each time, and is another once something changed.

One table: who asks, where, and what then happens.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ebook_pipeline.services.recommending.training import train_model
from ebook_pipeline.services.releasing import releases
from tests.support.desk_shop import DeskShop

API = "/api/v1"
SOLD = f"{API}/books/press-sold"
OPINION = {"stars": 4, "text": "A ferry, a lamp and a long wait.", "signed": "R."}
Change = Callable[[DeskShop], Any]


def _put(who: str, path: str, wanted: dict[str, Any] | None = None) -> Change:
    return lambda shop: shop.by(who).put(path, json=wanted).raise_for_status()


def _post(who: str, path: str, wanted: dict[str, Any]) -> Change:
    return lambda shop: shop.by(who).post(path, json=wanted).raise_for_status()


def _rename(shop: DeskShop) -> None:
    url, rita = f"{API}/users/profile", shop.by("rita")
    headers = {"If-Match": rita.get(url).headers["ETag"]}
    rita.patch(url, json={"name": "Rita R."}, headers=headers).raise_for_status()


def _withdraw(shop: DeskShop) -> None:
    releases.withdraw(shop.database, "press-sold", actor="pipeline")


def _read_by_another(shop: DeskShop) -> None:
    _put("ray", f"{API}/books/rival-sold/shelf", {"shelf": "read"})(shop)
    train_model(shop.database, "2026-11-30")


TABLE: list[tuple[str, str, Change]] = [
    ("rita", f"{API}/me/recommendations", _read_by_another),
    ("rita", f"{API}/me/shelf", _put("rita", f"{SOLD}/shelf", {"shelf": "reading"})),
    ("rita", f"{API}/me/following", _put("rita", f"{SOLD}/following", {"author": "Élise Łuc"})),
    ("rita", f"{API}/users/profile", _rename),
    ("ray", f"{SOLD}/reviews", _post("rita", f"{SOLD}/reviews", OPINION)),
    ("rita", f"{SOLD}/rating", _post("ray", f"{SOLD}/reviews", OPINION | {"stars": 1})),
    (
        "rita",
        f"{API}/me/opinions",
        _post("rita", f"{API}/books/rival-sold/reviews", OPINION),
    ),
    ("pat", f"{API}/analytics/books", lambda shop: shop.desk.nobody().get("/shop/press-sold")),
    ("pat", f"{API}/books", lambda shop: shop.draft("press-new", "press")),
    ("pat", f"{API}/manuscripts", _post("pat", f"{API}/manuscripts", {"metadata": {}})),
    ("pat", f"{SOLD}/release", _withdraw),
    ("pat", SOLD, lambda shop: releases.release(shop.database, "press-sold", actor="pipeline")),
]  # fmt: skip


@pytest.mark.parametrize(("who", "path", "change"), TABLE, ids=[f"{w} {p}" for w, p, _ in TABLE])
def test_what_is_known_is_not_sent_again_until_it_changes(
    shop: DeskShop, who: str, path: str, change: Change
) -> None:
    asker = shop.by(who)
    first = asker.get(path)
    assert first.status_code == 200, first.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Authorization"} <= set(first.headers["Vary"].split(", "))
    known = {"If-None-Match": first.headers["ETag"]}
    again = asker.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    change(shop)
    after = asker.get(path, headers=known)
    assert after.status_code == 200, "what holds no more is served as if it held"
    assert after.json() != first.json()
    assert shop.desk.nobody().get(path, headers=known).status_code in (200, 401)


def test_an_opinion_whose_votes_are_no_new_version_is_never_kept(shop: DeskShop) -> None:
    made = shop.by("ray").post(f"{API}/books/rival-sold/reviews", json=OPINION)
    url = f"{API}/opinions/{made.json()['id']}"
    known = {"If-None-Match": shop.by("rita").get(url).headers["ETag"]}
    assert shop.by("rita").get(url, headers=known).status_code == 200
