"""People, their roles and organisations; and the audit of who did what."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, cursor, keys_of, page_of
from ebook_pipeline.desk.routes.users import added
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.reporting import audit_log
from ebook_pipeline.services.reporting.audit_log import AuditFilter

AT_ONCE = 50
Word = Annotated[str, Query(max_length=200)]
Typed = Annotated[str, Form(max_length=200)]

router = APIRouter(include_in_schema=False)


@router.get("/people")
def show_people(
    request: Request, access: Annotated[Access, Depends(allow("person", "create"))]
) -> Response:
    """Everybody and every organisation."""
    return _page(request, access)


@router.post("/people")
def add(
    request: Request,
    access: Annotated[Access, Depends(allow("person", "create"))],
    login: Typed,
    role: Annotated[Role, Form()],
    account: Typed,
    name: Typed = "",
) -> Response:
    """Somebody new, or another role; who has no password gets a link to one, shown here once."""
    typed = {"login": login, "role": role, "account": account, "name": name}
    try:
        new = added(access, login.strip(), Membership(account=account, role=role), name)
    except ServiceError as error:
        return _page(request, access, typed, str(error))
    return _page(request, access, added=new.person.login, link=new.link)


@router.post("/people/leaving")
def leave(
    request: Request, access: Annotated[Access, Depends(allow("person", "delete"))], login: Typed
) -> Response:
    """Out at the next request; what was done stays on record."""
    try:
        people.leave(access.context.database, login, actor=access.actor.name)
    except ServiceError as error:
        return _page(request, access, problem=str(error))
    return rendering.see_other("/people")


@router.get("/audit")
def show_audit(
    request: Request,
    access: Annotated[Access, Depends(allow("audit", "read"))],
    book: Word = "",
    person: Word = "",
    action: Word = "",
    after: After = "",
) -> Response:
    """Who did what, the newest first; publishers read of their own accounts' books."""
    wanted = AuditFilter(
        book=book.strip() or None,
        person=person.strip() or None,
        action=action.strip() or None,
        accounts=accounts_of(access.actor, "read", "audit"),
    )
    keys = keys_of(after, int)
    rows = audit_log.newest(
        access.context.database, wanted, most=AT_ONCE + 1, before=keys[0] if keys else None
    )
    page = page_of(rows, AT_ONCE, lambda row: cursor(row.id))
    values = {
        "rows": page.items, "next": page.next, "book": book, "person": person, "action": action,
    }  # fmt: skip
    return rendering.render(request, "audit", values)


def _page(
    request: Request,
    access: Access,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    added: str = "",
    link: str = "",
) -> Response:
    database = access.context.database
    values = {
        "people": people.people(database),
        "organisations": accounts.summaries(database),
        "roles": list(Role),
        "typed": typed or {},
        "wrong": problem,
        "added": added,
        "link": link,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return rendering.render(request, "people", values, status)
