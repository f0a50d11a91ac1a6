"""Books over HTTP: each sees their own, files run nowhere, and nobody overwrites what they have
not seen."""

import hashlib
from typing import Any

import pytest

from ebook_pipeline.desk import licensing
from ebook_pipeline.foundation.errors import Denied, ServiceError
from ebook_pipeline.services.intake.submissions import submit
from tests.support.desk_shop import DeskShop, count
from tests.support.services.submissions import offer

API = "/api/v1"
OTHERS = ("rob", "rosa", "rita", "nobody")


def listed(shop: DeskShop, login: str, **query: Any) -> list[str]:
    answer = shop.by(login).get(f"{API}/books", params=query)
    assert answer.status_code == 200, answer.text
    return sorted(one["book"] for one in answer.json()["items"])


def test_each_sees_their_own_books_in_lists(shop: DeskShop) -> None:
    own = ["press-draft", "press-sold", "press-waiting"]
    assert listed(shop, "pat") == own == listed(shop, "paul")
    assert listed(shop, "edna") == ["press-sold", "press-waiting"]
    assert listed(shop, "rita") == ["press-sold", "rival-sold"]
    assert set(own) < set(listed(shop, "olga", limit=200))
    assert shop.desk.nobody().get(f"{API}/books").status_code == 401


