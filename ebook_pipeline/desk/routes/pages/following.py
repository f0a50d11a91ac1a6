"""Following an author from a book's page, and ending notices by the link in a mail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import Response

from ebook_pipeline.desk import rendering, request_rates
from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.context import Context
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.following import Changing, FollowedId, Shelving
from ebook_pipeline.services.notifying import unsubscribing
from ebook_pipeline.services.notifying.unsubscribing import LONGEST_TOKEN
from ebook_pipeline.services.shelving import following

router = APIRouter(include_in_schema=False)
_ANYBODY = [Depends(everybody("the link says who it is, and mail programs have no session"))]
Token = Annotated[str, Path(max_length=LONGEST_TOKEN)]


@router.post("/shop/{book}/following")
def follow(
    book: BookId, access: Shelving, author: Annotated[str, Form(max_length=300)]
) -> Response:
    """Told of their new books from now on."""
    database, actor = access.context.database, access.actor
    following.follow(database, book, author, actor.login, actor=actor.name)
    return rendering.see_other(f"/shop/{book}?done=followed")


@router.post("/shelf/following/{followed}/end")
def unfollow(followed: FollowedId, access: Changing) -> Response:
    """Told no more."""
    actor = access.actor
    following.unfollow(access.context.database, followed, actor.login, actor=actor.name)
    return rendering.see_other("/shelf?done=unfollowed#following")


@router.get("/unsubscribe/{token}", dependencies=_ANYBODY)
def show_unsubscribe(request: Request, context: Context, token: Token) -> Response:
    """The question, for whoever follows the link; opening it ends nothing."""
    request_rates.check_link(request, context)
    wish = unsubscribing.read_token(context.database, token)
    values = {"kind": wish.kind.value, "action": request.url.path, "ended": False}
    return rendering.render(request, "unsubscribe", values)


@router.post("/unsubscribe/{token}", dependencies=_ANYBODY)
def unsubscribe(request: Request, context: Context, token: Token) -> Response:
    """Ended, be it by a mail program (RFC 8058 §3.2) or by the page's form."""
    request_rates.check_link(request, context)
    wish = unsubscribing.unsubscribe(context.database, token)
    values = {"kind": wish.kind.value, "action": request.url.path, "ended": True}
    return rendering.render(request, "unsubscribe", values)
