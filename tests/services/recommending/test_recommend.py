"""Recommendations from Postgres: what is excluded, why something is told, and who is told what."""

from collections.abc import Sequence

import dagster as dg
import pytest
from sqlalchemy import text

from ebook_pipeline.assets.recommendations import (
    better_than_popular,
    reader_signals,
    recommendation_model,
)
from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.books.records import (
    Audience,
    CatalogEntry,
    Distribution,
    Embedding,
    Product,
    RelatedBook,
)
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.rating import opinions
from ebook_pipeline.services.recommending import kept
from ebook_pipeline.services.recommending.models import ModelFigures, latest_figures, replace_model
from ebook_pipeline.services.recommending.recommend import popular, prepare, recommend
from ebook_pipeline.services.recommending.training import train_model
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.shelving import shelves
from ebook_pipeline.services.shelving.shelves import Shelf
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

SEA = ("storm", "reef", "harbour", "lagoon")
CITY = ("street", "tower", "market", "bridge")


def sell(database: Database, book: str, figures: Sequence[float], **more: object) -> None:
    arrive(database, book, key=f"{book}.epub")
    about = Embedding.of("fake", tuple(figures))
    product = Product(title=book.title(), meaning=about, **more)
    entry = CatalogEntry(
        book=book,
        edition=1,
        release=f"{book}-1",
        title=book.title(),
        authors=(f"Author of {book}",),
    )
    distribution = Distribution(release=entry.release, files=())
    releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")


RANKED_AT = "SELECT at FROM reader_recommendations WHERE person = 'reader-1'"


@pytest.fixture
def shop(database: Database) -> Database:
    """Two kinds of books, and twelve readers of each, of whom none has read all."""
    for place, book in enumerate(SEA):
        sell(database, book, (1, place / 10, 0))
    for place, book in enumerate(CITY):
        sell(database, book, (0, place / 10, 1))
    for number in range(24):
        login = f"reader-{number}"
        people.add(database, login, Membership(account="house", role=Role.READER), actor="eve")
        kind = SEA if number % 2 else CITY
        for place, book in enumerate(kind):
            if place != number // 2 % 4:
                shelves.put(database, book, login, Shelf.READ, actor=login)
    people.add(database, "rita", Membership(account="house", role=Role.READER), actor="eve")
    train_model(database, "2026-11-02")
    return database


def names(found: Sequence[object]) -> list[str]:
    return [one.entry.book for one in found]  # type: ignore[attr-defined]


def test_what_is_read_together_is_recommended_with_a_reason_that_is_true(shop: Database) -> None:
    shelves.put(shop, "storm", "rita", Shelf.READ, actor="rita")
    found = recommend(shop, "rita", 3)
    assert set(names(found)) == set(SEA) - {"storm"}
    for one in found:
        assert (one.because.book, one.because.title) == ("storm", "Storm")
        assert one.because.kind == "finished"


def test_nothing_is_known_of_a_new_reader_but_what_is_popular(shop: Database) -> None:
    assert all(one.because.popular for one in recommend(shop, "rita"))
    assert len(recommend(shop, "rita")) == len(popular(shop)) == 8


def test_what_was_taken_up_dismissed_or_is_another_edition_is_not_recommended(
    shop: Database,
) -> None:
    kin = (RelatedBook(book="storm", relation="same-work", likeness=1),)
    sell(shop, "storm-again", (1, 0, 0), kin=kin)
    shelves.put(shop, "storm", "rita", Shelf.READING, actor="rita")
    opinions.write(shop, "tower", "rita", OpinionText(stars=1), actor="rita")
    shelves.dismiss(shop, "reef", "rita", actor="rita")
    found = set(names(recommend(shop, "rita", 20)))
    assert found.isdisjoint({"storm", "storm-again", "tower", "reef"})
    assert {"harbour", "lagoon"} <= found
    shelves.recall(shop, "reef", "rita", actor="rita")
    assert "reef" in names(recommend(shop, "rita", 20))
    releases.withdraw(shop, "harbour", actor="eve")
    assert "harbour" not in names(recommend(shop, "rita", 20))


def test_books_for_grown_ups_are_for_those_who_read_such_books(shop: Database) -> None:
    grown = {"audience": Audience(code="01", age_from=18)}
    for book in ("night", "smoke"):
        sell(shop, book, (1, 0.05, 0), **grown)
    shelves.put(shop, "storm", "rita", Shelf.READ, actor="rita")
    assert {"night", "smoke"}.isdisjoint(names(recommend(shop, "rita", 20)))
    shelves.put(shop, "night", "rita", Shelf.READ, actor="rita")
    assert "smoke" in names(recommend(shop, "rita", 20))


