"""A text that another account sent first waits for a person, with both books side by side."""

import itertools

import pytest

from ebook_pipeline.books.describing.sketches import sketch
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.records import Contributor, Edition, Product, Verdict
from ebook_pipeline.books.records.book_metadata import OF_ANOTHER_ACCOUNT
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing.comparison import compared
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake.submissions import SameBytes, same_bytes_elsewhere
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews
from tests.support.services.submissions import arrive

AUTHOR = (Contributor(name="Ann Author", file_as="Author, Ann"),)
WORDS = [f"{first}{second}" for first, second in itertools.product("abcdefghij", "klmnopqrst")]
BOOK = " ".join(word * 2 for word in WORDS)


@pytest.fixture
def two(database: Database) -> Database:
    accounts.add(database, "press", actor="eve")
    accounts.add(database, "thief", actor="eve")
    return database


def send(database: Database, key: str, content: str = "") -> Edition:
    return arrive(database, content or key, key, account=key.partition("/")[0])


def placed(database: Database, edition: Edition, text: str, title: str = "Any") -> Product:
    product = Product(title=title, creators=AUTHOR if title == "Emma" else ())
    return Descriptions(database, edition).add(product, sketch(text))


def waits(product: Product) -> bool:
    return load_quality_policy().judge((), product.findings)[0] is Verdict.NEEDS_REVIEW


def changed(text: str, every: int) -> str:
    """`text` with each `every`-th word another."""
    return " ".join(f"x{at}" if at % every == 0 else w for at, w in enumerate(text.split()))


@pytest.mark.parametrize("title", ["Another", "Emma"])
def test_nearly_the_text_of_anothers_book_waits_whatever_it_is_called(
    two: Database, title: str
) -> None:
    first = placed(two, send(two, "press/emma.epub"), BOOK, "Emma")
    second = placed(two, send(two, "thief/mine.epub"), changed(BOOK, 50), title)
    assert not waits(first)
    assert waits(second)
    rules = [finding.rule for finding in second.findings]
    assert OF_ANOTHER_ACCOUNT in rules


def test_the_very_bytes_wait_however_few_words_they_have(two: Database) -> None:
    placed(two, send(two, "press/comic.epub", "bytes"), "Boom")
    assert waits(placed(two, send(two, "thief/comic.epub", "bytes"), "Boom"))


def test_a_few_common_words_are_nobodys_text(two: Database) -> None:
    placed(two, send(two, "press/comic.epub"), "Cover and title page of the book")
    assert not waits(placed(two, send(two, "thief/other.epub"), "Cover and title page of the book"))


def test_half_of_a_text_is_no_copy(two: Database) -> None:
    placed(two, send(two, "press/emma.epub"), BOOK)
    half = " ".join(BOOK.split()[:50]) + " " + " ".join(f"y{at}" for at in range(50))
    assert not waits(placed(two, send(two, "thief/mine.epub"), half))


def test_ones_own_text_again_is_told_and_does_not_wait(two: Database) -> None:
    placed(two, send(two, "press/emma.epub"), BOOK)
    again = placed(two, send(two, "press/emma-2.epub"), BOOK)
    assert [finding.rule for finding in again.findings] == ["metadata.near-duplicate"]
    assert not waits(again)
    assert "replace" not in again.findings[0].remedy


def test_who_was_first_is_not_held_by_who_came_after(two: Database) -> None:
    placed(two, send(two, "press/emma.epub"), BOOK)
    placed(two, send(two, "thief/mine.epub"), BOOK)
    corrected = send(two, "press/emma.epub", "corrected")
    assert not waits(placed(two, corrected, changed(BOOK, 60)))
    assert waits(placed(two, send(two, "thief/mine.epub", "again"), changed(BOOK, 60)))


def test_a_submitter_is_not_told_what_anothers_book_is_called(two: Database) -> None:
    placed(two, send(two, "press/secret-name.epub", "bytes"), BOOK, "Emma")
    copy = send(two, "thief/mine.epub", "bytes")
    assert same_bytes_elsewhere(two, copy) == SameBytes()
    found = placed(two, copy, BOOK, "Emma").findings
    assert not any("secret" in f"{finding.message} {finding.remedy}" for finding in found)


def test_both_stand_side_by_side(two: Database) -> None:
    placed(two, send(two, "press/emma.epub"), BOOK, "Emma")
    placed(two, send(two, "thief/mine.epub"), BOOK, "Mine")
    own, other = compared(two, "thief-mine")
    assert (own.book, own.account, own.title) == ("thief-mine", "thief", "Mine")
    assert (other.book, other.account, other.title) == ("press-emma", "press", "Emma")
    assert (other.creators, other.likeness) == (("Ann Author",), 1)


def test_no_account_approves_a_text_that_another_sent_first(two: Database) -> None:
    people.add(two, "kim", Membership(account="thief", role=Role.EDITOR), actor="eve")
    placed(two, send(two, "press/emma.epub"), BOOK)
    found = placed(two, send(two, "thief/mine.epub"), BOOK)
    rules = [finding.rule for finding in found.findings]
    Journal(two).record(
        *("run", "thief-mine", 1, "drm_package", Outcome.WAITING, 0),
        data_version="r",
        detail={"reason": "compare", "case": {"findings": rules}},
    )
    with pytest.raises(Denied, match="house"):
        reviews.decide(two, "thief-mine", approved=True, actor="desk:kim")
    assert not reviews.decide(two, "thief-mine", approved=False, actor="desk:kim").approved
    assert reviews.decide(two, "thief-mine", approved=True, actor="cli:eve").approved


def test_nothing_stands_beside_a_book_without_kin_elsewhere(two: Database) -> None:
    placed(two, send(two, "press/emma.epub"), BOOK)
    placed(two, send(two, "press/emma-2.epub"), BOOK)
    assert compared(two, "press-emma-2") == ()
