"""`--where`: what can be said, what can't be, and that nothing breaks the database."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.records import Contributor, Product
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.book_conditions import FIELDS, condition_on_books
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reporting.conditions import (
    DEEPEST,
    LONGEST,
    BadCondition,
    Comparison,
    Junction,
    parse_condition,
)
from ebook_pipeline.services.reporting.status import BookState
from ebook_pipeline.services.reporting.status_lines import status_lines
from tests.support.services.submissions import arrive

TOO_DEEP = "(" * (DEEPEST + 2) + "a=1" + ")" * (DEEPEST + 2)


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    a, b, c = (Comparison(name, "=", ("1",)) for name in "abc")
    assert parse_condition("a=1 or b=1 and not c=1") == Junction(
        "or", (a, Junction("and", (b, Junction("not", (c,)))))
    )
    assert parse_condition("(a = 1 OR b = 1) AND c = '1'") == Junction(
        "and", (Junction("or", (a, b)), c)
    )


def test_a_value_in_quotes_may_hold_anything() -> None:
    assert parse_condition(r'title ~ "it\'s \"so\" (and) = \\"') == Comparison(
        "title", "~", ('it\'s "so" (and) = \\',)
    )
    assert parse_condition("a not in (x, 'y z')") == Junction(
        "not", (Comparison("a", "in", ("x", "y z")),)
    )


@pytest.mark.parametrize(
    "text",
    ["", "a", "a =", "= 1", "a = 1 b", "a in 1", "a in ()", "(a = 1", "a = 'x", "a ! 1", "and",
     "a = 1 and", "a not b", TOO_DEEP, "not " * (DEEPEST + 2) + "a = 1", "a" * (LONGEST + 1)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadCondition):
        parse_condition(text)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        condition = parse_condition(text)
    except BadCondition as refused:
        assert str(refused)  # noqa: PT017 - it need not be
    else:
        assert condition == parse_condition(text)


@pytest.mark.parametrize(
    "text",
    ["nobody = 1", "words = many", "words ~ 1", "words = 99999999999", "state = gone",
     "changed > soon", "language < fr", "edition = -1", "format > epub", "words = ²"],
)  # fmt: skip
def test_a_field_says_what_it_can_be_compared_with(text: str) -> None:
    with pytest.raises(BadCondition):
        condition_on_books(text)


def found(database: Database, where: str) -> list[str]:
    return [line.book for line in status_lines(database, BookFilter(where=where))]


@pytest.fixture
def shelf(database: Database) -> Database:
    journal = Journal(database)
    for book, language, publisher in (("emma", "en", "House"), ("faust", "de-AT", "Insel")):
        edition = arrive(database, book, key=f"{book}.epub")
        product = Product(
            title=book.title(),
            languages=(language,),
            publishers=(publisher,),
            creators=(Contributor(name="Ann"),),
        )
        Descriptions(database, edition).add(product, (1, 2))
    detail = {"reason": "KMS does not answer"}
    journal.record("run", "faust", 1, "drm_package", Outcome.FAILED, 0.0, detail=detail)
    journal.record("run", "emma", 1, "validated_book", Outcome.REJECTED, 0.0)
    return database


@pytest.mark.parametrize(
    ("where", "books"),
    [
        ("book = emma", ["emma"]),
        ("language = de", ["faust"]),
        ("language != de", ["emma"]),
        ("not language = de", ["emma"]),
        ("publisher = insel", ["faust"]),
        ("title ~ AUS", ["faust"]),
        ("state = failed", ["faust"]),
        ("state in (failed, rejected)", ["emma", "faust"]),
        ("reason ~ kms and stage = drm_package", ["faust"]),
        ("format = epub", ["emma", "faust"]),
        ("format = pdf", []),
        ("edition >= 1 and account = house", ["emma", "faust"]),
        ("words > 1", []),
        ("submitted < 2000-01-01 or changed > 2000-01-01", ["emma", "faust"]),
        ("genre = FB or imprint = 'x' or title = \"'; DROP TABLE book; --\"", []),
    ],
)
def test_a_condition_chooses_books(shelf: Database, where: str, books: list[str]) -> None:
    assert found(shelf, where) == books


def test_no_value_breaks_the_database(shelf: Database) -> None:
    for field in FIELDS:
        for value in ("\0", "'", "%", "\\", "\ud800"):
            with contextlib.suppress(BadCondition):
                assert found(shelf, f'{field} = "{value}"') == []


def test_a_line_says_why_and_what_to_do(shelf: Database) -> None:
    [line] = status_lines(shelf, BookFilter(states=(BookState.FAILED,)))
    assert (line.book, line.stage, line.title) == ("faust", "drm_package", "Faust")
    assert line.reason == "KMS does not answer; when that is mended: ebooks retry faust"


def test_a_book_that_a_run_holds_is_in_no_other_state(shelf: Database) -> None:
    with shelf.lock("book faust"):
        assert found(shelf, "state = failed") == []
        assert found(shelf, "state = in_progress") == ["faust"]
        held = status_lines(shelf, BookFilter(states=(BookState.IN_PROGRESS,)))
        assert [line.book for line in held] == ["faust"]
