"""A person's data as one archive: every table in which they stand, and nothing of others."""

import io
import json
import zipfile

import pytest

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.writing.manuscript_file import WrittenChapter
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.erasing.export import archive
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.rating import opinions
from ebook_pipeline.services.writing import chapters, manuscripts
from tests.support.services.submissions import arrive


def told(database: Database, login: str) -> dict[str, list[dict[str, object]]]:
    target = io.BytesIO()
    archive(database, login, target, actor=f"desk:{login}")
    with zipfile.ZipFile(target) as made:
        assert made.testzip() is None
        about = json.loads(made.read("about.json"))
        assert about["login"] == login
        return {
            name.removesuffix(".jsonl"): [json.loads(line) for line in made.read(name).splitlines()]
            for name in made.namelist()
            if name.endswith(".jsonl")
        }


def test_what_somebody_wrote_is_in_their_archive_and_not_in_anothers(database: Database) -> None:
    book = arrive(database).book
    for login in ("rita", "ray"):
        people.add(database, login, Membership(account="house", role=Role.READER), actor="eve")
        wanted = OpinionText(stars=4, text=f"By {login}.", signed=login)
        opinions.write(database, book, login, wanted, actor=f"desk:{login}")
    written = manuscripts.create(database, "house", Claims(title="The River"), actor="desk:rita")
    text = WrittenChapter(heading="One", text="It rained.")
    chapters.add(database, written.id, text, actor="desk:rita")
    found = told(database, "rita")
    assert [row["text"] for row in found["opinion"]] == ["<p>By rita.</p>"]
    assert found["opinion"][0]["signed"] == "rita"
    assert [row["text"] for row in found["chapter_version"]] == ["It rained."]
    assert found["manuscript"][0]["claims"] == {"title": "The River"}
    assert "credential" not in found
    others = told(database, "ray")
    assert "chapter_version" not in others
    assert [row["text"] for row in others["opinion"]] == ["<p>By ray.</p>"]
    with pytest.raises(NotFound):
        archive(database, "team", io.BytesIO(), actor="eve")
