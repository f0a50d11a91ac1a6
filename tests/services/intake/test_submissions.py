"""The only entrance: one arrival is one submission of one book, whoever brings it how often."""

import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.records import BlobRef, Claims
from ebook_pipeline.books.reviewing.routing import ReviewRouting
from ebook_pipeline.foundation.errors import Damaged, NotFound, Unavailable
from ebook_pipeline.foundation.identifiers import book_id, is_book_id
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake.submissions import (
    OpenSubmission,
    SameBytes,
    SubmissionRequest,
    current_edition,
    open_submissions,
    same_bytes_elsewhere,
    set_run,
    submit,
    take_edition,
    unlaunched,
)
from ebook_pipeline.services.intake.submitted_files import known
from ebook_pipeline.services.recording.journal import Journal
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive, blob, fetched, offer


def states(database: Database) -> list[object]:
    return [state for (state,) in rows(database, "SELECT state FROM submission ORDER BY id")]


def test_an_arrival_becomes_a_book_a_submission_an_event_and_an_audit_row(
    database: Database,
) -> None:
    submitted = submit(database, offer(), actor="ann")
    assert (submitted.book, submitted.new) == ("emma", True)
    assert rows(database, "SELECT event, book FROM outbox ORDER BY id") == [
        ("submission.received", "emma"),
        ("book.created", "emma"),
    ]
    made = "SELECT causation FROM outbox WHERE event = 'book.created'"
    received = rows(database, "SELECT uid::text FROM outbox WHERE event = 'submission.received'")
    assert rows(database, made) == received
    assert rows(database, "SELECT actor, action, book FROM audit") == [("ann", "submit", "emma")]


def test_the_same_arrival_again_is_no_news(database: Database) -> None:
    first = submit(database, offer(), actor="ann")
    again = submit(database, offer(), actor="bob")
    assert (again.book, again.submission, again.new) == (first.book, first.submission, False)
    assert rows(database, "SELECT count(*) FROM outbox") == [(2,)]


def test_two_who_submit_the_same_arrival_at_once_make_one_book(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: submit(database, offer(), actor="ann"), range(8)))
    assert [one.new for one in found].count(True) == 1
    counts = (
        "SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM book), count(*) FROM submission"
    )
    assert rows(database, counts) == [(1, 1, 1)]


def test_two_keys_of_one_slug_at_once_are_two_books(database: Database) -> None:
    keys = ["a/emma.epub", "a emma.epub", "a_emma.pdf"]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda key: submit(database, offer(key), actor="ann"), keys))
    assert len({one.book for one in found}) == 3
    assert "a-emma" in {one.book for one in found}


def test_the_same_landing_key_is_always_the_same_book(database: Database) -> None:
    first = submit(database, offer(version="1"), actor="ann")
    claims = Claims(book="another")
    assert submit(database, offer(version="2", claims=claims), actor="ann").book == first.book


def test_a_taken_slug_gets_the_digits_of_its_key(database: Database) -> None:
    submit(database, offer("emma.epub"), actor="ann")
    assert submit(database, offer("emma.pdf"), actor="ann").book == book_id("emma.pdf", taken=True)


def test_a_name_that_somebody_claimed_in_advance_still_leaves_one(database: Database) -> None:
    for number, taken in enumerate(("emma", book_id("emma.pdf", taken=True))):
        claims = Claims(book=taken)
        submit(database, offer(f"{number}.epub", claims=claims), actor="mallory")
    book = submit(database, offer("emma.pdf"), actor="ann").book
    assert is_book_id(book)
    assert len(rows(database, "SELECT id FROM book")) == 3


@pytest.mark.parametrize(
    ("key", "slug"),
    [
        ("Flußufer.odt", "flussufer"),
        ("Łódź.epub", "lodz"),
        ("Ø & Æbler.md", "o-aebler"),
    ],
)
def test_letters_that_ascii_has_not_are_spelt_out(key: str, slug: str) -> None:
    assert book_id(key).rpartition("-")[0] == slug


def test_the_sidecar_names_the_book_for_several_keys(database: Database) -> None:
    claims = Claims(book="emma-novel")
    for key in ("one.epub", "two.epub"):
        assert submit(database, offer(key, claims=claims), actor="ann").book == "emma-novel"


def test_a_claimed_name_that_is_no_book_id_is_not_used(database: Database) -> None:
    claims = Claims(book="../Emma")
    assert submit(database, offer(claims=claims), actor="ann").book == "emma"


def test_a_nameless_actor_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="actor"):
        submit(database, offer(), actor="")


def test_new_bytes_are_the_next_edition_and_a_b_a_are_three(database: Database) -> None:
    assert [arrive(database, content).number for content in "ABA"] == [1, 2, 3]


def test_equal_bytes_close_the_submission_as_unchanged_with_their_claims(
    database: Database,
) -> None:
    arrive(database, "A")
    edition = arrive(database, "A", claims=Claims(title="Emma"))
    assert (edition.number, edition.claims.title) == (1, "Emma")
    assert states(database) == ["edition", "unchanged"]


