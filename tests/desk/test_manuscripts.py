"""Writing at the desk: chapters, versions, two windows, and what becomes of a manuscript."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ebook_pipeline.books.writing.manuscript_file import WrittenChapter
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.services.writing import chapters, manuscripts
from ebook_pipeline.services.writing.thinning import thin
from tests.support.desk_shop import DeskShop
from tests.support.servers.postgres import rows

PATH = "/api/v1/manuscripts"


def begun(shop: DeskShop, login: str = "pat", **metadata: Any) -> str:
    body = {"metadata": {"title": "The River", "authors": ["Pat"]} | metadata}
    answer = shop.by(login).post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def added(shop: DeskShop, manuscript: str, heading: str, text: str) -> dict[str, Any]:
    url = f"{PATH}/{manuscript}/chapters"
    answer = shop.by("pat").post(url, json={"heading": heading, "text": text})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json() | {"etag": answer.headers["ETag"]}
    return made


def test_what_is_written_is_counted_and_read_again(shop: DeskShop) -> None:
    manuscript = begun(shop)
    one = added(shop, manuscript, "One", "It had rained all night.")
    added(shop, manuscript, "Two", "It stopped.")
    seen = shop.by("pat").get(f"{PATH}/{manuscript}").json()
    assert [(line["heading"], line["words"]) for line in seen["chapters"]] == [
        ("One", 5),
        ("Two", 2),
    ]
    listed = shop.by("pat").get(PATH).json()["items"][0]
    assert (listed["title"], listed["chapters"], listed["words"]) == ("The River", 2, 7)
    text = shop.by("pat").get(f"{PATH}/{manuscript}/chapters/{one['id']}").json()["text"]
    assert text == "It had rained all night."


def test_the_list_goes_on_where_a_page_ended(shop: DeskShop) -> None:
    made = [begun(shop) for _ in range(3)]
    page = shop.by("pat").get(PATH, params={"limit": 2}).json()
    rest = shop.by("pat").get(PATH, params={"limit": 200, "after": page["next"]}).json()
    told = [line["id"] for line in page["items"] + rest["items"]]
    assert told[:3] == made[::-1]
    assert len(told) == len(set(told))


def test_every_save_is_a_version_and_any_two_are_compared(shop: DeskShop) -> None:
    manuscript = begun(shop)
    chapter = added(shop, manuscript, "One", "It rained.\n\nNobody came.")
    url = f"{PATH}/{manuscript}/chapters/{chapter['id']}"
    body = {"heading": "One", "text": "It rained.\n\nSomebody came."}
    saved = shop.by("pat").put(url, json=body, headers={"If-Match": chapter["etag"]})
    assert saved.json()["version"] == 2
    same = shop.by("pat").put(url, json=body, headers={"If-Match": saved.headers["ETag"]})
    assert same.json()["version"] == 2
    versions = shop.by("pat").get(f"{url}/versions").json()
    assert [version["version"] for version in versions] == [2, 1]
    assert shop.by("pat").get(url, params={"version": 1}).json()["text"].endswith("Nobody came.")
    changes = shop.by("pat").get(f"{url}/changes", params={"before": 1, "after": 2}).json()
    assert changes["changes"] == [{"before": "Nobody came.", "after": "Somebody came."}]


def test_two_windows_never_overwrite_each_other(shop: DeskShop) -> None:
    manuscript = begun(shop)
    chapter = added(shop, manuscript, "One", "")
    url = f"{PATH}/{manuscript}/chapters/{chapter['id']}"
    headers = {"If-Match": chapter["etag"]}
    here = shop.by("pat").put(url, json={"text": "From here."}, headers=headers)
    there = shop.by("paul").put(url, json={"text": "From there."}, headers=headers)
    assert (here.status_code, there.status_code) == (200, 412)
    assert shop.by("pat").get(url).json()["text"] == "From here."


def test_of_fifty_who_save_at_once_none_is_lost(shop: DeskShop) -> None:
    manuscript = begun(shop)
    chapter = added(shop, manuscript, "One", "")["id"]

    def save(number: int) -> None:
        chapters.save(
            shop.database, manuscript, chapter,
            WrittenChapter(text=f"By writer {number}."), actor="desk:pat",
        )  # fmt: skip

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(save, range(50)))
    kept = chapters.history(shop.database, manuscript, chapter, 200)
    assert [version.version for version in kept] == [*range(51, 0, -1)]
    assert {version.text for version in kept[:-1]} == {f"By writer {n}." for n in range(50)}


def test_chapters_are_put_into_another_order_and_left_out(shop: DeskShop) -> None:
    manuscript = begun(shop)
    one, two, three = (added(shop, manuscript, name, "x")["id"] for name in "ABC")
    url = f"{PATH}/{manuscript}"
    tag = shop.etag("pat", url)
    order = {"chapters": [three, one, two]}
    moved = shop.by("pat").put(f"{url}/order", json=order, headers={"If-Match": tag})
    assert [line["heading"] for line in moved.json()["chapters"]] == ["C", "A", "B"]
    short = {"chapters": [one]}
    headers = {"If-Match": moved.headers["ETag"]}
    assert shop.by("pat").put(f"{url}/order", json=short, headers=headers).status_code == 404
    gone = shop.by("pat").delete(f"{url}/chapters/{one}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    left = shop.by("pat").get(url).json()["chapters"]
    assert [line["heading"] for line in left] == ["C", "B"]


@pytest.mark.parametrize(
    ("metadata", "text", "words"),
    [({"title": None}, "It rained.", "title"), ({}, " \n", "no words")],
)
def test_what_lacks_the_needful_is_not_submitted(
    shop: DeskShop, metadata: dict[str, Any], text: str, words: str
) -> None:
    said = {name: value for name, value in ({"title": "A"} | metadata).items() if value}
    manuscript = shop.by("pat").post(PATH, json={"metadata": said}).json()["id"]
    added(shop, manuscript, "One", text)
    answer = shop.by("pat").post(f"{PATH}/{manuscript}/submit", headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert words in answer.json()["detail"]


def submitted(shop: DeskShop, manuscript: str) -> dict[str, Any]:
    answer = shop.by("pat").post(f"{PATH}/{manuscript}/submit", headers={"If-Match": "*"})
    assert answer.status_code == 201, answer.text
    job: dict[str, Any] = shop.by("pat").get(f"/api/v1/jobs/{answer.json()['job']}").json()
    return job


def test_what_is_submitted_is_a_book_and_then_its_next_edition(shop: DeskShop) -> None:
    manuscript = begun(shop, title="A Book of Two Editions")
    chapter = added(shop, manuscript, "One", "It rained.")
    first = submitted(shop, manuscript)
    assert (first["state"], first["created_by"]) == ("received", "desk:pat")
    url = f"{PATH}/{manuscript}/chapters/{chapter['id']}"
    shop.by("pat").put(url, json={"text": "It stopped."}, headers={"If-Match": "*"})
    second = submitted(shop, manuscript)
    assert second["book"] == first["book"]
    taken = "SELECT count(*) FROM submission WHERE book = :book"
    assert rows(shop.database, taken, book=first["book"]) == [(2,)]
    file = shop.by("pat").get(f"{PATH}/{manuscript}/file")
    assert file.text.endswith("It stopped.\n")


@pytest.mark.parametrize(("login", "status"), [("edna", 200), ("rob", 404), ("rita", 404)])
def test_it_is_its_accounts_alone(shop: DeskShop, login: str, status: int) -> None:
    manuscript = begun(shop)
    assert shop.by(login).get(f"{PATH}/{manuscript}").status_code == status
    listed = shop.by(login).get(PATH)
    assert (listed.status_code == 200) == (login != "rita")
    assert (manuscript in listed.text) == (login == "edna")
    answer = shop.by(login).post(f"{PATH}/{manuscript}/chapters", json={"text": "x"})
    assert answer.status_code in (403, 404)


def test_a_discarded_manuscript_leaves_nothing(shop: DeskShop) -> None:
    manuscript = begun(shop)
    chapter = added(shop, manuscript, "One", "A secret.")["id"]
    gone = shop.by("pat").delete(f"{PATH}/{manuscript}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    assert rows(shop.database, "SELECT count(*) FROM chapter_version WHERE chapter = :c",
                c=chapter) == [(0,)]  # fmt: skip
    with pytest.raises(NotFound):
        manuscripts.read(shop.database, manuscript)


@pytest.mark.parametrize("name", ["nobody", "%ED%A0%80"])
def test_what_is_no_chapter_is_not_there(shop: DeskShop, name: str) -> None:
    manuscript = begun(shop)
    for path in (f"{PATH}/{manuscript}/chapters/{name}", f"{PATH}/{name}", f"/write/{name}"):
        assert shop.by("pat").get(path).status_code == 404, path


def test_saves_are_thinned_out_after_a_day_and_what_rounds_are_about_stays(shop: DeskShop) -> None:
    manuscript = begun(shop)
    chapter = added(shop, manuscript, "One", "It")["id"]
    for words in ("It ra", "It rained.", "It rained. So", "It rained. So be it."):
        chapters.save(
            shop.database, manuscript, chapter, WrittenChapter(heading="One", text=words),
            actor="desk:pat",
        )  # fmt: skip
    assert thin(shop.database) == 0
    with shop.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE chapter_version SET at = '2026-11-01 12:30Z' WHERE chapter = %s", (chapter,)
        )
    assert thin(shop.database) >= 3
    left = chapters.history(shop.database, manuscript, chapter, 200)
    assert [(one.version, one.text) for one in left] == [(5, "It rained. So be it."), (1, "It")]
    assert thin(shop.database) == 0


def test_a_book_that_is_begun_is_a_manuscript_in_draft(shop: DeskShop) -> None:
    wanted = {"metadata": {"title": "The Weir"}}
    made = shop.by("pat").post("/api/v1/books", json=wanted)
    assert (made.status_code, made.json()["phase"]) == (201, "draft")
    assert shop.by("pat").get(made.headers["Location"]).json()["claims"]["title"] == "The Weir"
    assert shop.by("rita").post("/api/v1/books", json=wanted).status_code == 403
    assert (
        shop.by("pat").post("/api/v1/books", json=wanted | {"account": "rival"}).status_code >= 403
    )
