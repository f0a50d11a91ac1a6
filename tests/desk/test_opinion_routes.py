"""Readers' opinions over HTTP: whose they are, what others see, and who moderates."""

from typing import Any

import pytest

from tests.support.desk_shop import DeskShop

API = "/api/v1"
BOOK = f"{API}/books/press-sold"
WORDS: dict[str, Any] = {"stars": 4, "text": "<p>Read it.<script>x</script></p>", "signed": "R."}


@pytest.fixture
def opinion(shop: DeskShop) -> str:
    """Rita's, new for each test."""
    for login in ("rita", "ray"):
        browser = shop.by(login)
        for own in browser.get(f"{API}/me/opinions").json():
            browser.delete(f"{API}/opinions/{own['id']}", headers={"If-Match": "*"})
    made = shop.by("rita").post(f"{BOOK}/reviews", json=WORDS)
    assert made.status_code == 201, made.text
    return f"{API}/opinions/{made.json()['id']}"


def test_everybody_reads_what_a_reader_wrote_and_nobody_who_it_was(
    shop: DeskShop, opinion: str
) -> None:
    nobody = shop.desk.nobody()
    [listed] = nobody.get(f"{BOOK}/reviews").json()["items"]
    assert (listed["text"], listed["signed"], listed["person"]) == ("<p>Read it.</p>", "R.", "")
    assert nobody.get(opinion).json()["person"] == ""
    assert nobody.get(f"{BOOK}/rating").json() == {
        "count": 1,
        "average": 4.0,
        "stars": [0, 0, 0, 1, 0],
    }
    assert nobody.get(f"{API}/books/press-draft/reviews").status_code in (401, 404)
    shop.license(holder="rita")
    assert nobody.get(opinion).json()["verified"] is True


def test_readers_write_once_and_change_what_they_have_seen_last(
    shop: DeskShop, opinion: str
) -> None:
    rita = shop.by("rita")
    again = rita.post(f"{BOOK}/reviews", json=WORDS)
    assert (again.status_code, again.json()["code"]) == (409, "written-before")
    seen = {"If-Match": shop.etag("rita", opinion)}
    shop.by("ray").put(f"{opinion}/vote", json={"helpful": True})
    changed = rita.put(opinion, json=WORDS | {"stars": 1}, headers=seen)
    assert (changed.status_code, changed.json()["stars"]) == (200, 1), "a vote is no new version"
    assert rita.put(opinion, json=WORDS, headers=seen).status_code == 412
    assert rita.put(opinion, json=WORDS).status_code == 428
    for login in ("ray", "paul", "rob"):
        answer = shop.by(login).put(opinion, json=WORDS, headers={"If-Match": "*"})
        assert answer.status_code == 403
    for wrong in ({"stars": 0}, {"stars": 6}, {"stars": 5, "text": "a" * 20_001}, {"star": 1}):
        assert rita.post(f"{BOOK}/reviews", json=wrong).status_code == 422


@pytest.mark.parametrize("login", ["pat", "edna", "paul"])
def test_who_makes_books_writes_no_opinions(shop: DeskShop, login: str) -> None:
    assert shop.by(login).post(f"{BOOK}/reviews", json=WORDS).status_code == 403
    assert shop.desk.nobody().post(f"{BOOK}/reviews", json=WORDS).status_code == 401


def test_what_is_hidden_is_its_reader_s_and_the_moderators_alone(
    shop: DeskShop, opinion: str
) -> None:
    olga, rita, ray = shop.by("olga"), shop.by("rita"), shop.by("ray")
    assert ray.put(f"{opinion}/report", json={"reason": "spam"}).status_code == 200
    assert [one["reports"] for one in olga.get(f"{API}/opinions").json()["items"]] == [1]
    hide = {"shown": False, "note": "spam"}
    assert ray.post(f"{opinion}/decision", json=hide, headers={"If-Match": "*"}).status_code == 403
    assert olga.post(f"{opinion}/decision", json=hide).status_code == 428
    assert olga.post(f"{opinion}/decision", json=hide, headers={"If-Match": "*"}).json()["person"]
    for stranger in (ray, shop.by("paul"), shop.desk.nobody()):
        assert stranger.get(opinion).status_code in (401, 404)
    assert rita.get(opinion).json()["note"] == "spam"
    assert rita.get(f"{BOOK}/rating").json()["count"] == 0
    seen = {"If-Match": "*"}
    assert rita.post(f"{opinion}/appeal", json={"why": "It is none."}, headers=seen).is_success
    [waiting] = olga.get(f"{API}/opinions").json()["items"]
    assert waiting["appeal"] == "It is none."
    olga.post(f"{opinion}/decision", json={"shown": True}, headers=seen)
    assert rita.get(f"{BOOK}/rating").json()["count"] == 1
    assert ray.get(f"{API}/opinions").status_code == 403


@pytest.mark.parametrize("name", ["0", "x", "-1", "9" * 20, "9" * 30, "1;--", "%00"])
def test_an_unknown_opinion_is_not_found(shop: DeskShop, name: str) -> None:
    assert shop.by("rita").get(f"{API}/opinions/{name}").status_code in (400, 404)


@pytest.mark.parametrize("after", ["x", "WzFd", "WzEsMl0", "WyJ4IiwxXQ", "Wzk5OTk5OTk5OTk5LDFd"])
def test_what_is_no_cursor_is_no_fault(shop: DeskShop, after: str) -> None:
    for order in ("helpful", "newest"):
        query = {"after": after, "order": order}
        answer = shop.by("olga").get(f"{BOOK}/reviews", params=query)
        assert answer.status_code in (200, 400)
    assert shop.by("olga").get(f"{API}/opinions", params={"after": after}).status_code == 400
