"""Every route that changes something: against foreign pages, stale versions and strangers.

The routes are those of the app itself, and what they ask for is what the API's description says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from ebook_pipeline.desk.csrf import READING
from ebook_pipeline.desk.routes import ROUTES
from tests.support.desk_shop import DeskShop

OF_NO_SESSION = ("/lcp/", "/dagster", "/api/v1/probe")
"""Reading systems' own routes, which know no session; Dagster's, which tests of their own judge."""
NEW = {
    ("POST", "/api/v1/books/{book}/editions"),
    ("POST", "/api/v1/books/{book}/reviews"),
    ("PUT", "/api/v1/books/{book}/shelf"),
    ("DELETE", "/api/v1/books/{book}/shelf"),
    ("PUT", "/api/v1/books/{book}/following"),
    ("DELETE", "/api/v1/me/following/{followed}"),
    ("DELETE", "/api/v1/me/sessions/{session}"),
    ("DELETE", "/api/v1/admin/users/{login}"),
    ("PUT", "/api/v1/books/{book}/dismissal"),
    ("DELETE", "/api/v1/books/{book}/dismissal"),
    ("PUT", "/api/v1/opinions/{opinion}/vote"),
    ("DELETE", "/api/v1/opinions/{opinion}/vote"),
    ("PUT", "/api/v1/opinions/{opinion}/report"),
    ("POST", "/api/v1/jobs/{job}/direct-uploads"),
    ("POST", "/api/v1/manuscripts/{manuscript}/chapters"),
    ("POST", "/api/v1/manuscripts/{manuscript}/names"),
    ("DELETE", "/api/v1/manuscripts/{manuscript}/names"),
    ("POST", "/api/v1/manuscripts/{manuscript}/comments"),
    ("POST", "/api/v1/manuscripts/{manuscript}/comments/{comment}/answers"),
    ("PUT", "/api/v1/manuscripts/{manuscript}/comments/{comment}/settled"),
    ("PUT", "/api/v1/manuscripts/{manuscript}/editors/{editor}"),
    ("DELETE", "/api/v1/manuscripts/{manuscript}/editors/{editor}"),
    ("POST", "/api/v1/uploads/{upload}/complete"),
    ("PATCH", "/api/v1/uploads/{upload}"),
    ("DELETE", "/api/v1/uploads/{upload}"),
    ("DELETE", "/api/v1/keys/{key}"),
    ("DELETE", "/api/v1/clients/{client}"),
    ("DELETE", "/api/v1/app-passwords/{password}"),
}
"""Changes of what has no version: what is new, what goes on where it was, what ends for good, and
what others say of an opinion, which is no new version of it."""

OWN = ("/api/v1/opinions/{opinion}", "/api/v1/opinions/{opinion}/appeal")
"""What is its reader's alone to change: `rita`'s."""
READERS = tuple(
    f"/api/v1/books/{{book}}/{part}" for part in ("reviews", "shelf", "dismissal", "following")
)


@dataclass(frozen=True)
class Operation:
    """One of the description's, with what it is asked about in the shop."""

    method: str
    path: str
    described: dict[str, Any]
    known: dict[str, str]
    document: dict[str, Any]

    @property
    def url(self) -> str:
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return self.path.format(**{name: self.known.get(name, "x") for name in names})

    @property
    def is_change(self) -> bool:
        return self.method not in READING and "session" in str(self.described["security"])

    @property
    def names_version(self) -> bool:
        named = self.described.get("parameters", ())
        return any(one["in"] == "header" and one["name"] == "If-Match" for one in named)

    @property
    def body(self) -> Any:
        """What the description has as an example."""
        content = self.described.get("requestBody", {}).get("content", {})
        for kind in content.values():
            model = kind["schema"].get("$ref", "").rpartition("/")[2]
            schema = self.document["components"]["schemas"].get(model, {}) | kind["schema"]
            return schema.get("examples", [{}])[0]
        return None


