"""What a book is like in a few sentences: read by everybody, said by a machine or a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.services.summarizing import book_summaries
from ebook_pipeline.services.summarizing.book_summaries import KeptSummary

router = APIRouter(tags=["books"], route_class=RevalidatedRoute)
LONGEST = 2000
"""Characters of a person's words."""
Changing = Annotated[Access, Depends(allow("summary", "change"))]


class SummaryWords(BaseModel):
    """What stands at the book from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"words": "An orphan finds her way among strangers."}]}
    )
    words: str = Field(min_length=1, max_length=LONGEST, pattern=r"\S")


@router.get("/books/{book}/summary", summary="Read what a book is like")
def read(
    book: BookId,
    response: Response,
    access: Annotated[Access, Depends(allow("catalog", "read"))],
) -> KeptSummary:
    """Of a book on sale. `machine` says that nobody wrote it; `shares` where in the book each
    sentence is from: nothing is from its last quarter."""
    context = access.context
    return etags.tagged(response, book_summaries.make(context.database, context.object_store, book))


@router.put("/books/{book}/summary", summary="Say what a book is like", dependencies=[etags.NAMED])
def lock(
    book: BookId, wanted: SummaryWords, request: Request, response: Response, access: Changing
) -> KeptSummary:
    """In your words, which no machine changes."""
    return etags.tagged(response, _said(access, book, wanted.words, request))


@router.delete(
    "/books/{book}/summary",
    summary="Let a machine say what a book is like",
    dependencies=[etags.NAMED],
)
def unlock(book: BookId, request: Request, response: Response, access: Changing) -> KeptSummary:
    """A person's words are taken away."""
    return etags.tagged(response, _said(access, book, "", request))


def _said(access: Access, book: str, words: str, request: Request) -> KeptSummary:
    seen = etags.seen_by(request)
    return book_summaries.lock(
        access.context.database, book, words, actor=access.actor.name, precondition=seen
    )
