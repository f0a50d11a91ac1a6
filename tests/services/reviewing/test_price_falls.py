"""A price that falls too far waits for a person, once; small steps of one month are one fall."""

import pytest

from ebook_pipeline.books.records import Price
from ebook_pipeline.books.selling.price_fall import price_fall
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.price_falls import flag_price_fall
from tests.support.existing import existing
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive


def euros(amount: str) -> Price:
    return Price(amount=amount, currency="EUR")


@pytest.mark.parametrize(
    ("before", "after", "share", "falls"),
    [
        (["9.99"], "0.01", 0.5, True),
        (["9.99"], "0", 0.5, True),
        (["10"], "5", 0.5, False),
        (["10"], "4.99", 0.5, True),
        (["10"], "20", 0.5, False),
        (["4", "10"], "4", 0.5, True),
        (["0"], "0", 0.5, False),
        ([], "0.01", 0.5, False),
        (["9.99"], "0", 1, False),
        (["10"], "9.99", 0, True),
    ],
)
def test_a_fall_is_a_share_of_the_highest_price(
    before: list[str], after: str, share: float, falls: bool
) -> None:
    assert bool(price_fall(map(euros, before), euros(after), share)) is falls


def test_another_currency_cannot_be_compared_and_no_price_is_no_fall() -> None:
    yen = Price(amount="9.99", currency="JPY")
    assert "can't be compared" in price_fall([euros("9.99")], yen, 0.5)
    assert price_fall([euros("9.99")], None, 0.5) == ""


def flagged(database: Database, price: str, usual: float = 0.5) -> tuple[str, ...]:
    """What the release gate hears of a price of the book, which sells at 4.50."""
    flag_price_fall(database, "emma", 1, euros(price), usual)
    return reviews.flags(database, "emma", 1)


def approve(database: Database) -> None:
    Journal(database).record("r", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version="q")
    reviews.decide(database, "emma", approved=True, actor="eve")


def sell_at(database: Database, price: str) -> None:
    live = existing(releases.current(database, "emma"))
    product = live.product.model_copy(update={"price": euros(price)})
    releases.go_live(
        database, live.entry, product, distribution=live.distribution, actor="pipeline"
    )


def test_a_person_is_asked_once_and_her_word_lets_it_through(database: Database) -> None:
    sell(database, "emma")
    said = flagged(database, "0.01")
    assert said == ("the price falls from 4.50 EUR to 0.01 EUR, by 100%",)
    assert flagged(database, "0.01") == said
    approve(database)
    assert flagged(database, "0.01") == ()
    sell_at(database, "0.01")
    assert flagged(database, "0.01") == ()


def test_the_same_fall_after_a_sale_in_between_is_asked_about_again(database: Database) -> None:
    sell(database, "emma")
    flagged(database, "0.01")
    approve(database)
    for price in ("0.01", "4.50"):
        sell_at(database, price)
    assert len(flagged(database, "0.01")) == 1


def test_small_steps_of_one_month_are_one_fall(database: Database) -> None:
    sell(database, "emma")
    for price in ("3.00", "2.30"):
        assert flagged(database, price) == ()
        sell_at(database, price)
    assert len(flagged(database, "1.60")) == 1


def test_an_account_may_have_a_share_of_its_own(database: Database) -> None:
    sell(database, "emma")
    accounts.change(database, "house", {"price_fall": 0.1}, actor="eve")
    assert len(flagged(database, "4.00")) == 1


def test_a_book_that_was_never_sold_has_no_price_to_fall(database: Database) -> None:
    sell(database, "other")
    arrive(database)
    assert flagged(database, "0.01") == ()
