"""Licences that shops' programs issue, renew and take back, and that readers fetch."""

import contextlib
import tempfile
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from ebook_pipeline.books.protecting.lcp import license as lcp
from ebook_pipeline.books.protecting.lcp.license import LicenseMoment, LicenseRights
from ebook_pipeline.desk import etags, file_answers, licensing
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor_at, page_of, place_in
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.foundation.file_types import suffix_of
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.services.owning.book_rights import book_resource
from ebook_pipeline.services.protecting.license_list import (
    LicenseFilter,
    license_condition,
    list_licenses,
)
from ebook_pipeline.services.protecting.license_records import (
    License,
    LicenseRequest,
    LicenseSale,
)
from ebook_pipeline.services.protecting.licenses import RequestReused

router = APIRouter(prefix="/licenses", tags=["licenses"])
LicenseId = Annotated[str, Path(max_length=100, examples=["0e2f1d9c-5a7b-4f0e-9a53-1f6f6b6f7a01"])]
FORMS = {"epub": "publication", "pdf": "publication-pdf"}
_ISSUED: dict[str, Any] = {
    "book": "jane-eyre",
    "reader": "r-1042",
    "passphrase_sha256": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "hint": "Your passphrase at the shop",
    "rights": {"end": "2027-01-31T00:00:00Z"},
    "may_end": "2027-02-28T00:00:00Z",
}


