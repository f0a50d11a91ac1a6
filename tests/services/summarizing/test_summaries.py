"""Summaries in Postgres: of what is visible, kept while nothing changes."""

import pytest

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.rating import moderating, opinions
from ebook_pipeline.services.summarizing.summaries import summary_of
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


def test_a_summary_follows_what_readers_say_and_is_kept_meanwhile(database: Database) -> None:
    book = arrive(database).book
    with pytest.raises(NotFound):
        summary_of(database, "nothing")
    written = []
    for number in range(4):
        login = f"r{number}"
        people.add(database, login, Membership(account="house", role=Role.READER), actor="eve")
        wanted = OpinionText(stars=4, text="The prose is beautiful & clear, all through.")
        written.append(opinions.write(database, book, login, wanted, actor=login))
    summary = summary_of(database, book)
    assert summary is not None
    assert summary.aspects[0].praised == 4
    assert summary.aspects[0].for_it[0].text == "The prose is beautiful & clear, all through."
    kept = rows(database, "SELECT digest, at FROM opinion_summary")
    assert summary_of(database, book) == summary
    assert rows(database, "SELECT digest, at FROM opinion_summary") == kept
    moderating.decide(database, written[0].id, shown=False, note="", actor="eve")
    after = summary_of(database, book)
    assert after is not None
    assert after.aspects[0].praised == 3
    moderating.decide(database, written[1].id, shown=False, note="", actor="eve")
    assert summary_of(database, book) is None
    assert rows(database, "SELECT count(*) FROM opinion_summary") == [(0,)]
