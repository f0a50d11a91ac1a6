"""Summaries of books in Postgres: of the release on sale, of a model where backed, or locked."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ebook_pipeline.books.records import (
    CatalogEntry,
    CoverImages,
    Distribution,
    Manifestations,
    Product,
)
from ebook_pipeline.books.summarizing.book_summary import TellingSentence, passages
from ebook_pipeline.books.summarizing.cited import QuotationsAlone
from ebook_pipeline.books.summarizing.summary import CitedSentence
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.models.summary_writer import ChatSummaries
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.summarizing import book_summaries
from ebook_pipeline.services.summarizing.book_summaries import write_book_summaries
from tests.books.summarizing.test_book_summary import novel
from tests.support.servers.chat_endpoint import chat_endpoint
from tests.support.services.submissions import arrive


@pytest.fixture
def store(tmp_path: Path) -> LocalObjectStore:
    return LocalObjectStore(tmp_path)


def _sell(
    database: Database, store: LocalObjectStore, words: str, release: str, book: str = "emma"
) -> None:
    blob = store.put(words.encode(), "text/plain")
    cover = CoverImages(original=blob, medium=blob, thumbnail=blob, width=1, height=1)
    made = Manifestations(
        epub=blob, pdf=blob, text=blob, preview=blob, cover=cover, pages=1, engine="none"
    )
    RecordStore(store).keep("converted_book", book, 1, made, release)
    entry = CatalogEntry(book=book, edition=1, release=release, title="Emma", authors=())
    distribution = Distribution(release=release, files=())
    releases.go_live(
        database, entry, Product(title="Emma"), distribution=distribution, actor="pipeline"
    )


def test_a_summary_is_of_the_release_on_sale_and_a_person_s_words_stand(
    database: Database, store: LocalObjectStore
) -> None:
    arrive(database, "emma", key="emma.epub")
    with pytest.raises(NotFound):
        book_summaries.make(database, store, "emma")
    _sell(database, store, novel(), "emma-1")
    assert book_summaries.kept(database, "emma") is None
    assert write_book_summaries(database, store, QuotationsAlone()) == 1
    assert write_book_summaries(database, store, QuotationsAlone()) == 0
    first = book_summaries.make(database, store, "emma")
    assert first.summary is not None
    assert first.summary.machine
    said = book_summaries.lock(database, "emma", " A  match is made. ", actor="eve")
    assert said.summary is not None
    assert (said.locked, said.summary.words, said.summary.machine) == (
        True, "A match is made.", False,
    )  # fmt: skip
    _sell(database, store, novel(), "emma-2")
    assert write_book_summaries(database, store, QuotationsAlone()) == 0
    assert book_summaries.kept(database, "emma") == said
    book_summaries.lock(database, "emma", "", actor="eve")
    assert book_summaries.kept(database, "emma") is None, "it is of an earlier release"


def test_a_model_s_sentences_are_let_through_where_the_book_backs_them(
    database: Database, store: LocalObjectStore
) -> None:
    arrive(database, "emma", key="emma.epub")
    _sell(database, store, novel(), "emma-1")
    one = passages(novel())[0]
    answer = f"The water is near [{one.number}]. Heathcliff returns [{one.number}]."
    with chat_endpoint(answer) as server:
        writer = ChatSummaries(server.url, "llama3")
        for times in (1, 0):
            assert write_book_summaries(database, store, writer) == times
        assert len(server.asked) == 1
    made = book_summaries.kept(database, "emma")
    assert made is not None
    assert made.summary is not None
    assert [one.text for one in made.summary.sentences] == ["The water is near."]
    assert made.summary.made_by.startswith("llama3@")


def test_a_book_that_goes_off_sale_or_loses_its_text_holds_up_no_other(
    database: Database, store: LocalObjectStore
) -> None:
    for book in ("a-first", "b-withdrawn", "c-lost", "d-last"):
        arrive(database, book, key=f"{book}.epub")
        _sell(database, store, f"{novel()} Of {book}.", f"{book}-1", book)

    class Meanwhile(QuotationsAlone):
        """While it writes of the first book, one is withdrawn, and another one's text goes."""

        version = "slow"

        def write_of_book(self, passages: Sequence[TellingSentence]) -> tuple[CitedSentence, ...]:
            withdrawn = releases.current(database, "b-withdrawn")
            if withdrawn is not None and withdrawn.state == "live":
                releases.withdraw(database, "b-withdrawn", actor="pipeline")
                store.remove_blob(store.put(f"{novel()} Of c-lost.".encode(), "text/plain"))
            return super().write_of_book(passages)

    assert write_book_summaries(database, store, Meanwhile()) == 2
    told = [book_summaries.kept(database, book) for book in ("a-first", "c-lost", "d-last")]
    assert [one is not None for one in told] == [True, False, True]
