"""Covers of manuscripts that are written at the desk: uploaded, shown, taken away."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.writing import cover_picture
from ebook_pipeline.desk import etags, pictures
from ebook_pipeline.desk.access import Access
from ebook_pipeline.desk.routes.manuscripts import PREFIX, Changing, ManuscriptId, Reading
from ebook_pipeline.foundation.errors import BookError, NotFound
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.writing import covers, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

BODY_BYTES = cover_picture.MOST_BYTES
Size = Annotated[Literal["picture", "small"], Query(description="Whole, or 640 pixels high.")]

router = APIRouter(prefix=f"{PREFIX}/cover", tags=["manuscripts"])


@router.get(
    "/{manuscript}", summary="Read a manuscript's cover", response_class=Response,
    responses=pictures.ANSWERED,
)  # fmt: skip
def read(
    manuscript: ManuscriptId, request: Request, access: Reading, size: Size = "picture"
) -> Response:
    """A JPEG; 404 where it has none."""
    return shown(manuscript, request, access, size)


@router.put(
    "/{manuscript}", summary="Give a manuscript a cover", dependencies=[etags.NAMED],
    openapi_extra=pictures.BODY,
)  # fmt: skip
def put(
    manuscript: ManuscriptId,
    request: Request,
    response: Response,
    access: Changing,
    picture: pictures.Sent,
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
        raise pictures.refused(error.finding.rule) from error
    return covers.set_cover(
        access.context.database, manuscript, cover, actor=access.actor.name, precondition=seen
    )


def shown(
    manuscript: str, request: Request, access: Access, size: Literal["picture", "small"]
) -> Response:
    """The picture, or 304 where the asker has it."""
    database = access.context.database
    cover = manuscripts.read(database, manuscript).cover
    if cover is None:
        raise NotFound("the manuscript has no cover")
    read = partial(covers.picture, database, manuscript, size)
    return pictures.shown(request, etags.etag(cover.sha256, size), read)
