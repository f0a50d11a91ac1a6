"""Picture books at the desk: form and API, orders as tasks, versions, cancelling, rights, names."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from ebook_pipeline.assets import picture_book_files
from ebook_pipeline.assets.brief_context import brief_batch
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.sequels import sequel
from ebook_pipeline.execution import Batch
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.services.erasing.export import export
from ebook_pipeline.services.erasing.handles import handles_of
from ebook_pipeline.services.erasing.named_briefs import forget_in_briefs, without
from ebook_pipeline.services.picture_books import briefs, progress
from ebook_pipeline.services.picture_books.order_list import launched_key, waiting
from tests.support.desk_shop import DeskShop
from tests.support.servers.postgres import rows

API = "/api/v1/generate"
BRIEF = {"seed": 3, "pages": 24, "language": "en"}


def ordered(shop: DeskShop, login: str = "pat", **facts: Any) -> dict[str, Any]:
    answer = shop.by(login).post(f"{API}/books", json={"brief": BRIEF | facts})
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    return made


def run(shop: DeskShop, key: str) -> None:
    """The chain without the files for the press, which take the longest."""
    context = brief_batch(shop.context.resources, lambda _: None, str(uuid.uuid4()))
    left_out = {stage.name for stage in picture_book_files.STAGES} - {"fixed_layout_epub"}
    selected = [name for name in BRIEF_CHAIN.names if name not in left_out]
    list(Batch(BRIEF_CHAIN, context, [key], selected=selected))


def status(shop: DeskShop, key: str, login: str = "pat") -> dict[str, Any]:
    answer = shop.by(login).get(f"{API}/books/{key}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json() | {"etag": answer.headers["ETag"]}
    return told


def change(shop: DeskShop, key: str, what: str, login: str = "pat") -> Any:
    headers = {"If-Match": status(shop, key)["etag"]}
    return shop.by(login).post(f"{API}/books/{key}/{what}", headers=headers)


def test_stages_are_told_in_the_order_of_the_chain() -> None:
    assert list(progress.STAGES) == list(BRIEF_CHAIN.names)


@pytest.mark.prove
def test_an_order_is_made_watched_and_submitted_for_its_account(shop: DeskShop) -> None:
    made = ordered(shop, ebook="fixed-layout")
    key = made["key"]
    assert (made["state"], made["progress"]) == ("waiting", 0)
    assert key in [one.key for one in waiting(shop.database, 50)]
    run(shop, key)
    told = status(shop, key)
    assert (told["state"], told["version"]) == ("made", 1)
    assert told["book"].startswith("press-picture-books-")
    assert told["costs"]["seconds"] > 0
    assert "fixed-layout" in told["files"]
    blob = "SELECT blob ->> 'sha256' FROM submission WHERE book = :book"
    file = shop.by("pat").get(f"{API}/books/{key}/files/fixed-layout")
    assert (file.status_code, file.headers["ETag"].strip('"')) == (
        200,
        rows(shop.database, blob, book=told["book"])[0][0],
    )
    spread = shop.by("pat").get(f"{API}/books/{key}/spreads/4")
    assert spread.content.startswith(b"\x89PNG")
    known = {"If-None-Match": spread.headers["ETag"]}
    assert shop.by("pat").get(f"{API}/books/{key}/spreads/5", headers=known).status_code == 304

    again = change(shop, key, "pages/7/again")
    assert (again.status_code, again.json()["drawn_again"]) == (200, {"7": 1})
    run(shop, key)
    versions = shop.by("pat").get(f"{API}/books/{key}/versions").json()
    assert [(one["number"], one["is_made"]) for one in versions] == [(2, True), (1, True)]
    before, after = (progress.files_of(shop.database, key, version) for version in (1, 2))
    assert before is not None
    assert after is not None
    assert [n for n in before.pages if before.pages[n] != after.pages[n]] == [7]
    page = shop.by("pat").get(f"/picture-books/{key}", headers={"Accept": "text/html"})
    assert f"/books/{told['book']}" in page.text
    assert page.text.count("/spreads/") == 11


def test_who_is_named_in_a_brief_is_found_and_taken_out(shop: DeskShop) -> None:
    key = ordered(shop, dedication="For Lina Berg and her brother")["key"]
    found = export(shop.database, "Lina Berg", actor="eve")["rows"]
    assert [row["picture_book"] for row in found["picture_book_name"]] == [key]
    sealed = "SELECT brief #>> '{}' FROM picture_book_version WHERE picture_book = :key"
    assert "Lina" not in str(rows(shop.database, sealed, key=key))
    run(shop, key)
    with shop.database.begin() as connection:
        lina = handles_of(connection, "Lina Berg")
    files = progress.files_of(shop.database, key)
    assert files is not None
    shared = without(Brief(dedication="For Lina Berg", author="Tom"), lina)
    assert (shared.dedication, shared.author) == ("", "Tom")
    with shop.database.begin() as connection:
        connection.execute(text("UPDATE picture_book SET book = NULL WHERE key = :k"), {"k": key})
    assert forget_in_briefs(shop.database, shop.store, lina) == 1
    assert briefs.ordered(shop.database, key).dedication == ""
    assert progress.files_of(shop.database, key) is None
    assert not shop.store.exists(files.files["book"])
    assert list(shop.store.keys(f"records/story/{key}/")) == []


def test_a_brief_that_cannot_be_made_says_what_to_do(shop: DeskShop) -> None:
    answer = shop.by("pat").post(f"{API}/books", json={"brief": BRIEF | {"setting": "atlantis"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "brief")
    assert "meadow" in answer.json()["errors"][0]["detail"]
    unsafe = {"brief": BRIEF | {"title": "He played with the knife"}}
    assert shop.by("pat").post(f"{API}/preview", json=unsafe).status_code == 422
    shown = shop.by("pat").post(f"{API}/preview", json={"brief": BRIEF})
    assert shown.content.startswith(b"\x89PNG")


def test_what_was_cancelled_makes_no_more_until_it_is_tried_again(shop: DeskShop) -> None:
    key = ordered(shop)["key"]
    assert change(shop, key, "cancel").json()["state"] == "cancelled"
    assert change(shop, key, "cancel").status_code == 409
    run(shop, key)
    assert (status(shop, key)["state"], status(shop, key)["stages"]) == ("cancelled", [])
    assert change(shop, key, "again").json()["state"] == "waiting"


def test_an_order_is_its_account_s_alone(shop: DeskShop) -> None:
    key = ordered(shop)["key"]
    for login in ("rob", "rita"):
        assert shop.by(login).get(f"{API}/books/{key}").status_code in (403, 404)
        assert shop.by(login).get(f"/picture-books/{key}").status_code in (403, 404)
    assert shop.by("edna").get(f"{API}/books/{key}").status_code == 200
    assert change(shop, key, "cancel", "edna").status_code == 403
    assert key not in shop.by("rob").get(f"{API}/books").text
    assert (
        shop.by("paul").delete(f"{API}/books/{key}", headers={"If-Match": "*"}).status_code == 204
    )
    with pytest.raises(NotFound):
        briefs.read(shop.database, key)


def test_the_form_shows_the_first_spread_and_orders_without_a_script(shop: DeskShop) -> None:
    pat = shop.by("pat")
    form = {"theme": "lost", "hero_name": "Mila", "hero_species": "fox", "pages": "24"}
    html = {"Accept": "text/html"}
    shown = pat.post("/picture-books/new", data=form | {"action": "preview"}, headers=html)
    assert 'src="data:image/png;base64,' in shown.text
    assert "Mila" in shown.text
    live = pat.post("/picture-books/preview", data=form).json()
    assert live["wrong"] == []
    assert "Mila" in live["title"]
    wrong = pat.post("/picture-books/new", data=form | {"pages": "25"}, headers=html)
    assert (wrong.status_code, "even number" in wrong.text) == (422, True)
    assert pat.post("/picture-books/preview", data=form | {"seed": "x"}).json()["wrong"]
    made = pat.post("/picture-books/new", data=form, headers=html, follow_redirects=False)
    assert made.status_code == 303
    page = pat.get(made.headers["Location"], headers=html | {"Accept-Language": "de"}).text
    assert "Es wartet" in page
    tag = re.search(
        r'name="tag" value="([^"]+)"', pat.get(f"{made.headers['Location']}/brief").text
    )
    assert tag is not None
    change = form | {"seed": "9", "tag": tag[1].replace("&#34;", '"')}
    url = f"{made.headers['Location']}/brief"
    assert pat.post(url, data=change, follow_redirects=False).status_code == 303
    assert "changed meanwhile" in pat.post(url, data=change, headers=html).text


def test_another_book_with_the_same_characters_is_ordered_from_a_book_s_page(
    shop: DeskShop,
) -> None:
    key = ordered(shop)["key"]
    page = shop.by("pat").get(f"/picture-books/{key}/sequel", headers={"Accept": "text/html"})
    following = sequel(Brief.model_validate(BRIEF))
    assert page.status_code == 200
    assert all(f'value="{one.name}"' in page.text for one in following.characters)
    assert f'value="{following.series}"' in page.text
    assert f'data-keep="brief-after-{key}"' in page.text


def test_orders_of_a_day_are_counted(shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebook_pipeline.desk.routes.picture_books.most_per_day", lambda _: 0)
    answer = shop.by("paul").post(f"{API}/books", json={"brief": BRIEF})
    assert (answer.status_code, answer.json()["code"]) == (429, "quota-used-up")


def test_orders_that_wait_have_one_run_until_one_changes(shop: DeskShop) -> None:
    key = ordered(shop)["key"]
    first = launched_key(waiting(shop.database, 50))
    assert launched_key(waiting(shop.database, 50)) == first
    change(shop, key, "cancel")
    change(shop, key, "again")
    assert launched_key(waiting(shop.database, 50)) != first


def test_templates_name_all_that_a_brief_may(shop: DeskShop) -> None:
    told = shop.by("pat").get("/api/v1/templates").json()
    assert {one["name"] for one in told["plots"]} == {"lost", "brave", "patience", "quarrel"}
    assert len(told["species"]) == 17
    assert shop.by("pat").get("/api/v1/templates/plots/lost").json()["tries"]
    assert shop.by("pat").get("/api/v1/templates/plots/x").status_code == 404
    schema = shop.by("pat").get(f"{API}/brief.schema.json").json()
    assert "characters" in schema["properties"]
