"""People as operators look after them, and anybody's books as far as the asker may read them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from ebook_pipeline.books.owning.accounts import Membership, Person, Role
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookOut, page_of_books
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.resources.database import account_tables, tables
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reporting.load import LoadFigures, load_figures
from ebook_pipeline.services.signing_in.passwords import has_password
from ebook_pipeline.services.signing_in.recovery import recovery_of

router = APIRouter(tags=["people"])
Login = Annotated[str, Path(max_length=63, examples=["newcomer"])]
_MEMBER = account_tables.membership.c


class NewPerson(BaseModel):
    """Who they are, and what in which account; again with another role, they are that besides."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"login": "newcomer", "name": "Nell", "role": "reader", "account": "house"}
            ]
        },
    )
    login: str = Field(min_length=1, max_length=63)
    name: str = Field("", max_length=200)
    role: Role
    account: str = Field(min_length=1, max_length=63)


class PersonAdded(BaseModel):
    """`link`: where they choose a first password, told this once; empty where they have one."""

    person: Person
    link: str


@router.get("/users/{login}/books", summary="List somebody's books")
def list_books_of(
    login: Login,
    access: Annotated[Access, Depends(allow("book", "read"))],
    limit: Limit = 50,
    after: After = "",
) -> Page[BookOut]:
    """Books of the accounts that they make books for, as far as you may read them."""
    roles = (Role.AUTHOR.value, Role.PUBLISHER.value)
    theirs = select(_MEMBER.account).where(_MEMBER.person == login, _MEMBER.role.in_(roles))
    visible = access.books() & tables.book.c.account.in_(theirs)
    page = page_of_books(access.context.database, BookFilter(), visible, after, limit)
    return Page(items=[BookOut(**dict(row)) for row in page.items], next=page.next)


@router.get("/admin/users", summary="List people")
def list_people(access: Annotated[Access, Depends(allow("person", "create"))]) -> list[Person]:
    """Everybody who was ever added, with their roles, in order of name."""
    return list(people.people(access.context.database))


@router.post("/admin/users", summary="Add somebody", status_code=HTTPStatus.CREATED)
def add(
    wanted: NewPerson, access: Annotated[Access, Depends(allow("person", "create"))]
) -> PersonAdded:
    """Somebody new, or another role of theirs."""
    membership = Membership(account=wanted.account, role=wanted.role)
    try:
        return added(access, wanted.login, membership, wanted.name)
    except (NotFound, Denied):
        raise
    except ServiceError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "login", str(error)) from error


def added(access: Access, login: str, membership: Membership, name: str) -> PersonAdded:
    """The person; who has no password gets a link to one."""
    context, actor = access.context, access.actor.name
    person = people.add(context.database, login, membership, actor=actor, name=name)
    link = ""
    if not has_password(context.database, person.login):
        recovery = recovery_of(context.resources, context.addresses.public)
        link = recovery.welcome(person.login, actor=actor)
    return PersonAdded(person=person, link=link)


@router.delete("/admin/users/{login}", summary="Let somebody go")
def leave(
    login: Login, response: Response, access: Annotated[Access, Depends(allow("person", "delete"))]
) -> Person:
    """Nothing is done in their name any more; what was done stays. The last operator stays."""
    response.headers["Cache-Control"] = "no-store"
    return people.leave(access.context.database, login, actor=access.actor.name)


@router.get("/admin/figures", summary="Read how many people there are, and how busy it is")
def read_figures(access: Annotated[Access, Depends(allow("dagster", "use"))]) -> LoadFigures:
    """People by role, browsers signed in, what waits in each queue, this machine's load."""
    return load_figures(access.context.database)
