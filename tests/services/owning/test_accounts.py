"""Accounts, people and actors: who is known may act, and nobody else."""

from collections.abc import Callable

import pytest

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.landing_keys import nobodys_folder
from ebook_pipeline.foundation.errors import Denied, NotFound, PipelineError, ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.intake import refusals
from ebook_pipeline.services.intake.launching import retry
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.owning import accounts, people
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive, offer

AUTHOR = Membership(account="press", role=Role.AUTHOR)
OPERATOR = Membership(account=HOUSE, role=Role.OPERATOR)


def test_the_first_account_is_the_houses(database: Database) -> None:
    arrive(database)
    (house,) = accounts.summaries(database)
    assert (house.account.id, house.books, house.imprints) == (HOUSE, 1, ())


@pytest.mark.parametrize("name", ["", "Ann", "a_b", "-a", "a--b", "a/b", "..", "a" * 64, "ä"])
def test_what_could_be_no_folder_is_no_account(database: Database, name: str) -> None:
    with pytest.raises(ServiceError):
        accounts.add(database, name, actor="eve")


def test_an_account_is_made_once(database: Database) -> None:
    accounts.add(database, "press", actor="eve", name="The Press")
    with pytest.raises(ServiceError, match="already"):
        accounts.add(database, "press", actor="eve")


def test_limits_are_the_accounts_own_until_they_are_the_settings_again(database: Database) -> None:
    made = accounts.add(database, "press", actor="eve", limits={"texts_per_day": 3})
    assert (made.texts_per_day, made.price_fall) == (3, None)
    changed = accounts.change(
        database, "press", {"texts_per_day": None, "price_fall": 0.1}, actor="eve"
    )
    assert (changed.texts_per_day, changed.price_fall) == (None, 0.1)


def test_a_book_is_given_to_an_account_that_exists(database: Database) -> None:
    arrive(database)
    with pytest.raises(NotFound):
        accounts.give(database, "emma", "press", actor="eve")
    accounts.add(database, "press", actor="eve")
    accounts.give(database, "emma", "press", actor="eve")
    assert rows(database, "SELECT account FROM book") == [("press",)]


@pytest.mark.parametrize(
    "actor", ["nobody", "cli:nobody", "cli:", "sensor:other", "shell:eve", "a:cli:eve", "house"]
)
def test_a_call_of_somebody_unknown_is_refused_and_undone(database: Database, actor: str) -> None:
    arrive(database)
    calls: tuple[Callable[[], object], ...] = (
        lambda: submit(database, offer("new.epub"), actor=actor),
        lambda: retry(database, "emma", actor=actor),
        lambda: accounts.add(database, "press", actor=actor),
        lambda: refusals.refuse(database, [("x", "1", nobodys_folder("x/y"))], actor=actor),
    )
    before = rows(database, "SELECT count(*) FROM audit")
    for call in calls:
        with pytest.raises(UnknownActor):
            call()
    assert rows(database, "SELECT count(*) FROM audit") == before
    assert rows(database, "SELECT id FROM book") == [("emma",)]


@pytest.mark.parametrize("actor", ["eve", "cli:eve", "dagster:eve", "pipeline", "run:17"])
def test_people_and_our_own_parts_are_known(database: Database, actor: str) -> None:
    arrive(database)
    retry(database, "emma", actor=actor)
    assert rows(database, "SELECT book FROM audit WHERE action = 'retry'") == [("emma",)]


def test_who_left_does_nothing_any_more_until_they_are_back(database: Database) -> None:
    arrive(database)
    people.leave(database, "bob", actor="cli:bob")
    with pytest.raises(UnknownActor):
        retry(database, "emma", actor="cli:bob")
    people.add(database, "bob", OPERATOR, actor="eve")
    retry(database, "emma", actor="cli:bob")


def test_a_person_may_be_several_things_in_several_accounts(database: Database) -> None:
    accounts.add(database, "press", actor="eve")
    people.add(database, "ann", AUTHOR, actor="eve", name="Ann")
    known = people.add(database, "ann", Membership(account="press", role=Role.EDITOR), actor="eve")
    assert {(one.account, one.role.value) for one in known.memberships} == {
        ("house", "operator"),
        ("press", "author"),
        ("press", "editor"),
    }
    assert known.name == "Ann"


def test_operators_are_the_houses(database: Database) -> None:
    accounts.add(database, "press", actor="eve")
    with pytest.raises(Denied):
        people.add(database, "zoe", Membership(account="press", role=Role.OPERATOR), actor="eve")


@pytest.mark.parametrize("login", ["", "Ann", "a b", ".a", "cli:ann", "a" * 64])
def test_what_can_be_no_login_is_refused(database: Database, login: str) -> None:
    with pytest.raises(ServiceError):
        people.add(database, login, OPERATOR, actor="eve")


def test_a_shell_acts_as_the_only_operator_or_as_the_one_that_is_named(database: Database) -> None:
    with pytest.raises(Denied, match=r"several operators.*EBOOK_OPERATOR"):
        people.shell_operator(database, None)
    assert people.shell_operator(database, "bob") == "bob"
    with pytest.raises(Denied, match="no operator here"):
        people.shell_operator(database, "root")
    for login in ("ann", "bob", "eva", "mallory"):
        people.leave(database, login, actor="eve")
    assert people.shell_operator(database, None) == "eve"
    with pytest.raises(Denied, match="only operator"):
        people.leave(database, "eve", actor="eve")


def test_a_home_without_operators_gets_one_once(database: Database) -> None:
    assert people.first_operator(database, "zoe") is None
    with database.begin() as connection:
        connection.exec_driver_sql("TRUNCATE membership")
    with pytest.raises(Denied, match="users add"):
        people.shell_operator(database, None)
    assert people.first_operator(database, "zoe") == "zoe"
    assert people.operators(database) == ["zoe"]


@pytest.mark.parametrize(
    ("name", "login"),
    [("Ann", "ann"), ("DOM\\ann b", "dom-ann-b"), ("--", "operator"), ("1000", "1000")],
)
def test_a_machines_name_for_somebody_becomes_a_login(name: str, login: str) -> None:
    assert people.login_of(name) == login


def test_unknown_actors_are_service_errors() -> None:
    assert issubclass(UnknownActor, PipelineError)
