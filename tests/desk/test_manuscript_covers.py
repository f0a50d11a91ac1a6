"""Covers in the writing room: given, shown, taken away, submitted; and what is no picture."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from ebook_pipeline.services.writing import submitting
from tests.desk.pages.test_writing import begun
from tests.support.desk_shop import DeskShop

PATH = "/api/v1/manuscripts/cover"
_MAKER, _ORIENTATION, _PLACE = 0x010F, 0x0112, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 1000)) -> bytes:
    """Lying on its side, with what a camera says of itself and of where it was."""
    exif = Image.Exif()
    exif[_MAKER], exif[_ORIENTATION] = "Quincunx Cameras", 6
    exif.get_ifd(_PLACE)[1] = "N"
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, exif=exif)
    return written.getvalue()


@pytest.fixture
def manuscript(shop: DeskShop) -> str:
    return begun(shop).rpartition("/")[2]


def _tag(shop: DeskShop, manuscript: str) -> dict[str, str]:
    return {"If-Match": shop.by("pat").get(f"/api/v1/manuscripts/{manuscript}").headers["ETag"]}


def test_a_cover_is_drawn_anew_upright_shown_and_goes_with_the_file(
    shop: DeskShop, manuscript: str
) -> None:
    url, pat = f"{PATH}/{manuscript}", shop.by("pat")
    assert pat.get(url).status_code == 404
    before = _tag(shop, manuscript)
    made = pat.put(url, content=picture(), headers=before)
    assert made.status_code == 200, made.text
    cover = made.json()["cover"]
    assert (cover["width"], cover["height"], cover["findings"]) == (1000, 1600, [])
    assert pat.put(url, content=picture(), headers=before).status_code == 412
    shown = pat.get(url)
    assert b"Quincunx" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (1000, 1600), {})
    known = {"If-None-Match": shown.headers["ETag"]}
    assert pat.get(url, headers=known).status_code == 304
    with Image.open(io.BytesIO(pat.get(url, params={"size": "small"}).content)) as small:
        assert small.size == (400, 640)
    file = submitting.file_of(shop.database, manuscript)
    assert file.index(b"](data:image/jpeg;base64,") < file.index(b"\n# ")
    assert pat.delete(url, headers=_tag(shop, manuscript)).status_code == 204
    assert pat.get(url, headers=known).status_code == 404
    assert b"data:image" not in submitting.file_of(shop.database, manuscript)


@pytest.mark.parametrize("who", ["rob", "rosa", "rita"])
def test_nobody_else_gives_sees_or_takes_a_cover(shop: DeskShop, manuscript: str, who: str) -> None:
    shop.by("pat").put(f"{PATH}/{manuscript}", content=picture(), headers=_tag(shop, manuscript))
    other, headers = shop.by(who), {"If-Match": "*"}
    for url in (f"{PATH}/{manuscript}", f"/write/cover/{manuscript}"):
        assert other.get(url, follow_redirects=False).status_code in (303, 401, 403, 404)
    assert other.put(f"{PATH}/{manuscript}", content=picture(), headers=headers).status_code >= 401
    assert other.delete(f"{PATH}/{manuscript}", headers=headers).status_code >= 401
    assert shop.by("pat").get(f"{PATH}/{manuscript}").status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"",
        lambda: b"no picture",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        lambda: picture("GIF", (10, 10)),
        lambda: picture()[:2000],
        lambda: picture("PNG", (10_000, 6000)),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(
    shop: DeskShop, manuscript: str, content: Callable[[], bytes]
) -> None:
    refused = shop.by("pat").put(
        f"{PATH}/{manuscript}", content=content(), headers=_tag(shop, manuscript)
    )
    assert refused.status_code == 422, refused.text
    assert shop.by("pat").get(f"{PATH}/{manuscript}").status_code == 404


def test_the_page_takes_a_cover_and_says_what_shops_will_not_like(
    shop: DeskShop, manuscript: str
) -> None:
    pat = shop.by("pat")
    tag = _tag(shop, manuscript)["If-Match"]
    form: dict[str, Any] = {
        "files": {"picture": ("c.png", picture("PNG", (300, 600)))},
        "data": {"tag": tag},
    }
    page = pat.post(f"/write/cover/{manuscript}", **form)
    assert "600 × 300" in page.text, "as it is seen"
    assert "no book’s proportions" in page.text or "no book&#39;s proportions" in page.text
    stale = pat.post(f"/write/cover/{manuscript}", **form)
    assert stale.status_code == 409
    gone = pat.post(f"/write/cover/{manuscript}/remove")
    assert "set from its title" in gone.text


def test_a_dedication_comes_before_the_chapters_in_the_words_of_the_book(
    shop: DeskShop, manuscript: str
) -> None:
    pat, url = shop.by("pat"), f"/api/v1/manuscripts/{manuscript}"
    pat.patch(url, json={"metadata": {"title": "Fluss", "language": "de"}}, headers=_tag(
        shop, manuscript))  # fmt: skip
    for part in ("acknowledgments", "epigraph", "dedication"):
        made = pat.post(f"{url}/chapters", json={"part": part, "text": "Für Mia"})
        assert made.status_code == 201, made.text
    headings = [line["heading"] for line in pat.get(url).json()["chapters"]]
    assert headings == ["Widmung", "Motto", "", "Danksagung"]
    opened = pat.post(f"/write/{manuscript}/chapters", data={"part": "preface"})
    assert 'value="Vorwort"' in opened.text
    assert pat.post(f"/write/{manuscript}/chapters", data={"part": "nonsense"}).status_code == 422
