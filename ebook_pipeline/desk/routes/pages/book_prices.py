"""What a book costs, on its page: the prices that hold, and a form for another."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import ValidationError
from starlette.responses import Response

from ebook_pipeline.books.selling.sales_terms import PriceRule
from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.desk import etags, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.services.selling import prices

router = APIRouter(prefix="/books", include_in_schema=False)
_LONGEST = 20


def prices_for(access: Access, book: str) -> dict[str, Any]:
    """What the page tells of prices; nothing to who may not read them."""
    if not access.may("price", "read"):
        return {"terms": None, "may_price": False}
    terms = prices.sales_terms(access.context.database, book)
    return {
        "terms": terms,
        "terms_seen": etags.etag_of(terms),
        "stated": prices.stated_price(access.context.database, book),
        "may_price": access.may("price", "change"),
    }


@router.post("/{book}/price")
def set_price(
    book: BookId,
    access: Annotated[Access, Depends(allow("price", "change"))],
    amount: Annotated[str, Form(max_length=_LONGEST)],
    currency: Annotated[str, Form(max_length=_LONGEST)],
    territory: Annotated[str, Form(max_length=_LONGEST)] = WORLD,
    seen: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """A price from today on; the one that began last holds."""
    try:
        rule = PriceRule.model_validate(
            {
                "amount": amount.strip().replace(",", "."),
                "currency": currency.strip().upper(),
                "territory": territory.strip().upper() or WORLD,
            }
        )
    except ValidationError as error:
        text = "A price has an amount such as 9.99, a currency such as EUR, and a country or WORLD."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "price", text) from error
    prices.set_price(
        access.context.database,
        book,
        rule,
        actor=access.actor.name,
        precondition=etags.seen_in_form(seen),
    )
    return rendering.see_other(f"/books/{book}#price")
