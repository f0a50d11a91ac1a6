"""The catalogue as reading apps browse it (OPDS 2.0), and the shelf that they sign in for."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse

from ebook_pipeline.books.protecting.lcp import license as lcp
from ebook_pipeline.books.selling.facets import FACETS
from ebook_pipeline.books.selling.opds import FEED, PUBLICATION, Json, ShopUrls
from ebook_pipeline.books.selling.opds.authentication import (
    AUTHENTICATION,
    DOCUMENT,
    authentication_document,
)
from ebook_pipeline.desk import licensing
from ebook_pipeline.desk.access import Access, allow, everybody
from ebook_pipeline.desk.basic_authentication import CHALLENGE
from ebook_pipeline.desk.context import Context, DeskContext, context_of
from ebook_pipeline.desk.paging import After, cursor_at, place_in
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.licenses import LicenseId, found_license
from ebook_pipeline.services.protecting import shelf_feed
from ebook_pipeline.services.protecting.license_list import LicenseFilter, list_licenses
from ebook_pipeline.services.protecting.shelf_feed import SHELF_PAGE
from ebook_pipeline.services.selling import feed_root, feeds

_TITLE = "Catalogue"
_DESCRIPTION = "Sign in with your login and the password that you made for this app at the desk."


class _Signing(APIRoute):
    """A route whose 401 is the Authentication Document (§2.4), as reading apps want it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                if problem.status_code != HTTPStatus.UNAUTHORIZED:
                    raise
                context = context_of(request)
                headers = {"WWW-Authenticate": CHALLENGE, "Cache-Control": "no-store"}
                status = HTTPStatus.UNAUTHORIZED.value
                return JSONResponse(_document(context), status, headers, AUTHENTICATION)

        return told


_SIGN_IN: dict[int | str, dict[str, Any]] = {
    401: {"description": "How to sign in.", "content": {AUTHENTICATION: {}}}
}
router = APIRouter(prefix=licensing.FEEDS, tags=["opds"], route_class=_Signing, responses=_SIGN_IN)
Browsing = Annotated[Access, Depends(allow("catalog", "read"))]
Reading = Annotated[Access, Depends(allow("license", "read"))]
_FEED: dict[int | str, dict[str, Any]] = {200: {"content": {FEED: {}}}}
_PUBLICATION: dict[int | str, dict[str, Any]] = {200: {"content": {PUBLICATION: {}}}}
_AUTHENTICATION: dict[int | str, dict[str, Any]] = {200: {"content": {AUTHENTICATION: {}}}}


def _facets(
    language: Annotated[str | None, Query(max_length=120)] = None,
    genre: Annotated[str | None, Query(max_length=120)] = None,
    form: Annotated[str | None, Query(alias="format", max_length=120)] = None,
    audience: Annotated[str | None, Query(max_length=120)] = None,
    accessibility: Annotated[str | None, Query(max_length=120)] = None,
    publisher: Annotated[str | None, Query(max_length=120)] = None,
) -> list[str]:
    """The facets that a list is narrowed by; an empty one is none: apps expand templates so."""
    given = (language, genre, form, audience, accessibility, publisher)
    return [f"{name}={value}" for name, value in zip(FACETS, given, strict=True) if value]


Facets = Annotated[list[str], Depends(_facets)]


@router.get(
    "/authentication",
    summary="How a reading app signs in",
    response_class=Response,
    responses=_AUTHENTICATION,
    dependencies=[Depends(everybody("one must know how to sign in before one has"))],
)
def read_authentication(context: Context) -> Response:
    """The Authentication Document of Authentication for OPDS 1.0."""
    return JSONResponse(_document(context), media_type=AUTHENTICATION)


@router.get("", summary="The catalogue's first page", response_class=Response, responses=_FEED)
def read_root(access: Browsing) -> Response:
    """The newest books, ways to the others, the search and your shelf."""
    return _feed(access, feed_root.root(access.context.database, _shop(access)))


