"""One's own profile: kept, seen by nobody else, heeded by pages and notices."""

import io

import pytest
from PIL import Image

from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind, ToldAs
from ebook_pipeline.desk.words import words_of
from ebook_pipeline.services.notifying.recipients import preferences_of
from tests.support.desk_shop import DeskShop

API = "/api/v1"
PATH = f"{API}/users/profile"


def _picture(mode: str = "RGBA", size: tuple[int, int] = (400, 300)) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "teal").save(target, "PNG", pnginfo=None)
    return target.getvalue()


def test_what_is_chosen_holds_for_pages_and_notices(shop: DeskShop) -> None:
    rita = shop.by("rita")
    before = rita.get(PATH).json()
    assert (before["language"], before["theme"], before["choices"]) == (
        "", "auto", [NoticeKind.AUTHOR_NEW_BOOK],
    )  # fmt: skip
    wish = {
        "language": "de", "theme": "dark", "zone": "Europe/Berlin",
        "quiet_from": "22:00", "quiet_to": "07:00", "unsubscribed": ["author_new_book"],
    }  # fmt: skip
    assert rita.patch(PATH, json=wish).status_code == 428
    seen = {"If-Match": shop.etag("rita", PATH)}
    assert rita.patch(PATH, json=wish, headers=seen).status_code == 200
    assert rita.patch(PATH, json=wish, headers=seen).status_code == 412
    page = rita.get("/shelf").text
    assert '<html lang="de" data-theme="dark">' in page
    kept = preferences_of(shop.database, "rita")
    assert kept is not None
    assert (kept.language, kept.zone, kept.unsubscribed) == (
        "de", "Europe/Berlin", (NoticeKind.AUTHOR_NEW_BOOK,),
    )  # fmt: skip
    assert shop.by("ray").get(PATH).json()["theme"] == "auto"
    form = {"seen": shop.etag("rita", PATH), "theme": "auto", "told": "author_new_book"}
    assert "Profile and notices" in rita.post("/profile", data=form).text
    assert rita.get(PATH).json()["unsubscribed"] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_notice_that_one_may_refuse_has_words(language: str) -> None:
    may_refuse = {
        f"notice_kind.{kind.value}"
        for kind, nature in NOTICE_KINDS.items()
        if not nature.essential and nature.to is not ToldAs.TEAM
    }
    told = {key for key in words_of(language).texts if key.startswith("notice_kind.")}
    assert told == may_refuse


@pytest.mark.parametrize(
    "wish",
    [
        {"zone": "Middle/Earth"},
        {"quiet_from": "22:00"},
        {"theme": "plaid"},
        {"unsubscribed": ["tea"]},
        {"login": "olga"},
    ],
)
def test_what_cannot_be_is_refused(shop: DeskShop, wish: dict[str, object]) -> None:
    answer = shop.by("ray").patch(PATH, json=wish, headers={"If-Match": "*"})
    assert answer.status_code == 422, answer.text


def test_a_picture_is_drawn_anew_and_what_is_none_is_refused(shop: DeskShop) -> None:
    ray, path = shop.by("ray"), f"{PATH}/avatar"
    assert ray.get(path).status_code == 404
    assert ray.put(path, content=_picture()).status_code == 200
    kept = ray.get(path)
    assert kept.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(kept.content)) as shown:
        assert shown.size == (192, 192)
    for hostile in (b"<svg onload=alert(1)>", _picture()[:60], b""):
        assert ray.put(path, content=hostile).status_code == 422
    assert ray.get(path).content == kept.content
    assert 'class="avatar"' in ray.get("/shelf").text
    assert ray.delete(path).status_code == 204
    assert ray.get(path).status_code == 404
    assert 'class="avatar"' not in ray.get("/shelf").text


def test_other_browsers_are_listed_and_signed_out(shop: DeskShop) -> None:
    ray, other = shop.by("ray"), shop.desk.browser("ray")
    listed = ray.get(f"{API}/me/sessions").json()
    assert sorted(one["current"] for one in listed) == [False, True]
    [elsewhere] = [one["id"] for one in listed if not one["current"]]
    assert shop.by("rita").delete(f"{API}/me/sessions/{elsewhere}").status_code == 404
    assert ray.delete(f"{API}/me/sessions/{elsewhere}").status_code == 204
    assert other.get(f"{API}/me").status_code == 401
    third = shop.desk.browser("ray")
    assert "Sign out everywhere else" in ray.get("/profile").text
    assert ray.post("/profile/sessions/end").status_code == 200
    assert (third.get(f"{API}/me").status_code, ray.get(f"{API}/me").status_code) == (401, 200)
