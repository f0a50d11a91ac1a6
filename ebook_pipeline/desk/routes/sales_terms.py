"""At what price a book is sold, where, and from which day: read and set by who may."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.selling.sales_terms import PriceRule, SalesRight, SalesTerms
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.services.selling import availability, prices

router = APIRouter(prefix="/books/{book}/terms", tags=["selling"])
Changing = Annotated[Access, Depends(allow("price", "change"))]
_PRICE = {"amount": "9.99", "currency": "EUR", "territory": "DE"}
NewPrice = Annotated[PriceRule, Body(examples=[_PRICE])]


class Rights(BaseModel):
    """Whether the book may be sold in these territories; what is said of others stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rights": [{"territory": "US", "type": "03"}]}]}
    )
    rights: list[SalesRight] = Field(min_length=1, max_length=300)


class FirstDay(BaseModel):
    """The day from which the book is sold; null: at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sold_from": "2027-03-01"}]})
    sold_from: date | None


@router.get("", summary="Read at what terms a book is sold")
def read(
    book: BookId, response: Response, access: Annotated[Access, Depends(allow("price", "read"))]
) -> SalesTerms:
    """All prices, past and to come, all rights, and the first day."""
    return etags.tagged(response, prices.sales_terms(access.context.database, book))


@router.post("/prices", summary="Set a price", dependencies=[etags.NAMED])
def set_price(
    book: BookId, rule: NewPrice, request: Request, response: Response, access: Changing
) -> SalesTerms:
    """A price for a territory, from a day on: the one that began last holds."""
    terms = prices.set_price(
        access.context.database,
        book,
        rule,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, terms)


@router.delete("/prices/{territory}/{currency}", summary="End a price", dependencies=[etags.NAMED])
def end_price(
    book: BookId,
    territory: str,
    currency: str,
    request: Request,
    response: Response,
    access: Changing,
    on: Annotated[date | None, Query(description="Today, if unset.")] = None,
) -> SalesTerms:
    """No price in this territory and currency holds from that day on."""
    terms = prices.end_price(
        access.context.database,
        book,
        territory,
        currency,
        on=on or prices.today(),
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, terms)


@router.patch("/rights", summary="Say where a book may be sold", dependencies=[etags.NAMED])
def set_rights(
    book: BookId, wanted: Rights, request: Request, response: Response, access: Changing
) -> SalesTerms:
    """ONIX list 46: 01 exclusive, 02 for sale, 03 not for sale; the most specific wins."""
    terms = availability.set_rights(
        access.context.database,
        book,
        wanted.rights,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, terms)


@router.delete(
    "/rights/{territory}", summary="Say nothing more of a territory", dependencies=[etags.NAMED]
)
def forget_right(
    book: BookId, territory: str, request: Request, response: Response, access: Changing
) -> SalesTerms:
    """What wider territories say holds there then."""
    terms = availability.forget_rights(
        access.context.database,
        book,
        [territory],
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, terms)


@router.put("/first-day", summary="Set the first day of sale", dependencies=[etags.NAMED])
def set_first_day(
    book: BookId, wanted: FirstDay, request: Request, response: Response, access: Changing
) -> SalesTerms:
    """Before that day the book can be ordered, and not had."""
    terms = availability.sell_from(
        access.context.database,
        book,
        wanted.sold_from,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, terms)
