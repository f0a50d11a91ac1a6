"""The page of one's own profile: name, picture, looks, notices, quiet hours, sessions."""

from http import HTTPStatus
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Form, Path, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from ebook_pipeline.books.owning import avatars
from ebook_pipeline.desk import etags, looks, rendering, session_cookie
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes import profile as api
from ebook_pipeline.desk.routes.profile import Changing, ProfileWish, Reading
from ebook_pipeline.services.profiles import profiles
from ebook_pipeline.services.profiles.profiles import Profile
from ebook_pipeline.services.signing_in import sessions

PATH = "/profile"
BODY_BYTES = avatars.MOST_BYTES + 65_536
_DONE = frozenset({"saved", "picture", "signed_out"})
Ending = Annotated[Access, Depends(allow("session", "delete"))]
Typed = Annotated[str, Form(max_length=200)]

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
def show(request: Request, access: Reading) -> Response:
    """The person's profile."""
    return _page(request, access)


@router.post("")
def save(
    request: Request,
    access: Changing,
    name: Typed = "",
    language: Typed = "",
    theme: Typed = "auto",
    zone: Typed = "",
    quiet_from: Typed = "",
    quiet_to: Typed = "",
    told: Annotated[list[str], Form(max_length=50)] = [],  # noqa: B006
    seen: Typed = "",
) -> Response:
    """All of the form at once; a kind of notice that is not ticked is wanted no more."""
    now = profiles.profile(access.context.database, access.actor.login)
    refused = {*now.unsubscribed} - {*now.choices} | {
        kind for kind in now.choices if kind.value not in told
    }
    wish = {
        "name": name, "language": language, "theme": theme, "zone": zone.strip(),
        "quiet_from": quiet_from or None, "quiet_to": quiet_to or None,
        "unsubscribed": sorted(refused),
    }  # fmt: skip
    try:
        after = api.changed(access, ProfileWish.model_validate(wish), etags.seen_in_form(seen))
    except (ValidationError, Problem) as error:
        if isinstance(error, Problem) and error.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return _page(request, access, "wrong")
    return _kept(request, after, "saved")


@router.post("/avatar")
def change_avatar(request: Request, access: Changing, picture: UploadFile) -> Response:
    """Another picture."""
    try:
        after = api.given(access, picture.file.read(avatars.MOST_BYTES + 1))
    except Problem:
        return _page(request, access, "picture_wrong")
    return _kept(request, after, "picture")


@router.post("/avatar/delete")
def delete_avatar(request: Request, access: Changing) -> Response:
    """No picture."""
    return _kept(request, api.without_picture(access), "picture")


@router.post("/sessions/end")
def end_others(request: Request, access: Ending) -> Response:
    """Every browser but this one."""
    api.end_others(request, access)
    return rendering.see_other(f"{PATH}?done=signed_out#sessions")


@router.post("/sessions/{session}/end")
def end_session(session: Annotated[str, Path(max_length=100)], access: Ending) -> Response:
    """This browser."""
    api.end_session(session, access)
    return rendering.see_other(f"{PATH}?done=signed_out#sessions")


def _kept(request: Request, after: Profile, done: str) -> Response:
    """Back to the page, which looks as the profile says now."""
    answer = rendering.see_other(f"{PATH}?done={done}")
    looks.leave(request, answer, after)
    return answer


def _page(request: Request, access: Access, wrong: str = "") -> Response:
    context, login = access.context, access.actor.login
    profile = profiles.profile(context.database, login)
    done = request.query_params.get("done", "")
    token = session_cookie.session_token(request)
    values: dict[str, Any] = {
        "profile": profile,
        "seen": etags.etag_of(profile),
        "zones": sorted(zone for zone in available_timezones() if "/" in zone),
        "sessions": sessions.list_sessions(context.database, login, context.sessions, token),
        "done": done if done in _DONE else "",
        "wrong": wrong,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return rendering.render(request, "profile", values, status)
