"""Keys and clients: who may make them, how much they may, and when they end."""

from datetime import UTC, datetime, timedelta

import pytest

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.books.owning.rights import NOBODY, Actor, Resource, RightsState, may
from ebook_pipeline.foundation.errors import Denied, NotFound, PipelineError, ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.authorizing import api_keys, clients
from ebook_pipeline.services.owning import people
from tests.support.servers.postgres import rows
from tests.support.services.programs import (
    CALLBACK,
    OPERATOR,
    publisher_of_press,
    rights,
    web_client,
)

PUBLISHED = Resource(kind="license", account="other", states=frozenset({RightsState.PUBLISHED}))


def opened(database: Database, text: str) -> Actor:
    actor = api_keys.actor_by(database, text)
    assert actor is not None
    return actor


def test_a_key_is_told_once_and_kept_as_a_digest(database: Database) -> None:
    made = api_keys.add(database, rights(), maker=OPERATOR)
    stored = str(rows(database, "SELECT * FROM api_key") + rows(database, "SELECT * FROM audit"))
    assert made.text not in stored
    assert made.text.removeprefix(f"ebk_{made.key.id}_") not in stored
    assert made.key.id in stored
    assert "text" not in type(api_keys.list_keys(database)[0]).model_fields


def test_a_key_opens_what_its_scopes_say_and_no_more(database: Database) -> None:
    made = api_keys.add(database, rights("license:issue"), maker=OPERATOR)
    actor = opened(database, made.text)
    assert (actor.name, actor.is_somebody) == (f"client:{made.key.id}", True)
    assert may(actor, "issue", PUBLISHED)
    assert not may(actor, "revoke", PUBLISHED)


def test_what_is_no_key_opens_nothing(database: Database) -> None:
    like = f"ebk_k0123456789abcdef_{'a' * 43}"
    for wrong in ("", "ebk_", like, f"{like}\n", "ebk_\0", "a" * 100_000, "ebk_k1_é"):
        assert api_keys.actor_by(database, wrong) is None


def test_another_keys_secret_opens_nothing(database: Database) -> None:
    one = api_keys.add(database, rights(), maker=OPERATOR)
    two = api_keys.add(database, rights(), maker=OPERATOR)
    mixed = one.text[:22] + two.text[22:]
    assert mixed.startswith(f"ebk_{one.key.id}_")
    assert api_keys.actor_by(database, mixed) is None


def test_the_last_use_of_a_key_is_noted(database: Database) -> None:
    made = api_keys.add(database, rights(), maker=OPERATOR)
    assert api_keys.list_keys(database)[0].last_used_at is None
    opened(database, made.text)
    noted = api_keys.list_keys(database)[0].last_used_at
    opened(database, made.text)
    assert api_keys.list_keys(database)[0].last_used_at == noted is not None


@pytest.mark.parametrize("by", ["id", "text"])
def test_an_ended_key_opens_nothing_and_acts_no_more(database: Database, by: str) -> None:
    made = api_keys.add(database, rights(), maker=OPERATOR)
    api_keys.end(database, made.key.id if by == "id" else made.text, actor="ann")
    assert api_keys.actor_by(database, made.text) is None
    with database.begin() as connection, pytest.raises(UnknownActor):
        audit(connection, f"client:{made.key.id}", "book.edit", "", {})


def test_a_key_that_is_too_old_opens_nothing(database: Database) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    made = api_keys.add(database, rights(), maker=OPERATOR, ends_at=past)
    assert api_keys.actor_by(database, made.text) is None


def test_the_keys_and_clients_of_who_leaves_end_and_do_not_come_back(database: Database) -> None:
    made = api_keys.add(database, rights(), maker=OPERATOR)
    client = web_client(database)
    people.leave(database, "ann", actor="bob")
    assert api_keys.actor_by(database, made.text) is None
    operator = Membership(account=HOUSE, role=Role.OPERATOR)
    people.add(database, "ann", operator, actor="bob")
    assert api_keys.actor_by(database, made.text) is None
    assert clients.authenticated(database, client.client.id, client.secret) is None
    assert rows(
        database, "SELECT detail ->> 'keys', detail ->> 'clients' FROM audit"
        " WHERE action = 'user.leave'"
    ) == [("1", "1")]  # fmt: skip


def test_what_a_key_does_is_on_record_in_its_name(database: Database) -> None:
    made = api_keys.add(database, rights(), maker=OPERATOR)
    with database.begin() as connection:
        audit(connection, opened(database, made.text).name, "book.edit", "", {})
    actors = rows(database, "SELECT actor FROM audit WHERE action = 'book.edit'")
    assert actors == [(opened(database, made.text).name,)]


BEYOND_HERS = [
    ("client", "press", "book:read"),  # a shop's role is an operator's to give
    ("operator", "house", "book:read"),
    ("operator", "press", "book:read"),
    ("author", "house", "book:read"),
    ("publisher", "press", "book:read", "book:purge"),  # more than she may herself
    ("publisher", "press", "license:issue"),
    ("publisher", "press", "book:*"),
    ("editor", "press", "review:decide"),
]


def test_nobody_gives_a_program_more_than_they_have(database: Database) -> None:
    una = publisher_of_press(database)
    for role, account, *scopes in BEYOND_HERS:
        with pytest.raises(Denied):
            api_keys.add(database, rights(*scopes, role=role, account=account), maker=una)
    assert rows(database, "SELECT * FROM api_key") == []


