"""uploadManuscript: a job's file by tus 1.0, which goes on where a connection broke.

https://tus.io/protocols/resumable-upload
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from ebook_pipeline.desk import problems
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.ingestion import Ingestion, Working
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.request_ids import request_id
from ebook_pipeline.desk.uploading import tus
from ebook_pipeline.desk.uploading.receiving import (
    Preempted,
    TooMuch,
    TooSlow,
    WrongChecksum,
)
from ebook_pipeline.foundation.errors import ServiceError, StoreFull
from ebook_pipeline.services.intake import uploads
from ebook_pipeline.services.intake.job_rights import job_resource
from ebook_pipeline.services.intake.jobs import TooLate
from ebook_pipeline.services.intake.uploads import (
    Held,
    Offset,
    QuotaUsedUp,
    Upload,
    UploadRequest,
)

router = APIRouter(prefix="/uploads", tags=["uploads"])
BODY_BYTES = 1 << 50
"""The upload's own length is the limit of what one request brings."""
MAY_UPLOAD = Depends(allow("job", "upload"))
MayUpload = Annotated[Access, MAY_UPLOAD]
_PATH = "/{upload}"
_ANYBODYS = [Depends(everybody("what the protocol can"))]
_STATUS: tuple[tuple[type[ServiceError], HTTPStatus, str], ...] = (
    (Offset, HTTPStatus.CONFLICT, "upload-offset"),
    (Preempted, HTTPStatus.CONFLICT, "upload-preempted"),
    (TooLate, HTTPStatus.CONFLICT, "too-late"),
    (Held, HTTPStatus.LOCKED, "upload-held"),
    (TooMuch, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "upload-too-much"),
    (TooSlow, HTTPStatus.REQUEST_TIMEOUT, "too-slow"),
    (StoreFull, HTTPStatus.INSUFFICIENT_STORAGE, "store-full"),
)


