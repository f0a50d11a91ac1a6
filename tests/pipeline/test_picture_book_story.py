"""A children's book from the desk's form to the shop, by both real chains: nothing is put in place.

The form orders, the chain `briefs` makes and submits, the chain `books` takes it up as it does
every submission and waits, an editor approves at the desk, and the shop has it: with pages as in
print.
"""

import uuid
import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.assets.brief_context import brief_batch
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.execution import Batch
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.picture_books.order_list import waiting
from tests.support.desk import Desk, desk_over
from tests.support.homes import Home, open_home

pytestmark = [pytest.mark.browser, pytest.mark.prove]
HTML = {"Accept": "text/html"}


def ordered(desk: Desk) -> str:
    """The key of what the form orders for an account of its own."""
    form = {
        "action": "order", "pages": "24", "seed": "5", "author": "Ada Lark",
        "ebook": "fixed-layout", "hero_name": "Mila", "hero_species": "fox",
    }  # fmt: skip
    author = desk.person("pat", Role.AUTHOR, "press")
    answer = author.post("/picture-books/new", data=form, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def made(home: Home, key: str) -> None:
    assert [one.key for one in waiting(home.resources.database, 9)] == [key]
    context = brief_batch(home.resources, lambda _: None, str(uuid.uuid4()))
    list(Batch(BRIEF_CHAIN, context, [key]))


def run(home: Home, book: str) -> None:
    context = book_batch(home.resources, lambda _: None, str(uuid.uuid4()))
    list(Batch(BOOK_CHAIN, context, [book]))


def test_a_brief_of_the_desk_is_a_book_on_sale(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as home, desk_over(home.resources) as desk:
        key = ordered(desk)
        made(home, key)
        pat = desk.browser("pat")
        told = pat.get(f"/api/v1/generate/books/{key}").json()
        assert (told["state"], told["findings"]) == ("made", [])
        book = told["book"]
        run(home, book)
        assert pat.get(f"/api/v1/books/{book}/report").json()["state"] == "needs_review"
        assert desk.nobody().get(f"/api/v1/books/{book}").status_code in (401, 404)

        editor = desk.person("edna", Role.EDITOR, "press")
        [asked] = editor.get("/api/v1/reviews", params={"book": book}).json()["items"]
        url = f"/reviews/{asked['task']['id']}"
        assert f'href="{url}"' in pat.get(f"/picture-books/{key}", headers=HTML).text
        assert editor.get(url, headers=HTML).status_code == 200
        seen = editor.get(f"/api/v1/reviews/{asked['task']['id']}")
        decision = editor.post(
            f"/api/v1/reviews/{asked['task']['id']}/decision",
            json={"approved": True, "note": "Charming."},
            headers={"If-Match": seen.headers["ETag"]},
        )
        assert decision.status_code in (200, 201, 204), decision.text
        run(home, book)
        report = pat.get(f"/api/v1/books/{book}/report").json()
        assert report["state"] == "released", report["reason"]
        shop = desk.nobody().get(f"/shop/{book}", headers=HTML)
        assert (shop.status_code, "Mila" in shop.text) == (200, True)
        sold = RecordStore(home.resources.object_store).read(
            "converted_book", book, 1, Manifestations
        )
        assert sold is not None
        epub = home.resources.object_store.fetch(sold.epub, tmp_path / "sold.epub")
    with zipfile.ZipFile(epub) as opened:
        packages = [name for name in opened.namelist() if name.endswith(".opf")]
        assert b"pre-paginated" in opened.read(packages[0])
