"""One's own profile and sessions: `/users/profile` and `/me/sessions`."""

import tempfile
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from ebook_pipeline.books.owning import avatars
from ebook_pipeline.desk import etags, looks, pictures, session_cookie
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.profiles import profiles
from ebook_pipeline.services.profiles.profiles import Profile, ProfileChanges
from ebook_pipeline.services.signing_in import sessions
from ebook_pipeline.services.signing_in.sessions import BrowserSession

router = APIRouter(tags=["people"], route_class=RevalidatedRoute)
BODY_BYTES = avatars.MOST_BYTES
AVATAR = "/users/profile/avatar"
Reading = Annotated[Access, Depends(allow("person", "read"))]
Changing = Annotated[Access, Depends(allow("person", "change"))]


class ProfileWish(ProfileChanges):
    """What should be otherwise; what is left out stays, null ends quiet hours."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Rita Reader",
                    "language": "de",
                    "theme": "dark",
                    "zone": "Europe/Berlin",
                    "quiet_from": "22:00",
                    "quiet_to": "07:00",
                    "unsubscribed": ["author_new_book"],
                }
            ]
        },
    )


@router.get("/users/profile", summary="Read your profile")
def read(response: Response, access: Reading) -> Profile:
    """Who you are, how your pages look, what you are told and when not."""
    return etags.tagged(response, profiles.profile(access.context.database, access.actor.login))


@router.patch("/users/profile", summary="Change your profile", dependencies=[etags.NAMED])
def change(wanted: ProfileWish, request: Request, response: Response, access: Changing) -> Profile:
    """The fields that you send; notices follow at once."""
    after = changed(access, wanted, etags.seen_by(request))
    looks.renew(request, response, after)
    return etags.tagged(response, after)


@router.get(
    AVATAR, summary="Read your picture", response_class=Response, responses=pictures.ANSWERED
)
def read_avatar(request: Request, access: Reading) -> Response:
    """A JPEG; 404 where you have none."""
    picture = profiles.avatar(access.context.database, access.actor.login)
    return pictures.shown(request, etags.etag(picture.hex()), lambda: picture)


@router.put(AVATAR, summary="Change your picture", openapi_extra=pictures.BODY)
def put_avatar(
    request: Request,
    response: Response,
    access: Changing,
    picture: pictures.Sent,
) -> Profile:
    """A PNG, JPEG or WebP; its middle is kept, small, without what the file says of itself."""
    after = given(access, picture)
    looks.renew(request, response, after)
    return etags.tagged(response, after)


@router.delete(AVATAR, summary="Take your picture away", status_code=HTTPStatus.NO_CONTENT)
def delete_avatar(request: Request, response: Response, access: Changing) -> None:
    """Nothing is kept of it."""
    looks.renew(request, response, without_picture(access))


@router.get("/me/sessions", summary="List where you are signed in")
def list_sessions(
    request: Request, access: Annotated[Access, Depends(allow("session", "read"))]
) -> list[BrowserSession]:
    """Browsers, the last used first; `current` is the one that asks."""
    context = access.context
    token = session_cookie.session_token(request)
    return list(
        sessions.list_sessions(context.database, access.actor.login, context.sessions, token)
    )


@router.delete(
    "/me/sessions/{session}", summary="Sign a browser out", status_code=HTTPStatus.NO_CONTENT
)
def end_session(
    session: Annotated[str, Path(max_length=100)],
    access: Annotated[Access, Depends(allow("session", "delete"))],
) -> None:
    """It is nobody's at its next request."""
    context, actor = access.context, access.actor
    sessions.end_one(context.database, actor.login, session, context.sessions, actor=actor.name)


@router.delete(
    "/me/sessions", summary="Sign all other browsers out", status_code=HTTPStatus.NO_CONTENT
)
def end_others(
    request: Request, access: Annotated[Access, Depends(allow("session", "delete"))]
) -> None:
    """All but the one that asks."""
    token = session_cookie.session_token(request)
    actor = access.actor
    sessions.end_others(access.context.database, actor.login, token, actor=actor.name)


def changed(access: Access, wanted: ProfileWish, seen: Precondition[BaseModel]) -> Profile:
    """The profile with what was wished. Raises `Problem` 422 where something can't be."""
    actor = access.actor
    try:
        return profiles.change(
            access.context.database, actor.login, wanted, actor=actor.name, precondition=seen
        )
    except (NotFound, Denied):
        raise
    except ServiceError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "preferences", str(error)) from error


def without_picture(access: Access) -> Profile:
    """The profile with no picture."""
    actor = access.actor
    return profiles.set_avatar(access.context.database, actor.login, None, actor=actor.name)


def given(access: Access, picture: bytes) -> Profile:
    """The profile with this picture. Raises `Problem` 422 where it is none that can be shown."""
    with tempfile.TemporaryDirectory(prefix="ebooks-avatar-") as name:
        source, target = FilePath(name) / "given", FilePath(name) / "square.jpg"
        source.write_bytes(picture)
        fault = avatars.square(source, target)
        if fault is not None:
            raise pictures.refused(fault)
        jpeg = target.read_bytes()
    actor = access.actor
    return profiles.set_avatar(access.context.database, actor.login, jpeg, actor=actor.name)
