"""Licences over HTTP: issued once, one's own alone, and asked for as Readium's code does."""

import base64
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.books.protecting.lcp.license import passphrase_hash, unlock
from ebook_pipeline.books.protecting.lcp.status import LicenseFailure
from ebook_pipeline.books.records import Protection
from ebook_pipeline.desk import authentication
from tests.support.desk_shop import (
    HASHED,
    PASSPHRASE,
    DeskShop,
    app_password,
    basic,
    count,
)
from tests.support.paths import JUDGES

API = "/api/v1/licenses"
NODE = shutil.which("node")
NOW = datetime.now(UTC).replace(microsecond=0)
END, LAST = NOW + timedelta(days=10), NOW + timedelta(days=30)
LOAN: dict[str, Any] = {"rights": {"end": END.isoformat()}, "may_end": LAST.isoformat()}


@pytest.fixture
def program(shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> "Programs":
    return Programs(shop, monkeypatch)


class Programs:
    """Shops' programs, as they are known once they have shown their token."""

    def __init__(self, shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> None:
        self._shop = shop

        def by_header(connection: Any, _: Any) -> Actor | None:
            _, _, client = connection.headers.get("authorization", "").partition("Test ")
            scopes = connection.headers.get("x-test-scopes")
            allowed = frozenset(scopes.split()) if scopes else None
            return Actor(client=client, scopes=allowed) if client else None

        monkeypatch.setattr(authentication, "METHODS", (by_header, *authentication.METHODS))
        monkeypatch.setattr("ebook_pipeline.services.actors.require_known", lambda *_: None)
        monkeypatch.setattr(
            "ebook_pipeline.services.audit_and_outbox.require_known", lambda *_: None
        )

    def by(self, client: str, scopes: str = "") -> TestClient:
        named = {"Authorization": f"Test {client}"} | ({"X-Test-Scopes": scopes} if scopes else {})
        return self._shop.desk.nobody(**named)


def wish(**other: Any) -> dict[str, Any]:
    return {"book": "press-sold", "reader": "r-1", "passphrase_sha256": HASHED} | other


def test_a_shops_program_issues_a_licence_once(shop: DeskShop, program: Programs) -> None:
    client, key = program.by("shop"), {"Idempotency-Key": "order-1"}

    def ask(_: int) -> str:
        return str(client.post(API, json=wish(), headers=key).json()["id"])

    with ThreadPoolExecutor(3) as threads:
        [issued] = set(threads.map(ask, range(3)))
    other = client.post(API, json=wish(reader="r-2"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    document = client.get(f"{API}/{issued}/license.lcpl")
    assert document.headers["content-type"] == "application/vnd.readium.lcp.license.v1.0+json"
    assert unlock(document.content, passphrase_hash(PASSPHRASE))


def test_a_program_sees_and_changes_its_own_licences_alone(
    shop: DeskShop, program: Programs
) -> None:
    mine, other = program.by("mine"), program.by("other")
    issued = mine.post(API, json=wish(**LOAN)).json()["id"]
    for path in ("", "/license.lcpl", "/publication"):
        assert other.get(f"{API}/{issued}{path}").status_code == 404
    for path in ("/renewal", "/return", "/revocation"):
        answer = other.post(f"{API}/{issued}{path}", json={}, headers={"If-Match": "*"})
        assert answer.status_code == 404
    assert other.get(f"/opds/shelf/{issued}/license.lcpl").status_code == 404
    assert issued in [one["id"] for one in mine.get(API).json()["items"]]
    assert other.get(API).json()["items"] == []


def test_a_program_does_what_its_scopes_say_and_no_more(program: Programs) -> None:
    assert program.by("shop", "license:read").post(API, json=wish()).status_code == 403
    assert program.by("shop", "license:issue").post(API, json=wish()).status_code == 201
    assert program.by("shop").get("/api/v1/books").status_code == 403


@pytest.mark.parametrize("login", ["pat", "edna", "paul", "rita"])
def test_people_issue_no_licences(shop: DeskShop, login: str) -> None:
    assert shop.by(login).post(API, json=wish()).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"passphrase_sha256": "x"}, {"passphrase_sha256": HASHED.upper()}, {"reader": ""},
     {"form": "mobi"}, {"rights": {"pages": -1}}, {"may_end": "2026-01-01"},
     {"rights": {"pages": 2**31}}, {"rights": {"end": "0001-01-01T00:00:00+14:00"}},
     {"may_end": "9999-12-31T23:59:59-14:00"}],
)  # fmt: skip
def test_what_is_no_wish_is_refused(shop: DeskShop, wrong: dict[str, Any]) -> None:
    assert shop.by("olga").post(API, json=wish(**wrong)).status_code == 422


def test_a_licence_is_changed_by_who_has_seen_it_last(shop: DeskShop) -> None:
    issued = shop.license(**LOAN)
    path = f"{API}/{issued['id']}"
    seen = {"If-Match": shop.etag("olga", path)}
    assert shop.by("olga").post(f"{path}/renewal", json={}).status_code == 428
    renewed = shop.by("olga").post(f"{path}/renewal", json={}, headers=seen)
    assert renewed.json()["rights"]["end"].startswith((END + timedelta(days=14)).isoformat()[:10])
    assert shop.by("olga").post(f"{path}/revocation", headers=seen).status_code == 412
    late = shop.by("olga").post(
        f"{path}/renewal", json={"end": "2099-01-01T00:00:00Z"}, headers={"If-Match": "*"}
    )
    assert late.status_code == 403
    over = shop.by("olga").post(f"{path}/revocation", headers={"If-Match": "*"})
    assert over.json()["state"] == "cancelled"


def test_a_shelf_is_its_readers_alone(shop: DeskShop) -> None:
    issued = shop.license(holder="rita")
    path = f"{API}/{issued['id']}"
    assert shop.by("rita").get(path).json()["holder"] == "rita"
    assert [one["id"] for one in shop.by("rita").get(API).json()["items"]] == [issued["id"]]
    for login in ("ray", "rob", "rosa", "pat"):
        assert shop.by(login).get(path).status_code in (403, 404)
        assert shop.by(login).get(f"/opds/shelf/{issued['id']}/license.lcpl").status_code in (
            403, 404,
        )  # fmt: skip
    assert shop.by("ray").get(API).json()["items"] == []
    of_own_books = shop.by("paul").get(API, params={"limit": 200}).json()["items"]
    assert issued["id"] in [one["id"] for one in of_own_books]
    assert shop.by("rosa").get(API).json()["items"] == []
    assert shop.desk.nobody().get(path).status_code == 401


def test_a_copy_is_its_shops_and_made_again_for_the_same_order(
    shop: DeskShop, program: Programs
) -> None:
    body = {"book": "press-sold", "order": "A-1", "name": "Zoë"}
    assert program.by("shop").post("/api/v1/copies", json=body).status_code == 403  # it is LCP's
    assert shop.by("rita").post("/api/v1/copies", json=body).status_code == 403
    assert program.by("shop").get("/api/v1/copies", params={"order": "A-1"}).json() == []
    shop.sell("press-plain", "press", Protection.NONE)
    for order in ("\x01", " \u2028 "):
        odd = body | {"book": "press-plain", "order": order}
        assert program.by("shop").post("/api/v1/copies", json=odd).status_code in (400, 422)
    answer = program.by("shop").post("/api/v1/copies", json=body | {"book": "press-plain"})
    assert "unprotected" in answer.text or "without protection" in answer.text


DEVICE = {"id": "d-1", "name": "eInk reader"}


def lcp(shop: DeskShop, method: str, path: str, **query: str) -> Any:
    return shop.desk.nobody().request(method, f"/lcp/{path}", params=query)


def test_a_device_registers_renews_and_returns_by_itself(shop: DeskShop) -> None:
    id = shop.license(**LOAN)["id"]
    status = lcp(shop, "GET", f"{id}/status")
    assert status.headers["content-type"] == "application/vnd.readium.license.status.v1.0+json"
    assert (status.json()["status"], status.json()["potential_rights"]["end"]) == (
        "ready", LAST.isoformat().replace("+00:00", "Z"),
    )  # fmt: skip
    links = {link["rel"]: link["href"] for link in status.json()["links"]}
    assert links["register"] == f"http://127.0.0.1:8080/lcp/{id}/register{{?id,name}}"
    for _ in range(2):
        registered = lcp(shop, "POST", f"{id}/register", **DEVICE).json()
    assert (registered["status"], len(registered["events"])) == ("active", 1)
    end = (NOW + timedelta(days=20)).isoformat()
    for _ in range(2):
        renewed = lcp(shop, "PUT", f"{id}/renew", end=end, **DEVICE)
    assert [event["type"] for event in renewed.json()["events"]] == ["register", "renew"]
    assert (
        json.loads(lcp(shop, "GET", f"{id}/license.lcpl").content)["rights"]["end"][:10] == end[:10]
    )
    assert lcp(shop, "PUT", f"{id}/return", **DEVICE).json()["status"] == "returned"


def failed(answer: Any) -> tuple[int, str, str]:
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, said["type"], said["title"]


@pytest.mark.parametrize(
    ("method", "deed", "query", "failure", "status"),
    [
        ("POST", "register", {}, LicenseFailure.REGISTRATION, 400),
        ("POST", "register", {"id": "d"}, LicenseFailure.REGISTRATION, 400),
        ("POST", "register", {"id": "x" * 256, "name": "n"}, LicenseFailure.REGISTRATION, 400),
        ("PUT", "renew", {"end": "2099-01-01T00:00:00Z"}, LicenseFailure.RENEWAL_DATE, 403),
        ("PUT", "renew", {"end": "2020-01-01T00:00:00Z"}, LicenseFailure.RENEWAL_DATE, 403),
        ("PUT", "renew", {"end": "0001-01-01T00:00:00+14:00"}, LicenseFailure.RENEWAL_DATE, 403),
        ("PUT", "renew", {"end": "tomorrow"}, LicenseFailure.RENEWAL, 400),
    ],
)
def test_failures_are_told_as_the_standard_wants(
    shop: DeskShop, method: str, deed: str, query: dict[str, str], failure: Any, status: int
) -> None:
    id = shop.license(**LOAN)["id"]
    assert failed(lcp(shop, method, f"{id}/{deed}", **query)) == (
        status, failure.value, failure.title,
    )  # fmt: skip


def test_what_is_returned_is_not_returned_again(shop: DeskShop) -> None:
    id = shop.license(**LOAN)["id"]
    lcp(shop, "POST", f"{id}/register", **DEVICE)
    lcp(shop, "PUT", f"{id}/return", **DEVICE)
    already = LicenseFailure.RETURNED_ALREADY
    answer = failed(lcp(shop, "PUT", f"{id}/return", **DEVICE))
    assert answer == (403, already.value, already.title)


def test_a_flood_of_devices_is_no_flood_of_rows(shop: DeskShop) -> None:
    id = shop.license(**LOAN)["id"]
    for at in range(12):
        lcp(shop, "POST", f"{id}/register", id=f"d-{at}\ud7ff", name="<script>")
    assert len(lcp(shop, "GET", f"{id}/status").json()["events"]) == 6


@pytest.mark.parametrize("id", ["x", "%00", "0" * 100, "../status", "' OR 1=1 --"])
def test_an_unknown_licence_is_not_found(shop: DeskShop, id: str) -> None:
    assert lcp(shop, "GET", f"{id}/status").status_code in (400, 404)
    assert lcp(shop, "POST", f"{id}/register", **DEVICE).status_code in (400, 404)


@pytest.mark.skipif(
    NODE is None or not (JUDGES / "node_modules" / "r2-lcp-js").is_dir(),
    reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
)
def test_readiums_code_registers_renews_and_returns_a_licence(
    shop: DeskShop, served: str, tmp_path: Path
) -> None:
    id = shop.license(**LOAN)["id"]
    document = lcp(shop, "GET", f"{id}/license.lcpl").text.replace("http://127.0.0.1:8080", served)
    licence = tmp_path / "loan.lcpl"
    licence.write_text(document)
    end = NOW + timedelta(days=25)
    argv = [str(NODE), str(JUDGES / "use_status.js"), str(licence), served, end.isoformat()]
    answer = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    said = json.loads(answer.stdout)
    assert said["registered"] == {"status": "active", "events": ["register"]}
    assert said["renewed"] == {"status": "active", "events": ["register", "renew"]}
    assert said["refused"]["type"] == LicenseFailure.RENEWAL_DATE.value
    assert said["returned"]["status"] == "returned"


def test_a_reading_app_signs_in_and_fetches_its_licence(shop: DeskShop) -> None:
    issued = shop.license(holder="ray", **LOAN)["id"]
    app = shop.desk.nobody()
    refused = app.get("/opds/shelf")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/opds-authentication+json"
    assert refused.headers["www-authenticate"].startswith("Basic ")
    document = app.get("/opds/authentication").json()
    assert refused.json() == document
    assert [flow["type"] for flow in document["authentication"]] == [
        "http://opds-spec.org/auth/basic"
    ]
    credentials = basic("ray", app_password(shop, "ray"))
    shelf = app.get("/opds/shelf", headers=credentials).json()
    [held] = shelf["publications"]
    [link] = [one for one in held["links"] if one["rel"] == "http://opds-spec.org/acquisition"]
    assert link["href"].endswith(f"/opds/shelf/{issued}/license.lcpl")
    path = link["href"].removeprefix("http://127.0.0.1:8080")
    assert unlock(app.get(path, headers=credentials).content, passphrase_hash(PASSPHRASE))


def test_an_apps_password_reads_a_shelf_and_no_more(shop: DeskShop) -> None:
    credentials = basic("olga", app_password(shop, "olga"))
    app = shop.desk.nobody(**credentials)
    assert app.get("/opds/shelf").status_code == 200
    for path in ("/api/v1/books", "/api/v1/me", "/api/v1/app-passwords", "/api/v1/reviews"):
        assert app.get(path).status_code == 403
    assert app.post(API, json=wish()).status_code == 403
    assert app.post("/api/v1/app-passwords", json={"name": "more"}).status_code == 403


@pytest.mark.parametrize("credentials", ["", "x", "=", "OnhA", base64.b64encode(b"ray").decode()])
def test_bad_credentials_are_refused_and_never_nobodys(shop: DeskShop, credentials: str) -> None:
    answer = shop.desk.nobody(Authorization=f"Basic {credentials}").get("/opds/shelf")
    assert answer.status_code == 401
    other = basic("rita", app_password(shop, "ray"))
    assert shop.desk.nobody(**other).get("/opds/shelf").status_code == 401


def test_an_ended_password_opens_nothing(shop: DeskShop) -> None:
    text = app_password(shop, "rita")
    mine = shop.by("rita").get("/api/v1/app-passwords").json()
    assert "text" not in mine[0]
    assert shop.by("ray").delete(f"/api/v1/app-passwords/{mine[0]['id']}").status_code == 404
    assert shop.by("rita").delete(f"/api/v1/app-passwords/{mine[0]['id']}").status_code == 204
    assert shop.desk.nobody(**basic("rita", text)).get("/opds/shelf").status_code == 401
    assert count(shop.database, f"SELECT count(*) FROM app_password WHERE digest = '{text}'") == 0
