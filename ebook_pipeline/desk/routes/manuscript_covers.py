"""Covers of manuscripts that are written at the desk: uploaded, shown, taken away."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.writing import cover_picture
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.manuscripts import PREFIX, Changing, ManuscriptId, Reading
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.writing import covers, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

BODY_BYTES = cover_picture.MOST_BYTES
FAULTS = {
    "image.too-large": "The picture has too many pixels: send a smaller one.",
    "image.unreadable": "The picture can't be read: send a PNG, JPEG or WebP.",
}
_BINARY = {"schema": {"type": "string", "format": "binary", "examples": ["\x89PNG …"]}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"image/png": _BINARY, "image/jpeg": _BINARY, "image/webp": _BINARY},
    }
}
_PICTURE = {200: {"content": {"image/jpeg": _BINARY}, "description": "The picture."}}
Size = Annotated[Literal["picture", "small"], Query(description="Whole, or 640 pixels high.")]

router = APIRouter(prefix=f"{PREFIX}/cover", tags=["manuscripts"])


@router.get(
    "/{manuscript}", summary="Read a manuscript's cover", response_class=Response,
    responses=_PICTURE,  # type: ignore[arg-type]
)  # fmt: skip
def read(
    manuscript: ManuscriptId, request: Request, access: Reading, size: Size = "picture"
) -> Response:
    """A JPEG; 404 where it has none."""
    return shown(manuscript, request, access, size)


async def _body(request: Request) -> bytes:
    """Whole: no more than `BODY_BYTES` come through."""
    return await request.body()


@router.put(
    "/{manuscript}", summary="Give a manuscript a cover", dependencies=[etags.NAMED],
    openapi_extra=_BODY,
)  # fmt: skip
def put(
    manuscript: ManuscriptId,
    request: Request,
    response: Response,
    access: Changing,
    picture: Annotated[bytes, Depends(_body)],
) -> Manuscript:
    """A PNG, JPEG or WebP; it is drawn anew, without what the file says of itself, at most 2560
    pixels high. `cover.findings` say what shops will not like of it."""
    seen = etags.seen_by(request)
    seen(manuscripts.read(access.context.database, manuscript))
    return etags.tagged(response, given(access, manuscript, picture, seen))


@router.delete(
    "/{manuscript}", status_code=HTTPStatus.NO_CONTENT, summary="Take its cover away",
    dependencies=[etags.NAMED],
)  # fmt: skip
def delete(manuscript: ManuscriptId, request: Request, access: Changing) -> None:
    """The book gets one that is set from its title then."""
    covers.remove_cover(
        access.context.database,
        manuscript,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )


def given(
    access: Access, manuscript: str, picture: bytes, seen: Precondition[Manuscript]
) -> Manuscript:
    """The manuscript with this cover. Raises `Problem` 422 where it is no picture to be shown."""
    try:
        cover = cover_picture.cover_picture(picture)
    except BookError as error:
        words = FAULTS.get(error.finding.rule, FAULTS["image.unreadable"])
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "picture", words) from error
    return covers.set_cover(
        access.context.database, manuscript, cover, actor=access.actor.name, precondition=seen
    )


def shown(
    manuscript: str, request: Request, access: Access, size: Literal["picture", "small"]
) -> Response:
    """The picture, or 304 where the asker has it."""
    database = access.context.database
    cover = manuscripts.read(database, manuscript).cover
    tag = etags.etag(cover.sha256 if cover else "", size)
    if cover is not None and etags.is_known(request, tag):
        return etags.not_modified(tag)
    picture = covers.picture(database, manuscript, size)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return Response(picture, media_type="image/jpeg", headers=headers)
