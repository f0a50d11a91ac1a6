"""A file of somebody's brought into the writing room, as chapters."""

import shutil
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from ebook_pipeline.books.writing.manuscript_file import ImportedManuscript
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.jobs import account_of
from ebook_pipeline.desk.routes.manuscript_import import Creating, file_named, imported_from
from ebook_pipeline.desk.routes.manuscripts import Changing, ManuscriptId
from ebook_pipeline.foundation.errors import BookError, NotFound, ServiceError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.services.writing import importing, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

router = APIRouter(prefix="/write/import", include_in_schema=False)
Given = Annotated[UploadFile, File()]


@router.post("")
def begin(
    request: Request,
    access: Creating,
    file: Given,
    account: Annotated[str, Form(max_length=63)] = "",
) -> Response:
    """A manuscript of the file's chapters, which is opened; what is not in them is said first."""
    owner = account_of(account or None, access)
    access.require(manuscripts.of_account(owner))
    try:
        imported = _read(file, access)
        made = importing.begin_with(
            access.context.database, owner, imported, actor=access.actor.name
        )
    except (BookError, Problem, ServiceError) as error:
        return _refused(request, error, "/write")
    return _brought(request, made, imported)


@router.post("/{manuscript}")
def append(manuscript: ManuscriptId, request: Request, access: Changing, file: Given) -> Response:
    """The file's chapters behind those that there are."""
    try:
        imported = _read(file, access)
        after = importing.append(
            access.context.database, manuscript, imported, actor=access.actor.name
        )
    except NotFound:
        raise
    except (BookError, Problem, ServiceError) as error:
        return _refused(request, error, f"/write/{manuscript}")
    return _brought(request, after, imported)


def _read(file: UploadFile, access: Access) -> ImportedManuscript:
    with file_named(file.filename or "") as source:
        with source.open("wb") as written:
            shutil.copyfileobj(file.file, written)
        return imported_from(source, access)


def _brought(request: Request, after: Manuscript, imported: ImportedManuscript) -> Response:
    """To the manuscript; by a page that says what is not in it, where something is to be said."""
    told = [one for one in imported.findings if one.severity > Severity.INFO]
    if not told:
        return rendering.see_other(f"/write/{after.id}")
    values = {
        "manuscript": after,
        "added": len(imported.chapters),
        "findings": told,
        "back": f"/write/{after.id}",
    }
    return rendering.render(request, "imported", values)


def _refused(request: Request, error: BookError | Problem | ServiceError, back: str) -> Response:
    """Why nothing was taken, and the way back."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, Problem):
        status = HTTPStatus(error.status_code)
    findings = [error.finding] if isinstance(error, BookError) else []
    wrong = "" if findings else words_of(error)
    values = {"manuscript": None, "added": 0, "findings": findings, "wrong": wrong, "back": back}
    return rendering.render(request, "imported", values, status)