def test_a_book_that_nobody_has_read_is_found_by_what_it_is_about(shop: Database) -> None:
    sell(shop, "new-wave", (1, 0.02, 0))
    shelves.put(shop, "storm", "rita", Shelf.TO_READ, actor="rita")
    found = {one.entry.book: one for one in recommend(shop, "rita", 20)}
    assert found["new-wave"].because.kind == "wanted"
    assert found["new-wave"].score > found["tower"].score


def test_the_assets_of_a_day_make_the_model_that_is_served(shop: Database) -> None:
    done = dg.materialize(
        [reader_signals, recommendation_model, better_than_popular],
        partition_key="2026-11-03",
        resources={"database": shop},
    )
    assert done.success
    [check] = done.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("better_than_popular", True)
    figures = latest_figures(shop)
    assert figures is not None
    assert (figures.day, figures.signals, figures.works) == ("2026-11-03", 72, 8)
    assert rows(shop, "SELECT count(*) FROM work_links") == [(8,)]


def test_a_shelf_holds_a_work_once_and_lists_the_last_first(shop: Database) -> None:
    for shelf in (Shelf.TO_READ, Shelf.READ):
        shelves.put(shop, "storm", "rita", shelf, actor="rita")
    shelves.put(shop, "reef", "rita", Shelf.READING, actor="rita")
    listed = shelves.list_shelf(shop, "rita")
    assert [(one.book, one.shelf) for one in listed] == [("reef", "reading"), ("storm", "read")]
    [only] = shelves.list_shelf(shop, "rita", Shelf.READ)
    assert only.book == "storm"
    last = listed[0]
    assert shelves.list_shelf(shop, "rita", after=(last.changed_at, last.book)) == listed[1:]
    shelves.take_off(shop, "reef", "rita", actor="rita")
    assert shelves.shelf_of(shop, "reef", "rita") is None


def test_what_was_ranked_is_kept_until_the_reader_or_the_model_knows_better(shop: Database) -> None:
    assert prepare(shop) == 24
    assert prepare(shop) == 0
    before = recommend(shop, "reader-1")
    [made] = rows(shop, RANKED_AT)
    assert recommend(shop, "reader-1") == before
    shelves.dismiss(shop, before[0].entry.book, "reader-1", actor="reader-1")
    after = recommend(shop, "reader-1")
    assert before[0].entry.book not in [one.entry.book for one in after]
    [anew] = rows(shop, RANKED_AT)
    assert anew > made
    assert prepare(shop) == 0
    train_model(shop, "2026-11-03")
    assert prepare(shop) == 24


@pytest.mark.parametrize(("hours", "renewed", "served"), [(25, 1, True), (37, 1, False)])
def test_what_is_kept_is_renewed_daily_and_served_until_then(
    shop: Database, hours: int, renewed: int, served: bool
) -> None:
    prepare(shop)
    age(shop, "reader-1", hours)
    [before] = rows(shop, RANKED_AT)
    recommend(shop, "reader-1")
    assert (rows(shop, RANKED_AT) == [before]) is served
    age(shop, "reader-1", hours)
    assert prepare(shop) == renewed


def age(shop: Database, reader: str, hours: int) -> None:
    made = "UPDATE reader_recommendations SET at = now() - make_interval(hours => :hours)"
    with shop.begin() as connection:
        connection.execute(
            text(f"{made} WHERE person = :reader"), {"hours": hours, "reader": reader}
        )


def test_a_kept_work_that_went_off_sale_leaves_its_place_to_the_next(shop: Database) -> None:
    shelves.put(shop, "storm", "rita", Shelf.READ, actor="rita")
    first, *rest = names(recommend(shop, "rita", 3))
    releases.withdraw(shop, first, actor="eve")
    assert names(recommend(shop, "rita", 2)) == rest[:2]


def test_who_is_erased_and_what_is_purged_meanwhile_ends_no_night(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "stale", lambda *_: ["erased-meanwhile", "reader-1"])
    assert prepare(shop) == 1
    [(work,)] = rows(shop, "SELECT work FROM book ORDER BY work LIMIT 1")
    figures = ModelFigures(day="2026-11-30", signals=1, readers=1, works=0)
    replace_model(shop, [], {work: 2, 10**9: 3}, figures)
    assert rows(shop, "SELECT work, signals FROM work_links") == [(work, 2)]
