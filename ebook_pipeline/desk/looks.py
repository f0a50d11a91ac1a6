"""How a person's pages look: language, theme, whether they have a picture, in a cookie of its own.

Pages are drawn by it without a question to the database; it says nothing but what is seen anyway,
and a browser that holds nonsense there is shown pages as its own settings ask.
"""

import re
from typing import Literal, NamedTuple

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ebook_pipeline.desk import session_cookie
from ebook_pipeline.services.profiles.profiles import Profile

COOKIE = "ebooks-looks"
_FORM = re.compile(r"(|en|de)\.(auto|light|dark)\.([01])")


class Looks(NamedTuple):
    """`language` is empty, and `theme` auto, where the browser's own settings hold."""

    language: str = ""
    theme: Literal["auto", "light", "dark"] = "auto"
    has_avatar: bool = False


def looks_of(connection: HTTPConnection) -> Looks:
    """What the browser holds."""
    held = connection.cookies.get(session_cookie.cookie_name(connection, COOKIE), "")
    match = _FORM.fullmatch(held)
    if match is None:
        return Looks()
    language, theme, avatar = match.groups()
    return Looks(language, theme, avatar == "1")  # type: ignore[arg-type]


def leave(connection: HTTPConnection, response: Response, profile: Profile) -> None:
    """Let this browser's pages be as the profile says."""
    value = f"{profile.language}.{profile.theme}.{int(profile.has_avatar)}"
    session_cookie.set_cookie(connection, response, value, COOKIE)


def renew(connection: HTTPConnection, response: Response, profile: Profile) -> None:
    """As `leave`, where it was by its cookie that somebody asked: programs have no looks."""
    if session_cookie.is_by_cookie(connection):
        leave(connection, response, profile)


def forget(connection: HTTPConnection, response: Response) -> None:
    """The next person at this browser has not chosen that."""
    session_cookie.delete_cookie(connection, response, COOKIE)
