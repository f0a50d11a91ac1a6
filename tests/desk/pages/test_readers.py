"""Readers' pages: what they write is shown, cleaned and moderated; their shelves say why."""

import re

import pytest

from ebook_pipeline.books.rating.holding import ReportReason
from ebook_pipeline.books.recommending.signals import SignalKind
from ebook_pipeline.desk.routes.pages.readers import DONE
from ebook_pipeline.desk.words import FALLBACK, words_of
from ebook_pipeline.services.shelving.shelves import Shelf
from tests.support.desk_shop import DeskShop

PAGE = "/shop/press-sold"
HOSTILE = "Good <script>alert(1)</script><img src=x onerror=alert(1)> book"


def write(shop: DeskShop, login: str = "rita", **form: str) -> str:
    words = {"stars": "4", "text": HOSTILE, "signed": "R<b>", "seen": seen(shop, login)} | form
    answer = shop.by(login).post(f"{PAGE}/opinion", data=words)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def seen(shop: DeskShop, login: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', shop.by(login).get(PAGE).text)
    return found[1].replace("&#34;", '"') if found else ""


def test_what_a_reader_writes_is_shown_to_all_and_acts_in_nothing(shop: DeskShop) -> None:
    write(shop)
    page = shop.desk.nobody().get(PAGE).text
    for told in ("4.0 of 5", "1 opinion<", "Good", "R&lt;b&gt;"):
        assert told in page
    for hostile in ("<script>alert", "onerror", "R<b>"):
        assert hostile not in page
    assert "Sign in to say" in page
    changed = write(shop, stars="2", text="So so.")
    assert "2.0 of 5" in changed
    assert "That could not be kept" in write(shop, stars="7")
    assert "Sterne" in shop.desk.nobody().get(PAGE, headers={"Accept-Language": "de"}).text


def test_others_vote_report_and_a_moderator_decides(shop: DeskShop) -> None:
    write(shop)
    mine = re.search(r'id="opinion-(\d+)"', shop.by("ray").get(PAGE).text)
    assert mine
    path = f"/shop/opinions/{mine[1]}"
    assert "Helped 1 reader" in shop.by("ray").post(f"{path}/vote", data={"helpful": "true"}).text
    reported = shop.by("ray").post(f"{path}/report", data={"reason": "spam"})
    assert "a moderator looks" in reported.text
    queue = shop.by("olga").get("/opinions").text
    assert "Advertising (1)" in queue
    tag = re.search(r'name="seen" value="([^"]*)"', queue)
    assert tag
    form = {"shown": "false", "note": "Not now.", "seen": tag[1].replace("&#34;", '"')}
    done = shop.by("olga").post(f"/opinions/{mine[1]}/decision", data=form)
    assert "Decided." in done.text
    assert shop.by("olga").post(f"/opinions/{mine[1]}/decision", data=form).status_code == 412
    assert "Not now." in shop.by("rita").get(PAGE).text
    assert "Nobody has said anything" in shop.desk.nobody().get(PAGE).text
    appealed = shop.by("rita").post(f"{path}/appeal", data={"why": "Why not?"}).text
    assert "You have asked for another look" in appealed
    assert "Why not?" in shop.by("olga").get("/opinions").text
    deleted = shop.by("rita").post(f"{path}/delete", data={"seen": seen(shop, "rita")})
    assert "It is deleted" in deleted.text


def test_a_shelf_page_says_what_stands_where_and_why_something_is_recommended(
    shop: DeskShop,
) -> None:
    rita = shop.by("rita")
    assert "as you wished" in rita.post(f"{PAGE}/shelf", data={"shelf": "reading"}).text
    page = rita.get("/shelf").text
    assert "Press Sold" in page
    rita.post("/shelf/dismissals/rival-sold")
    off = rita.post(f"{PAGE}/shelf", data={"shelf": "", "back": "shelf"}).text
    assert off.count("Nothing stands here.") == 3


@pytest.mark.parametrize(("login", "status"), [("pat", 403), ("paul", 403), ("rita", 403)])
def test_moderators_alone_see_what_waits(shop: DeskShop, login: str, status: int) -> None:
    assert shop.by(login).get("/opinions").status_code == status


def test_what_has_a_name_in_the_code_has_words() -> None:
    words = words_of(FALLBACK)
    names = [f"because.{kind}" for kind in SignalKind] + [f"shelf.{shelf}" for shelf in Shelf]
    names += [f"report.{reason}" for reason in ReportReason]
    names += [f"opinion.done.{done}" for done in DONE]
    names += [f"opinion.state.{state}" for state in ("visible", "held", "hidden")]
    assert [name for name in names if not words.knows(name)] == []
