"""A stranger tries to take over another account's book: refused, said, nothing changed."""

import json
import os
import time
from pathlib import Path

import pytest

from ebook_pipeline.books.records import Claims, Identifier, Price, Product
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingFolder
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake import arrivals, file_submission, refusals
from ebook_pipeline.services.intake.book_owner import BookOwner
from ebook_pipeline.services.intake.submissions import (
    SubmissionRequest,
    current_edition,
    submit,
    take_edition,
)
from ebook_pipeline.services.owning import accounts, imprints
from ebook_pipeline.services.owning.ownership import SubmissionRefused
from tests.support.servers.postgres import rows
from tests.support.services.submissions import fetched, offer

ISBN = "9783161484100"
SENSOR = "sensor:new_submissions"


class World:
    """Ann's book *Emma*, published by her imprint; Bob, who would like to have it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        for account in ("ann", "bob"):
            accounts.add(database, account, actor="eve")
        imprints.add(database, "Ann's Press", "ann", actor="eve")
        claims = Claims(book="emma", price=Price(amount="9.99", currency="EUR"))
        self.submit("ann", "ann/emma.epub", claims)
        edition = take_edition(database, "emma", fetched("hers"))
        product = Product(title="Emma", identifiers=(Identifier(value=ISBN, isbn13=ISBN),))
        Descriptions(database, edition).add(product, (1, 2, 3))

    def submit(self, account: str, key: str, claims: Claims | None = None) -> str:
        asked = offer(key, str(time.monotonic_ns()), claims)
        return submit(
            self.database, asked.model_copy(update={"account": account}), actor="eve"
        ).book

    def drop(self, key: str, **claims: object) -> None:
        """A file with its sidecar, put into the landing folder a minute ago."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a stranger's book")
        sidecar = path.with_name(f"{path.name}.json")
        sidecar.write_text(json.dumps(claims))
        for file in (path, sidecar):
            os.utime(file, (time.time() - 60,) * 2)

    def look(self) -> int:
        """As the sensor does: how many files were taken."""
        landing = LandingFolder(self.folder, 3)
        return arrivals.submit_arrivals(self.database, landing, actor=SENSOR, most=100)

    @property
    def hers(self) -> object:
        """Everything that is known of Ann's book."""
        return (
            current_edition(self.database, "emma"),
            rows(self.database, "SELECT * FROM book WHERE id = 'emma'"),
            rows(self.database, "SELECT * FROM submission WHERE book = 'emma' ORDER BY id"),
            rows(self.database, "SELECT * FROM outbox WHERE book = 'emma' ORDER BY id"),
            rows(self.database, "SELECT * FROM source WHERE book = 'emma'"),
        )

    @property
    def refused(self) -> list[str]:
        return [found.finding.rule for found in refusals.refused_since(self.database)]


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    folder = tmp_path / "landing"
    folder.mkdir()
    return World(database, folder)


