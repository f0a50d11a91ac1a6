"""Versions of a manuscript by name: given, compared, pinned against thinning, forgotten."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from ebook_pipeline.services.writing.thinning import thin
from tests.desk.test_manuscripts import PATH, added, begun
from tests.support.desk_shop import DeskShop


def test_a_draft_is_named_and_compared_with_what_came_later(shop: DeskShop) -> None:
    manuscript = begun(shop)
    one = added(shop, manuscript, "One", "It rained.\n\nNobody came.")
    gone = added(shop, manuscript, "Gone", "Out.")
    names, pat = f"{PATH}/{manuscript}/names", shop.by("pat")
    assert pat.post(names, json={"name": " first  draft "}).json()["name"] == "first draft"
    for name in ("first draft", " "):
        assert pat.post(names, json={"name": name}).status_code == 403
    url = f"{PATH}/{manuscript}/chapters/{one['id']}"
    text = {"heading": "One", "text": "It rained.\n\nSomebody came."}
    pat.put(url, json=text, headers={"If-Match": one["etag"]})
    removed = f"{PATH}/{manuscript}/chapters/{gone['id']}"
    pat.delete(removed, headers={"If-Match": gone["etag"]})
    added(shop, manuscript, "New", "In.")
    found = pat.get(f"{PATH}/{manuscript}/changes", params={"before": "first draft"}).json()
    assert [(row["heading"], row["before"], row["after"]) for row in found] == [
        ("One", True, True),
        ("New", False, True),
        ("Gone", True, False),
    ]
    assert found[0]["changes"]["changes"] == [{"before": "Nobody came.", "after": "Somebody came."}]
    page = pat.get(f"/write/{manuscript}/compare").text
    assert "<del>Nobody came.</del>" in page
    thin(shop.database, datetime.now(UTC) + timedelta(days=3))
    kept = pat.get(f"{PATH}/{manuscript}/changes", params={"before": "first draft"}).json()
    assert kept == found
    assert shop.by("rob").get(names).status_code == 404
    assert shop.by("edna").post(names, json={"name": "x"}).status_code in (403, 404)
    assert pat.delete(names, params={"name": "first draft"}).status_code == 204
    assert pat.get(names).json() == []
    unknown = pat.get(f"{PATH}/{manuscript}/changes", params={"before": "first draft"})
    assert unknown.status_code == 404


def test_who_waited_for_another_is_told_of_their_own_name(shop: DeskShop) -> None:
    manuscript = begun(shop)
    names = f"{PATH}/{manuscript}/names"
    shop.by("pat").post(names, json={"name": "theirs"})
    later = "UPDATE manuscript_name SET at = at + interval '1 hour' WHERE manuscript = :it"
    with shop.database.begin() as connection:  # began after ours, and was named before it
        connection.execute(text(later), {"it": manuscript})
    assert shop.by("pat").post(names, json={"name": "ours"}).json()["name"] == "ours"


def test_the_page_gives_names_and_says_what_can_not_be_one(shop: DeskShop) -> None:
    path = f"/write/{begun(shop)}"
    assert "No version has a name yet" in shop.by("pat").get(f"{path}/compare").text
    named = shop.by("pat").post(f"{path}/names", data={"name": "<b>draft</b>"})
    assert "&lt;b&gt;draft&lt;/b&gt;" in named.text
    again = shop.by("pat").post(f"{path}/names", data={"name": "<b>draft</b>"})
    assert "called so already" in again.text
    gone = shop.by("pat").post(f"{path}/names", data={"gone": "<b>draft</b>"})
    assert "No version has a name yet" in gone.text
