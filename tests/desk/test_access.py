"""Every route has a rule, and the rule holds for whoever asks."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.desk.access import Access, NoRule, allow, everybody
from ebook_pipeline.desk.routes import Routes
from ebook_pipeline.resources.database import Database
from tests.support.desk import Desk, open_desk
from tests.support.services.submissions import arrive


def test_a_route_without_a_rule_makes_no_app(database: Database) -> None:
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(NoRule, match="forgotten"), open_desk(database, [Routes(router)]):
        pass


def test_a_websocket_without_a_rule_makes_no_app(database: Database) -> None:
    router = APIRouter()

    @router.websocket("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(NoRule, match="forgotten"), open_desk(database, [Routes(router)]):
        pass


def test_a_rule_of_a_router_is_one_of_its_routes(database: Database) -> None:
    router = APIRouter(dependencies=[Depends(everybody("a test"))])

    @router.get("/open")
    def opened() -> str:
        return "in"

    with open_desk(database, [Routes(router)]) as desk:
        assert desk.nobody().get("/api/v1/open").json() == "in"


def test_a_rule_that_the_matrix_does_not_have_is_a_slip() -> None:
    with pytest.raises(LookupError, match="fly"):
        allow("book", "fly")


def test_nobody_is_told_to_sign_in(desk: Desk) -> None:
    answer = desk.nobody().get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_somebody_is_who_they_are_in_each_account(desk: Desk) -> None:
    answer = desk.person("udo", Role.AUTHOR, "press").get("/api/v1/me")
    assert answer.json() == {
        "login": "udo",
        "memberships": [{"account": "press", "role": "author"}],
    }


BOOKS = APIRouter()


@BOOKS.delete("/books/{book}")
def delete_book(book: str, access: Annotated[Access, Depends(allow("book", "delete"))]) -> str:
    return access.actor.name


@pytest.mark.parametrize(
    ("role", "account", "status"),
    [
        (Role.OPERATOR, "house", 200),
        (Role.AUTHOR, "house", 403),  # it is submitted: theirs to read, no more
        (Role.AUTHOR, "press", 404),
        (Role.READER, "house", 404),
    ],
)
def test_who_may_not_read_a_book_is_not_told_that_it_is_there(
    database: Database, role: Role, account: str, status: int
) -> None:
    arrive(database)
    with open_desk(database, [Routes(BOOKS)]) as desk:
        answer = desk.person("udo", role, account).delete("/api/v1/books/emma")
        assert answer.status_code == status
        assert desk.nobody().delete("/api/v1/books/emma").status_code == 401
