"""Editing rounds over HTTP and on pages, and the steps of a book's life."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.services.delivering.event_log import list_events
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.notifying.recipients import prefer
from tests.support.desk_shop import DeskShop
from tests.support.servers.postgres import rows
from tests.support.services.notices import SETTINGS, Links

PATH = "/api/v1/manuscripts"
ANY = {"If-Match": "*"}
FIRST = "It rained.\n\nShe waited at the gate.\n\nIt rained. He came late."
SECOND = "It rained.\n\nShe waited.\n\nIt rained. He came late."


def written(shop: DeskShop, text: str = FIRST, *, edited: bool = True) -> tuple[str, str]:
    """A manuscript of one chapter, and the chapter; `edna` edits it."""
    metadata = {"title": "The River", "authors": ["Pat"], "language": "en"}
    manuscript = shop.by("pat").post(PATH, json={"metadata": metadata}).json()["id"]
    body = {"heading": "One", "text": text}
    chapter = shop.by("pat").post(f"{PATH}/{manuscript}/chapters", json=body).json()["id"]
    if edited:
        answer = shop.by("paul").put(f"{PATH}/{manuscript}/editors/edna")
        assert answer.json()["editors"] == ["edna"]
    return manuscript, chapter


def step(shop: DeskShop, login: str, manuscript: str, name: str, reason: str = "") -> Any:
    url = f"{PATH}/{manuscript}/transition"
    return shop.by(login).post(url, json={"step": name, "reason": reason}, headers=ANY)


def said(shop: DeskShop, manuscript: str, chapter: str, quote: str, **more: Any) -> Any:
    body = {"chapter": chapter, "quote": quote, "text": "Why?"} | more
    return shop.by("edna").post(f"{PATH}/{manuscript}/comments", json=body)


def test_a_manuscript_goes_through_rounds_to_the_chain(shop: DeskShop) -> None:
    manuscript, chapter = written(shop)
    assert step(shop, "pat", manuscript, "submit").json()["phase"] == "submitted"
    gate = said(shop, manuscript, chapter, "at the gate").json()
    again = said(shop, manuscript, chapter, "It rained.", near=40).json()
    assert again["passage"]["start"] == FIRST.rindex("It rained.")
    asked = step(shop, "edna", manuscript, "ask-changes", "The gate is not needed.")
    assert asked.json()["phase"] == "draft"
    url = f"{PATH}/{manuscript}/chapters/{chapter}"
    shop.by("pat").put(url, json={"heading": "One", "text": SECOND}, headers=ANY)
    answers = f"{PATH}/{manuscript}/comments/{gate['id']}"
    shop.by("pat").post(f"{answers}/answers", json={"text": "It is gone."})
    shop.by("edna").put(f"{answers}/settled", json={"settled": True})
    assert step(shop, "pat", manuscript, "submit").json()["phase"] == "submitted"
    read = shop.by("edna").get(f"{PATH}/{manuscript}/editing").json()
    [shown] = read["chapters"]
    assert read["number"] == 2
    assert shown["changes"]["changes"] == [
        {"before": "She waited at the gate.", "after": "She waited."}
    ]
    kept, lost = shown["comments"]
    assert (kept["id"], kept["start"]) == (again["id"], SECOND.rindex("It rained."))
    assert (lost["id"], lost["start"], lost["settled_by"]) == (gate["id"], None, "desk:edna")
    assert [one["text"] for one in lost["answers"]] == ["It is gone."]
    assert step(shop, "edna", manuscript, "accept").json()["phase"] == "ready"
    published = step(shop, "paul", manuscript, "publish")
    assert published.status_code == 200, published.text
    job = shop.by("paul").get(f"/api/v1/jobs/{published.json()['job']}").json()
    assert job["state"] == "received"
    assert "the chain has it" in step(shop, "pat", manuscript, "recall").text


def test_history_says_who_did_what_when_and_why(shop: DeskShop) -> None:
    manuscript, _ = written(shop)
    for login, name in (
        ("pat", "submit"),
        ("pat", "recall"),
        ("pat", "submit"),
        ("edna", "ask-changes"),
    ):
        assert step(shop, login, manuscript, name, "It is short.").status_code == 200
    told = shop.by("pat").get(f"{PATH}/{manuscript}/editing").json()["rounds"]
    assert [(one["actor"], one["decision"], one["decided_by"], one["note"]) for one in told] == [
        ("desk:pat", "recall", "desk:pat", "It is short."),
        ("desk:pat", "ask-changes", "desk:edna", "It is short."),
    ]
    query = """SELECT payload->>'step', payload->>'from', payload->>'to' FROM outbox
        WHERE book = :subject ORDER BY id"""
    events = rows(shop.database, query, subject=f"manuscript:{manuscript}")
    assert [tuple(row) for row in events] == [
        ("submit", "draft", "submitted"),
        ("recall", "submitted", "draft"),
        ("submit", "draft", "submitted"),
        ("ask-changes", "submitted", "draft"),
    ]
    counted = """SELECT count(*) FROM audit WHERE detail->>'manuscript' = :manuscript
        AND action IN ('manuscript.submit', 'manuscript.recall', 'manuscript.ask-changes')"""
    assert rows(shop.database, counted, manuscript=manuscript) == [(4,)]


def test_what_is_submitted_is_not_written_on(shop: DeskShop) -> None:
    manuscript, chapter = written(shop)
    step(shop, "pat", manuscript, "submit")
    url = f"{PATH}/{manuscript}/chapters"
    for login in ("pat", "paul", "olga"):
        browser = shop.by(login)
        assert browser.put(f"{url}/{chapter}", json={}, headers=ANY).status_code == 403
        assert browser.post(url, json={}).status_code == 403
    assert shop.by("pat").delete(f"{PATH}/{manuscript}", headers=ANY).status_code == 403


@pytest.mark.parametrize(
    ("login", "name", "reason", "status", "words"),
    [
        ("pat", "accept", "", 403, "may not"),
        ("rob", "recall", "", 404, "no such"),
        ("rita", "accept", "", 404, "no such"),
        ("edna", "ask-changes", " ", 403, "say why"),
        ("edna", "publish", "", 409, "no such step"),
        ("paul", "accept", "", 403, "may not"),
        ("olga", "fly", "", 409, "no such step"),
    ],
)
def test_no_step_is_taken_by_whom_or_whence_it_is_not_open(
    shop: DeskShop, login: str, name: str, reason: str, status: int, words: str
) -> None:
    manuscript, _ = written(shop)
    step(shop, "pat", manuscript, "submit")
    answer = step(shop, login, manuscript, name, reason)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]


def test_without_an_editor_there_is_no_round_and_with_one_no_way_around(shop: DeskShop) -> None:
    alone, _ = written(shop, edited=False)
    assert "Nobody edits it" in step(shop, "pat", alone, "submit").text
    edited, _ = written(shop)
    answer = shop.by("pat").post(f"{PATH}/{edited}/submit", headers=ANY)
    assert (answer.status_code, "has editors" in answer.text) == (403, True)
    for name in ("pat", "nobody"):
        assert shop.by("paul").put(f"{PATH}/{alone}/editors/{name}").status_code == 404
    assert shop.by("pat").put(f"{PATH}/{alone}/editors/edna").status_code == 403
    assert shop.by("paul").delete(f"{PATH}/{edited}/editors/edna").json()["editors"] == []
    assert shop.by("paul").delete(f"{PATH}/{edited}/editors/edna").status_code == 404


def test_comments_are_on_words_of_the_open_round(shop: DeskShop) -> None:
    manuscript, chapter = written(shop)
    assert said(shop, manuscript, chapter, "It rained.").status_code == 403
    step(shop, "pat", manuscript, "submit")
    assert said(shop, manuscript, chapter, "It snowed.").status_code == 403
    assert said(shop, manuscript, "x", "It rained.").status_code == 404
    assert said(shop, manuscript, chapter, "It rained.").status_code == 201
    assert shop.by("pat").post(f"{PATH}/{manuscript}/comments", json={}).status_code in (403, 422)
    url = f"{PATH}/{manuscript}/comments/{2**40}/answers"
    assert shop.by("pat").post(url, json={"text": "x"}).status_code == 404


def test_next_steps_are_those_that_one_may_take(shop: DeskShop) -> None:
    manuscript, _ = written(shop)
    url = f"{PATH}/{manuscript}/transitions"
    assert [one["step"] for one in shop.by("pat").get(url).json()] == ["submit"]
    assert shop.by("edna").get(url).json() == []
    step(shop, "pat", manuscript, "submit")
    told = {login: [one["step"] for one in shop.by(login).get(url).json()]
            for login in ("pat", "edna", "olga")}  # fmt: skip
    assert told == {
        "pat": ["recall"],
        "edna": ["ask-changes", "accept"],
        "olga": ["recall", "ask-changes", "accept"],
    }


def test_a_book_takes_the_steps_of_its_states(shop: DeskShop) -> None:
    shop.wait("press-judged", "press")
    url = "/api/v1/books/press-judged"
    listed = shop.by("edna").get(f"{url}/transitions").json()
    assert [(one["step"], one["needs_reason"]) for one in listed] == [
        ("approve", False),
        ("send-back", True),
    ]
    body = {"step": "send-back"}
    bare = shop.by("edna").post(f"{url}/transition", json=body, headers=ANY)
    assert "say why" in bare.text
    stale = shop.by("edna").post(f"{url}/transition", json=body, headers={"If-Match": '"x"'})
    assert stale.status_code == 412
    refused = shop.by("pat").post(f"{url}/transition", json=body, headers=ANY)
    assert refused.status_code == 403
    done = shop.by("edna").post(f"{url}/transition", json={"step": "approve"}, headers=ANY)
    assert done.json()["phases"] != ["submitted"] or done.status_code == 200
    assert shop.by("edna").get(f"{url}/transitions").json() == []
    wrong = shop.by("paul").post(f"{url}/transition", json={"step": "republish"}, headers=ANY)
    assert wrong.status_code == 409


def tag_of(page: str) -> str:
    found = re.search(r'name="tag" value="([^"]*)"', page)
    assert found is not None
    return found[1].replace("&#34;", '"')


def test_pages_lead_through_a_round_without_a_script(shop: DeskShop) -> None:
    manuscript, chapter = written(shop)
    page = f"/editing/{manuscript}"
    submit = {"step": "submit", "tag": tag_of(shop.by("pat").get(page).text)}
    assert "With its editors" in shop.by("pat").post(f"{page}/step", data=submit).text
    assert "The River" in shop.by("edna").get("/editing").text
    form = {"chapter": chapter, "quote": "She waited\r\nat the gate.", "text": "<b>Why?</b>"}
    shown = shop.by("edna").post(f"{page}/comments", data=form | {"near": 12}).text
    assert "&lt;b&gt;Why?&lt;/b&gt;" in shown
    wrong = shop.by("edna").post(f"{page}/comments", data=form | {"quote": "no"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (409, True)
    stale = {"step": "accept", "tag": submit["tag"]}
    assert shop.by("edna").post(f"{page}/step", data=stale).status_code == 409
    asked = {"step": "ask-changes", "reason": "Too wet.", "tag": tag_of(shown)}
    assert "Too wet." in shop.by("edna").post(f"{page}/step", data=asked).text
    german = shop.by("pat").get(page, headers={"Accept-Language": "de"}).text
    assert "edna hat um Änderungen gebeten" in german
    assert shop.by("rob").get(page).status_code == 404
    assert shop.by("pat").get(f"{page}?round=7").status_code == 404


def test_of_two_who_saw_the_same_book_one_takes_it_off_sale(shop: DeskShop) -> None:
    shop.sell("press-twice", "press")
    url = "/api/v1/books/press-twice"
    tag = shop.by("paul").get(url).headers["ETag"]
    wanted: dict[str, Any] = {"json": {"step": "unpublish"}, "headers": {"If-Match": tag}}

    def asked(_: int) -> int:
        return int(shop.by("paul").post(f"{url}/transition", **wanted).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(asked, range(4)))
    assert answers == [200, 412, 412, 412]
    told = "SELECT count(*) FROM outbox WHERE book = 'press-twice' AND event = 'release.withdrawn'"
    assert rows(shop.database, told) == [(1,)]


def test_a_books_page_has_the_steps_that_one_may_take(shop: DeskShop) -> None:
    shop.sell("press-steps", "press")
    assert "Take it off sale" not in shop.by("pat").get("/books/press-steps").text
    page = shop.by("paul").get("/books/press-steps").text
    assert "Take it off sale" in page
    form = {"step": "unpublish", "tag": tag_of(page)}
    assert "Put it back on sale" in shop.by("paul").post("/books/press-steps/step", data=form).text
    stale = shop.by("paul").post("/books/press-steps/step", data=form | {"step": "republish"})
    assert stale.status_code == 412
    assert "changed meanwhile" in stale.text
    refused = shop.by("pat").post("/books/press-steps/step", data=form)
    assert refused.status_code in (403, 409, 412)


def test_people_hear_of_rounds_decisions_and_answers(shop: DeskShop) -> None:
    manuscript, chapter = written(shop)
    step(shop, "pat", manuscript, "submit")
    made = said(shop, manuscript, chapter, "rained", text="All night?").json()
    answers = f"{PATH}/{manuscript}/comments/{made['id']}/answers"
    shop.by("pat").post(answers, json={"text": "Until the morning."})
    step(shop, "edna", manuscript, "ask-changes", "Say more of the river.")
    logged = list_events(shop.database, [], book=f"manuscript:{manuscript}")
    events = [one.event for one in logged]
    assert [one.type for one in events] == [
        "book.stateChanged",
        "comment.answered",
        "book.stateChanged",
    ]
    composer = NoticeComposer(
        shop.database,
        Links(),  # type: ignore[arg-type]
        SETTINGS,
        frozenset({Channel.MAIL}),
    )
    prefer(shop.database, "edna", {"mail": "edna@example.org"}, actor="olga")
    prefer(shop.database, "pat", {"mail": "p@example.org", "language": "de"}, actor="olga")
    for _ in range(2):
        for event in events:
            composer.deliver(event)
    about = f"manuscript {manuscript}"
    heard = [one for one in notices.log(shop.database)[::-1] if one.about == about]
    assert [(one.who, one.kind.value, one.state) for one in heard] == [
        ("edna", "editing_asked", "queued"),
        ("edna", "editing_answered", "queued"),
        ("pat", "editing_decided", "queued"),
    ]
    assert "Say more of the river." in heard[2].message.text
    assert "Änderungen" in heard[2].message.subject
