"""Pages for people: a Jinja template each, in the language that their browser asks for.

Pages of a few sentences (signing in) have a template per language, as notices have; the desk's own
pages are one template each, `templates/pages/`, and take their words from `words/`. Scripts and
styles are files of `static/`: no page has any in it, and the policy of its headers allows none.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ebook_pipeline.books.owning.rights import NOBODY, Actor
from ebook_pipeline.desk import filters, looks, navigation, session_cookie
from ebook_pipeline.desk.context import context_of
from ebook_pipeline.desk.words import FALLBACK, languages, words_of
from ebook_pipeline.services.signing_in.tokens import is_token, new_token

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
FORM_COOKIE = "ebooks-form"
"""What stands for a session in the forms of those who have none yet."""
_LONGEST_HEADER = 500


def render(
    connection: HTTPConnection,
    name: str,
    values: Mapping[str, object] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page `name` with these values, in the language that the browser asks for.

    Its forms carry the token of the session, or of a cookie that it leaves where there is none.
    """
    session = session_cookie.session_token(connection)
    known = session if session_cookie.is_by_cookie(connection) else _form_secret(connection)
    secret = known or new_token()
    language = page_language(connection)
    common = _common(connection, language) | {"csrf_token": session_cookie.form_token(secret)}
    template = _environment().select_template([f"{language}/{name}.j2", f"pages/{name}.j2"])
    text = template.render(common | dict(values or {}))
    page = HTMLResponse(
        text, status.value, {"Vary": "Accept-Language, Cookie"} | dict(headers or {})
    )
    if not known:
        session_cookie.set_cookie(connection, page, secret, FORM_COOKIE)
    return page


def see_other(path: str) -> Response:
    """The page that is read instead (RFC 9110 §15.4.4): a form that was taken leads there."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def _common(connection: HTTPConnection, language: str) -> dict[str, object]:
    """What every page is given; of the menu what its reader may open."""
    settings = context_of(connection).settings
    actor: Actor = getattr(connection.state, "actor", NOBODY)
    return {
        "language": language,
        "say": words_of(language).say,
        "house": settings.trade_name,
        "login": actor.login,
        "who": actor.login,
        "looks": looks.looks_of(connection),
        "path": (path := str(connection.scope.get("path", "/"))),
        "menu": navigation.menu(actor, path),
        "problem": "",
        "provider": settings.oidc_name if settings.oidc_issuer else "",
    }


def _form_secret(connection: HTTPConnection) -> str:
    """What an earlier page left; a browser may hold anything under that name."""
    held = connection.cookies.get(session_cookie.cookie_name(connection, FORM_COOKIE), "")
    return held if is_token(held) else ""


def language_of(header: str) -> str:
    """Which of our languages Accept-Language likes best; RFC 9110 §12.5.4."""
    liked: dict[str, float] = {}
    for part in header[:_LONGEST_HEADER].lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.partition("-")[0]
        if language in languages():
            liked[language] = max(liked.get(language, 0.0), _weight(weight))
    best = max(liked, key=liked.__getitem__, default=FALLBACK)
    return best if liked.get(best, 0.0) > 0 else FALLBACK


def _weight(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text or "1")))
    except ValueError:
        return 0.0


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters.FILTERS
    return environment


def may_open(connection: HTTPConnection, name: str) -> bool:
    """Whether the menu of who asks has the page of this name."""
    actor: Actor = getattr(connection.state, "actor", NOBODY)
    return any(entry.name == name for entry in navigation.menu(actor, ""))


def say(connection: HTTPConnection, key: str, **values: object) -> str:
    """The words of `key` in the language that the browser asks for."""
    return words_of(page_language(connection)).say(key, **values)


def page_language(connection: HTTPConnection) -> str:
    """Which of our languages the page for this browser is in: the one chosen, or asked for."""
    chosen = looks.looks_of(connection).language
    return chosen or language_of(connection.headers.get("accept-language", ""))