def test_open_submissions_are_worked_off_in_order(database: Database) -> None:
    for version in "ABC":
        submit(database, offer(version=version), actor="ann")
    edition = take_edition(database, "emma", lambda submission: blob(submission.version))
    assert (edition.number, edition.blob) == (3, blob("C"))
    assert open_submissions(database, "emma") == ()


def test_bytes_that_are_stored_already_are_not_fetched(database: Database) -> None:
    arrival = SubmissionRequest(
        landing_key="emma.epub", version="1", source="x", length=1, blob=blob("A"), origin="cli"
    )
    submit(database, arrival, actor="ann")

    def never(_: OpenSubmission) -> BlobRef:
        raise AssertionError

    assert take_edition(database, "emma", never).blob == blob("A")


def test_a_book_without_open_submissions_keeps_its_edition(database: Database) -> None:
    edition = arrive(database, "A")
    assert take_edition(database, "emma", fetched("B")) == edition
    assert current_edition(database, "emma") == edition


def test_an_unknown_book_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        take_edition(database, "emma", fetched("A"))


def test_bytes_that_a_later_submission_replaced_are_superseded(database: Database) -> None:
    submit(database, offer(version="gone"), actor="ann")
    submit(database, offer(version="here"), actor="ann")

    def fetch(submission: OpenSubmission) -> BlobRef:
        if submission.version == "gone":
            raise NotFound("no such file")
        return blob("B")

    assert take_edition(database, "emma", fetch).number == 1
    assert states(database) == ["superseded", "edition"]


@pytest.mark.parametrize("error", [NotFound("gone"), Damaged("bad"), Unavailable("down")])
def test_bytes_that_are_gone_for_good_are_the_callers_error(
    database: Database, error: Exception
) -> None:
    submit(database, offer(), actor="ann")

    def fetch(_: OpenSubmission) -> BlobRef:
        raise error

    with pytest.raises(type(error)):
        take_edition(database, "emma", fetch)
    assert states(database) == ["open"]


def test_an_outage_supersedes_nothing(database: Database) -> None:
    for version in "AB":
        submit(database, offer(version=version), actor="ann")

    def down(_: OpenSubmission) -> BlobRef:
        raise Unavailable("down")

    with pytest.raises(Unavailable):
        take_edition(database, "emma", down)
    assert states(database) == ["open", "open"]


def test_two_who_take_the_same_submission_make_one_edition(database: Database) -> None:
    submit(database, offer(), actor="ann")
    with ThreadPoolExecutor(4) as pool:
        taken = list(
            pool.map(lambda _: take_edition(database, "emma", fetched("A")).number, range(4))
        )
    assert taken == [1, 1, 1, 1]


def test_many_arrivals_are_looked_up_at_once(database: Database) -> None:
    submit(database, offer("it's “emma”.epub", "1"), actor="ann")
    asked = [(f"{number}.epub", "1") for number in range(5000)]
    assert known(database, [*asked, ("it's “emma”.epub", "1"), ("it's “emma”.epub", "2")]) == {
        ("it's “emma”.epub", "1")
    }
    assert known(database, []) == set()


def test_names_that_are_no_unicode_stay_apart(database: Database) -> None:
    keys = ["\udc80.epub", "\udc81.epub"]
    books = {submit(database, offer(key), actor="ann").book for key in keys}
    assert len(books) == 2
    assert known(database, [(keys[0], "1")]) == {(keys[0], "1")}


def test_the_same_bytes_under_another_key_are_another_book_and_seen(database: Database) -> None:
    arrive(database, "A", key="emma.epub")
    other = arrive(database, "A", key="copy.epub")
    assert same_bytes_elsewhere(database, other) == SameBytes(books=("emma",))
    arrive(database, "A", key="third.epub")
    Journal(database, ReviewRouting()).record(
        "run", "emma", 1, "validated_book", Outcome.REJECTED, 0, data_version="r1"
    )
    assert same_bytes_elsewhere(database, other) == SameBytes(books=("third",), ended=("emma",))


def test_what_nobody_launched_can_be_found(database: Database) -> None:
    ids = [submit(database, offer(key), actor="ann").submission for key in ("a.epub", "b.epub")]
    set_run(database, ids[:1], "run-1")
    assert [one.id for one in unlaunched(database)] == ids[1:]


def test_hostile_claims_are_stored(database: Database) -> None:
    claims = Claims(title="nul \0 and \ud800", authors=("\0",))
    assert arrive(database, claims=claims).claims.title == "nul \ufffd and \\ud800"


@settings(max_examples=15)
@given(contents=st.lists(st.sampled_from("ABC"), min_size=1, max_size=6))
def test_editions_count_the_changes_of_content(database: Database, contents: list[str]) -> None:
    key = f"{uuid.uuid4()}.epub"
    changes = sum(one != two for one, two in itertools.pairwise(contents))
    taken = [arrive(database, content, key=key) for content in contents]
    assert taken[-1].number == 1 + changes
    assert taken[-1].blob == blob(contents[-1])
