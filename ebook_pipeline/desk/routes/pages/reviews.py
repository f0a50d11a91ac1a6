"""The reviewer's pages: the queue, a review beside the book's text, and what is decided there.

A form carries the version of what its page showed. Whoever comes second with an older one changes
nothing: the page comes again, as things stand now, with what they had typed.
"""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.records import Product
from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.desk import etags, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.etags import ChangedMeanwhile
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.pages import metadata_form
from ebook_pipeline.desk.routes.pages.frames import FRAMED, framed
from ebook_pipeline.desk.routes.pages.reading import document_of, reading_view
from ebook_pipeline.desk.routes.reviews import LONGEST_NOTE, ReviewId, page_of_reviews
from ebook_pipeline.foundation.errors import BookError, Denied, NotFound, ServiceError
from ebook_pipeline.services.describing import overrides
from ebook_pipeline.services.reviewing import queue, reviews, routing
from ebook_pipeline.services.reviewing.evidence import all_findings
from ebook_pipeline.services.reviewing.queue import QueueFilter
from ebook_pipeline.services.reviewing.reviews import Review, ReviewTask
from ebook_pipeline.services.reviewing.routing import AssignmentChange

AT_ONCE = 30
_SHOWN_FINDINGS = 200
Verdict = Literal["approve", "send_back", "reject"]
Whose = Literal["", "me", "nobody"]
Deciding = Annotated[Access, Depends(allow("review", "decide"))]
Typed = Annotated[str, Form(max_length=LONGEST_NOTE)]
Seen = Annotated[str, Form(max_length=100)]

router = APIRouter(prefix="/reviews", include_in_schema=False)


