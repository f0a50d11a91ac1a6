"""Pictures of others for pages of a picture book: uploaded, judged at once, kept with the order."""

import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.picture_books import art
from ebook_pipeline.books.picture_books.art import GivenArt
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.picture_book_status import OrderStatus, shown
from ebook_pipeline.desk.routes.picture_books import (
    PREFIX,
    Changing,
    OrderKey,
    PageNumber,
)
from ebook_pipeline.services.picture_books import briefs

BODY_BYTES = art.MOST_BYTES
_BINARY = {"schema": {"type": "string", "format": "binary", "examples": ["\x89PNG …"]}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"image/png": _BINARY, "image/jpeg": _BINARY, "image/webp": _BINARY},
    }
}

router = APIRouter(prefix=f"{PREFIX}/art", tags=["picture books"])


async def _body(request: Request) -> bytes:
    """Whole: no more than `BODY_BYTES` come through."""
    return await request.body()


@router.put(
    "/{picture_book}/{page}",
    summary="Give a picture for a page",
    dependencies=[etags.NAMED],
    openapi_extra=_BODY,
)
def give(
    picture_book: OrderKey,
    page: PageNumber,
    request: Request,
    response: Response,
    access: Changing,
    picture: Annotated[bytes, Depends(_body)],
    maker: Annotated[str, Query(max_length=80, description="Whom the book names.")] = "",
    ai: Annotated[Literal["none", "assisted", "generated"], Query()] = "none",
) -> OrderStatus:
    """A PNG, JPEG or WebP that fills the page at 300 pixels an inch; else 422 says what is wrong.

    It takes our drawing's place in colour; the line drawing stays ours. A person approves the book.
    """
    context, seen = access.context, etags.seen_by(request)
    now = briefs.read(context.database, picture_book)
    seen(now)
    _require_fit(picture, now.brief.trim)
    blob = context.object_store.put(picture, "application/octet-stream")
    changed = briefs.give_art(
        context.database,
        picture_book,
        {page: GivenArt(picture=blob, maker=maker, ai=ai)},
        actor=access.actor.name,
        precondition=seen,
    )
    return shown(access, changed, response)


def _require_fit(picture: bytes, trim: TrimSize) -> None:
    with tempfile.TemporaryDirectory(prefix="ebooks-art-") as name:
        source = Path(name) / "given"
        source.write_bytes(picture)
        fitted = art.fit(source, trim, Path(name) / "fitted.jpg")
    if fitted.findings:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "art",
            "This picture can't be printed on that page.",
            errors=[
                {"detail": f"{one.message}. {one.remedy}", "pointer": ""} for one in fitted.findings
            ],
        )