def test_lists_are_filtered_and_paged_by_a_cursor(shop: DeskShop) -> None:
    assert listed(shop, "pat", state="rejected") == ["press-draft"]
    assert listed(shop, "pat", state=["needs_review", "rejected"]) == [
        "press-draft", "press-waiting",
    ]  # fmt: skip
    assert listed(shop, "pat", text="sold press") == ["press-sold"]
    assert listed(shop, "pat", owner="rival") == []
    seen, after = [], ""
    while True:
        page = shop.by("pat").get(f"{API}/books", params={"limit": 1, "after": after}).json()
        seen += [one["book"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == listed(shop, "pat")


@pytest.mark.parametrize("after", ["x", "W10", "WzFd", "WyJ4Il0", "WyIyMDI2LTAxLTAxfmIiXQ"])
def test_what_is_no_cursor_is_refused(shop: DeskShop, after: str) -> None:
    assert shop.by("pat").get(f"{API}/books", params={"after": after}).status_code in (400, 404)


PATHS = [
    ("GET", ""), ("GET", "/report"), ("GET", "/fields"), ("GET", "/files"),
    ("GET", "/files/original"), ("GET", "/files/epub"), ("GET", "/records/qa_report"),
    ("PATCH", "/fields"), ("DELETE", ""), ("POST", "/purge"), ("POST", "/withdrawal"),
    ("POST", "/release"), ("GET", "/terms"), ("POST", "/terms/prices"),
]  # fmt: skip
BODIES: dict[str, Any] = {
    "/fields": {"fields": {"title": "Stolen"}},
    "/purge": {"reason": "mine now"},
    "/withdrawal": {},
    "/release": {},
    "/terms/prices": {"currency": "EUR", "amount": "1"},
}


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("book", ["press-draft", "press-waiting", "no-such-book"])
def test_another_organisations_book_is_not_there(
    shop: DeskShop, method: str, path: str, book: str
) -> None:
    for login in OTHERS:
        client = shop.desk.nobody() if login == "nobody" else shop.by(login)
        answer = client.request(
            method, f"{API}/books/{book}{path}", json=BODIES.get(path), headers={"If-Match": "*"}
        )
        allowed = {401} if login == "nobody" else {404, 403}
        if login == "rita" and book == "no-such-book":
            allowed = {404}
        assert answer.status_code in allowed | {404}, (login, answer.status_code)
        assert "manuscript" not in answer.text


@pytest.mark.parametrize("path", ["/books/{}", "/reviews/{}", "/licenses/{}", "/jobs/{}"])
def test_nobody_learns_which_ids_there_are(shop: DeskShop, path: str) -> None:
    there = {"/books/{}": "press-draft", "/reviews/{}": 1, "/licenses/{}": shop.license()["id"]}
    stranger = shop.desk.nobody()
    answers = [
        stranger.get(API + path.format(name)).json() | {"request_id": "", "instance": ""}
        for name in (there.get(path, "x"), "none", "9999")
    ]
    assert answers[0]["status"] == 401
    assert answers == [answers[0]] * 3


def test_a_reader_reads_neither_manuscript_nor_findings_of_what_is_on_sale(shop: DeskShop) -> None:
    for path in ("/files", "/files/original", "/report", "/fields", "/records/qa_report"):
        answer = shop.by("rita").get(f"{API}/books/press-sold{path}")
        assert answer.status_code in (403, 404)
    assert shop.by("rita").get(f"{API}/books/press-sold").json()["phases"] == ["published"]


def test_a_reviewer_reads_what_she_judges_before_its_release(shop: DeskShop) -> None:
    files = shop.by("edna").get(f"{API}/books/press-waiting/files").json()["files"]
    assert [file["name"] for file in files] == [
        "original", "epub", "pdf", "text", "cover", "preview", "preview-page", "report",
    ]  # fmt: skip
    for file in files:
        answer = shop.by("edna").get(f"{API}/books/press-waiting/files/{file['name']}")
        assert hashlib.sha256(answer.content).hexdigest() == file["blob"]["sha256"]
        assert answer.headers["content-type"].startswith(file["blob"]["media_type"])
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["etag"] == f'"{file["blob"]["sha256"]}"'


RANGES = [
    ("bytes=0-4", 206, "bytes 0-4/{n}"), ("bytes=5-", 206, "bytes 5-{l}/{n}"),
    ("bytes=-3", 206, "bytes {m}-{l}/{n}"), ("bytes=0-99999999999", 206, "bytes 0-{l}/{n}"),
    ("bytes=-99999999", 206, "bytes 0-{l}/{n}"), ("bytes=99999999-", 416, "bytes */{n}"),
    ("bytes=-0", 416, "bytes */{n}"), ("bytes=4-2", 200, None), ("bytes=0-1,3-4", 200, None),
    ("bytes=" + "0-," * 500, 200, None), ("bytes=a-b", 200, None), ("bytes=-", 200, None),
    ("lines=0-1", 200, None), ("bytes=9999999999999999999999999-", 200, None),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "status", "told"), RANGES)
def test_ranges_are_those_of_rfc_9110(
    shop: DeskShop, asked: str, status: int, told: str | None
) -> None:
    path = f"{API}/books/press-waiting/files/epub"
    whole = shop.by("edna").get(path).content
    answer = shop.by("edna").get(path, headers={"Range": asked})
    n = len(whole)
    expected = told and told.format(n=n, l=n - 1, m=n - 3)
    assert (answer.status_code, answer.headers.get("content-range")) == (status, expected)
    if status == 206:
        first, last = expected.split()[1].split("/")[0].split("-")  # type: ignore[union-attr]
        assert answer.content == whole[int(first) : int(last) + 1]
    elif status == 200:
        assert answer.content == whole


def test_a_range_of_another_version_is_the_whole(shop: DeskShop) -> None:
    path = f"{API}/books/press-waiting/files/epub"
    tag = shop.by("edna").head(path).headers["etag"]
    ranged = {"Range": "bytes=0-1"}
    statuses = [
        shop.by("edna").get(path, headers=ranged | {"If-Range": given}).status_code
        for given in (tag, '"other"', f"W/{tag}", "Mon, 01 Jan 2026 00:00:00 GMT")
    ]
    assert statuses == [206, 200, 200, 200]
    assert shop.by("edna").get(path, headers={"If-None-Match": tag}).status_code == 304
    assert shop.by("edna").head(path).headers["content-length"] == "2100"


def test_fields_are_corrected_by_who_has_seen_them_last(shop: DeskShop) -> None:
    path = f"{API}/books/press-waiting/fields"
    edna, seen = shop.by("edna"), shop.etag("edna", f"{API}/books/press-waiting/fields")
    change = {"fields": {"title": "A Title", "subtitle": "Sub"}}
    assert edna.patch(path, json=change).status_code == 428
    first = edna.patch(path, json=change, headers={"If-Match": seen})
    assert (first.status_code, first.json()["locks"][0]["actor"]) == (200, "desk:edna")
    stale = shop.by("olga").patch(
        path, json={"fields": {"title": None}}, headers={"If-Match": seen}
    )
    assert stale.status_code == 412
    undone = edna.patch(
        path, json={"fields": {"title": None}}, headers={"If-Match": first.headers["etag"]}
    )
    assert [lock["field"] for lock in undone.json()["locks"]] == ["subtitle"]
    price = {"fields": {"price": {"amount": "0.01", "currency": "EUR"}}}
    assert edna.patch(path, json=price, headers={"If-Match": "*"}).status_code == 403
    wrong = edna.patch(path, json={"fields": {"creators": "Jane"}}, headers={"If-Match": "*"})
    assert wrong.status_code in (409, 422)


def test_a_book_is_taken_off_sale_by_who_has_seen_its_release(shop: DeskShop) -> None:
    shop.sell("press-short", "press")
    path = f"{API}/books/press-short"
    seen = shop.etag("paul", f"{path}/release")
    assert shop.by("pat").post(f"{path}/withdrawal", json={}).status_code == 403
    assert shop.by("paul").post(f"{path}/withdrawal", json={}).status_code == 428
    matched = {"If-Match": seen}
    off = shop.by("paul").post(f"{path}/withdrawal", json={"now": True}, headers=matched)
    assert (off.status_code, off.json()["state"], off.json()["taken_down"]) == (
        200, "withdrawn", True,
    )  # fmt: skip
    assert shop.by("paul").post(f"{path}/withdrawal", json={}, headers=matched).status_code == 412


def test_a_draft_is_deleted_by_its_author_and_its_file_may_come_again(shop: DeskShop) -> None:
    shop.draft("press-gone", "press")
    path = f"{API}/books/press-gone"
    seen = {"If-Match": shop.etag("pat", path)}
    with shop.database.lock("book press-gone"):
        assert shop.by("pat").delete(path, headers=seen).status_code in (409, 412)
    assert shop.by("pat").delete(path).status_code == 428
    assert shop.by("pat").delete(path, headers=seen).status_code == 204
    assert shop.by("pat").get(path).status_code == 404
    assert count(shop.database, "SELECT count(*) FROM tombstone WHERE contents <> '{}'") == 0


def test_only_an_operator_purges_and_only_what_is_off_sale(shop: DeskShop) -> None:
    shop.sell("press-done", "press")
    path = f"{API}/books/press-done"
    wanted: dict[str, Any] = {"json": {"reason": "a court said so"}, "headers": {"If-Match": "*"}}
    assert shop.by("paul").post(f"{path}/purge", **wanted).status_code == 403
    assert shop.by("olga").post(f"{path}/purge", **wanted).status_code == 403
    shop.by("olga").post(f"{path}/withdrawal", json={}, headers={"If-Match": "*"})
    stone = shop.by("olga").post(f"{path}/purge", **wanted)
    assert (stone.status_code, stone.json()["reason"]) == (200, "a court said so")
    assert shop.by("olga").get(path).status_code == 404


def test_a_report_tells_stages_findings_and_reviews(shop: DeskShop) -> None:
    report = shop.by("edna").get(f"{API}/books/press-waiting/report").json()
    assert [stage["stage"] for stage in report["stages"]] == ["qa_report", "drm_package"]
    assert [review["task"]["state"] for review in report["reviews"]] == ["open"]
    record = shop.by("edna").get(f"{API}/books/press-waiting/records/qa_report").json()
    assert record["verdict"] == "needs_review"
    missing = shop.by("edna").get(f"{API}/books/press-waiting/records/../../etc")
    assert missing.status_code == 404


@pytest.mark.parametrize("name", ["%00", "emma%00", "%ed%a0%80", "..%2f..", "' OR ''='"])
def test_what_no_book_is_called_is_not_found(shop: DeskShop, name: str) -> None:
    for path in ("", "/report", "/files/original", "/release", "/terms"):
        assert shop.by("olga").get(f"{API}/books/{name}{path}").status_code in (400, 404)
    assert shop.desk.nobody().get(f"{API}/catalog/books/{name}").status_code in (400, 404)


def test_a_draft_is_not_deleted_under_a_file_that_has_just_come(shop: DeskShop) -> None:
    shop.draft("press-newer", "press")
    purge = licensing.purge_of(shop.context)
    submit(
        shop.database,
        offer("press/newer.txt", "2").model_copy(update={"account": "press"}),
        actor="eve",
    )
    with pytest.raises(ServiceError, match="has just come"):
        purge.delete_draft("press-newer", actor="eve")
    with pytest.raises(Denied, match="is on sale"):
        purge.delete_draft("press-sold", actor="eve")
    assert shop.by("olga").get(f"{API}/books/press-newer").status_code == 200


def test_a_new_edition_is_a_job_of_the_book_whose_file_follows(shop: DeskShop) -> None:
    path = f"{API}/books/press-sold/editions"
    made = shop.by("pat").post(path, json={"metadata": {"title": "Corrected"}})
    assert made.status_code == 201, made.text
    assert made.json()["metadata"] == {"title": "Corrected", "book": "press-sold"}
    assert made.headers["location"].startswith("/api/v1/jobs/")
    for login in OTHERS[:3]:
        assert shop.by(login).post(path, json={}).status_code in (403, 404)
    elsewhere = {"metadata": {"book": "rival-sold"}}
    other = shop.by("pat").post(path, json=elsewhere).json()
    assert other["metadata"]["book"] == "press-sold"
