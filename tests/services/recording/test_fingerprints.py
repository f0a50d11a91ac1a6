"""What a book is made of, and everything that makes it another book in a rerun's eyes."""

from collections.abc import Callable

import pytest

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing import overrides
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.recording.fingerprints import BookFingerprints
from tests.support.services.submissions import arrive, offer

BLOB = BlobRef(sha256="a" * 64, length=7, media_type="application/octet-stream")


def of_run(database: Database, run: str = "run", made_with: str = "1") -> BookFingerprints:
    return BookFingerprints(database, run, lambda: made_with)


@pytest.fixture
def kept(database: Database) -> BookFingerprints:
    """Those of a run that has taken the book *emma* through every stage, and told it."""
    arrive(database)
    run = of_run(database)
    run.keep("emma", run.begin("emma"), (BLOB,))
    run.told(["emma"])
    return run


def test_a_book_that_nothing_has_happened_to_is_unchanged(
    database: Database, kept: BookFingerprints
) -> None:
    assert kept.unchanged(["emma", "unknown"]) == {"emma": (BLOB,)}
    assert of_run(database, "a later one").unchanged(["emma"]) == {"emma": (BLOB,)}


def lock_a_field(database: Database) -> None:
    overrides.override_field(database, "emma", "title", "Emma!", actor="ann")


def submit_another_file(database: Database) -> None:
    submit(database, offer(version="B"), actor="ann")


def take_another_file(database: Database) -> None:
    arrive(database, "B")


def take_the_same_file_as_another_book(database: Database) -> None:
    arrive(database, key="emma-once-more.epub")


def sql(statement: str) -> Callable[[Database], None]:
    def change(database: Database) -> None:
        with database.begin() as connection:
            connection.exec_driver_sql(statement)

    return change


FLAG = "INSERT INTO review_flag (book, edition, reason, actor) VALUES ('emma', 1, 'look', 'ann')"
CHANGES = {
    "a field is locked": lock_a_field,
    "another file waits": submit_another_file,
    "another file was taken": take_another_file,
    "its file was taken as another book too": take_the_same_file_as_another_book,
    "it is flagged": sql(FLAG),
    "its account asks at smaller falls of the price": sql("UPDATE account SET price_fall = .1"),
    "it goes on sale": sql(
        "INSERT INTO audit (actor, action, book, detail) VALUES ('x', 'go_live', 'emma', '{}')"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_book_is_changed_where(
    database: Database, kept: BookFingerprints, change: Callable[[Database], None]
) -> None:
    change(database)
    assert kept.unchanged(["emma"]) == {}


def test_other_code_or_tools_make_it_another(database: Database, kept: BookFingerprints) -> None:
    assert kept.unchanged(["emma"])
    assert of_run(database, made_with="2").unchanged(["emma"]) == {}


def test_a_run_that_takes_it_up_forgets_it(database: Database, kept: BookFingerprints) -> None:
    of_run(database, "another").begin("emma")
    assert kept.unchanged(["emma"]) == {}


def test_it_counts_once_its_own_run_has_told_it(database: Database, kept: BookFingerprints) -> None:
    later = of_run(database, "later")
    later.keep("emma", later.now("emma"), (BLOB,))
    kept.told(["emma"])
    assert later.unchanged(["emma"]) == {}
    later.told(["emma"])
    assert later.unchanged(["emma"]) == {"emma": (BLOB,)}


def test_a_book_whose_next_file_waits_has_no_fingerprint(database: Database) -> None:
    submit(database, offer(), actor="ann")
    assert of_run(database).now("emma") == ""