class LicenseWish(BaseModel):
    """What a shop sells to one reader. The passphrase stays with the reader: its hash comes here.

    `reader` is the shop's own id and stands in the licence: let it be opaque. `holder` is the login
    of the person on whose shelf it is to be, if any.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ISSUED]})
    book: str = Field(max_length=200)
    reader: str = Field(min_length=1, max_length=200)
    passphrase_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    hint: str = Field(default="Your passphrase at the bookshop", min_length=1, max_length=300)
    form: str = Field(default="epub", pattern="^(epub|pdf)$")
    rights: LicenseRights = LicenseRights()
    may_end: LicenseMoment | None = None
    holder: str | None = Field(default=None, max_length=63)


class Renewal(BaseModel):
    """The licence's new end; by the desk's own days if unset."""

    end: LicenseMoment | None = Field(None, examples=["2027-02-28T00:00:00Z"])


@router.post("", status_code=HTTPStatus.CREATED, summary="Issue a licence")
def issue(
    wanted: LicenseWish,
    response: Response,
    access: Annotated[Access, Depends(allow("license", "issue"))],
    idempotency_key: Annotated[
        str, Header(max_length=200, description="Your name of this request: it is issued once.")
    ] = "",
) -> License:
    """A licence for the release that is on sale. Asked again with the same key it is the same."""
    context = access.context
    with context.database.begin() as connection:
        access.require(book_resource(connection, wanted.book, "license"))
    request = LicenseRequest(
        book=wanted.book,
        reader=wanted.reader,
        hint=wanted.hint,
        form=FORMS[wanted.form],
        rights=wanted.rights,
        may_end=wanted.may_end,
    )
    sale = LicenseSale(
        client=access.actor.client if access.actor.is_shop else access.actor.name,
        request=idempotency_key,
        holder=wanted.holder or "",
    )
    hashed = Secret(bytes.fromhex(wanted.passphrase_sha256))
    try:
        made = licensing.licenses_of(context).issue(
            request, hashed, actor=access.actor.name, sale=sale
        )
    except RequestReused as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Problem(status, "idempotency-key-reused", str(error)) from error
    response.headers["Location"] = f"{access.context.addresses.public}/api/v1/licenses/{made.id}"
    return etags.tagged(response, made)


@router.get("", summary="List licences")
def list_them(
    access: Annotated[Access, Depends(allow("license", "read"))],
    book: Annotated[str | None, Query(max_length=200)] = None,
    reader: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    after: After = "",
) -> Page[License]:
    """Licences that you issued, or that are on your shelf, or of your books: the newest first."""
    rows = list_licenses(
        access.context.database,
        LicenseFilter(book=book, reader=reader),
        access.context.clock(),
        visible=license_condition(access.actor),
        after=place_in(after),
        limit=limit + 1,
    )
    return page_of(rows, limit, lambda row: cursor_at(row.issued, row.id))


@router.get("/{license}", summary="Read a licence")
def read(
    license: LicenseId,
    response: Response,
    access: Annotated[Access, Depends(allow("license", "read"))],
) -> License:
    """How the licence stands."""
    return etags.tagged(response, found_license(access, license))


@router.get(
    "/{license}/license.lcpl",
    summary="Download a licence document",
    response_class=Response,
    responses={200: {"content": {lcp.MEDIA_TYPE: {}}}},
)
def read_document(
    license: LicenseId, access: Annotated[Access, Depends(allow("license", "read"))]
) -> Response:
    """The licence as reading systems take it (Readium LCP)."""
    found = found_license(access, license)
    document = licensing.licenses_of(access.context).document(found.id)
    headers = {"Content-Disposition": f'attachment; filename="{found.book}.lcpl"'}
    return Response(document, media_type=lcp.MEDIA_TYPE, headers=headers)


@router.get(
    "/{license}/publication",
    summary="Download the protected publication with its licence",
    response_class=Response,
    responses=file_answers.DESCRIPTION,
)
def read_publication(
    license: LicenseId, access: Annotated[Access, Depends(allow("license", "read"))]
) -> Response:
    """The encrypted book with the licence in it, as one file."""
    found = found_license(access, license)
    licenses = licensing.licenses_of(access.context)
    document, file = licenses.document(found.id), licenses.publication(found.id)
    with contextlib.ExitStack() as made:
        folder = made.enter_context(tempfile.TemporaryDirectory(prefix="ebooks-licence-"))
        protected, licensed = FilePath(folder) / "protected", FilePath(folder) / "licensed"
        access.context.object_store.fetch(file.blob, protected)
        lcp.embed(protected, document, licensed)
        protected.unlink()
        sent = made.pop_all()
    name = f"{found.book}{suffix_of(file.blob.media_type)}"
    headers = file_answers.headers_of(etags.etag_of(found), name)
    return FileResponse(
        licensed,
        media_type=file.blob.media_type,
        headers=headers,
        background=BackgroundTask(sent.close),
    )


@router.post("/{license}/renewal", summary="Renew a licence", dependencies=[etags.NAMED])
def renew(
    license: LicenseId,
    wanted: Renewal,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("license", "renew"))],
) -> License:
    """Let it end later, at most at its `may_end`."""
    found = found_license(access, license)
    renewed = licensing.licenses_of(access.context).renew(
        found.id, wanted.end, actor=access.actor.name, precondition=etags.seen_by(request)
    )
    return etags.tagged(response, renewed)


@router.post("/{license}/return", summary="Return a licence", dependencies=[etags.NAMED])
def give_back(
    license: LicenseId,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("license", "return"))],
) -> License:
    """The reader gives the book back: it is over."""
    found = found_license(access, license)
    returned = licensing.licenses_of(access.context).return_(
        found.id, actor=access.actor.name, precondition=etags.seen_by(request)
    )
    return etags.tagged(response, returned)


@router.post("/{license}/revocation", summary="Revoke a licence", dependencies=[etags.NAMED])
def revoke(
    license: LicenseId,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("license", "revoke"))],
) -> License:
    """The shop takes the licence away: it is over."""
    found = found_license(access, license)
    revoked = licensing.licenses_of(access.context).revoke(
        found.id, actor=access.actor.name, precondition=etags.seen_by(request)
    )
    return etags.tagged(response, revoked)


def found_license(access: Access, license: str) -> License:
    """The licence; a shop's program's own alone, for another's are none of its business."""
    found = licensing.licenses_of(access.context).find(license)
    if access.actor.is_shop and found.client != access.actor.client:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing.")
    return found
