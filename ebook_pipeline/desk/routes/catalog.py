"""What is on sale: search with facets, prices, availability, similar books, excerpts."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ebook_pipeline.books.records import CatalogEntry
from ebook_pipeline.books.releasing.distribution import COVER, PREVIEW
from ebook_pipeline.books.selling.facets import facet
from ebook_pipeline.books.selling.opds import Offer
from ebook_pipeline.books.selling.territories import COUNTRIES, WORLD
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.resources.database import catalog
from ebook_pipeline.services.selling import offers, similar
from ebook_pipeline.services.selling.prices import today

router = APIRouter(prefix="/catalog", tags=["catalog"])
Reading = Annotated[Access, Depends(allow("catalog", "read"))]


def _country(code: str) -> str:
    if code not in COUNTRIES and code != WORLD:
        raise ValueError("a country is two letters of ISO 3166, or WORLD")
    return code


def _facet(word: str) -> str:
    name, _, value = word.partition("=")
    return facet(name, value)


Country = Annotated[
    str,
    Query(min_length=2, max_length=5, examples=["DE"], description="Where it is bought."),
    AfterValidator(_country),
]
Facet = Annotated[str, Field(max_length=200), AfterValidator(_facet)]
_ENTRY: dict[str, Any] = {
    "book": "jane-eyre",
    "edition": 2,
    "release": "jane-eyre-2-8f14e45fceea",
    "title": "Jane Eyre",
    "authors": ["Charlotte Brontë"],
    "language": "en",
    "isbn13": None,
    "published": "2026-11-02",
    "preview": "public/books/jane-eyre/0d6b.epub",
    "cover": "public/books/jane-eyre/77aa.jpg",
}


class SearchPage(BaseModel):
    """A page of what was found; `total` and `facets` are lower bounds unless `complete`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "searched": "jane eyre",
                    "corrected": False,
                    "total": 1,
                    "complete": True,
                    "entries": [_ENTRY],
                    "facets": {"language=en": 1},
                }
            ]
        }
    )
    searched: str
    corrected: bool
    total: int
    complete: bool
    entries: list[CatalogEntry]
    facets: dict[str, int]


class PriceOut(BaseModel):
    """What one pays where it was asked for."""

    amount: Decimal
    currency: str
    type: str = Field(description="ONIX list 58.")
    territory: str = Field(description="Where this price holds.")


class Availability(BaseModel):
    """Whether the book can be bought where it was asked for, and from which day on."""

    book: str
    territory: str
    sold_here: bool
    available: bool
    sold_from: date | None = None


class BookOnSale(BaseModel):
    """A book as a shop shows it; addresses of cover and excerpt are at the edge."""

    entry: CatalogEntry
    subtitle: str | None = None
    description: str = ""
    publishers: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    pages: int = 0
    price: PriceOut | None = None
    availability: Availability
    cover: str | None = None
    preview: str | None = None


class SimilarOut(BaseModel):
    """A book like another, and how alike: 1 at most."""

    likeness: float
    entry: CatalogEntry


class Preview(BaseModel):
    """Where the excerpt is: an EPUB that everybody may read."""

    href: str
    media_type: str


@router.get("/search", summary="Search what is on sale", response_model=SearchPage)
def search(
    access: Reading,
    query: Annotated[str, Query(max_length=400, examples=["pride prejudice"])] = "",
    facet: Annotated[list[Facet], Query(max_length=10, examples=[["language=en"]])] = [],  # noqa: B006
    territory: Country = WORLD,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=catalog.CANDIDATES)] = 0,
    sort: Literal["best", "title"] = "best",
) -> Response:
    """Words, "phrases", `or`, `-without`; narrowed by facets, corrected where it finds nothing.

    The best first, or by title, each as its language files it.
    """
    search = catalog.search_by_title if sort == "title" else catalog.search_with_facets
    found = search(
        access.context.database,
        query,
        facet,
        limit=limit,
        offset=offset,
        territory=None if territory == WORLD else territory,
    )
    # Of what the catalogue has checked nothing is checked again: it is what is asked for most.
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/books/{book}", summary="Read a book on sale")
def read(book: BookId, access: Reading, territory: Country = WORLD) -> BookOnSale:
    """What a shop shows of it; 404 where it is not on sale."""
    offer = _offer(access, book)
    price = _price(offer, territory)
    return BookOnSale(
        entry=offer.entry,
        subtitle=offer.product.subtitle,
        description=offer.product.description,
        publishers=list(offer.product.publishers),
        languages=list(offer.product.languages),
        pages=offer.product.pages,
        price=price,
        availability=_availability(offer, territory),
        cover=_url(access, offer, COVER),
        preview=_url(access, offer, PREVIEW),
    )


@router.get("/books/{book}/price", summary="Read a book's price")
def read_price(book: BookId, access: Reading, territory: Country = WORLD) -> PriceOut:
    """What one pays today in a country; 404 where it has no price there."""
    price = _price(_offer(access, book), territory)
    if price is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-price", "It has no price there.")
    return price


@router.get("/books/{book}/availability", summary="Read where a book is sold")
def read_availability(book: BookId, access: Reading, territory: Country = WORLD) -> Availability:
    """Whether it can be bought today in a country."""
    return _availability(_offer(access, book), territory)


@router.get("/books/{book}/similar", summary="List similar books")
def list_similar(
    book: BookId,
    access: Reading,
    territory: Country = WORLD,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[SimilarOut]:
    """The books on sale that are most like it, the most alike first."""
    place = None if territory == WORLD else territory
    _offer(access, book)
    alike = similar.similar(access.context.database, book, limit, territory=place)
    return [SimilarOut(likeness=one.likeness, entry=one.entry) for one in alike.books]


@router.get("/books/{book}/preview", summary="Find a book's excerpt")
def find_preview(book: BookId, access: Reading) -> Preview:
    """Where the first tenth of the book is."""
    offer = _offer(access, book)
    file = offer.file(PREVIEW)
    if file is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-preview", "It has no excerpt.")
    href = access.context.resources.cdn.url(file.path)
    return Preview(href=href, media_type=file.blob.media_type)


def _offer(access: Access, book: str) -> Offer:
    with offers.snapshot(access.context.database) as connection:
        found = offers.named(connection, [book])
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such book on sale.")
    return found[0]


def _price(offer: Offer, territory: str) -> PriceOut | None:
    rule = offer.terms.price(territory, today(), offer.product.price)
    if rule is None:
        return None
    facts: dict[str, Any] = {
        name: getattr(rule, name) for name in ("amount", "currency", "territory")
    }
    return PriceOut(**facts, type=rule.type.value)


def _availability(offer: Offer, territory: str) -> Availability:
    sold = territory == WORLD or offer.terms.sold_in(territory)
    return Availability(
        book=offer.entry.book,
        territory=territory,
        sold_here=sold,
        available=sold and offer.terms.can_be_bought(today()),
        sold_from=offer.terms.sold_from,
    )


def _url(access: Access, offer: Offer, rel: str) -> str | None:
    file = offer.file(rel)
    return access.context.resources.cdn.url(file.path) if file else None
