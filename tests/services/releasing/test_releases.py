"""What is on sale changes in one commit, and only when something changed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ebook_pipeline.books.records import (
    CatalogEntry,
    Contributor,
    Distribution,
    Product,
    ReleaseFile,
    Subject,
)
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.catalog import is_findable, search
from ebook_pipeline.services.releasing import releases
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive, blob


def publish(
    database: Database, edition: int = 1, name: str = "r1", title: str = "Emma", book: str = "emma"
) -> CatalogEntry:
    entry = CatalogEntry(
        book=book, edition=edition, release=name, title=title, authors=("Charlotte Brontë",)
    )
    product = Product(
        title=title,
        description="A novel about youthful hubris.",
        contributors=(Contributor(name="Élise Łuc"),),
        subjects=(Subject(term="Matchmaking"),),
    )
    file = ReleaseFile(rel="publication", path=f"books/{name}", blob=blob(name))
    distribution = Distribution(release=name, files=(file,))
    return releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")


def events(database: Database) -> list[object]:
    query = "SELECT event FROM outbox WHERE event LIKE 'release.%' ORDER BY id"
    return [event for (event,) in rows(database, query)]


def on_sale(database: Database) -> tuple[str, str]:
    live = releases.current(database, "emma")
    assert live is not None
    return live.release, live.state


@pytest.fixture(autouse=True)
def _two_editions(database: Database) -> None:
    arrive(database, "A")
    arrive(database, "B")


def test_before_its_first_release_a_book_is_not_live(database: Database) -> None:
    assert releases.current(database, "emma") is None


def test_a_release_goes_live_with_its_day_and_forms(database: Database) -> None:
    entry = publish(database)
    live = releases.current(database, "emma")
    assert live is not None
    assert (live.entry, live.state) == (entry, "live")
    assert entry.published is not None
    assert rows(database, "SELECT form, sha256 FROM manifestation") == [
        ("publication", blob("r1").sha256)
    ]


def test_going_live_twice_is_one_event(database: Database) -> None:
    assert publish(database) == publish(database)
    assert events(database) == ["release.live"]
    assert rows(database, "SELECT count(*) FROM release") == [(1,)]


def test_two_who_go_live_at_once_are_one_event(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: publish(database), range(4)))
    assert events(database) == ["release.live"]


def test_new_metadata_of_the_live_release_is_told_and_found(database: Database) -> None:
    publish(database)
    publish(database, title="Emma, corrected")
    assert events(database) == ["release.live"] * 2
    assert [entry.title for entry in search(database, "corrected")] == ["Emma, corrected"]


def test_the_next_edition_replaces_the_live_one(database: Database) -> None:
    publish(database)
    publish(database, edition=2, name="r2")
    assert on_sale(database) == ("r2", "live")
    assert [entry.release for entry in releases.history(database, "emma")] == ["r1", "r2"]


def test_an_older_edition_never_replaces_a_newer_one(database: Database) -> None:
    publish(database, edition=2, name="r2")
    publish(database, edition=1, name="r1")
    assert on_sale(database) == ("r2", "live")


def test_a_withdrawn_book_stays_so_until_release(database: Database) -> None:
    publish(database)
    for _ in range(2):
        assert releases.withdraw(database, "emma", actor="ann").state == "withdrawn"
    publish(database, edition=2, name="r2")
    assert on_sale(database) == ("r2", "withdrawn")
    assert search(database, "emma") == ()
    assert releases.release(database, "emma", actor="ann").state == "live"
    assert events(database) == ["release.live", "release.withdrawn", "release.live"]
    assert len(search(database, "emma")) == 1


def test_a_rollback_outlasts_a_rerun_and_ends_with_the_next_edition(database: Database) -> None:
    publish(database, edition=1, name="r1")
    publish(database, edition=2, name="r2")
    assert releases.release(database, "emma", release="r1", actor="ann").release == "r1"
    publish(database, edition=2, name="r2")
    publish(database, edition=2, name="r2-made-again")
    assert on_sale(database) == ("r1", "live")
    arrive(database, "C")
    publish(database, edition=3, name="r3")
    assert on_sale(database) == ("r3", "live")
    publish(database, edition=3, name="r3-made-again")
    assert on_sale(database) == ("r3-made-again", "live")


def test_going_forward_again_ends_a_rollback(database: Database) -> None:
    publish(database, edition=1, name="r1")
    publish(database, edition=2, name="r2")
    releases.release(database, "emma", release="r1", actor="ann")
    releases.release(database, "emma", release="r2", actor="ann")
    publish(database, edition=2, name="r2-made-again")
    assert on_sale(database) == ("r2-made-again", "live")


def test_what_was_never_released_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        releases.withdraw(database, "emma", actor="ann")
    with pytest.raises(NotFound):
        publish(database, edition=7)
    publish(database)
    with pytest.raises(NotFound):
        releases.release(database, "emma", release="r7", actor="ann")


def test_a_failed_go_live_leaves_nothing(database: Database) -> None:
    with pytest.raises(NotFound):
        publish(database, edition=7)
    assert rows(database, "SELECT count(*) FROM release") == [(0,)]
    assert rows(database, "SELECT count(*) FROM audit WHERE action = 'go_live'") == [(0,)]


@pytest.mark.parametrize(
    "query",
    [
        "emma",
        "EMMA",
        "bronte",
        "Brontë",
        "Bronte\u0308",
        "elise",
        "matchmaking",
        '"youthful hubris"',
    ],
)
def test_people_find_a_book_by_its_words_without_accents_or_case(
    database: Database, query: str
) -> None:
    publish(database)
    assert [entry.book for entry in search(database, query)] == ["emma"]


@pytest.mark.parametrize(
    "query", ["", "  ", "zebra", "emma -bronte", '"', "\0", "'; DROP TABLE book"]
)
def test_what_does_not_match_is_not_found(database: Database, query: str) -> None:
    publish(database)
    assert search(database, query) == ()


def test_a_title_counts_more_than_a_description(database: Database) -> None:
    for key, title in (("a.epub", "Persuasion"), ("b.epub", "Hubris")):
        book = arrive(database, key=key, content=key).book
        publish(database, book=book, name=book, title=title)
    assert [entry.title for entry in search(database, "hubris")] == ["Hubris", "Persuasion"]


@pytest.mark.parametrize("title", ["Emma", "Mission -Impossible", "???", "AT&T: the \0 “story”"])
def test_a_book_on_sale_is_found_by_its_title(database: Database, title: str) -> None:
    publish(database, title=title)
    assert is_findable(database, "emma", title)
    assert not is_findable(database, "emma", "zebra")
    releases.withdraw(database, "emma", actor="ann")
    assert not is_findable(database, "emma", title)


def test_a_giant_title_is_no_obstacle(database: Database) -> None:
    publish(database, title="word " * 400_000)
    assert is_findable(database, "emma", "word")
