"""Manuscripts that were written elsewhere, as chapters: the file is read while the asker waits."""

import contextlib
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from ebook_pipeline.books.owning.upload_names import upload_name
from ebook_pipeline.books.writing.manuscript_file import ImportedManuscript
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.jobs import account_of
from ebook_pipeline.desk.routes.manuscripts import PREFIX, Changing, ManuscriptId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.book_tools import conversion_tools
from ebook_pipeline.services.writing import importing, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

BODY_BYTES = 50 << 20
"""Of a file: what is larger has pictures, which no chapter holds."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Files that a process reads at a time: each is some seconds of work, and hundreds of MiB."""
_RETRY_SECONDS = 10
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "examples": ["PK…"]}
            }
        },
    }
}

router = APIRouter(prefix=f"{PREFIX}/import", tags=["manuscripts"])
Creating = Annotated[Access, Depends(allow("manuscript", "create"))]
FileName = Annotated[
    str, Query(max_length=200, description="The file's name, such as `river.docx`.")
]


class ImportedOut(BaseModel):
    """The manuscript with the chapters that came, and what of the file is not in them."""

    manuscript: Manuscript
    added: int
    findings: tuple[Finding, ...]


@contextlib.contextmanager
def file_named(name: str) -> Iterator[Path]:
    """Where a file that somebody called so is kept meanwhile. Raises as `upload_name` does."""
    with tempfile.TemporaryDirectory(prefix="ebooks-sent-") as folder:
        yield Path(folder) / upload_name(name)


async def _sent(request: Request, name: FileName = "manuscript") -> AsyncIterator[Path]:
    """The body as a file of that name, as long as the request lasts."""
    with file_named(name) as path:
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        yield path


Sent = Annotated[Path, Depends(_sent)]


@router.post("", status_code=HTTPStatus.CREATED, summary="Begin with a file", openapi_extra=_BODY)
def begin(
    source: Sent,
    response: Response,
    access: Creating,
    account: Annotated[str | None, Query(max_length=63)] = None,
) -> ImportedOut:
    """A manuscript of the chapters of an EPUB, or of a DOCX, ODT, RTF, HTML, Markdown or text
    file, with the cover that it has. What no chapter holds, such as pictures, is told."""
    owner = account_of(account, access)
    access.require(manuscripts.of_account(owner))
    imported = imported_from(source, access)
    made = importing.begin_with(access.context.database, owner, imported, actor=access.actor.name)
    response.headers["Location"] = f"/api/v1/manuscripts/{made.id}"
    return _told(etags.tagged(response, made), imported)


@router.post(
    "/{manuscript}", summary="Add a file's chapters", dependencies=[etags.NAMED],
    openapi_extra=_BODY,
)  # fmt: skip
def append(
    manuscript: ManuscriptId,
    source: Sent,
    request: Request,
    response: Response,
    access: Changing,
) -> ImportedOut:
    """Behind those that there are; its cover where the manuscript has none."""
    seen = etags.seen_by(request)
    seen(manuscripts.read(access.context.database, manuscript))
    imported = imported_from(source, access)
    after = importing.append(
        access.context.database, manuscript, imported, actor=access.actor.name, precondition=seen
    )
    return _told(etags.tagged(response, after), imported)


def imported_from(source: Path, access: Access) -> ImportedManuscript:
    """What is read of the file. Raises `Problem` while others are read, and as reading does."""
    from ebook_pipeline.books.writing.importing import import_manuscript

    with _turn():
        return import_manuscript(source, conversion_tools(access.context.resources))


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(blocking=False):
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "busy",
            "Other files are being read. Try again in a few seconds.",
            {"Retry-After": str(_RETRY_SECONDS)},
        )
    try:
        yield
    finally:
        _AT_ONCE.release()


def _told(made: Manuscript, imported: ImportedManuscript) -> ImportedOut:
    return ImportedOut(manuscript=made, added=len(imported.chapters), findings=imported.findings)
