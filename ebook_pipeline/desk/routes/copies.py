"""Copies for buyers: made of a release's master when a shop's program asks, and not kept."""

import contextlib
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from ebook_pipeline.desk import file_answers, licensing
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.services.owning.book_rights import book_resource
from ebook_pipeline.services.protecting.copies import BuyerCopy, Sale

router = APIRouter(prefix="/copies", tags=["copies"])
_MEDIA_TYPES = {"epub": "application/epub+zip", "pdf": "application/pdf"}


class CopyWish(BaseModel):
    """What a shop sold. `order` is its own, and stands in the copy: let it be opaque.

    `name` stands on the copy's pages; `password` opens a PDF that is sold with one.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"book": "emma", "order": "A-1042", "name": "Zoë Berg"}]}
    )
    book: str = Field(max_length=200)
    order: str = Field(min_length=1, max_length=200)
    name: str = Field(default="", max_length=200)
    form: Literal["epub", "pdf"] | None = None
    password: SecretStr | None = Field(default=None, min_length=1, max_length=127)


@router.post(
    "",
    summary="Make a buyer's copy",
    response_class=Response,
    responses=file_answers.DESCRIPTION,
)
def make(wanted: CopyWish, access: Annotated[Access, Depends(allow("copy", "make"))]) -> Response:
    """The order's copy, as a file. Asked again for the same order it is of the same release."""
    context = access.context
    with context.database.begin() as connection:
        access.require(book_resource(connection, wanted.book, "copy"))
    sale = Sale(
        book=wanted.book,
        order=wanted.order,
        name=wanted.name,
        form=wanted.form,
        client=_client(access),
    )
    given = wanted.password
    password = Secret(given.get_secret_value().encode()) if given else None
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ebooks-copy-"))
        copy = Path(folder) / "copy"
        try:
            made = licensing.copies_of(context).make(
                sale, copy, actor=access.actor.name, password=password
            )
        except ValidationError as error:
            status, detail = HTTPStatus.UNPROCESSABLE_ENTITY, "No page can show this order or name."
            raise Problem(status, "invalid", detail) from error
        sent = stack.pop_all()
    headers = file_answers.headers_of(f'"{made.sha256}"', f"{made.book}.{made.form}")
    return FileResponse(
        copy,
        media_type=_MEDIA_TYPES[made.form],
        headers=headers,
        background=BackgroundTask(sent.close),
    )


@router.get("", summary="List an order's copies")
def list_them(
    order: Annotated[str, Query(min_length=1, max_length=200)],
    access: Annotated[Access, Depends(allow("copy", "read"))],
) -> list[BuyerCopy]:
    """Every copy that was made for this order; of your own orders alone."""
    copies = licensing.copies_of(access.context)
    return list(copies.of_order(order, _client(access)))


def _client(access: Access) -> str:
    """Whose orders alone these are: a shop's program's; everybody's for operators."""
    return access.actor.client if access.actor.is_shop else ""
