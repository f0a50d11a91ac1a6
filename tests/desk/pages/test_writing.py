"""The writing room without a script, and what its editor does with one."""

import re
from typing import Any

import pytest

from ebook_pipeline.services.writing import chapters, manuscripts
from tests.support.desk_shop import DeskShop


def begun(shop: DeskShop, title: str = "The River") -> str:
    answer = shop.by("pat").post("/write", data={"title": title}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def tag_of(page: str) -> str:
    found = re.search(r'name="tag" value="([^"]*)"', page)
    assert found is not None
    return found[1].replace("&#34;", '"')


def first_chapter(shop: DeskShop, path: str) -> str:
    manuscript = manuscripts.read(shop.database, path.rpartition("/")[2])
    return f"{path}/{manuscript.chapters[0].id}"


def saved(shop: DeskShop, path: str, login: str = "pat", **typed: Any) -> Any:
    return shop.by(login).post(path, data=typed)


def test_a_book_is_begun_written_and_submitted(shop: DeskShop) -> None:
    assert "Nothing is being written" in shop.by("paul").get("/write").text
    path = begun(shop)
    chapter = first_chapter(shop, path)
    page = shop.by("pat").get(chapter).text
    saved(shop, chapter, heading="One", text="It rained.", tag=tag_of(page))
    typed = {"title": "The River", "authors": "Pat; Ann", "language": "en"}
    saved(shop, path, **typed, tag=tag_of(shop.by("pat").get(path).text))
    shown = shop.by("pat").get(path).text
    assert "Chapters: 1, words: 2" in shown
    assert 'value="Pat; Ann"' in shown
    done = saved(shop, f"{path}/submit", tag=tag_of(shown))
    assert "Received whole" in done.text
    assert "Submit as a new edition" in done.text
    assert "The River" in shop.by("pat").get("/write").text


def test_of_two_windows_the_second_is_shown_both(shop: DeskShop) -> None:
    chapter = first_chapter(shop, begun(shop))
    tag = tag_of(shop.by("pat").get(chapter).text)
    saved(shop, chapter, text="From here.", tag=tag)
    second = saved(shop, chapter, "paul", text="From there.", tag=tag)
    assert second.status_code == 409
    assert "From there.</textarea>" in second.text
    assert "From here.</pre>" in second.text
    third = saved(shop, chapter, "paul", text="From there.", tag=tag_of(second.text))
    assert third.status_code == 200
    _, _, manuscript, name = chapter.split("/")
    kept = chapters.history(shop.database, manuscript, name, 9)
    assert [version.text for version in kept] == ["From there.", "From here.", ""]
    compared = shop.by("pat").get(f"{chapter}/versions").text
    assert "<del>From here.</del>" in compared
    assert "<ins>From there.</ins>" in compared


def test_chapters_move_and_go(shop: DeskShop) -> None:
    path = begun(shop)
    for _ in range(2):
        shop.by("pat").post(f"{path}/chapters")
    name = path.rpartition("/")[2]
    one, two, three = (line.id for line in manuscripts.read(shop.database, name).chapters)
    saved(shop, f"{path}/order", chapter=three, by="-1")
    saved(shop, f"{path}/order", chapter=one, by="-1")
    saved(shop, f"{path}/{two}/remove")
    assert [line.id for line in manuscripts.read(shop.database, name).chapters] == [one, three]
    assert shop.by("pat").get(f"{path}/{two}").status_code == 404


def test_genre_and_tags_are_the_books_subjects(shop: DeskShop) -> None:
    path = begun(shop)
    typed = {"title": "Orbit", "genre": "FLS", "tags": "space; ships;space", "rights": "© Pat"}
    page = saved(shop, path, **typed, tag=tag_of(shop.by("pat").get(path).text)).text
    assert '<option value="FLS" selected>FLS · Science fiction: space opera</option>' in page
    assert 'value="space; ships"' in page
    claims = manuscripts.read(shop.database, path.rpartition("/")[2]).claims
    assert (claims.subjects, claims.rights) == (("thema:FLS", "space", "ships"), "© Pat")
    wrong = saved(shop, path, **(typed | {"genre": "QQQ"}), tag=tag_of(page))
    assert "Choose a genre of the list." in wrong.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"language": "1234"}, "language"),
        ({"title": "Another", "tag": '"old"'}, "changed meanwhile"),
    ],
)
def test_what_is_refused_is_said_and_stays_typed(
    shop: DeskShop, typed: dict[str, str], words: str
) -> None:
    path = begun(shop)
    tag = tag_of(shop.by("pat").get(path).text)
    answer = saved(shop, path, **({"tag": tag, "title": "Kept"} | typed))
    assert answer.status_code == 409
    assert words in answer.text
    assert f'value="{typed.get("title", "Kept")}"' in answer.text
    assert manuscripts.read(shop.database, path.rpartition("/")[2]).claims.title == "The River"


def test_nothing_typed_acts_in_a_page(shop: DeskShop) -> None:
    path = begun(shop, "<script>alert(1)</script>")
    chapter = first_chapter(shop, path)
    text = "</textarea><script>alert(2)</script>"
    tag = tag_of(shop.by("pat").get(chapter).text)
    saved(shop, chapter, heading='"><script>', text=text, tag=tag)
    for page in ("/write", path, chapter, f"{chapter}/versions"):
        assert "<script>" not in shop.by("pat").get(page).text


@pytest.mark.parametrize(("login", "status"), [("edna", 200), ("rob", 404), ("rita", 404)])
def test_it_is_its_accounts_room(shop: DeskShop, login: str, status: int) -> None:
    path = begun(shop)
    assert shop.by(login).get(path).status_code == status
    chapter = first_chapter(shop, path)
    answer = saved(shop, chapter, login, text="Theirs", tag="*")
    assert answer.status_code in (403, 404)
    if login == "edna":
        assert "readonly" in shop.by(login).get(chapter).text


def test_a_discarded_manuscript_is_gone(shop: DeskShop) -> None:
    path = begun(shop)
    gone = saved(shop, f"{path}/discard")
    assert "The manuscript is gone." in gone.text
    assert shop.by("pat").get(path).status_code == 404
