"""Codes and refresh tokens: each works once, and a copy ends all that came of one consent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.authorizing import clients, families
from ebook_pipeline.services.authorizing.families import Grant, InvalidGrant, InvalidScope
from ebook_pipeline.services.owning import people
from tests.support.servers.postgres import rows
from tests.support.services.programs import code_for, proof, web_client


@pytest.fixture
def client(database: Database) -> str:
    return web_client(database, "book:read", "book:change").client.id


def granted(database: Database, client: str, *scopes: str) -> Grant:
    code = code_for(database, client, *(scopes or ("book:read", "book:change")))
    return families.redeem(database, code, proof(client))


def is_dead(database: Database, token: str, client: str) -> bool:
    try:
        families.refresh(database, token, client)
    except InvalidGrant:
        return True
    return False


def test_a_code_brings_what_was_consented_to(database: Database, client: str) -> None:
    grant = granted(database, client, "book:read")
    assert (grant.person, grant.client, grant.scopes) == ("eve", client, ("book:read",))


def test_neither_codes_nor_tokens_are_kept(database: Database, client: str) -> None:
    code = code_for(database, client)
    grant = families.redeem(database, code, proof(client))
    tables = ("authorization_code", "refresh_token", "token_family", "audit")
    kept = str([rows(database, f"SELECT * FROM {table}") for table in tables])
    assert code not in kept
    assert grant.refresh_token not in kept


def test_a_code_that_comes_again_ends_what_came_of_it(database: Database, client: str) -> None:
    code = code_for(database, client)
    grant = families.redeem(database, code, proof(client))
    with pytest.raises(InvalidGrant):
        families.redeem(database, code, proof(client))
    assert is_dead(database, grant.refresh_token, client)
    assert rows(database, "SELECT why FROM token_family") == [("a authorization_code came again",)]


WRONGLY_SHOWN = [
    {"verifier": "w" * 43},
    {"verifier": ""},
    {"verifier": "v" * 42},
    {"verifier": "v" * 129},
    {"verifier": "é" * 43},
    {"redirect_uri": "https://evil.example/callback"},
    {"redirect_uri": ""},
    {"client": "c0"},
]


def test_a_code_that_is_shown_wrongly_is_used_up(database: Database, client: str) -> None:
    for wrong in WRONGLY_SHOWN:
        code = code_for(database, client)
        for shown in (wrong, {}):
            with pytest.raises(InvalidGrant):
                families.redeem(database, code, proof(**{"client": client, **shown}))


def test_a_code_is_too_old_after_a_minute(database: Database, client: str) -> None:
    code = code_for(database, client)
    _age(database, "authorization_code", families.CODE_LIVES)
    with pytest.raises(InvalidGrant):
        families.redeem(database, code, proof(client))


def test_an_unknown_code_brings_nothing(database: Database, client: str) -> None:
    for code in ("", "a" * 43, "a" * 100_000, "\0", "\ud800"):
        with pytest.raises(InvalidGrant):
            families.redeem(database, code, proof(client))


def test_a_refresh_token_works_once_and_brings_the_next(database: Database, client: str) -> None:
    first = granted(database, client)
    second = families.refresh(database, first.refresh_token, client)
    assert second.refresh_token != first.refresh_token
    assert second.family == first.family
    third = families.refresh(database, second.refresh_token, client)
    assert third.scopes == ("book:read", "book:change")


def test_a_refresh_token_that_comes_again_ends_the_family(database: Database, client: str) -> None:
    first = granted(database, client)
    second = families.refresh(database, first.refresh_token, client)
    assert is_dead(database, first.refresh_token, client)
    assert is_dead(database, second.refresh_token, client)
    with database.begin() as connection:
        assert not families.lives(connection, first.family)


def raced(ask: Callable[[], Grant]) -> list[Grant]:
    """What those get who are not refused, of eight that ask at once."""

    def race(_: int) -> Grant | None:
        try:
            return ask()
        except InvalidGrant:
            return None

    with ThreadPoolExecutor(8) as pool:
        return [found for found in pool.map(race, range(8)) if found]


def test_of_racers_with_one_token_none_has_anything_in_the_end(
    database: Database, client: str
) -> None:
    """Eight at once: one gets the next token, the other seven end it."""
    grant = granted(database, client)
    won = raced(lambda: families.refresh(database, grant.refresh_token, client))
    assert len(won) == 1
    assert is_dead(database, won[0].refresh_token, client)
    assert len(rows(database, "SELECT * FROM refresh_token")) == 2


def test_of_racers_with_one_code_none_has_anything_in_the_end(
    database: Database, client: str
) -> None:
    code = code_for(database, client)
    won = raced(lambda: families.redeem(database, code, proof(client)))
    assert len(won) == 1
    assert is_dead(database, won[0].refresh_token, client)


def test_another_clients_token_brings_nothing_and_harms_nothing(
    database: Database, client: str
) -> None:
    grant = granted(database, client)
    other = web_client(database).client.id
    assert is_dead(database, grant.refresh_token, other)
    assert not families.revoke(database, grant.refresh_token, other)
    assert not is_dead(database, grant.refresh_token, client)


def test_scopes_may_shrink_and_never_grow(database: Database, client: str) -> None:
    grant = granted(database, client, "book:read")
    with pytest.raises(InvalidScope):
        families.refresh(
            database, grant.refresh_token, client, frozenset({"book:read", "book:purge"})
        )
    less = families.refresh(database, grant.refresh_token, client, frozenset({"book:read"}))
    assert less.scopes == ("book:read",)


def test_a_refresh_token_lives_for_seven_days(database: Database, client: str) -> None:
    grant = granted(database, client)
    _age(database, "refresh_token", families.REFRESH_LIVES - timedelta(minutes=1))
    second = families.refresh(database, grant.refresh_token, client)
    _age(database, "refresh_token", families.REFRESH_LIVES)
    assert is_dead(database, second.refresh_token, client)


def test_a_consent_ends_however_often_it_was_refreshed(database: Database, client: str) -> None:
    first = granted(database, client)
    _consented(database, ago=families.CONSENT_LASTS - timedelta(hours=1))
    second = families.refresh(database, first.refresh_token, client)
    [(left,)] = rows(
        database, "SELECT max(ends_at) - now() FROM refresh_token WHERE used_at IS NULL"
    )
    assert left <= timedelta(hours=1)
    _consented(database, ago=families.CONSENT_LASTS)
    assert is_dead(database, second.refresh_token, client)


def test_a_house_lets_consents_last_as_long_as_it_likes(database: Database, client: str) -> None:
    first = granted(database, client)
    _consented(database, ago=timedelta(days=2))
    with pytest.raises(InvalidGrant):
        families.refresh(database, first.refresh_token, client, lasts=timedelta(days=1))


def test_a_revoked_token_ends_its_family(database: Database, client: str) -> None:
    first = granted(database, client)
    second = families.refresh(database, first.refresh_token, client)
    assert families.revoke(database, first.refresh_token, client)
    assert is_dead(database, second.refresh_token, client)


@pytest.mark.parametrize("who", ["person", "client"])
def test_who_has_gone_refreshes_nothing(database: Database, client: str, who: str) -> None:
    grant = granted(database, client)
    if who == "client":
        clients.end(database, client, actor="ann")
    else:
        people.leave(database, "eve", actor="ann")
        people.add(database, "eve", Membership(account=HOUSE, role=Role.READER), actor="ann")
    assert is_dead(database, grant.refresh_token, client)


def test_a_code_of_who_left_in_between_brings_nothing(database: Database, client: str) -> None:
    code = code_for(database, client)
    people.leave(database, "eve", actor="ann")
    with pytest.raises(InvalidGrant):
        families.redeem(database, code, proof(client))


def test_nobody_consents_in_the_name_of_who_is_unknown(database: Database, client: str) -> None:
    with pytest.raises(PipelineError):
        code_for(database, client, person="nobody")


def test_what_ended_long_ago_is_forgotten(database: Database, client: str) -> None:
    granted(database, client)
    for table in ("authorization_code", "refresh_token"):
        _age(database, table, timedelta(days=40))
    with database.begin() as connection:
        connection.execute(text("UPDATE token_family SET at = at - interval '40 days'"))
    code_for(database, client)
    for table in ("authorization_code", "token_family"):
        assert len(rows(database, f"SELECT * FROM {table}")) == 1
    assert rows(database, "SELECT * FROM refresh_token") == []


def _consented(database: Database, ago: timedelta) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE token_family SET at = now() - :ago"), {"ago": ago})


def _age(database: Database, table: str, by: timedelta) -> None:
    with database.begin() as connection:
        statement = text(f"UPDATE {table} SET ends_at = ends_at - :by")
        connection.execute(statement, {"by": by})
