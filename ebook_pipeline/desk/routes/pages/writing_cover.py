"""The cover of a manuscript in the writing room: its form, and the picture that the page shows."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import Response

from ebook_pipeline.books.writing.cover_picture import MOST_BYTES
from ebook_pipeline.desk import etags, rendering
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.manuscript_covers import given, shown
from ebook_pipeline.desk.routes.manuscripts import Changing, ManuscriptId, Reading
from ebook_pipeline.desk.routes.pages.writing import Tag, manuscript_page
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.services.writing import covers, manuscripts

BODY_BYTES = MOST_BYTES + 65_536

router = APIRouter(prefix="/write/cover", include_in_schema=False)


@router.get("/{manuscript}")
def show(manuscript: ManuscriptId, request: Request, access: Reading) -> Response:
    """As the page shows it."""
    return shown(manuscript, request, access, "small")


@router.post("/{manuscript}")
def change(
    manuscript: ManuscriptId,
    request: Request,
    access: Changing,
    picture: UploadFile,
    tag: Annotated[Tag, Form()] = "",
) -> Response:
    """Another picture; what is wrong with it is said on the page."""
    try:
        given(access, manuscript, picture.file.read(MOST_BYTES + 1), etags.seen_in_form(tag))
    except (Problem, Denied) as error:
        now = manuscripts.read(access.context.database, manuscript)
        return manuscript_page(request, access, now, [words_of(error)])
    return rendering.see_other(f"/write/{manuscript}#cover")


@router.post("/{manuscript}/remove")
def remove(manuscript: ManuscriptId, access: Changing) -> Response:
    """No picture."""
    covers.remove_cover(access.context.database, manuscript, actor=access.actor.name)
    return rendering.see_other(f"/write/{manuscript}#cover")
