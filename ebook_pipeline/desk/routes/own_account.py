"""A person's own account: password and mail address; links from mails, and from who added them.

Opening a link changes nothing, for mail programs open links by themselves: its page's form does.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.desk import csrf, rendering, request_rates
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.context import Context, DeskContext
from ebook_pipeline.desk.routes.sign_in import Name, Password
from ebook_pipeline.foundation.errors import Denied, ServiceError
from ebook_pipeline.services.notifying.sending import notice_sender
from ebook_pipeline.services.signing_in import links
from ebook_pipeline.services.signing_in.links import OneTimeLink, Purpose
from ebook_pipeline.services.signing_in.passwords import SHORTEST, WeakPassword, has_password
from ebook_pipeline.services.signing_in.recovery import Recovery, recovery_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(csrf.check_form)])
_ANYBODY = [Depends(everybody("the link says who it is"))]
_Own = Annotated[Access, Depends(allow("person", "change"))]


@router.get("/account")
def show_account(
    request: Request, access: Annotated[Access, Depends(allow("person", "read"))]
) -> Response:
    """Who is signed in, and what they may change of themselves."""
    actor = access.actor
    values = {
        "login": actor.login,
        "memberships": actor.memberships,
        "email": next((name for name in actor.names if "@" in name), ""),
    }
    return rendering.render(request, "account", values)


@router.get("/forgot", dependencies=_ANYBODY)
def show_forgot(request: Request) -> Response:
    """The form that asks for a link to a new password."""
    return rendering.render(request, "forgot")


@router.post("/forgot", dependencies=_ANYBODY)
def forgot(request: Request, context: Context, name: Name) -> Response:
    """The same answer for everybody, at once: whether a mail goes out is found out afterwards."""
    request_rates.check_mail(request, context, name)
    _afterwards(context, lambda recovery: recovery.ask_reset(name))
    return rendering.render(request, "forgot_sent")


@router.get("/welcome/{token}", dependencies=_ANYBODY)
@router.get("/reset/{token}", dependencies=_ANYBODY)
def show_new_password(request: Request, context: Context, token: str) -> Response:
    """The form for a new password, by a link."""
    return _password_page(request, _look(context, _purpose(request), token).person)


@router.post("/welcome/{token}", dependencies=_ANYBODY)
@router.post("/reset/{token}", dependencies=_ANYBODY)
def choose_password(request: Request, context: Context, token: str, password: Password) -> Response:
    """The link's holder signs in by the new password from now on."""
    request_rates.check_link(request, context)
    purpose = _purpose(request)
    try:
        _recovery(context).choose_password(token, purpose, password)
    except WeakPassword:
        return _password_page(request, _look(context, purpose, token).person, "weak_password")
    return rendering.render(request, "done", {"what": "password"})


@router.get("/confirm/{token}", dependencies=_ANYBODY)
def show_confirm(request: Request, context: Context, token: str) -> Response:
    """The form that confirms an address."""
    link = _look(context, Purpose.CONFIRM, token)
    values = {"login": link.person, "address": link.address, "action": request.url.path}
    return rendering.render(request, "confirm", values)


@router.post("/confirm/{token}", dependencies=_ANYBODY)
def confirm(request: Request, context: Context, token: str) -> Response:
    """The address is the person's."""
    request_rates.check_link(request, context)
    _recovery(context).confirm_email(token)
    return rendering.render(request, "done", {"what": "email"})


@router.get("/password", dependencies=[Depends(allow("person", "change"))])
def show_password(request: Request) -> Response:
    """The form that changes one's password."""
    return rendering.render(request, "password", {"shortest": SHORTEST})


@router.post("/password")
def change_password(
    request: Request,
    context: Context,
    access: _Own,
    old: Annotated[str, Form()],
    password: Password,
) -> Response:
    """Another password, for whom the old one is known to; every session ends."""
    login = access.actor.login
    request_rates.check_sign_in(request, context, login)
    try:
        _recovery(context).change_password(login, old, password)
    except (WeakPassword, Denied) as error:
        problem = "weak_password" if isinstance(error, WeakPassword) else "wrong_old"
        values = {"shortest": SHORTEST, "problem": problem}
        return rendering.render(request, "password", values, HTTPStatus.UNPROCESSABLE_ENTITY)
    return rendering.render(request, "done", {"what": "password"})


@router.get("/email")
def show_email(request: Request, context: Context, access: _Own) -> Response:
    """The form that changes one's mail address."""
    return _email_page(request, context, access)


@router.post("/email")
def change_email(
    request: Request,
    context: Context,
    access: _Own,
    email: Annotated[str, Form(max_length=254)],
    old: Password = "",
) -> Response:
    """A link goes to the new address, which holds when that was opened."""
    request_rates.check_mail(request, context, access.actor.login)
    try:
        _recovery(context).change_email(access.actor.login, email, old)
    except ServiceError as error:
        problem = "wrong_old" if isinstance(error, Denied) else "bad_address"
        return _email_page(request, context, access, problem)
    _afterwards(context)
    return rendering.render(request, "email_sent")


def _password_page(request: Request, login: str, problem: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    values = {"login": login, "action": request.url.path, "shortest": SHORTEST}
    return rendering.render(request, "new_password", values | {"problem": problem}, status)


def _email_page(
    request: Request, context: DeskContext, access: Access, problem: str = ""
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    asked = has_password(context.database, access.actor.login)
    return rendering.render(request, "email", {"problem": problem, "password": asked}, status)


def _purpose(request: Request) -> Purpose:
    """What a link is for, which its path begins with."""
    return Purpose(request.url.path.split("/")[1])


def _look(context: DeskContext, purpose: Purpose, token: str) -> OneTimeLink:
    with context.database.begin() as connection:
        return links.look(connection, token, purpose)


def _recovery(context: DeskContext) -> Recovery:
    return recovery_of(context.resources, context.addresses.public)


def _afterwards(context: DeskContext, work: Callable[[Recovery], object] = lambda _: None) -> None:
    """Do `work` and send its mails when the answer has gone out already."""

    def later() -> None:
        work(_recovery(context))
        notice_sender(context.resources).send_due()

    context.background.run(later)