@router.options("", status_code=HTTPStatus.NO_CONTENT, dependencies=_ANYBODYS)
@router.options(_PATH, status_code=HTTPStatus.NO_CONTENT, dependencies=_ANYBODYS)
def describe_uploads(ingestion: Working) -> Response:
    """Which parts of tus this server has."""
    headers = tus.options(ingestion.limits.bytes_of_file)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="uploadManuscript",
    response_class=Response,
)
async def begin_upload(
    request: Request,
    access: MayUpload,
    ingestion: Working,
    job: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """Begin to send a job's file, perhaps with its first bytes.

    `Upload-Length`: the file's bytes. `Upload-Metadata`: `job` (or in the query), `filename`,
    `filetype`, and `sha256` of the whole file, if you know it. The answer's `Location` is where
    its bytes go by PATCH.
    """
    tus.require_version(request)
    pairs = tus.metadata(request)
    asked = UploadRequest(
        job=job or pairs.get("job", ""),
        name=pairs.get("filename") or pairs.get("name") or "",
        length=tus.number(request, "Upload-Length"),
        media_type=pairs.get("filetype") or pairs.get("type") or "",
        promised=tus.promised(pairs),
    )
    checksum = tus.checksum(request)
    with told():
        upload = await _begun(asked, access, ingestion)
    location = {"Location": location_of(request, upload)}
    if request.headers.get("content-type", "").strip().lower() == tus.BODY_TYPE:
        body = request.stream()
        with told(location):
            upload = await ingestion.receiver.receive(upload.id, 0, body, checksum)
    headers = tus.state_of(upload) | location
    return Response(status_code=HTTPStatus.CREATED, headers=headers)


@router.head(_PATH, response_class=Response, dependencies=[MAY_UPLOAD])
async def read_upload(upload: str, ingestion: Working) -> Response:
    """How many bytes of the upload have come: go on after them."""
    with told():
        found = await ingestion.receiver.look(upload)
        uploads.require_open(found)
    headers = tus.state_of(found) | {"Upload-Length": str(found.length)}
    return Response(status_code=HTTPStatus.OK, headers=headers)


@router.patch(_PATH, status_code=HTTPStatus.NO_CONTENT, dependencies=[MAY_UPLOAD])
async def continue_upload(upload: str, request: Request, ingestion: Working) -> Response:
    """Send what follows `Upload-Offset`; `Upload-Checksum` is of these bytes."""
    return await _continue(upload, request, ingestion)


@router.delete(_PATH, status_code=HTTPStatus.NO_CONTENT)
def end_upload(upload: str, request: Request, access: MayUpload, ingestion: Working) -> Response:
    """Give the upload up; its job waits for another file."""
    return _end(upload, request, access, ingestion)


@router.post(_PATH, include_in_schema=False)
async def overridden(
    upload: str, request: Request, access: MayUpload, ingestion: Working
) -> Response:
    """PATCH and DELETE for those whose network lets neither through (X-HTTP-Method-Override)."""
    match request.headers.get("x-http-method-override"):
        case "PATCH":
            return await _continue(upload, request, ingestion)
        case "DELETE":
            return await to_thread.run_sync(_end, upload, request, access, ingestion)
    raise tus.bad("Use PATCH.", HTTPStatus.METHOD_NOT_ALLOWED, "method", {"Allow": "PATCH"})


async def _begun(asked: UploadRequest, access: Access, ingestion: Ingestion) -> Upload:
    return await to_thread.run_sync(begin_of, asked, access, ingestion)


def begin_of(asked: UploadRequest, access: Access, ingestion: Ingestion) -> Upload:
    actor = access.actor
    with ingestion.context.database.begin() as connection:
        access.require(job_resource(connection, asked.job))
    return uploads.begin(
        ingestion.context.database,
        ingestion.store,
        asked,
        ingestion.limits,
        sender=actor.login or actor.name,
        actor=actor.name,
    )


async def _continue(upload: str, request: Request, ingestion: Ingestion) -> Response:
    tus.require_version(request)
    tus.require_body_type(request)
    offset = tus.number(request, "Upload-Offset")
    checksum = tus.checksum(request)
    try:
        with told():
            found = await ingestion.receiver.receive(upload, offset, _body(request), checksum)
    except WrongChecksum as error:
        return _mismatch(request, error)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=tus.state_of(found))


def _end(upload: str, request: Request, access: Access, ingestion: Ingestion) -> Response:
    tus.require_version(request)
    with told():
        database = ingestion.context.database
        uploads.terminate(database, ingestion.store, upload, actor=access.actor.name)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=tus.RESUMABLE)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def _mismatch(request: Request, error: WrongChecksum) -> Response:
    """460, which HTTP itself does not know."""
    document = {
        "type": "about:blank",
        "title": "Checksum Mismatch",
        "status": tus.CHECKSUM_MISMATCH,
        "detail": str(error),
        "code": "upload-checksum",
        "request_id": request_id(request),
    }
    return JSONResponse(
        document, tus.CHECKSUM_MISMATCH, tus.RESUMABLE, media_type=problems.MEDIA_TYPE
    )


def location_of(request: Request, upload: Upload) -> str:
    return f"{request.state.origin}/api/v1/uploads/{upload.id}"


@contextmanager
def told(headers: dict[str, str] | None = None) -> Iterator[None]:
    """Errors as tus has them."""
    own: dict[str, Any] = tus.RESUMABLE | (headers or {})
    try:
        yield
    except QuotaUsedUp as error:
        wait = {"Retry-After": str(round(error.seconds) + 1)}
        status = HTTPStatus.TOO_MANY_REQUESTS
        raise Problem(status, "quota-used-up", str(error), own | wait) from error
    except ClientDisconnect as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "disconnected", "", own) from error
    except WrongChecksum:
        raise
    except ServiceError as error:
        for kind, status, code in _STATUS:
            if isinstance(error, kind):
                raise Problem(status, code, str(error), own) from error
        raise