ATTACKS = {
    "her book": ({"book": "emma"}, "submission.not-its-book"),
    "her book at a lower price": ({"book": "emma", "price": "0.01 EUR"}, "submission.not-its-book"),
    "her book with his address": (
        {"book": "emma", "contact": "bob@example.org"},
        "submission.not-its-book",
    ),
    "her ISBN": ({"isbn": "978-3-16-148410-0"}, "submission.not-its-isbn"),
    "her ISBN of ten digits": ({"isbn": "3-16-148410-X"}, "submission.not-its-isbn"),
    "her imprint": ({"publisher": "Ann's Press"}, "submission.not-its-imprint"),
    "her imprint in other letters": (
        {"publisher": " ANN\u2019S  press".replace("\u2019", "'")},
        "submission.not-its-imprint",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_file_in_his_folder_that_names_what_is_hers_is_refused_and_nothing_changes(
    world: World, attack: str
) -> None:
    claims, rule = ATTACKS[attack]
    before = world.hers
    world.drop("bob/mine.epub", **claims)
    assert world.look() == 0
    assert world.refused == [rule]
    assert [found.landing_key for found in refusals.untold(world.database)] == ["bob/mine.epub"]
    assert world.hers == before
    assert rows(world.database, "SELECT id FROM book") == [("emma",)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_neither_does_a_book_of_his_own_become_hers_later(world: World, attack: str) -> None:
    claims, rule = ATTACKS[attack]
    assert world.submit("bob", "bob/mine.epub") == "bob-mine"
    before = world.hers
    world.drop("bob/mine.epub", **claims)
    assert world.look() == 0
    assert (world.refused, world.hers) == ([rule], before)


@pytest.mark.parametrize("attack", ATTACKS)
def test_from_the_shell_it_is_refused_as_well(world: World, tmp_path: Path, attack: str) -> None:
    claims, rule = ATTACKS[attack]
    before = world.hers
    path = tmp_path / "mine.epub"
    path.write_bytes(b"a stranger's book")
    path.with_name("mine.epub.json").write_text(json.dumps(claims))
    store = LocalObjectStore(tmp_path / "objects")
    with pytest.raises(SubmissionRefused):
        file_submission.submit_file(
            world.database, store, "mine.epub", path, actor="eve", account="bob"
        )
    assert (world.refused, world.hers) == ([rule], before)


def test_her_arrival_offered_again_by_him_tells_him_nothing(world: World) -> None:
    (version,) = rows(world.database, "SELECT version FROM submission")[0]
    asked = offer("ann/emma.epub", version).model_copy(update={"account": "bob"})
    with pytest.raises(SubmissionRefused):
        submit(world.database, asked, actor="eve")


@pytest.mark.parametrize("key", ["ann/emma.epub", "ann/new.epub", "emma.epub", "house/x.epub"])
def test_a_place_that_is_not_his_takes_nothing_from_him(world: World, key: str) -> None:
    before = world.hers
    with pytest.raises(SubmissionRefused):
        world.submit("bob", key)
    assert (world.refused, world.hers) == (["submission.not-its-folder"], before)


def test_the_house_takes_nothing_either_unless_it_is_given(world: World) -> None:
    with pytest.raises(SubmissionRefused):
        world.submit("house", "emma.epub", Claims(book="emma"))
    accounts.give(world.database, "emma", "house", actor="eve")
    assert world.submit("house", "emma.epub", Claims(book="emma")) == "emma"
    with pytest.raises(SubmissionRefused):
        world.submit("ann", "ann/emma.epub")


def test_a_shells_file_has_the_key_of_its_account_whatever_its_name(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "emma.epub"
    path.write_bytes(b"a stranger's book")
    store, before = LocalObjectStore(tmp_path / "objects"), world.hers
    for account in ("bob", "house"):
        taken = file_submission.submit_file(
            world.database, store, "ann/emma.epub", path, actor="eve", account=account
        )
        assert taken.book != "emma"
    assert world.hers == before


def test_a_folder_that_is_no_accounts_is_refused_and_told_once_somebody_has_one(
    world: World,
) -> None:
    world.drop("Bob/mine.epub")
    world.drop("root.epub")
    assert world.look() == 1
    assert world.refused == ["landing.no-account"]
    assert rows(world.database, "SELECT account FROM book WHERE id = 'root'") == [("house",)]


def test_what_was_taken_while_the_house_was_alone_is_not_refused_afterwards(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "taken.epub").write_bytes(b"a book")
    landing = LandingFolder(tmp_path, 0)

    def look() -> int:
        return arrivals.submit_arrivals(database, landing, actor=SENSOR, most=9)

    assert look() == 1
    accounts.add(database, "ann", actor="eve")
    assert (look(), refusals.refused_since(database)) == (0, ())


def test_his_own_book_goes_on_with_its_own_names(world: World) -> None:
    imprints.add(world.database, "Bob & Co", "bob", actor="eve")
    imprints.add(world.database, "Bob for children", "bob", actor="eve")
    world.drop("bob/one.epub", book="bobs-book", publisher="bob for  CHILDREN")
    world.drop("bob/two.epub", book="bobs-book", isbn="9780306406157", publisher="Bob & Co")
    assert world.look() == 2
    assert world.refused == []
    assert rows(world.database, "SELECT id, account FROM book ORDER BY id") == [
        ("bobs-book", "bob"),
        ("emma", "ann"),
    ]
    assert imprints.imprint_of(world.database, "bobs-book") == "Bob for children"


def test_a_new_book_that_names_no_imprint_has_its_accounts_first(world: World) -> None:
    assert imprints.imprint_of(world.database, "emma") == "Ann's Press"
    world.submit("bob", "bob/mine.epub")
    imprints.add(world.database, "Bob & Co", "bob", actor="eve")
    assert imprints.imprint_of(world.database, "bob-mine") is None


def test_what_the_house_drops_without_a_word_has_the_general_policies(world: World) -> None:
    imprints.add(world.database, "Commons", "house", actor="eve")
    world.submit("house", "x.epub")
    world.submit("house", "y.epub", Claims(publisher="COMMONS"))
    assert imprints.imprint_of(world.database, "x") is None
    assert imprints.imprint_of(world.database, "y") == "Commons"
    world.submit("house", "x.epub", Claims(publisher="Commons"))
    assert imprints.imprint_of(world.database, "x") is None


def test_an_imprint_is_assigned_to_books_of_its_account_alone(world: World) -> None:
    world.submit("bob", "bob/mine.epub")
    with pytest.raises(PipelineError, match="is an imprint of ann's"):
        imprints.assign(world.database, "bob-mine", "Ann's Press", actor="eve")


def test_two_accounts_that_claim_a_new_book_at_once_have_one_owner(world: World) -> None:
    claims = Claims(book="persuasion")
    world.submit("bob", "bob/p.epub", claims)
    with pytest.raises(SubmissionRefused):
        world.submit("ann", "ann/p.epub", claims)


@pytest.mark.parametrize("account", ["bob", "house"])
def test_an_isbn_of_hers_inside_his_file_is_refused_and_told(world: World, account: str) -> None:
    key = "mine.epub" if account == "house" else f"{account}/mine.epub"
    book, before = world.submit(account, key), world.hers
    edition = take_edition(world.database, book, fetched("his"))
    product = Product(title="Mine", identifiers=(Identifier(value=ISBN, isbn13=ISBN),))
    with pytest.raises(SubmissionRefused):
        BookOwner(world.database, edition).require_own(product)
    assert (world.refused, world.hers) == (["submission.not-its-isbn"], before)
    accounts.give(world.database, "emma", account, actor="eve")
    BookOwner(world.database, edition).require_own(product)


def test_an_account_that_does_not_exist_submits_nothing(world: World) -> None:
    asked: SubmissionRequest = offer("mallory/x.epub").model_copy(update={"account": "mallory"})
    with pytest.raises(SubmissionRefused):
        submit(world.database, asked, actor="eve")
