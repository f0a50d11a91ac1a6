"""Keys, clients and the audit over the API: who may, what is told, and what is not there."""

from typing import Any

import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.services.audit_and_outbox import audit
from tests.support.desk import Desk
from tests.support.services.programs import CALLBACK
from tests.support.services.submissions import arrive

KEY = {"name": "A shop", "scopes": ["license:issue"]}
HERS = {"name": "Hers", "account": "press", "role": "author", "scopes": ["book:read"]}


def test_an_operator_makes_a_key_that_opens_until_it_is_deleted(desk: Desk) -> None:
    operator = desk.browser("ann")
    made = operator.post("/api/v1/keys", json={**KEY, "scopes": ["key:read"], "role": "operator"})
    assert made.status_code == 201
    program = desk.nobody(Authorization=f"Bearer {made.json()['text']}")
    (listed,) = program.get("/api/v1/keys").json()
    assert (listed["id"], "text" in listed) == (made.json()["id"], False)
    refused = program.delete(f"/api/v1/keys/{listed['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    assert "key:delete" in refused.json()["detail"]
    assert program.get("/api/v1/catalog/search?q=emma").status_code == 200  # as for anybody
    assert operator.delete(f"/api/v1/keys/{listed['id']}").status_code == 200
    assert program.get("/api/v1/keys").status_code == 401


def test_a_publisher_has_the_keys_of_her_own_account(desk: Desk) -> None:
    una, operator = desk.person("una", Role.PUBLISHER, "press"), desk.browser("ann")
    others = operator.post("/api/v1/keys", json=KEY).json()["id"]
    made = una.post("/api/v1/keys", json=HERS)
    assert made.status_code == 201
    assert [key["id"] for key in una.get("/api/v1/keys").json()] == [made.json()["id"]]
    assert una.delete(f"/api/v1/keys/{others}").status_code == 404
    assert una.delete(f"/api/v1/keys/{made.json()['id']}").status_code == 200
    assert una.post("/api/v1/keys", json=KEY).status_code == 404
    beyond = una.post("/api/v1/keys", json={**HERS, "scopes": ["license:issue"]})
    assert beyond.status_code == 403
    assert una.get("/api/v1/clients").status_code == 403


def test_who_is_publisher_of_two_accounts_has_the_keys_of_both(desk: Desk) -> None:
    una, udo = (desk.person(name, Role.PUBLISHER, name) for name in ("una", "udo"))
    made = [
        who.post("/api/v1/keys", json={**HERS, "account": name}).json()["id"]
        for who, name in ((una, "una"), (udo, "udo"))
    ]
    both = desk.person("una", Role.PUBLISHER, "udo")
    assert [key["id"] for key in both.get("/api/v1/keys").json()] == made[::-1]
    assert [key["id"] for key in udo.get("/api/v1/keys").json()] == made[1:]


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.EDITOR, Role.READER])
def test_others_have_no_programs(desk: Desk, role: Role) -> None:
    somebody = desk.person("udo", role, "press")
    assert somebody.get("/api/v1/keys").status_code == 403
    assert somebody.post("/api/v1/keys", json=HERS).status_code == 403
    assert somebody.delete("/api/v1/keys/k0").status_code in (403, 404)
    assert somebody.get("/api/v1/audit").status_code == 403


def test_nobody_sees_nothing(desk: Desk) -> None:
    for path in ("/api/v1/keys", "/api/v1/clients", "/api/v1/audit"):
        assert desk.nobody().get(path).status_code == 401


def test_a_client_is_made_with_its_secret_told_once(desk: Desk) -> None:
    operator = desk.browser("ann")
    wanted = {**KEY, "redirect_uris": [CALLBACK]}
    made = operator.post("/api/v1/clients", json=wanted)
    assert (made.status_code, made.json()["secret"][:4]) == (201, "ebs_")
    (listed,) = operator.get("/api/v1/clients").json()
    assert ("secret" in listed, listed["redirect_uris"]) == (False, [CALLBACK])
    assert operator.delete(f"/api/v1/clients/{listed['id']}").json()["ended_at"]
    assert operator.delete("/api/v1/clients/c0").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["book:fly"]},
        {"name": ""},
        {"account": "nowhere"},
        {"account": "\0"},
        {"role": "god"},
        {"redirect_uris": ["http://evil.example"]},
        {"public": True},
        {"more": 1},
    ],
)
def test_what_can_be_no_client_is_refused_by_a_problem(
    desk: Desk, wrong: dict[str, object]
) -> None:
    answer = desk.browser("ann").post("/api/v1/clients", json={**KEY, **wrong})
    assert answer.status_code in (404, 409, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_no_utf_8_can_say_is_refused_in_other_signs(desk: Desk) -> None:
    body = '{"name": "A shop", "scopes": ["\\ud800"]}'
    headers = {"Content-Type": "application/json"}
    answer = desk.browser("ann").post("/api/v1/keys", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "no such scope: ?" in answer.json()["detail"]


def test_operators_read_the_audit_page_by_page(desk: Desk) -> None:
    arrive(desk.database)
    with desk.database.begin() as connection:
        for why in ("one", "two", "three"):
            audit(connection, "cli:ann", "book.retry", "emma", {"why": why})
    operator = desk.browser("ann")
    asked: dict[str, Any] = {"book": "emma", "person": "ann", "action": "book.", "limit": 2}
    first = operator.get("/api/v1/audit", params=asked).json()
    rest = operator.get("/api/v1/audit", params={**asked, "after": first["next"]}).json()
    found = [row["detail"]["why"] for row in (*first["items"], *rest["items"])]
    assert (found, rest.get("next")) == (["three", "two", "one"], None)


def test_a_publisher_reads_of_her_own_books_alone(desk: Desk) -> None:
    arrive(desk.database)
    una = desk.person("una", Role.PUBLISHER, "press")
    assert una.get("/api/v1/audit").json()["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"after": "x"},
        {"after": "WyJhIl0"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00"},
        {"limit": "0"},
        {"limit": "9999"},
        {"more": "1"},
        {"book": "x" * 300},
    ],
)
def test_a_question_that_can_not_be_read_is_a_problem(desk: Desk, wrong: dict[str, str]) -> None:
    answer = desk.browser("ann").get("/api/v1/audit", params=wrong)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "odd",
    [
        {"person": "\0"},
        {"book": "\0"},
        {"action": "a\0."},
        {"after": "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0"},
    ],
)
def test_odd_questions_find_what_there_is(desk: Desk, odd: dict[str, str]) -> None:
    assert desk.browser("ann").get("/api/v1/audit", params=odd).status_code in (200, 400, 422)
