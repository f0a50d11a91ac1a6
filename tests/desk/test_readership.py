"""Figures of readers for who makes books, and the endpoints of people under their usual names."""

from ebook_pipeline.services.reporting.readership import ViewCounts
from ebook_pipeline.services.signing_in import passwords
from tests.support.desk_shop import DeskShop
from tests.support.servers.postgres import rows

API = "/api/v1"
PASSWORD = "a long walk by the sea"


def test_views_are_counted_and_each_sees_their_own_books(shop: DeskShop) -> None:
    nobody = shop.desk.nobody()
    for _ in range(3):
        assert nobody.get("/shop/press-sold").status_code == 200
    pat = shop.by("pat").get(f"{API}/analytics/books").json()["items"]
    assert {one["book"] for one in pat} == {"press-sold", "press-draft", "press-waiting"}
    [sold] = [one for one in pat if one["book"] == "press-sold"]
    assert (sold["views"], sold["views_30_days"], sold["on_sale"]) == (3, 3, True)
    first = shop.by("paul").get(f"{API}/analytics/books", params={"limit": 1}).json()
    rest = shop.by("paul").get(
        f"{API}/analytics/books", params={"after": first["next"], "limit": 50}
    )
    assert len(first["items"]) + len(rest.json()["items"]) == 3
    assert len(shop.by("olga").get(f"{API}/analytics/books").json()["items"]) == 6
    assert shop.by("rita").get(f"{API}/analytics/books").status_code == 403
    assert "Press Sold" in shop.by("pat").get("/readership").text


def test_views_of_a_book_that_is_gone_are_passed_over(shop: DeskShop) -> None:
    counts = ViewCounts()
    counts.add("nobody-knows-it", "page")
    counts.write(shop.database)
    asked = "SELECT count(*) FROM book_view WHERE book = 'nobody-knows-it'"
    assert rows(shop.database, asked) == [(0,)]


def test_who_signs_in_over_the_api_has_a_session_until_they_sign_out(shop: DeskShop) -> None:
    with shop.database.begin() as connection:
        passwords.set_password(connection, "rita", PASSWORD)
    nobody = shop.desk.nobody()
    wrong = nobody.post(f"{API}/auth/login", json={"name": "rita", "password": "guess"})
    assert wrong.status_code == 403
    foreign = {"Origin": "https://evil.example"}
    right = {"name": "rita", "password": PASSWORD}
    assert nobody.post(f"{API}/auth/login", json=right, headers=foreign).status_code == 403
    begun = nobody.post(f"{API}/auth/login", json=right)
    assert begun.status_code == 200, begun.text
    assert nobody.get(f"{API}/me").json()["login"] == "rita"
    token = {"X-CSRF-Token": begun.json()["csrf_token"], "Sec-Fetch-Site": "same-origin"}
    assert nobody.post(f"{API}/auth/logout").status_code == 403
    assert nobody.post(f"{API}/auth/logout", headers=token).status_code == 204
    assert nobody.get(f"{API}/me").status_code == 401


def test_operators_look_after_people_and_see_how_busy_it_is(shop: DeskShop) -> None:
    olga, path = shop.by("olga"), f"{API}/admin/users"
    wish = {"login": "newt", "role": "author", "account": "press", "name": "Newt"}
    added = olga.post(path, json=wish)
    assert added.status_code == 201, added.text
    assert "/welcome/" in added.json()["link"]
    assert olga.post(path, json=wish | {"login": "No Login"}).status_code == 422
    assert "newt" in {one["login"] for one in olga.get(path).json()}
    figures = olga.get(f"{API}/admin/figures").json()
    assert figures["people"]["reader"] == 2
    assert figures["sessions"] >= 8
    books = olga.get(f"{API}/users/newt/books").json()["items"]
    assert {one["account"] for one in books} == {"press"}
    assert shop.by("rob").get(f"{API}/users/newt/books").json()["items"] == []
    assert olga.delete(f"{path}/newt").json()["left_at"]
    for login in ("paul", "rita"):
        assert shop.by(login).get(path).status_code == 403


def test_who_makes_a_book_says_what_it_is_like_and_nobody_else(shop: DeskShop) -> None:
    path = f"{API}/books/press-sold/summary"
    nobody = shop.desk.nobody()
    before = nobody.get(path)
    assert before.json() == {"book": "press-sold", "summary": None, "locked": False}
    words, seen = {"words": "A match is made."}, {"If-Match": before.headers["etag"]}
    assert shop.by("rob").put(path, json=words, headers=seen).status_code in (403, 404)
    said = shop.by("pat").put(path, json=words, headers=seen)
    assert said.status_code == 200, said.text
    assert nobody.get(path).json()["summary"]["machine"] is False
    assert "A match is made." in nobody.get("/shop/press-sold").text
    page = shop.by("pat").get("/books/press-sold").text
    assert "A match is made." in page
    form = {"words": "", "seen": said.headers["etag"]}
    assert shop.by("pat").post("/books/press-sold/summary", data=form).status_code == 200
    assert nobody.get(path).json()["locked"] is False