def test_a_publisher_makes_keys_for_her_own_account(database: Database) -> None:
    una = publisher_of_press(database)
    wanted = rights("book:read", "license:read", role="author", account="press")
    actor = opened(database, api_keys.add(database, wanted, maker=una).text)
    mine = Resource(kind="book", account="press", states=frozenset({RightsState.DRAFT}))
    assert may(actor, "read", mine)
    assert not may(actor, "read", mine.model_copy(update={"account": "other"}))
    assert not may(actor, "read", PUBLISHED)  # that is for shops


@pytest.mark.parametrize(
    "maker",
    [
        NOBODY,
        Actor(login="eve"),
        Actor(login="eve", memberships=(Membership(account=HOUSE, role=Role.AUTHOR),)),
        Actor(client="k1", memberships=OPERATOR.memberships),
        OPERATOR.model_copy(update={"client": "c1"}),
        OPERATOR.model_copy(update={"scopes": frozenset({"book:read"})}),
    ],
)
def test_programs_and_people_without_the_right_make_none(database: Database, maker: Actor) -> None:
    with pytest.raises(Denied):
        api_keys.add(database, rights(role="reader"), maker=maker)


@pytest.mark.parametrize(
    "wanted",
    [
        rights("book:fly"),
        rights("session:create"),
        rights("person:change"),
        rights("person:*"),
        rights("dagster:use"),
        rights("book"),
        rights("*:*"),
        rights("book:read ", "x"),
        rights().model_copy(update={"scopes": ()}),
        rights().model_copy(update={"name": "  "}),
        rights().model_copy(update={"name": "n" * 201}),
        rights(account="nowhere"),
        rights(role="operator", account="house").model_copy(update={"account": "x" * 80}),
    ],
)
def test_what_can_be_no_program_is_refused(database: Database, wanted: object) -> None:
    with pytest.raises(PipelineError):
        api_keys.add(database, wanted, maker=OPERATOR)  # type: ignore[arg-type]


def test_a_client_proves_itself_by_its_secret(database: Database) -> None:
    made = web_client(database)
    identity = made.client.id
    assert clients.authenticated(database, identity, made.secret) == made.client
    for wrong in (None, "", "ebs_", f"{made.secret} "):
        assert clients.authenticated(database, identity, wrong) is None
    assert str(made.secret) not in str(rows(database, "SELECT * FROM oauth_client"))


def test_a_public_client_has_no_secret_to_show(database: Database) -> None:
    made = clients.add(
        database, rights(), maker=OPERATOR, redirect_uris=["http://127.0.0.1/cb"], public=True
    )
    assert made.secret is None
    assert made.client.is_public
    assert clients.authenticated(database, made.client.id, None) == made.client
    assert clients.authenticated(database, made.client.id, "guess") is None


def test_an_ended_client_is_nobody(database: Database) -> None:
    made = web_client(database)
    clients.end(database, made.client.id, actor="ann")
    assert clients.authenticated(database, made.client.id, made.secret) is None
    assert [one.ended_at is None for one in clients.list_clients(database, [HOUSE])] == [False]
    with pytest.raises(NotFound):
        clients.end(database, "c0", actor="ann")


NO_REDIRECTS = [
    "http://shop.example/cb",
    "https://",
    "https:///cb",
    "https://user@shop.example/",
    "https://shop.example/#part",
    "https://shop.example\\@evil.example/",
    "https://shop.example/ cb",
    "javascript:alert(1)",
    "data:text/html,x",
    "//shop.example/cb",
    "shop://cb",
    "http://127.0.0.1.evil.example/",
    "http://localhost@evil.example/",
    "https://[::1",
    "https://shöp.example/",
    "https://shop.example/\r\nX: y",
    "https://shop.example/" + "a" * 1_000,
]
LOCAL = "http://127.0.0.1/cb"
REDIRECTS = [
    (CALLBACK, CALLBACK, True),
    (CALLBACK, CALLBACK + "/", False),
    (CALLBACK, CALLBACK + "?next=https://evil.example", False),
    (CALLBACK, "https://shop.example/callback/../other", False),
    (CALLBACK, "https://shop.example:444/callback", False),
    (CALLBACK, "https://SHOP.example/callback", False),
    (LOCAL, "http://127.0.0.1:51004/cb", True),
    ("http://[::1]/cb", "http://[::1]:51004/cb", True),
    (LOCAL, "http://127.0.0.1:51004/other", False),
    (LOCAL, "http://127.0.0.1:51004@evil.example/cb", False),
    (LOCAL, "https://127.0.0.1:51004/cb", False),
    (LOCAL, "http://127.0.0.1:99999999/cb", False),
    (LOCAL, "http://localhost:51004/cb", False),
    ("http://localhost/cb", "http://localhost:51004/cb", False),
    (CALLBACK, "", False),
]


def test_codes_are_sent_to_no_such_address(database: Database) -> None:
    for uri in NO_REDIRECTS:
        with pytest.raises(ServiceError):
            web_client(database, uris=[uri])


def test_an_address_is_compared_letter_by_letter(database: Database) -> None:
    some = web_client(database).client
    for registered, asked, accepted in REDIRECTS:
        client = some.model_copy(update={"redirect_uris": (registered,)})
        assert clients.accepts_redirect(client, asked) is accepted, asked
