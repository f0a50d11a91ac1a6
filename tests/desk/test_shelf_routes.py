"""A reader's shelves and recommendations over HTTP: theirs alone."""

import pytest

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.services.notifying.recipients import preferences_of
from ebook_pipeline.services.notifying.unsubscribing import unsubscribe_path
from tests.support.desk_shop import DeskShop

API = "/api/v1"


def test_a_shelf_is_its_reader_s_and_holds_a_book_once(shop: DeskShop) -> None:
    rita = shop.by("rita")
    path = f"{API}/books/press-sold/shelf"
    for shelf in ("to-read", "reading"):
        assert rita.put(path, json={"shelf": shelf}).status_code == 204
    [entry] = rita.get(f"{API}/me/shelf").json()["items"]
    assert (entry["book"], entry["shelf"], entry["on_sale"]) == ("press-sold", "reading", True)
    assert shop.by("ray").get(f"{API}/me/shelf").json()["items"] == []
    assert rita.get(f"{API}/me/shelf", params={"shelf": "read"}).json()["items"] == []
    assert rita.put(path, json={"shelf": "burnt"}).status_code == 422
    assert rita.put(f"{API}/books/press-draft/shelf", json={"shelf": "read"}).status_code == 404
    assert rita.delete(path).status_code == 204
    assert rita.get(f"{API}/me/shelf").json()["items"] == []


@pytest.mark.parametrize("path", ["me/shelf", "me/recommendations"])
def test_who_has_not_signed_in_has_no_shelf(shop: DeskShop, path: str) -> None:
    assert shop.desk.nobody().get(f"{API}/{path}").status_code == 401
    assert shop.by("paul").get(f"{API}/{path}").status_code == 403


def test_what_is_recommended_can_be_dismissed(shop: DeskShop) -> None:
    rita, dismissal = shop.by("rita"), f"{API}/books/press-sold/dismissal"
    assert rita.put(dismissal).status_code == 204
    assert rita.get(f"{API}/me/recommendations").json() == []
    assert rita.delete(dismissal).status_code == 204
    assert shop.desk.nobody().get(f"{API}/catalog/popular").status_code == 200


def test_who_follows_an_author_sees_it_and_a_mail_s_link_ends_its_notices(shop: DeskShop) -> None:
    rita, path = shop.by("rita"), f"{API}/books/press-sold/following"
    assert rita.put(path, json={"author": "Nobody"}).status_code == 404
    assert rita.put(path, json={"author": "élise ŁUC"}).status_code == 204
    [followed] = rita.get(f"{API}/me/following").json()
    assert followed["name"] == "Élise Łuc"
    assert shop.by("ray").delete(f"{API}/me/following/{followed['id']}").status_code == 404
    assert "Stop following Élise Łuc" in rita.get("/shop/press-sold").text
    link = unsubscribe_path(shop.database, "rita", NoticeKind.AUTHOR_NEW_BOOK)
    nobody = shop.desk.nobody()
    assert nobody.get(f"{link}x").status_code == nobody.post("/unsubscribe/x").status_code == 404
    assert nobody.get(link).status_code == 200
    assert preferences_of(shop.database, "rita") is None
    body = {"List-Unsubscribe": "One-Click"}
    assert nobody.post(link, data=body).status_code == 200
    wishes = preferences_of(shop.database, "rita")
    assert wishes is not None
    assert wishes.unsubscribed == (NoticeKind.AUTHOR_NEW_BOOK,)
    assert rita.delete(f"{API}/me/following/{followed['id']}").status_code == 204
    assert rita.get(f"{API}/me/following").json() == []
