"""What a list shows is what may be read one by one; states are what has happened to a book."""

import pytest
from sqlalchemy import select, text

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.rights import NOBODY, Actor, may, vocabulary
from ebook_pipeline.books.reviewing.routing import ReviewRouting
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.owning.book_rights import book_condition, book_resource
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.routing import AssignmentChange, assign
from tests.support.services.submissions import arrive, offer

ON_SALE = text(
    """
    WITH made AS (
        INSERT INTO release (book, edition, name, entry, product, distribution)
        VALUES (:book, :edition, 'r' || :edition, '{}', '{}', '{}') RETURNING id
    )
    INSERT INTO catalog (book, release, state, title, subtitle, creators, subjects, description,
        languages, document, facets)
    SELECT :book, id, :state, '', '', '', '', '', '{}', '{}', '{}' FROM made
    """
)
ACTORS = [
    NOBODY,
    Actor(client="shop"),
    *(
        Actor(
            login="ann",
            names=frozenset({"ann", "ann@example.org"}),
            memberships=(Membership(account=account, role=role),),
        )
        for role in Role
        for account in (HOUSE, "press")
        if role is not Role.OPERATOR or account == HOUSE
    ),
]


def happened(database: Database, book: str, stage: str, outcome: Outcome, edition: int = 1) -> None:
    Journal(database, ReviewRouting()).record(
        "run", book, edition, stage, outcome, 0, data_version="r1", detail={"reason": "x"}
    )


def on_sale(database: Database, book: str, state: str = "live", edition: int = 1) -> None:
    with database.begin() as connection:
        connection.execute(ON_SALE, {"book": book, "state": state, "edition": edition})


def books_in_every_state(database: Database, account: str) -> dict[str, set[str]]:
    """A book for each way that a book can stand, by id; and the states that it is in by that."""
    folder = "" if account == HOUSE else f"{account}/"

    def arrived(name: str, content: str = "") -> str:
        key = f"{folder}{name}.epub"
        return arrive(database, content or account + name, key, account=account).book

    waiting = submit(database, offer(f"{folder}waiting.epub", account=account), actor="ann").book
    taken, rejected, failed = arrived("taken"), arrived("rejected"), arrived("failed")
    happened(database, rejected, "validated_book", Outcome.REJECTED)
    happened(database, failed, "qa_report", Outcome.FAILED)
    asked, assigned, approved, packed = map(arrived, ("asked", "assigned", "approved", "packed"))
    for book in (asked, assigned, approved):
        happened(database, book, "drm_package", Outcome.WAITING)
    assign(database, assigned, AssignmentChange(assignee="Ann@example.org"), actor="eve")
    reviews.decide(database, approved, approved=True, note="good", actor="eve")
    happened(database, packed, "drm_package", Outcome.DONE)
    live, gone, newer = arrived("live"), arrived("gone"), arrived("newer")
    for book in (live, gone, newer):
        happened(database, book, "catalog_row", Outcome.DONE)
        on_sale(database, book, "withdrawn" if book == gone else "live")
    arrived("newer", account + "second")
    submitted = {book: {"submitted"} for book in (waiting, taken, failed, asked, assigned)}
    ready = {book: {"ready"} for book in (approved, packed)}
    sold = {live: {"published"}, gone: {"withdrawn"}, newer: {"published", "submitted"}}
    return {rejected: {"draft"}, **submitted, **ready, **sold}


@pytest.fixture
def books(database: Database) -> dict[str, set[str]]:
    accounts.add(database, "press", actor="eve")
    return books_in_every_state(database, HOUSE) | books_in_every_state(database, "press")


def test_states_are_told_from_what_happened_and_lists_show_what_may_be_asked_one_by_one(
    database: Database, books: dict[str, set[str]]
) -> None:
    about_books = ("book", "file", "job", "review", "price", "analytics", "audit", "license")
    with database.begin() as connection:
        found = {book: book_resource(connection, book) for book in books}
        assert {book: set(one.states) for book, one in found.items()} == books
        assert [one.account for one in found.values()] == [HOUSE] * 11 + ["press"] * 11
        assert {book for book, one in found.items() if one.assignees == {"ann@example.org"}} == {
            "assigned",
            "press-assigned",
        }
        for kind, action in sorted(vocabulary()):
            if kind not in about_books:
                continue
            for actor in ACTORS:
                query = select(tables.book.c.id).where(book_condition(actor, action, kind))
                listed = set(connection.execute(query).scalars())
                one_by_one = {
                    book
                    for book, one in found.items()
                    if may(actor, action, one.model_copy(update={"kind": kind}))
                }
                assert listed == one_by_one, (actor, kind, action)


def test_a_corrected_edition_that_is_rejected_makes_no_draft_of_what_is_on_sale(
    database: Database,
) -> None:
    arrive(database)
    on_sale(database, "emma")
    arrive(database, "B")
    happened(database, "emma", "validated_book", Outcome.REJECTED, edition=2)
    with database.begin() as connection:
        assert book_resource(connection, "emma").states == {"published"}


def test_a_book_that_was_rolled_back_has_nothing_under_way(database: Database) -> None:
    arrive(database)
    on_sale(database, "emma")
    arrive(database, "B")
    with database.begin() as connection:
        connection.execute(text("UPDATE catalog SET rolled_back_from = 2"))
        assert book_resource(connection, "emma").states == {"published"}


@pytest.mark.parametrize("book", ["", "nobody", "emma\0", "x" * 10_000, "\udcff"])
def test_what_is_no_book_is_not_found(database: Database, book: str) -> None:
    with pytest.raises(NotFound), database.begin() as connection:
        book_resource(connection, book)
