"""The operator's pages: figures, books that stopped, people, and who did what."""

import re

import pytest
from sqlalchemy import insert

from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import edge_tables
from ebook_pipeline.services.delivering.asked_retries import asked_retries
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reprocessing import chunks, reprocessings
from tests.support.desk_shop import DeskShop

PATHS = ("/operate", "/operate/failed", "/operate/reprocessings", "/people", "/audit")


def fail(shop: DeskShop, book: str) -> None:
    shop.draft(book, "press")
    Journal(shop.database).record(
        "run", book, 1, "converted_book", Outcome.FAILED, 0, detail={"reason": "no disk"}
    )


def asked(shop: DeskShop) -> set[str]:
    return {retry.book for retry in asked_retries(shop.database, 0, 100)}


@pytest.mark.parametrize("path", PATHS)
def test_pages_of_operators_are_theirs(shop: DeskShop, path: str) -> None:
    assert shop.by("olga").get(path).status_code == 200
    publishers = 200 if path == "/audit" else 403
    assert shop.by("paul").get(path).status_code == publishers
    for login in ("pat", "edna", "rita"):
        assert shop.by(login).get(path).status_code == 403


def test_the_dashboard_counts_what_there_is(shop: DeskShop) -> None:
    page = shop.by("olga").get("/operate").text
    tiles = re.findall(r"<strong>([\d,]+)</strong>\s*<span class=\"state (\w+)\"", page)
    counted = {state: int(number) for number, state in tiles}
    assert counted["released"] >= 2
    assert counted["needs_review"] >= 2
    assert 'href="/dagster/runs"' in page


def test_the_dashboard_says_how_often_the_edge_answered_rightly(shop: DeskShop) -> None:
    shop.draft("press-at-the-edge", "press")
    request = {
        "run": "r", "book": "press-at-the-edge", "release": "x", "point": "fra", "asked": "cover",
        "milliseconds": 20.0, "bytes": 9, "fault": "",
    }  # fmt: skip
    answers = [{"whole": True, "status": 200}] * 3 + [{"whole": False, "status": 503}]
    with shop.database.begin() as connection:
        connection.execute(insert(edge_tables.edge_check), [request | answer for answer in answers])
    assert "75.00 % · p95 20 ms" in shop.by("olga").get("/operate").text


def test_a_reprocessing_is_planned_begun_moved_and_tried_again(shop: DeskShop) -> None:
    fail(shop, "press-fault-three")
    Journal(shop.database).record(
        "run", "press-fault-three", 1, "qa_report", Outcome.DONE, 3600, detail={}
    )
    olga = shop.by("olga")
    form = {"stage": "qa_report", "condition": "book = press-fault-three"}
    planned = olga.post("/operate/reprocessings", data=form).text
    assert "1 books, about" in planned
    assert reprocessings.list_newest(shop.database) == ()
    assert (
        "press-fault-three"
        not in olga.post(
            "/operate/reprocessings", data=form | {"condition": "nonsense ="}
        ).text.split("<h2>")[0]
    )
    begun = olga.post("/operate/reprocessings", data=form | {"books": "1"})
    (one,) = reprocessings.list_newest(shop.database)
    here = f"/operate/reprocessings/{one.id}"
    assert f'formaction="{here}/pause"' in begun.text
    assert "paused" in olga.post(f"{here}/pause").text
    assert f'formaction="{here}/pause"' in olga.post(f"{here}/resume").text
    chunks.hand_out(shop.database, one.id, "run")
    Journal(shop.database).record(
        "run", "press-fault-three", 1, "drm_package", Outcome.FAILED, 0, detail={"reason": "no key"}
    )
    chunks.take_back(shop.database, one.id, "run")
    page = olga.get(here).text
    assert "no key" in page
    assert f'formaction="{here}/retry"' in page
    assert f"Reprocessing {one.id + 1}" in olga.post(f"{here}/retry").text
    for login in ("pat", "paul", "edna"):
        assert shop.by(login).post("/operate/reprocessings", data=form).status_code == 403
        assert shop.by(login).post(f"{here}/cancel").status_code == 403


def test_books_that_stopped_are_tried_again_some_or_all(shop: DeskShop) -> None:
    for book in ("press-fault-one", "press-fault-two"):
        fail(shop, book)
    page = shop.by("olga").get("/operate/failed").text
    assert 'value="press-fault-one"' in page
    ticked = {"which": "some", "book": ["press-fault-one", "press-sold", "nothing"]}
    answer = shop.by("olga").post("/operate/retries", data=ticked)
    assert "1 book is taken up" in answer.text
    assert asked(shop) == {"press-fault-one"}
    shop.by("olga").post("/operate/retries", data={"which": "all"})
    assert {"press-fault-one", "press-fault-two"} <= asked(shop)
    assert "press-sold" not in asked(shop)
    for login in ("pat", "paul", "edna"):
        sent = shop.by(login).post("/operate/retries", data={"which": "all"})
        assert sent.status_code == 403


def test_somebody_is_added_and_leaves(shop: DeskShop) -> None:
    form = {"login": "nina", "role": "editor", "account": "press", "name": "Nina"}
    added = shop.by("olga").post("/people", data=form).text
    assert "nina is in" in added
    assert re.search(r"/welcome/[\w-]+", added)
    wrong = shop.by("olga").post("/people", data=form | {"login": "No Good", "name": "Kept"})
    assert (wrong.status_code, 'value="Kept"' in wrong.text) == (422, True)
    shop.by("olga").post("/people/leaving", data={"login": "nina"})
    assert "left" in shop.by("olga").get("/people").text
    unknown = shop.by("olga").post("/people/leaving", data={"login": "nobody"})
    assert unknown.status_code == 422
    assert shop.by("paul").post("/people", data=form).status_code == 403


def test_a_publisher_reads_the_audit_of_their_own_books(shop: DeskShop) -> None:
    paul = shop.by("paul").get("/audit", params={"action": "go_live"}).text
    assert "/books/press-sold" in paul
    assert "rival" not in paul
    assert "rival-sold" in shop.by("olga").get("/audit", params={"action": "go_live"}).text
    assert "Nobody did that" in shop.by("olga").get("/audit?action=nothing.at.all").text
