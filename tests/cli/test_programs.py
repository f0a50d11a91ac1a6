"""Keys, clients and the audit from a shell."""

from collections.abc import Iterator

import pytest

from ebook_pipeline.services.authorizing import api_keys, clients
from tests.support.homes import Home, open_home
from tests.support.servers.postgres import rows


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("home")) as one:
        yield one


def test_a_key_is_printed_alone_and_opens_until_it_is_revoked(home: Home) -> None:
    made = home.ebooks("keys", "add", "A shop", "--scope", "license:issue")
    text = made.out.strip()
    assert (made.code, "not shown again" in made.err) == (0, True)
    actor = api_keys.actor_by(home.resources.database, text)
    assert actor is not None
    assert actor.scopes == frozenset({"license:issue"})
    (listed,) = home.ebooks("keys", "list", "--json").objects
    assert (listed["person"], listed["name"], text in str(listed)) == ("eve", "A shop", False)
    assert home.ebooks("keys", "revoke", listed["id"]).code == 0
    assert api_keys.actor_by(home.resources.database, text) is None
    assert "A shop" in home.ebooks("keys", "list").out


def test_a_scope_that_does_not_exist_is_refused_by_name(home: Home) -> None:
    refused = home.ebooks("keys", "add", "A shop", "--scope", "book:fly")
    assert (refused.code, "book:fly" in refused.err, refused.out) == (1, True, "")


def test_a_client_is_made_listed_and_revoked(home: Home) -> None:
    options = ("--scope", "book:read", "--redirect", "https://shop.example/cb", "--json")
    (made,) = home.ebooks("clients", "add", "A shop", *options).objects
    database = home.resources.database
    assert clients.authenticated(database, made["id"], made["secret"]) is not None
    assert made["secret"] not in home.ebooks("clients", "list", "--json").out
    assert home.ebooks("clients", "revoke", made["id"]).code == 0
    assert clients.authenticated(database, made["id"], made["secret"]) is None
    assert "https://shop.example/cb" in home.ebooks("clients", "list").out


def test_a_public_client_has_no_secret_to_be_printed(home: Home) -> None:
    options = ("--scope", "book:read", "--redirect", "http://127.0.0.1/cb", "--public")
    made = home.ebooks("clients", "add", "An app", *options)
    assert (made.code, "client_secret" in made.out) == (0, False)


def test_tokens_are_signed_with_a_new_key_when_that_is_wished(home: Home) -> None:
    (first,) = home.ebooks("clients", "rotate-key", "--json").objects
    (second,) = home.ebooks("clients", "rotate-key", "--compromised", "--json").objects
    kept = rows(home.resources.database, "SELECT kid FROM signing_key WHERE retired_at IS NULL")
    assert kept == [(second["kid"],)] != [(first["kid"],)]


def test_the_audit_is_read_oldest_first(home: Home) -> None:
    home.ebooks("accounts", "add", "first")
    home.ebooks("accounts", "add", "second")
    found = home.ebooks("audit", "--action", "account.add", "--person", "eve", "--json").objects
    assert [row["detail"]["account"] for row in found] == ["first", "second"]
    assert all(row["correlation"].startswith("command:") for row in found)
    line = home.ebooks("audit", "--action", "account.add", "--most", "1").out
    assert ("account.add" in line, "cli:eve" in line, "second" in line) == (True, True, True)
    assert home.ebooks("audit", "--since", "2999-01-01", "--json").objects == []