@router.get("")
def show_queue(
    request: Request,
    access: Deciding,
    whose: Whose = "",
    priority: Annotated[str, Query(max_length=10)] = "",
    overdue: bool = False,
    after: After = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Open reviews that one may answer, the most pressing first."""
    database = access.context.database
    wanted = QueueFilter(
        assignees={"me": access.actor.names, "nobody": frozenset({""})}.get(whose),
        priority=Priority(priority) if priority in list(Priority) else None,
        overdue=overdue,
    )
    page = page_of_reviews(access, wanted, after, AT_ONCE)
    values = {
        "reviews": page.items,
        "next": page.next,
        "counts": queue.count_reviews(database, visible=access.books()),
        "priorities": list(Priority),
        "whose": whose,
        "priority": priority,
        "overdue": overdue,
        "done": done,
        "now": access.context.clock(),
        "is_filtered": bool(whose or priority or overdue or after),
    }
    return rendering.render(request, "reviews", values)


@router.get("/{review}")
def show(
    review: ReviewId,
    request: Request,
    access: Annotated[Access, Depends(allow("review", "read"))],
) -> Response:
    """The review, its findings and the book's text side by side."""
    return _page(request, access, int(review))


@router.get("/{review}/text")
def show_text(
    review: ReviewId,
    request: Request,
    access: Annotated[Access, Depends(allow("file", "read"))],
    document: Annotated[str, Query(max_length=1000)] = "",
    finding: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """A document of the edition, for the frame of the page: nothing in it acts."""
    context = access.context
    task = reviews.task_of(context.database, int(review))
    try:
        return framed(reading_view(request, context, task, document, finding))
    except (BookError, NotFound) as error:
        return rendering.render(request, "no_text", {"detail": str(error)}, headers=FRAMED)


@router.post("/{review}/decision")
def decide(
    review: ReviewId,
    request: Request,
    access: Deciding,
    verdict: Annotated[Verdict, Form()],
    seen: Seen,
    note: Typed = "",
    reasons: Typed = "",
) -> Response:
    """Approve, send back with reasons, or reject; whoever comes second overwrites nothing."""
    listed = [line.strip()[:2000] for line in reasons.splitlines() if line.strip()][:50]
    typed = {"note": note, "reasons": reasons, "verdict": verdict}
    if verdict == "send_back" and not listed:
        return _page(request, access, int(review), typed, "no_reasons")
    if verdict == "reject" and not note.strip():
        return _page(request, access, int(review), typed, "no_note")
    try:
        _decide(access, int(review), verdict, note.strip(), listed, seen)
    except ChangedMeanwhile:
        return _page(request, access, int(review), typed, "changed")
    except Denied:
        return _page(request, access, int(review), typed, "not_yours")
    return rendering.see_other(f"/reviews?done={int(review)}")


@router.post("/{review}/assignment")
def assign(
    review: ReviewId,
    request: Request,
    access: Annotated[Access, Depends(allow("review", "assign"))],
    seen: Seen,
    take: Annotated[bool, Form()],
) -> Response:
    """Take the review, or give it back to whoever takes it next."""
    database = access.context.database
    book = reviews.task_of(database, int(review)).book
    change = AssignmentChange(assignee=access.actor.login if take else "")
    try:
        routing.assign(
            database, book, change, actor=access.actor.name, precondition=_seen(int(review), seen)
        )
    except ChangedMeanwhile:
        return _page(request, access, int(review), problem="changed")
    return rendering.see_other(f"/reviews/{int(review)}")


@router.post("/{review}/fields")
def change_fields(
    review: ReviewId,
    request: Request,
    access: Annotated[Access, Depends(allow("book", "change"))],
    seen: Seen,
    form: Annotated[metadata_form.MetadataForm, Form()],
) -> Response:
    """Lock the fields that were changed to what was typed, and free those that are ticked."""
    database = access.context.database
    book = reviews.task_of(database, int(review)).book
    try:
        changes = form.changes(overrides.fields_of(database, book))
        if changes:
            overrides.change_fields(
                database,
                book,
                changes,
                actor=access.actor.name,
                precondition=etags.seen_in_form(seen),
            )
    except ChangedMeanwhile:
        return _page(request, access, int(review), form.typed(), "fields_changed")
    except ServiceError as error:
        return _page(request, access, int(review), form.typed(), "bad_field", str(error))
    return rendering.see_other(f"/reviews/{int(review)}?saved=1#metadata")


def _decide(
    access: Access, number: int, verdict: Verdict, note: str, reasons: list[str], seen: str
) -> None:
    whole = reviews.note_with(note, reasons) if verdict == "send_back" else note
    reviews.decide(
        access.context.database,
        reviews.task_of(access.context.database, number).book,
        approved=verdict == "approve",
        note=whole[:LONGEST_NOTE],
        actor=access.actor.name,
        reasons=reasons if verdict == "send_back" else (),
        precondition=_seen(number, seen),
    )


def _seen(number: int, tag: str) -> Any:
    """That the book's review is still this one, as the form's page showed it."""

    def check(now: Review) -> None:
        if now.task.id != number:
            raise ChangedMeanwhile
        etags.seen_in_form(tag)(now)

    return check


def _rights(access: Access, task: ReviewTask) -> dict[str, bool]:
    """What whoever asks may do with the task, by the names that the template asks by."""
    return {
        "may_decide": access.may("review", "decide"),
        "may_assign": access.may("review", "assign") and task.state == "open",
        "may_change": access.may("book", "change"),
        "is_mine": task.assignee in access.actor.names,
    }


def _page(
    request: Request,
    access: Access,
    number: int,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    detail: str = "",
) -> Response:
    context = access.context
    review = reviews.review(context.database, number)
    task = review.task
    findings = all_findings(context.records, task.book, task.edition)[:_SHOWN_FINDINGS]
    product = context.records.read("book_metadata", task.book, task.edition, Product)
    fields = overrides.fields_of(context.database, task.book)
    shown = [(one, document_of(one)) for one in findings]
    values = {
        "review": review,
        "task": task,
        "title": product.title if product and product.title else task.name,
        "product": product,
        "seen": etags.etag_of(review),
        "findings": shown,
        "opened": next((at for at, (_, document) in enumerate(shown) if document), None),
        "history": routing.history(context.database, task.book),
        "fields": metadata_form.shown(fields, product),
        "fields_seen": etags.etag_of(fields),
        **_rights(access, task),
        "now": context.clock(),
        "typed": typed or {},
        "wrong": problem,
        "detail": detail,
        "saved": "saved" in request.query_params,
    }
    changed = problem in ("changed", "fields_changed")
    status = HTTPStatus.PRECONDITION_FAILED if changed else HTTPStatus.UNPROCESSABLE_ENTITY
    return rendering.render(request, "review", values, status if problem else HTTPStatus.OK)