@router.get("/browse", summary="Browse books", response_class=Response, responses=_FEED)
def browse(
    access: Browsing, facets: Facets, after: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """The newest books that have all of these facets, a page at a time."""
    feed = feeds.browse(access.context.database, _shop(access), facets, after=after)
    return _feed(access, feed)


@router.get("/search", summary="Search books", response_class=Response, responses=_FEED)
def search(
    access: Browsing,
    facets: Facets,
    query: Annotated[str, Query(max_length=400)] = "",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Books by words, the best first, a page at a time."""
    shop = _shop(access)
    return _feed(access, feeds.search(access.context.database, shop, query, facets, page=page))


@router.get("/by/{name}", summary="List values", response_class=Response, responses=_FEED)
def list_values(
    access: Browsing, name: Annotated[str, Path(max_length=40, examples=["language"])]
) -> Response:
    """Every language, genre or publisher that books can be browsed by."""
    return _feed(access, feed_root.values(access.context.database, _shop(access), name))


@router.get(
    "/books/{book}.json",
    summary="A publication",
    response_class=Response,
    responses=_PUBLICATION,
)
def read_publication(access: Browsing, book: BookId) -> Response:
    """One book: its description, its price, its excerpt."""
    document = feeds.book_document(access.context.database, _shop(access), book)
    return _feed(access, document, PUBLICATION)


@router.get(
    "/books/{book}/related.json",
    summary="Related publications",
    response_class=Response,
    responses=_FEED,
)
def read_related(access: Browsing, book: BookId) -> Response:
    """Other editions, and books that are alike."""
    return _feed(access, feeds.related(access.context.database, _shop(access), book))


@router.get("/shelf", summary="Your shelf", response_class=Response, responses=_FEED)
def read_shelf(access: Reading, after: After = "") -> Response:
    """What you hold licences of, each with where its licence is fetched."""
    context, shop = access.context, _shop(access)
    held = list_licenses(
        context.database,
        LicenseFilter(holder=access.actor.login),
        context.clock(),
        after=place_in(after),
        limit=SHELF_PAGE + 1,
    )
    shown = [license for license in held[:SHELF_PAGE] if license.state.usable]
    last = held[SHELF_PAGE - 1] if len(held) > SHELF_PAGE else None
    further = f"?after={cursor_at(last.issued, last.id)}" if last else ""
    address = shop.feed("shelf") + further if further else ""
    feed = shelf_feed.shelf(context.database, shop, shown, next_page=address)
    return _feed(access, feed, kept="no-store")


@router.get(
    "/shelf/{license}/license.lcpl",
    summary="A licence of your shelf",
    response_class=Response,
    responses={200: {"content": {lcp.MEDIA_TYPE: {}}}},
)
def read_license(access: Reading, license: LicenseId) -> Response:
    """The Licence Document, which leads the app to the publication."""
    found = found_license(access, license)
    document = licensing.licenses_of(access.context).document(found.id)
    headers = {"Content-Disposition": 'attachment; filename="license.lcpl"'}
    return Response(document, media_type=lcp.MEDIA_TYPE, headers=headers)


def _shop(access: Access) -> ShopUrls:
    return licensing.shop_urls(access.context)


def _document(context: DeskContext) -> Json:
    return authentication_document(_how_to_sign_in(context), _TITLE, _DESCRIPTION)


def _how_to_sign_in(context: DeskContext) -> str:
    return f"{context.addresses.public}{licensing.FEEDS}/authentication"


def _feed(
    access: Access, document: Json, media_type: str = FEED, kept: str = "private, max-age=60"
) -> Response:
    """A document, with where one learns how to sign in (§2.4)."""
    address = _how_to_sign_in(access.context)
    told = f'<{address}>; rel="{DOCUMENT}"; type="{AUTHENTICATION}"'
    headers = {"Link": told, "Cache-Control": kept, "Vary": "Authorization, Cookie"}
    return JSONResponse(document, media_type=media_type, headers=headers)
