"""The reviewer's pages: the queue, the text of a stranger's book, and answers that nobody loses."""

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from ebook_pipeline.desk.routes.pages.metadata_form import FIELDS
from tests.support.desk_pages import KNOWN, Shelf
from tests.support.desk_shop import DeskShop


@pytest.fixture(scope="module", autouse=True)
def _read_books(shop: DeskShop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Books with a text: `press-north-and-south` and `press-effi-briest` wait for a person."""
    shelf = Shelf(shop.context, tmp_path_factory.mktemp("shelf"))
    for book in KNOWN:
        if book.id in ("press-north-and-south", "press-effi-briest"):
            shelf.put(book)


def review_of(shop: DeskShop, book: str) -> str:
    items = shop.by("olga").get("/api/v1/reviews", params={"book": book}).json()["items"]
    return f"/reviews/{items[0]['task']['id']}"


def seen(page: str, action: str) -> str:
    """The version that the form of this action carries."""
    match = re.search(rf'action="[^"]*/{action}".*?name="seen" value="([^"]*)"', page, re.DOTALL)
    assert match
    return match[1].replace("&#34;", '"')


def answer(browser: TestClient, path: str, **typed: str) -> tuple[int, str]:
    sent = browser.post(f"{path}/decision", data=typed, follow_redirects=False)
    return sent.status_code, sent.text


def test_the_queue_has_what_one_may_answer(shop: DeskShop) -> None:
    page = shop.by("edna").get("/reviews").text
    assert "North and South" in page
    assert "rival-waiting" not in page
    assert "rival-waiting" in shop.by("olga").get("/reviews").text
    assert shop.by("pat").get("/reviews").status_code == 403


def test_findings_and_refusals_are_told_in_german(shop: DeskShop) -> None:
    path = review_of(shop, "press-north-and-south")
    german = {"Accept-Language": "de", "Accept": "text/html"}
    page = shop.by("edna").get(path, headers=german).text
    assert "Wohl ein Tippfehler</p>" in page
    assert '<p class="remedy">Das Wort nachsehen.</p>' in page
    assert '<p class="exact" lang="en">“recieved” is no word of this language.</p>' in page
    assert "Wohl ein Tippfehler" not in shop.by("edna").get(path).text
    refused = shop.by("pat").get("/people", headers=german)
    assert (refused.status_code, "Das dürfen Sie nicht." in refused.text) == (403, True)
    wrong = shop.by("olga").post(
        "/people", data={"login": "A B", "role": "editor", "account": "press"}, headers=german
    )
    assert "kann kein Anmeldename sein" in wrong.text


def test_the_queue_is_narrowed(shop: DeskShop) -> None:
    shown = shop.by("edna").get("/reviews", params={"whose": "me"}).text
    assert "No review is like that" in shown
    assert "North and South" in shop.by("edna").get("/reviews?whose=nobody&priority=normal").text


def test_the_book_is_open_at_the_passage_and_acts_in_nothing(shop: DeskShop) -> None:
    path = review_of(shop, "press-north-and-south")
    page = shop.by("edna").get(path).text
    assert f'src="{path}/text?finding=0#here"' in page
    assert "sandbox src" in page
    text = shop.by("edna").get(f"{path}/text", params={"finding": 0})
    assert '<mark class="here" id="here">She had recieved the letter' in text.text
    assert "<script" not in text.text
    assert "onerror" not in text.text
    policy = text.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy
    assert text.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(("login", "status"), [("rob", 404), ("rita", 404), ("pat", 200)])
def test_a_text_is_its_peoples(shop: DeskShop, login: str, status: int) -> None:
    path = review_of(shop, "press-north-and-south")
    assert shop.by(login).get(f"{path}/text").status_code == status
    answered = shop.by(login).post(f"{path}/decision", data={"verdict": "approve", "seen": "x"})
    assert answered.status_code in (403, 404)


def test_of_two_reviewers_the_second_overwrites_nothing(shop: DeskShop) -> None:
    path = review_of(shop, "press-effi-briest")
    before = seen(shop.by("edna").get(path).text, "decision")
    first = answer(shop.by("edna"), path, verdict="approve", seen=before, note="Fine.")
    assert first[0] == 303
    status, page = answer(
        shop.by("olga"), path, verdict="reject", seen=before, note="No, <b>too</b> long."
    )
    assert status == 412
    assert "Somebody else was faster" in page
    assert "No, &lt;b&gt;too&lt;/b&gt; long." in page
    assert "Approved" in page
    again = answer(shop.by("olga"), path, verdict="reject", seen=seen(page, "decision"), note="No.")
    assert again[0] == 303


def test_sending_back_names_what_is_to_be_mended(shop: DeskShop) -> None:
    number = shop.wait("press-mended", "press")
    path = f"/reviews/{number}"
    tag = seen(shop.by("edna").get(path).text, "decision")
    status, page = answer(shop.by("edna"), path, verdict="send_back", seen=tag, note="Nearly.")
    assert (status, "Say what is to be mended" in page, "Nearly." in page) == (422, True, True)
    assert answer(shop.by("edna"), path, verdict="reject", seen=tag)[0] == 422
    sent = {"verdict": "send_back", "seen": tag, "reasons": "Chapter 3.\r\n\r\nThe cover."}
    assert answer(shop.by("edna"), path, **sent)[0] == 303
    told = shop.by("pat").get(f"/api/v1/reviews/{number}").json()
    assert told["reasons"] == ["Chapter 3.", "The cover."]
    assert "Chapter 3." in shop.by("pat").get("/books/press-mended").text


def fields(page: str, **typed: str) -> dict[str, Any]:
    """The form of the metadata as a browser would send it, with what was typed over it."""
    form = page[page.index('/fields"') : page.index("</form>", page.index('/fields"'))]
    was = [html.unescape(one) for one in re.findall(r'name="was" value="([^"]*)"', form)]
    held = dict(zip(FIELDS, was, strict=True))
    return {"seen": seen(page, "fields"), "was": was, **held, **typed}


def test_metadata_is_changed_field_by_field(shop: DeskShop) -> None:
    path = review_of(shop, "press-north-and-south")
    edna = shop.by("edna")
    sent = fields(edna.get(path).text, title="North & South", languages="en; cy")
    saved = edna.post(f"{path}/fields", data=sent, follow_redirects=False)
    assert saved.status_code == 303
    locks = edna.get("/api/v1/books/press-north-and-south/fields").json()["locks"]
    assert {one["field"]: one["value"] for one in locks} == {
        "languages": ["en", "cy"],
        "title": "North & South",
    }
    freed = fields(edna.get(path).text, free="languages")
    assert edna.post(f"{path}/fields", data=freed).status_code == 200
    locks = edna.get("/api/v1/books/press-north-and-south/fields").json()["locks"]
    assert [one["field"] for one in locks] == ["title"]
    confirmed = fields(edna.get(path).text, genres="ff; fba")
    assert edna.post(f"{path}/fields", data=confirmed).status_code == 200
    page = edna.get(path).text
    assert 'name="genres" value="FF; FBA"' in page
    assert "Thema" in edna.post(f"{path}/fields", data=fields(page, genres="QQQQ")).text
    assert edna.post(f"{path}/fields", data=fields(page, free="genres")).status_code == 200
    named = fields(edna.get(path).text, creators="Elizabeth Gaskell; Some Other")
    assert edna.post(f"{path}/fields", data=named).status_code == 200
    people = edna.get("/api/v1/books/press-north-and-south/fields").json()["locks"][0]["value"]
    assert [(one["name"], one["roles"][:1]) for one in people][1:] == [("Some Other", ["aut"])]
    freed = fields(edna.get(path).text, free="creators")
    assert edna.post(f"{path}/fields", data=freed).status_code == 200
    empty = fields(edna.get(path).text, title=" ", subtitle="Kept")
    wrong = edna.post(f"{path}/fields", data=empty)
    assert (wrong.status_code, 'value="Kept"' in wrong.text) == (422, True)


def test_who_comes_second_brings_back_nothing_that_they_left_alone(shop: DeskShop) -> None:
    path = review_of(shop, "press-north-and-south")
    both = shop.by("edna").get(path).text
    first = shop.by("edna").post(f"{path}/fields", data=fields(both, title="A New Title"))
    assert first.status_code == 200
    late = shop.by("olga").post(f"{path}/fields", data=fields(both, subtitle="Mine"))
    assert late.status_code == 412
    assert 'value="Mine"' in late.text
    again = fields(late.text, subtitle="Mine")
    assert again["title"] == "A New Title"
    assert shop.by("olga").post(f"{path}/fields", data=again).status_code == 200
    held = shop.by("olga").get("/api/v1/books/press-north-and-south/fields").json()["locks"]
    assert {one["field"]: one["value"] for one in held} == {
        "subtitle": "Mine",
        "title": "A New Title",
    }


def test_a_text_that_can_not_be_read_is_said_in_its_place(shop: DeskShop) -> None:
    path = review_of(shop, "press-waiting")  # its EPUB is none
    answer = shop.by("edna").get(f"{path}/text")
    assert (answer.status_code, "The text can’t be shown" in answer.text) == (200, True)
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_review_is_taken_and_given_back(shop: DeskShop) -> None:
    path = review_of(shop, "press-waiting")
    for take, shown in (("true", "with edna"), ("false", "free")):
        tag = seen(shop.by("edna").get(path).text, "assignment")
        page = shop.by("edna").post(f"{path}/assignment", data={"seen": tag, "take": take})
        assert shown in page.text
    taken = shop.by("pat").post(f"{path}/assignment", data={"seen": "", "take": "true"})
    assert taken.status_code == 403
