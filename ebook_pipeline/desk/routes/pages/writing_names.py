"""Named versions in the writing room: a name is given, two are put side by side."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.manuscript_names import VersionName
from ebook_pipeline.desk.routes.manuscripts import Changing, ManuscriptId, Reading
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.services.writing import manuscripts, naming

router = APIRouter(prefix="/write", include_in_schema=False)
Name = Annotated[str, Form(max_length=naming.LONGEST_NAME)]


@router.post("/{manuscript}/names")
def change_names(
    manuscript: ManuscriptId, request: Request, access: Changing, name: Name = "", gone: Name = ""
) -> Response:
    """Give the state that stands a name, or take one away."""
    database, actor = access.context.database, access.actor.name
    try:
        if gone:
            naming.forget(database, manuscript, gone, actor=actor)
        else:
            naming.name(database, manuscript, name, actor=actor)
    except NotFound:
        pass  # it was gone already
    except (Problem, ServiceError) as error:
        return _page(request, access, manuscript, wrong=words_of(error))
    return rendering.see_other(f"/write/{manuscript}/compare")


@router.get("/{manuscript}/compare")
def show_changes(
    manuscript: ManuscriptId,
    request: Request,
    access: Reading,
    before: VersionName | None = None,
    after: VersionName = "",
) -> Response:
    """Two of them side by side; at first the last name and what stands now."""
    return _page(request, access, manuscript, before, after)


def _page(
    request: Request,
    access: Access,
    manuscript: str,
    before: str | None = "",
    after: str = "",
    wrong: str = "",
) -> Response:
    database = access.context.database
    names = naming.names(database, manuscript)
    if before is None:
        before = names[0].name if names else ""
    values = {
        "manuscript": manuscripts.read(database, manuscript),
        "names": names,
        "found": naming.changes(database, manuscript, before, after),
        "before": before,
        "after": after,
        "wrong": wrong,
        "longest": naming.LONGEST_NAME,
        "may_change": access.may("manuscript", "change"),
    }
    return rendering.render(request, "named_versions", values)
