"""Files brought into the writing room: by the API, by the page's form, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.services.writing import manuscripts
from tests.desk.pages.test_writing import begun
from tests.desk.test_manuscript_covers import picture
from tests.support.books.epub import MANIFEST, epub, package
from tests.support.desk_shop import DeskShop

PATH = "/api/v1/manuscripts/import"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    body = "<h1>One</h1><p>It rained. <img src='no.png' alt=''/></p><h1>Two</h1><p>It stopped.</p>"
    folder: Path = tmp_path_factory.mktemp("import")
    item = '<item id="c" href="c.jpg" properties="cover-image" media-type="image/jpeg"/>'
    files: dict[str, str | bytes | None] = {
        "EPUB/package.opf": package(manifest=MANIFEST + item),
        "EPUB/one.xhtml": body,
        "EPUB/c.jpg": picture(),
    }
    return epub(folder / "a.epub", files).read_bytes()


def test_a_file_begins_a_manuscript_and_more_follow_it(shop: DeskShop, book: bytes) -> None:
    made = shop.by("pat").post(PATH, params={"name": "a.epub"}, content=book)
    assert made.status_code == 201, made.text
    told = made.json()
    manuscript = told["manuscript"]
    assert (manuscript["claims"]["title"], told["added"]) == ("A Tiny Book", 2)
    assert [line["heading"] for line in manuscript["chapters"]] == ["One", "Two"]
    assert (manuscript["cover"]["width"], manuscript["cover"]["height"]) == (1000, 1600)
    assert "import.pictures" in [one["rule"] for one in told["findings"]]
    url, tag = f"{PATH}/{manuscript['id']}", made.headers["ETag"]
    headers = {"If-Match": tag}
    text: dict[str, Any] = {
        "params": {"name": "more.md"},
        "content": b"# Three\n\nIt snowed.\n",
        "headers": headers,
    }
    after = shop.by("pat").post(url, **text)
    assert after.json()["manuscript"]["chapters"][-1]["heading"] == "Three"
    assert shop.by("pat").post(url, **text).status_code == 412
    assert after.json()["manuscript"]["cover"]["sha256"] == manuscript["cover"]["sha256"]
    assert shop.by("rob").post(url, **text).status_code == 404
    assert shop.by("rita").post(PATH, content=book).status_code == 403


def test_the_form_says_what_is_not_in_the_chapters_and_why_nothing_was_taken(
    shop: DeskShop, book: bytes
) -> None:
    shown = shop.by("pat").post("/write/import", files={"file": ("a.epub", book)})
    assert "Chapters that came from the file: 2" in shown.text
    assert "1 picture is not in the chapters: no.png." in shown.text
    path = begun(shop)
    refused = shop.by("pat").post(
        f"/write/import/{path.rpartition('/')[2]}", files={"file": ("a.pdf", b"%PDF-1.7\n")}
    )
    assert refused.status_code == 422
    assert "this is PDF" in refused.text
    assert len(manuscripts.read(shop.database, path.rpartition("/")[2]).chapters) == 1
    for name in ("../a.epub", ""):
        wrong = shop.by("pat").post("/write/import", files={"file": (name, book)})
        assert wrong.status_code in (400, 422)
