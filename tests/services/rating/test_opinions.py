"""Opinions of readers: one for each work, right sums, and nothing hidden without a way back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.rating.holding import ReportReason
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.books.records import RelatedBook
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import works
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.purging import rows as purging
from ebook_pipeline.services.rating import moderating, opinions
from ebook_pipeline.services.rating.opinion_rows import NO_RATING, Opinion
from ebook_pipeline.services.rating.opinions import WrittenBefore
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

GOOD = OpinionText(stars=5, text="A quiet book that stays.", signed="Rita")
READERS = ("rita", "ray", "rosa", "rudi")


@pytest.fixture
def book(database: Database) -> str:
    for login in READERS:
        people.add(database, login, Membership(account="house", role=Role.READER), actor="eve")
    return arrive(database).book


def write(database: Database, book: str, person: str = "rita", stars: int = 5) -> Opinion:
    wanted = GOOD.model_copy(update={"stars": stars})
    return opinions.write(database, book, person, wanted, actor=person)


def told(database: Database) -> list[tuple[str, str]]:
    query = "SELECT event, payload ->> 'state' FROM outbox WHERE event LIKE 'review.%' ORDER BY id"
    return [(event, state) for event, state in rows(database, query)]


def test_a_reader_writes_once_about_a_work_changes_it_and_takes_it_away(
    database: Database, book: str
) -> None:
    made = write(database, book)
    assert (made.state, made.verified, made.text) == (
        "visible",
        False,
        "<p>A quiet book that stays.</p>",
    )
    with pytest.raises(WrittenBefore):
        write(database, book)
    assert opinions.rating(database, book).average == 5.0
    opinions.change(database, made.id, OpinionText(stars=2), actor="rita")
    assert opinions.rating(database, book).stars == (0, 1, 0, 0, 0)
    opinions.remove(database, made.id, actor="rita")
    assert opinions.rating(database, book) == NO_RATING
    assert told(database) == [
        ("review.created", "visible"),
        ("review.changed", "visible"),
        ("review.changed", "deleted"),
    ]
    with pytest.raises(NotFound):
        opinions.find(database, made.id)
    assert write(database, book).id != made.id


def test_what_should_be_looked_at_first_counts_for_nothing_until_it_is_shown(
    database: Database, book: str
) -> None:
    spam = OpinionText(stars=5, text="Buy at https://spam.example")
    held = opinions.write(database, book, "rita", spam, actor="rita")
    assert (held.state, held.reasons) == ("held", ("contact",))
    assert opinions.rating(database, book) == NO_RATING
    assert opinions.list_opinions(database, book) == ()
    assert [one.id for one in moderating.waiting(database)] == [held.id]
    shown = moderating.decide(database, held.id, shown=True, note="", actor="eve")
    assert (shown.state, opinions.rating(database, book).count) == ("visible", 1)
    assert moderating.waiting(database) == ()
    assert told(database) == [("review.created", "held"), ("review.changed", "visible")]


def test_reports_of_three_readers_hold_it_and_a_moderator_s_word_stands(
    database: Database, book: str
) -> None:
    made = write(database, book)
    with pytest.raises(Denied):
        moderating.report(database, made.id, "rita", ReportReason.SPAM, actor="rita")
    for _ in range(2):
        for login in READERS[1:]:
            after = moderating.report(database, made.id, login, ReportReason.SPAM, actor=login)
    assert (after.state, after.reports, after.reasons) == ("held", 3, ("reported",))
    assert moderating.reports_of(database, {made.id}) == {made.id: {"spam": 3}}
    again = opinions.change(database, made.id, GOOD, actor="rita")
    assert again.state == "held", "changing it is no way around a moderator"
    moderating.decide(database, made.id, shown=True, note="fine", actor="eve")
    with database.begin() as connection:
        connection.execute(text("DELETE FROM opinion_report"))
    for login in READERS[1:]:
        after = moderating.report(database, made.id, login, ReportReason.SPAM, actor=login)
    assert (after.state, after.reports) == ("visible", 3)
    assert [one.id for one in moderating.waiting(database)] == [made.id]


def test_what_was_hidden_can_be_appealed_against_once(database: Database, book: str) -> None:
    made = write(database, book)
    with pytest.raises(Denied):
        moderating.appeal(database, made.id, "why", actor="rita")
    hidden = moderating.decide(database, made.id, shown=False, note="off topic", actor="eve")
    assert (hidden.state, hidden.note) == ("hidden", "off topic")
    appealed = moderating.appeal(database, made.id, "it is not", actor="rita")
    assert appealed.appeal == "it is not"
    with pytest.raises(Denied):
        moderating.appeal(database, made.id, "it is not", actor="rita")
    [waiting] = moderating.waiting(database)
    assert moderating.decide(database, waiting.id, shown=True, note="", actor="eve").appeal == ""
    assert opinions.rating(database, book).count == 1
    assert told(database)[1:] == [("review.hidden", "hidden"), ("review.changed", "visible")]


def test_a_vote_is_counted_once_for_a_reader_and_sorts_the_list(
    database: Database, book: str
) -> None:
    first, second = write(database, book), write(database, book, "ray", 1)
    for _ in range(2):
        moderating.vote(database, first.id, "ray", helpful=True, actor="ray")
        voted = moderating.vote(database, second.id, "rita", helpful=False, actor="rita")
    assert (voted.helpful, voted.unhelpful) == (0, 1)
    assert [one.id for one in opinions.list_opinions(database, book)] == [first.id, second.id]
    newest = opinions.list_opinions(database, book, "newest")
    assert [one.id for one in newest] == [second.id, first.id]
    after = opinions.list_opinions(database, book, after=(1, first.id))
    assert [one.id for one in after] == [second.id]
    assert moderating.vote(database, first.id, "ray", helpful=None, actor="ray").helpful == 0
    with pytest.raises(Denied):
        moderating.vote(database, first.id, "rita", helpful=True, actor="rita")


def test_who_makes_an_account_s_books_writes_no_opinions_of_them(
    database: Database, book: str
) -> None:
    with pytest.raises(Denied, match="makes"):
        opinions.write(database, book, "rita", GOOD, actor="rita", accounts=["house"])


def test_works_that_turn_out_to_be_one_bring_their_opinions_along(
    database: Database, book: str
) -> None:
    other = arrive(database, "another text", "other.epub").book
    write(database, book, "rita", 1)
    write(database, other, "rita", 4)
    write(database, other, "ray", 5)
    works.gather(database, book, [RelatedBook(book=other, relation="same-work", likeness=1)])
    for name in (book, other):
        assert opinions.rating(database, name).stars == (0, 0, 0, 1, 1)
        assert len(opinions.list_opinions(database, name)) == 2
    with database.begin() as connection:
        purging.delete_rows(connection, other)
    assert opinions.rating(database, book).count == 2
    with database.begin() as connection:
        purging.delete_rows(connection, book)
    assert rows(database, "SELECT count(*) FROM opinion") == [(0,)]


@pytest.mark.prove
def test_a_thousand_writers_at_once_are_counted_right(database: Database, book: str) -> None:
    """Each writes, changes, votes; every third takes it away: the sums are those of the rows."""
    logins = [f"reader-{number}" for number in range(1000)]
    with database.begin() as connection:
        connection.execute(
            text("INSERT INTO person (login, actor) SELECT unnest(CAST(:logins AS text[])), 'eve'"),
            {"logins": logins},
        )

    def act(number: int) -> None:
        login = logins[number]
        made = write(database, book, login, 1 + number % 5)
        if number % 2:
            opinions.change(database, made.id, OpinionText(stars=1 + number % 3), actor=login)
        if number % 3 == 0:
            opinions.remove(database, made.id, actor=login)
        elif number % 7 == 0:
            moderating.decide(database, made.id, shown=False, note="", actor="eve")

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(act, range(1000)))
    [counted] = rows(
        database,
        "SELECT count(*), sum(stars) FROM opinion WHERE state = 'visible'",
    )
    rating = opinions.rating(database, book)
    given = sum(number * times for number, times in enumerate(rating.stars, 1))
    assert (rating.count, given) == tuple(counted)
    kept = [n for n in range(1000) if n % 3 and n % 7]
    assert rating.count == len(kept)