@pytest.fixture(scope="module")
def operations(shop: DeskShop) -> list[Operation]:
    """Of the API, about things of the account `press`."""
    document = shop.desk.nobody().get("/api/v1/openapi.json").json()
    waiting = shop.by("olga").get("/api/v1/reviews", params={"book": "press-waiting"}).json()
    words = {"stars": 4, "text": "Good."}
    written = shop.by("rita").post("/api/v1/books/press-sold/reviews", json=words).json()
    opinion = str(written["id"])
    manuscript = shop.by("pat").post("/api/v1/manuscripts", json={}).json()["id"]
    chapter = shop.by("pat").post(f"/api/v1/manuscripts/{manuscript}/chapters", json={})
    brief = {"brief": {"seed": 3, "pages": 24}}
    ordered = shop.by("pat").post("/api/v1/generate/books", json=brief)
    known = {
        "book": "press-sold",
        "picture_book": str(ordered.json()["key"]),
        "page": "7",
        "opinion": opinion,
        "manuscript": str(manuscript),
        "chapter": str(chapter.json()["id"]),
        "review": str(waiting["items"][0]["task"]["id"]),
        "license": str(shop.license()["id"]),
        "job": str(shop.by("pat").post("/api/v1/jobs", json={}).json()["id"]),
        "territory": "DE",
        "currency": "EUR",
        "stage": "converted_book",
        "name": "original",
    }
    return [
        Operation(method.upper(), path, described, known, document)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def changing_routes(shop: DeskShop) -> Iterator[tuple[str, str]]:
    """Every method and path of the app that is no reading, pages' forms among them."""
    guarded = {each.prefix + each.router.prefix for each in ROUTES if each.guarded}
    for route in iter_route_contexts(shop.desk.app.routes):
        path = str(route.path)
        if path.startswith(OF_NO_SESSION) or not any(map(path.startswith, guarded)):
            continue
        for method in set(getattr(route, "methods", None) or ()) - READING:
            yield method, path


@pytest.mark.prove
def test_without_its_token_no_form_of_a_signed_in_browser_changes_anything(shop: DeskShop) -> None:
    browser = shop.desk.browser("olga")
    del browser.headers["X-CSRF-Token"]
    routes = list(changing_routes(shop))
    assert len(routes) > 40
    for method, path in routes:
        answer = browser.request(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json()["code"] == "csrf", (method, path)


def test_with_its_token_no_foreign_page_changes_anything(shop: DeskShop) -> None:
    browser = shop.desk.browser("olga")
    for method, path in changing_routes(shop):
        url = path.replace("{", "").replace("}", "")
        answer = browser.request(method, url, headers={"Origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), (method, path)


@pytest.mark.prove
def test_every_change_of_what_has_a_version_names_it(
    shop: DeskShop, operations: list[Operation]
) -> None:
    """Without a version it is 428, with a stale one 412; what names none is new, or known here."""
    operator = shop.by("olga")
    changes = [one for one in operations if one.is_change and "{" in one.path]
    bare = {(one.method, one.path) for one in changes if not one.names_version}
    assert bare == NEW
    for one in changes:
        if not one.names_version:
            continue
        asker = shop.by("rita") if one.path in OWN else operator
        missing = asker.request(one.method, one.url, json=one.body)
        assert missing.status_code == 428, (one.method, one.path, missing.text)
        stale = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
        answer = asker.request(one.method, one.url, json=one.body, headers=stale)
        assert answer.status_code == 412, (one.method, one.path, answer.text)


@pytest.mark.parametrize("login", ["rob", "rosa", "rita"])
def test_another_organisation_s_things_are_refused(
    shop: DeskShop, operations: list[Operation], login: str
) -> None:
    """Author and publisher of another account, and a reader: what is asked about is `press`'s."""
    stranger = shop.by(login)
    named = ("{book}", "{review}", "{license}", "{job}", "{manuscript}", "{picture_book}")
    for one in operations:
        if not any(name in one.path for name in named) or {} in one.described["security"]:
            continue
        if login == "rita" and (not one.is_change or one.path in READERS):
            continue  # readers read what is on sale, and say what they think of it
        headers = {"If-Match": "*"}
        answer = stranger.request(one.method, one.url, json=one.body, headers=headers)
        assert answer.status_code in (403, 404), (one.method, one.path, answer.text)
