"""A page to hand a reader a licence: the passphrase is hashed in the browser and never sent."""

import secrets
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ebook_pipeline.books.protecting.lcp.license import LicenseRights
from ebook_pipeline.desk import licensing, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.licenses import FORMS
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.services.protecting.license_records import License, LicenseRequest, LicenseSale
from ebook_pipeline.services.releasing import releases

router = APIRouter(prefix="/shop", include_in_schema=False)
Issuing = Annotated[Access, Depends(allow("license", "issue"))]


class LicenceForm(BaseModel):
    """What was typed; `request` names this filling-in, so that sending it twice is one licence."""

    model_config = ConfigDict(extra="ignore")
    reader: str = Field(min_length=1, max_length=200)
    passphrase_sha256: str = Field("", max_length=64)
    hint: str = Field(min_length=1, max_length=300)
    form: str = "epub"
    until: str = Field("", max_length=10)
    holder: str = Field("", max_length=63)
    request: str = Field("", max_length=64)

    def end(self) -> datetime | None:
        """The last moment of the day that was chosen. Raises ValueError for what is no day."""
        if not self.until:
            return None
        return datetime.combine(date.fromisoformat(self.until), time(23, 59, 59), UTC)


@router.get("/{book}/licence")
def show_form(book: BookId, request: Request, access: Issuing) -> Response:
    """For whom, and on what terms."""
    return _page(request, access, book, {"request": secrets.token_urlsafe(16)})


@router.post("/{book}/licence")
def issue(
    book: BookId, request: Request, access: Issuing, form: Annotated[LicenceForm, Form()]
) -> Response:
    """The licence, ready to be taken along."""
    typed = form.model_dump(exclude={"passphrase_sha256"})
    try:
        hashed, end = bytes.fromhex(form.passphrase_sha256), form.end()
    except ValueError:
        return _page(request, access, book, typed, "wrong")
    if len(hashed) != 32 or form.form not in FORMS:
        return _page(request, access, book, typed, "wrong")
    try:
        made = _issued(access, book, form, Secret(hashed), end)
    except ServiceError as error:
        return _page(request, access, book, typed, "refused", str(error))
    return rendering.render(request, "licence", {"licence": made, "title": _title(access, book)})


def _issued(
    access: Access, book: str, form: LicenceForm, hashed: Secret, end: datetime | None
) -> License:
    wanted = LicenseRequest(
        book=book,
        reader=form.reader,
        hint=form.hint,
        form=FORMS[form.form],
        rights=LicenseRights(end=end),
    )
    sale = LicenseSale(client=access.actor.name, request=form.request, holder=form.holder.strip())
    licenses = licensing.licenses_of(access.context)
    return licenses.issue(wanted, hashed, actor=access.actor.name, sale=sale)


def _title(access: Access, book: str) -> str:
    live = releases.current(access.context.database, book)
    if live is None or live.state != "live":
        raise NotFound("there is no such book on sale")
    return live.entry.title


def _page(
    request: Request,
    access: Access,
    book: str,
    typed: dict[str, Any],
    problem: str = "",
    detail: str = "",
) -> Response:
    title = _title(access, book)
    values = {
        "book": book, "title": title, "typed": typed, "wrong": problem, "detail": detail,
        "forms": list(FORMS),
    }  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return rendering.render(request, "licence_form", values, status)
