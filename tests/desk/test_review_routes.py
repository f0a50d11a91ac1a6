"""Reviews over HTTP: a queue of one's own, and no answer of two that did not see each other's."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.desk_shop import DeskShop

API = "/api/v1/reviews"


def review_of(shop: DeskShop, book: str) -> str:
    found = shop.by("olga").get(API, params={"book": book}).json()["items"]
    return f"{API}/{found[0]['task']['id']}"


def test_the_queue_is_ones_own(shop: DeskShop) -> None:
    mine = [one["task"]["book"] for one in shop.by("edna").get(API).json()["items"]]
    assert "press-waiting" in mine
    assert not [book for book in mine if book.startswith("rival")]
    counts = shop.by("edna").get(f"{API}/counts").json()
    assert (counts["open"], counts["overdue"]) == (len(mine), 0)
    assert shop.by("rita").get(API).status_code == 403


@pytest.mark.parametrize("login", ["rob", "rosa", "rita", "pat"])
@pytest.mark.parametrize("deed", ["assignment", "decision", "sending-back"])
def test_nobody_decides_what_is_not_theirs(shop: DeskShop, login: str, deed: str) -> None:
    path = review_of(shop, "press-waiting")
    body: dict[str, Any] = {"approved": True, "reasons": ["x"], "assignee": login}
    method = "PATCH" if deed == "assignment" else "POST"
    answer = shop.by(login).request(method, f"{path}/{deed}", json=body, headers={"If-Match": "*"})
    assert answer.status_code == (403 if login == "pat" else 404)


@pytest.mark.parametrize("id", ["0", "-1", "x", "1" * 30, "١", "1.0", "%00"])
def test_what_is_no_review_is_not_found(shop: DeskShop, id: str) -> None:
    assert shop.by("olga").get(f"{API}/{id}").status_code in (400, 404)


def test_a_review_is_given_to_somebody_and_found_by_them(shop: DeskShop) -> None:
    shop.wait("press-assigned", "press")
    path = review_of(shop, "press-assigned")
    seen = {"If-Match": shop.etag("edna", path)}
    given = shop.by("edna").patch(
        f"{path}/assignment", json={"assignee": "edna", "priority": "high"}, headers=seen
    )
    assert (given.status_code, given.json()["task"]["priority"]) == (200, "high")
    mine = shop.by("edna").get(API, params={"assignee": "me"}).json()["items"]
    assert [one["task"]["book"] for one in mine] == ["press-assigned"]
    stale = shop.by("olga").patch(f"{path}/assignment", json={"assignee": ""}, headers=seen)
    assert stale.status_code == 412


def test_of_two_answers_at_once_one_is_given(shop: DeskShop) -> None:
    shop.wait("press-race", "press")
    path = review_of(shop, "press-race")
    seen = {"If-Match": shop.etag("olga", path)}

    def decide(approved: bool) -> int:
        client = shop.desk.browser("olga" if approved else "edna")
        body = {"approved": approved, "note": "mine"}
        return client.post(f"{path}/decision", json=body, headers=seen).status_code

    with ThreadPoolExecutor(2) as threads:
        given, late = sorted(threads.map(decide, (True, False)))
    assert given == 200
    assert late in {404, 412}  # an editor who comes late may no longer see what is approved
    review = shop.by("olga").get(path).json()
    assert review["decision"]["note"] == "mine"
    history = shop.by("olga").get(f"{path}/history").json()
    assert [one["action"] for one in history] == ["ask", "decide"]


def test_an_edition_is_sent_back_with_what_is_to_be_mended(shop: DeskShop) -> None:
    shop.wait("press-back", "press")
    path = review_of(shop, "press-back")
    reasons = ["Chapter 3 is missing.", "The cover is blurred."]
    seen = {"If-Match": shop.etag("edna", path)}
    body = {"reasons": reasons, "note": "Nearly there."}
    sent = shop.by("edna").post(f"{path}/sending-back", json=body, headers=seen).json()
    assert (sent["reasons"], sent["decision"]["approved"]) == (reasons, False)
    assert sent["decision"]["note"] == (
        "Nearly there.\n\n1. Chapter 3 is missing.\n2. The cover is blurred."
    )
    assert shop.by("pat").get(path).json()["reasons"] == reasons
    wrongs: list[dict[str, list[str]]] = [{"reasons": []}, {"reasons": [""]}, {}]
    for wrong in wrongs:
        answer = shop.by("edna").post(f"{path}/sending-back", json=wrong, headers={"If-Match": "*"})
        assert answer.status_code == 422
