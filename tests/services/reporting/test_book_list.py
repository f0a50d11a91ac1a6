"""Lists of books say of each what its status says, and are filtered and paged in the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ebook_pipeline.books.records import Contributor, Genre, Identifier, Product, Series, Subject
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database, catalog_forms, tables
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reporting.book_list import (
    BookFilter,
    BookPosition,
    BookSummary,
    list_books,
)
from ebook_pipeline.services.reporting.status import BookState, BookStatuses
from ebook_pipeline.services.reporting.status_lines import lines_of
from tests.support.servers.postgres import rows
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive, offer

STAGES = ["validated_book", "drm_package", "cdn_release", "ingestion_analytics"]


@pytest.fixture
def statuses(database: Database, tmp_path: Path) -> Iterator[BookStatuses]:
    edge = LocalEdge(tmp_path / "released", tmp_path / "edge.secret", "http://edge")
    yield BookStatuses(database, RecordStore(LocalObjectStore(tmp_path / "objects")), edge)
    edge.close()


def describe(database: Database, book: str, **facts: object) -> None:
    edition = arrive(database, book, key=f"{book}.epub")
    product = Product.model_validate({"title": book.title(), "languages": ("en",)} | facts)
    Descriptions(database, edition).add(product, (1, 2))


def books(database: Database, **wanted: object) -> list[str]:
    return [one.book for one in list_books(database, BookFilter.model_validate(wanted))]


def test_a_book_without_a_title_is_called_by_its_file(database: Database) -> None:
    untitled = submit(database, offer("press/uploads/Ein Brief.epub"), actor="ann").book
    describe(database, "emma")
    listed = {one.book: one for one in list_books(database, BookFilter())}
    assert listed[untitled].name == "Ein Brief.epub"
    assert (listed["emma"].name, listed["emma"].file) == ("Emma", "")


def test_a_list_says_of_every_book_what_its_status_says(
    database: Database, statuses: BookStatuses
) -> None:
    journal = Journal(database)
    for stage in STAGES:
        for outcome in set(Outcome) - {Outcome.CANCELLED}:
            book = arrive(database, f"{stage}{outcome}", key=f"{stage}-{outcome}.epub").book
            journal.record("run", book, 1, stage, outcome, 0.0)
    submit(database, offer("new.epub"), actor="ann")
    failed = submit(database, offer("vain.epub"), actor="ann").book
    journal.record("run", failed, 0, "raw_file", Outcome.FAILED, 0.0)
    sell(database, "sold")
    journal.record("run", "sold", 1, "ingestion_analytics", Outcome.DONE, 0.0)
    sell(database, "gone")
    journal.record("run", "gone", 1, "ingestion_analytics", Outcome.DONE, 0.0)
    releases.withdraw(database, "gone", actor="ann")
    with database.lock("book sold"):
        listed = {one.book: one for one in list_books(database, BookFilter())}
        told = {one.book: one for one in statuses.statuses()}
        lines = list(lines_of(database, [*told, "unknown", "gone"]))
    assert {book: facts(one) for book, one in listed.items()} == {
        book: (one.state, one.stage, one.edition, one.live_edition) for book, one in told.items()
    }
    assert [(one.book, facts(one)) for one in lines] == sorted(
        (book, facts(one)) for book, one in listed.items()
    )
    assert {one.state for one in listed.values()} == set(BookState)


def facts(one: BookSummary) -> tuple[object, ...]:
    return one.state, one.stage, one.edition, one.live_edition


def test_books_are_filtered_by_what_they_are(database: Database) -> None:
    describe(database, "emma", subjects=(Subject(term="Love", scheme="thema", code="FRD"),))
    describe(database, "faust", languages=("de-AT",), creators=(Contributor(name="Goethe"),))
    describe(database, "ulysses", genres=(Genre(code="FBA", term="Modern", confidence=0.9),))
    assert books(database, language="de") == ["faust"]
    assert books(database, language="de-CH") == ["faust"]
    assert books(database, genre="FR") == ["emma"]
    assert books(database, genre="FBA") == ["ulysses"]
    assert books(database, genre="X") == []
    assert books(database, states=("failed",)) == ["ulysses", "faust", "emma"]
    assert books(database, states=("released",)) == []
    assert books(database, account="press") == []
    [faust] = list_books(database, BookFilter(text="FAUST"))
    assert (faust.creators, faust.languages, faust.title) == (("Goethe",), ("de-AT",), "Faust")


def test_text_is_words_of_the_last_title_an_isbn_or_an_id(database: Database) -> None:
    isbn = Identifier(value="9783161484100", isbn13="9783161484100")
    describe(database, "emma", title="Émile, or Treatise", identifiers=(isbn,))
    describe(database, "emma", title="Émilie in Town", identifiers=(isbn,))
    assert books(database, text="emilie town") == ["emma"]
    assert books(database, text="treatise") == []
    assert books(database, text="9783161484100") == ["emma"]
    assert books(database, text="emma") == ["emma"]


LISTED = {
    "ja": ("吾輩は猫である", "夏目 漱石", ""),
    "zh": ("红楼梦", "曹雪芹", "四大名著"),
    "ko": ("무진 기행", "김승옥", "한국 단편문학 전집"),
    "th": ("พระอภัยมณี", "สุนทรภู่", ""),
    "ru": ("Преступление и наказание", "Фёдор Достоевский", ""),
    "de": ("Größe", "Jörg Müller", "Straße"),
    "en": ("Now or Never - a Life", "Emily Brontë", "Moors"),
}
FOUND_IN_LISTS = {
    "ja": ["輩は猫", "夏目漱石", "漱石 猫", "猫"],
    "zh": ["楼梦", "雪芹", "cao xueqin", "名著"],
    "ko": ["기행", "무진기행", "승옥", "단편", "문학전집"],
    "th": ["อภัย", "ภู่"],
    "ru": ["Dostoevsky", "Достоевский", "наказание федор", "prestuplenie"],
    "de": ["Mueller", "Muller", "Müller", "strasse", "GRÖSSE"],
    "en": ["now or never", "bronte", "moors emily", "Never - a"],
}


def test_lists_find_books_by_parts_of_titles_people_and_series(database: Database) -> None:
    for tag, (title, author, series) in LISTED.items():
        about = {"title": title, "languages": (tag,), "creators": (Contributor(name=author),)}
        describe(database, tag, **about, series=(Series(name=series),) if series else ())
    found = {
        (tag, words): books(database, text=words)
        for tag, queries in FOUND_IN_LISTS.items()
        for words in queries
    }
    assert {asked: listed for asked, listed in found.items() if listed != [asked[0]]} == {}
    for words in ("輩猫", "梦楼", "행기", "Emily Müller"):
        assert books(database, text=words) == []
    kept = rows(database, "SELECT book, forms::text FROM description ORDER BY book")
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE description SET forms = ''")
        assert catalog_forms.fill_descriptions(connection) == len(LISTED)
    assert rows(database, "SELECT book, forms::text FROM description ORDER BY book") == kept


@pytest.mark.parametrize("word", ["\0", "'; DROP TABLE book; --", "%", "--", "\ud800", "a" * 9999])
def test_no_word_breaks_the_list(database: Database, word: str) -> None:
    describe(database, "emma")
    assert books(database, text=word) == []
    assert books(database, genre=word, language=word) == []


def test_pages_hold_every_book_once_also_while_others_come(database: Database) -> None:
    for at in range(5):
        arrive(database, str(at), key=f"b{at}.epub")
    seen: list[str] = []
    after = None
    while page := list_books(database, BookFilter(), after=after, limit=2):
        seen += [one.book for one in page]
        after = BookPosition.parse(str(BookPosition(page[-1].submitted, page[-1].book)))
        arrive(database, f"x{seen}", key=f"later{len(seen)}.epub")
    assert seen == ["b4", "b3", "b2", "b1", "b0"]


@pytest.mark.parametrize("written", ["", "x", "2026-01-01~emma", "2026-01-01T00:00:00+00:00~\0"])
def test_what_is_no_place_in_the_list_is_not_found(written: str) -> None:
    with pytest.raises(NotFound):
        BookPosition.parse(written)


def test_what_may_not_be_seen_is_not_listed(database: Database) -> None:
    describe(database, "emma")
    hidden = tables.book.c.account == "press"
    assert list_books(database, BookFilter(), visible=hidden) == ()


def test_the_index_of_titles_is_used(database: Database) -> None:
    query = (
        "SET LOCAL enable_seqscan = off; EXPLAIN SELECT id FROM description WHERE"
        " to_tsvector('simple', folded(title)) @@ plainto_tsquery('simple', folded('emma'))"
    )
    with database.begin() as connection:
        plan = "\n".join(connection.execute(text(query)).scalars())
    assert "description_title_idx" in plan
