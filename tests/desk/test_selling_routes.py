"""What is on sale over HTTP: for programs as JSON, for reading apps as OPDS, judged by others."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.support.desk_shop import DeskShop, app_password
from tests.support.opds_schema import faults
from tests.support.paths import JUDGES

API = "/api/v1/catalog"
NODE = shutil.which("node")


def test_everybody_searches_and_narrows(shop: DeskShop) -> None:
    nobody = shop.desk.nobody()
    found = nobody.get(f"{API}/search", params={"query": "sold", "facet": "language=en"}).json()
    assert {entry["book"] for entry in found["entries"]} >= {"press-sold", "rival-sold"}
    assert found["facets"]["language=en"] >= 2
    none = nobody.get(f"{API}/search", params={"query": "sold", "facet": "language=de"}).json()
    assert (none["total"], none["entries"]) == (0, [])


WORDS = ["\0", "a\0b", "-" * 300, "--", '"' * 99, "'; DROP TABLE catalog; --", "%", "☃" * 400,
         "a" * 401, "or or or", "-sold", "\ud7ff"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_no_word_breaks_the_search(shop: DeskShop, word: str) -> None:
    for path, name in ((f"{API}/search", "query"), ("/opds/search", "query")):
        answer = shop.desk.nobody().get(path, params={name: word})
        assert answer.status_code in (200, 400, 422)


@pytest.mark.parametrize(
    "query",
    [{"offset": 601}, {"limit": 0}, {"limit": 101}, {"facet": "color=red"}, {"territory": "XX"},
     {"facet": ["language=en"] * 11}, {"offset": "9" * 30}],
)  # fmt: skip
def test_what_is_no_search_is_refused(shop: DeskShop, query: dict[str, Any]) -> None:
    assert shop.desk.nobody().get(f"{API}/search", params=query).status_code == 422


def test_a_book_on_sale_has_its_price_and_its_places(shop: DeskShop) -> None:
    nobody = shop.desk.nobody()
    book = nobody.get(f"{API}/books/press-sold").json()
    assert (book["price"]["amount"], book["availability"]["available"]) == ("4.50", True)
    assert nobody.get(f"{API}/books/press-sold/price", params={"territory": "DE"}).json()[
        "currency"
    ] == "EUR"  # fmt: skip
    assert nobody.get(f"{API}/books/press-sold/similar").json() == []
    assert nobody.get(f"{API}/books/press-sold/preview").json()["href"].endswith("/preview")
    for hidden in ("press-draft", "press-waiting", "nothing"):
        for path in ("", "/price", "/availability", "/similar", "/preview"):
            assert nobody.get(f"{API}/books/{hidden}{path}").status_code == 404


def test_terms_are_set_by_their_publisher_who_has_seen_them(shop: DeskShop) -> None:
    path = "/api/v1/books/press-sold/terms"
    paul, price = shop.by("paul"), {"territory": "AT", "currency": "EUR", "amount": "9.99"}
    assert paul.post(f"{path}/prices", json=price).status_code == 428
    seen = {"If-Match": shop.etag("paul", path)}
    set_ = paul.post(f"{path}/prices", json=price, headers=seen)
    assert [rule["amount"] for rule in set_.json()["prices"]] == ["9.99"]
    assert paul.post(f"{path}/prices", json=price, headers=seen).status_code == 412
    rights = {"rights": [{"territory": "US", "type": "03"}]}
    for method, sub, body in (
        ("PATCH", "/rights", rights),
        ("PUT", "/first-day", {"sold_from": "2099-01-01"}),
        ("PUT", "/first-day", {"sold_from": None}),
        ("DELETE", "/rights/US", None),
        ("DELETE", "/prices/AT/EUR", None),
    ):
        matched = {"If-Match": shop.etag("paul", path)}
        answer = paul.request(method, f"{path}{sub}", json=body, headers=matched)
        assert answer.status_code == 200, (sub, answer.text)
    for login in ("rosa", "pat", "edna", "rita"):
        refused = shop.by(login).post(f"{path}/prices", json=price, headers={"If-Match": "*"})
        assert refused.status_code in (403, 404)


def test_every_feed_is_what_opds_wants(shop: DeskShop) -> None:
    nobody = shop.desk.nobody()
    paths = ["", "/browse", "/browse?language=en&genre=", "/search?query=sold", "/by/language",
             "/by/genre", "/books/press-sold.json", "/books/press-sold/related.json"]  # fmt: skip
    for path in paths:
        answer = nobody.get(f"/opds{path}")
        assert answer.status_code == 200, (path, answer.text)
        assert faults(answer.json()) == [], path
        assert answer.headers["content-type"].startswith("application/opds")
        assert 'rel="http://opds-spec.org/auth/document"' in answer.headers["link"]
    shop.license(holder="olga")
    assert faults(shop.by("olga").get("/opds/shelf").json()) == []
    assert faults(shop.by("rita").get("/opds/shelf").json()) == []


@pytest.mark.parametrize(
    "path",
    ["/browse?after=x", "/search?page=13", "/by/color", "/books/x.json",
     "/books/press-draft.json", "/books/press-waiting/related.json"],
)  # fmt: skip
def test_what_is_in_no_feed_is_not_found(shop: DeskShop, path: str) -> None:
    assert shop.desk.nobody().get(f"/opds{path}").status_code == 404


@pytest.mark.skipif(
    NODE is None or not (JUDGES / "node_modules" / "r2-opds-js").is_dir(),
    reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
)
def test_an_outside_client_walks_the_root_and_signs_in(shop: DeskShop, served: str) -> None:
    issued = shop.license(holder="ray")["id"]
    argv = [str(NODE), str(JUDGES / "walk_catalog.js"), f"{served}/opds", "ray"]
    argv.append(app_password(shop, "ray"))
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert {"Catalogue", "New books", "By language", "Your shelf"} <= set(said["feeds"])
    assert {"Press Sold", "Rival Sold"} <= set(said["books"])
    assert said["flows"] == ["http://opds-spec.org/auth/basic"]
    assert (said["shelf"], said["licences"]) == (["Press Sold"], [issued])
    assert said["alone"] in said["books"]
