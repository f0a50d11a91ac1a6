"""A reader's own licences: the books that they hold, to be fetched, kept longer or given back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.releasing.distribution import COVER, THUMBNAIL
from ebook_pipeline.books.selling.opds import Offer
from ebook_pipeline.desk import etags, licensing, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, cursor_at, page_of, place_in
from ebook_pipeline.desk.routes.licenses import LicenseId, found_license
from ebook_pipeline.desk.routes.pages.covers import picture
from ebook_pipeline.services.protecting.license_list import LicenseFilter, list_licenses
from ebook_pipeline.services.protecting.license_records import License
from ebook_pipeline.services.selling import offers

AT_ONCE = 30
Reading = Annotated[Access, Depends(allow("license", "read"))]
Seen = Annotated[str, Form(max_length=100)]

router = APIRouter(prefix="/licences", include_in_schema=False)


class HeldBook(Record):
    """A licence with the book that it opens; `seen` is the version that its forms are about."""

    license: License
    title: str
    authors: tuple[str, ...] = ()
    on_sale: bool = False
    seen: str


@router.get("")
def show_licences(request: Request, access: Reading, after: After = "", done: str = "") -> Response:
    """What is on one's own shelf, the newest first; what has ended stays to be seen."""
    rows = list_licenses(
        access.context.database,
        LicenseFilter(holder=access.actor.login),
        access.context.clock(),
        after=place_in(after),
        limit=AT_ONCE + 1,
    )
    page = page_of(rows, AT_ONCE, lambda row: cursor_at(row.issued, row.id))
    values = {"held": _held(access, page.items), "next": page.next, "done": done}
    return rendering.render(request, "licences", values)


@router.get("/{license}/cover")
def show_cover(license: LicenseId, request: Request, access: Reading) -> Response:
    """The cover of the book that a licence opens, whether it is still on sale or not."""
    book = found_license(access, license).book
    offer = _offers(access, [book]).get(book)
    file = (offer.file(THUMBNAIL) or offer.file(COVER)) if offer else None
    return picture(request, access.context, file.blob if file else None, f"{book}-cover")


@router.post("/{license}/renewal")
def renew(
    license: LicenseId,
    access: Annotated[Access, Depends(allow("license", "renew"))],
    seen: Seen,
) -> Response:
    """Keep it longer, by the desk's own days."""
    licensing.licenses_of(access.context).renew(
        license, None, actor=access.actor.name, precondition=etags.seen_in_form(seen)
    )
    return rendering.see_other("/licences?done=renewed")


@router.post("/{license}/return")
def give_back(
    license: LicenseId,
    access: Annotated[Access, Depends(allow("license", "return"))],
    seen: Seen,
) -> Response:
    """Give it back before its end: it opens nothing any more."""
    licensing.licenses_of(access.context).return_(
        license, actor=access.actor.name, precondition=etags.seen_in_form(seen)
    )
    return rendering.see_other("/licences?done=returned")


def _held(access: Access, licenses: list[License]) -> list[HeldBook]:
    known = _offers(access, [license.book for license in licenses])
    held = []
    for license in licenses:
        offer = known.get(license.book)
        held.append(
            HeldBook(
                license=license,
                title=offer.entry.title if offer else license.book,
                authors=offer.entry.authors if offer else (),
                on_sale=offer is not None and offer.on_sale,
                seen=etags.etag_of(license),
            )
        )
    return held


def _offers(access: Access, books: list[str]) -> dict[str, Offer]:
    with offers.snapshot(access.context.database) as connection:
        return {offer.entry.book: offer for offer in offers.known(connection, books)}
