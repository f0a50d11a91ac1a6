"""A job's file sent straight into the bucket: the second way, where the desk runs over one."""

from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.ingestion import Ingestion, Working
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.uploads import begin_of, location_of, told
from ebook_pipeline.desk.uploading import tus
from ebook_pipeline.services.intake import uploads
from ebook_pipeline.services.intake.uploads import Upload, UploadRequest

router = APIRouter(tags=["uploads"])
MAY_UPLOAD = Depends(allow("job", "upload"))
_LINK_SECONDS = 3600
_LARGEST_PUT = 5 << 30
"""S3 takes no more at once, https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""


class DirectUploadIn(BaseModel):
    """A file that is to be sent past the desk."""

    filename: str = Field(max_length=1000, examples=["emma.epub"])
    length: int = Field(ge=1, le=1 << 50, examples=[2_345_678])
    filetype: str = Field("", max_length=200)
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")


class DirectUpload(BaseModel):
    """Where the whole file may be PUT until the link ends; then POST to `complete`."""

    upload: str
    url: str
    complete: str
    expires_in_seconds: int


@router.post("/jobs/{job}/direct-uploads", status_code=HTTPStatus.CREATED)
def begin_direct_upload(
    job: str,
    file: DirectUploadIn,
    request: Request,
    access: Annotated[Access, MAY_UPLOAD],
    ingestion: Working,
) -> DirectUpload:
    """Begin to send a job's file straight into the bucket, where the desk runs over one.

    Elsewhere, and for more than 5 GiB: 409, use tus.
    """
    asked = UploadRequest(
        job=job,
        name=file.filename,
        length=file.length,
        media_type=file.filetype,
        promised=file.sha256,
        way="direct",
    )
    if file.length > _LARGEST_PUT or ingestion.store.direct_url("probe", 1, 1) is None:
        raise Problem(HTTPStatus.CONFLICT, "no-direct-upload", "Send this file by tus.")
    with told():
        upload = begin_of(asked, access, ingestion)
        url = ingestion.store.direct_url(upload.id, upload.length, _LINK_SECONDS)
    assert url is not None
    return DirectUpload(
        upload=upload.id,
        url=url,
        complete=location_of(request, upload) + "/complete",
        expires_in_seconds=_LINK_SECONDS,
    )


@router.post(
    "/uploads/{upload}/complete", status_code=HTTPStatus.NO_CONTENT, dependencies=[MAY_UPLOAD]
)
async def complete_direct_upload(upload: str, ingestion: Working) -> Response:
    """Say that a file which was sent straight into the bucket is there. Again, it changes nothing.

    404 where it is not there yet, 409 where it has another length than was said.
    """
    with told():
        found = await to_thread.run_sync(_arrived, upload, ingestion)
        if found.state == "whole":
            found = await ingestion.receiver.land(found)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=tus.state_of(found))


def _arrived(upload: str, ingestion: Ingestion) -> Upload:
    database = ingestion.context.database
    found = uploads.read(database, upload)
    uploads.require_open(found)
    if found.way != "direct" or found.state != "open":
        return found
    ingestion.store.complete(found.ref)
    return uploads.arrived(database, found, ingestion.limits.kept)
