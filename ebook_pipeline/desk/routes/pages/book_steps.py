"""Steps of a book's life on its page: those that the table has from here and rights allow."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.books.editing.life import Transition
from ebook_pipeline.desk import etags, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.books import BookDetail, BookId
from ebook_pipeline.desk.routes.editing import LONGEST_REASON, Step, step_with_book, steps_of
from ebook_pipeline.foundation.errors import ServiceError

router = APIRouter(prefix="/books", include_in_schema=False)
_ANSWERS = frozenset({"approve", "send-back"})
"""Steps that are taken on the review's page, beside what was found."""


def steps_for(access: Access, seen: BookDetail) -> dict[str, Any]:
    """What the page's buttons are made of; `seen`: the book that it shows."""
    return {
        "tag": etags.etag_of(seen),
        "life_steps": tuple(one for one in steps_of(access, "book") if _is_here(one)),
        "longest_reason": LONGEST_REASON,
    }


@router.post("/{book}/step")
def take(
    book: BookId,
    request: Request,
    access: Annotated[Access, Depends(allow("book", "read"))],
    step: Annotated[str, Form(max_length=40)],
    reason: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
    tag: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """One of them, as the page showed the book; else why not, on the page."""
    try:
        step_with_book(access, book, Step(step=step, reason=reason), etags.seen_in_form(tag))
    except (Problem, ServiceError) as error:
        values = {"book": book, "wrong": words_of(error)}
        return rendering.render(request, "step_refused", values, _status(error))
    return rendering.see_other(f"/books/{book}")


def _is_here(step: Transition) -> bool:
    return step.name not in _ANSWERS


def _status(error: Problem | ServiceError) -> HTTPStatus:
    return HTTPStatus(error.status_code) if isinstance(error, Problem) else HTTPStatus.CONFLICT
