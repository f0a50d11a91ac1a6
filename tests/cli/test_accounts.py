"""Accounts, users and contacts from a shell, and a stranger who tries to take a book there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.homes import Home, open_home
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with a book of the house, and an account beside it."""
    with open_home(tmp_path_factory.mktemp("home")) as one:
        arrive(one.resources.database)
        assert one.ebooks("accounts", "add", "bob", "--name", "Bob & Co").code == 0
        yield one


def test_an_account_has_a_folder_and_is_listed_with_what_it_owns(home: Home) -> None:
    assert (home.settings.root / "landing" / "bob").is_dir()
    assert home.ebooks("imprints", "add", "Bob's", "--account", "bob").code == 0
    listed = {one["id"]: one for one in home.ebooks("accounts", "list", "--json").objects}
    assert (listed["house"]["books"], listed["bob"]["imprints"]) == (1, ["Bob's"])
    again = home.ebooks("accounts", "add", "bob")
    assert (again.code, again.err) == (1, "ebooks: there is an account 'bob' already\n")


def test_a_stranger_at_the_shell_is_refused_and_nothing_changes(home: Home, tmp_path: Path) -> None:
    before = rows(home.resources.database, "SELECT * FROM edition")
    path = tmp_path / "mine.txt"
    path.write_text("A book of his own.")
    path.with_name("mine.txt.json").write_text(json.dumps({"book": "emma"}))
    done = home.ebooks("ingest", path, "--account", "bob", "--json")
    assert (done.code, done.objects) == (1, [])
    assert "submission.not-its-book" in done.err
    assert rows(home.resources.database, "SELECT * FROM edition") == before
    (refused,) = home.ebooks("refused", "--json").objects
    assert refused["landing_key"] == "bob/mine.txt"


def test_a_shell_acts_as_an_operator_whatever_user_it_is(home: Home) -> None:
    named = "SELECT actor FROM audit ORDER BY id DESC LIMIT 1"
    changed = home.ebooks("accounts", "change", "bob", "--price-fall", "0.2", USER="root")
    assert (changed.code, rows(home.resources.database, named)) == (0, [("cli:eve",)])
    added = home.ebooks("users", "add", "max")
    assert added.code == 0
    assert f":{home.settings.desk_port}/welcome/" in added.out
    several = home.ebooks("accounts", "change", "bob", "--usual")
    assert (several.code, "EBOOK_OPERATOR" in several.err) == (1, True)
    as_max = {"EBOOK_OPERATOR": "max"}
    assert home.ebooks("accounts", "change", "bob", "--usual", **as_max).code == 0
    assert rows(home.resources.database, named) == [("cli:max",)]
    assert home.ebooks("users", "leave", "max", **as_max).code == 0
    assert home.ebooks("accounts", "change", "bob", "--usual", **as_max).code == 1


def test_contacts_are_listed_without_their_address(home: Home) -> None:
    assert home.ebooks("contacts", "confirm", "jane@example.org", "--known").code == 0
    listed = home.ebooks("contacts", "list", "--json")
    assert "jane@example.org" not in listed.out
    (contact,) = listed.objects
    assert (contact["account"], contact["confirmed_by"]) == ("house", "cli:eve")
    assert home.ebooks("contacts", "confirm", "jane@example.org", "WRONG").code == 1
