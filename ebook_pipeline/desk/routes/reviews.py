"""Reviews of quality: the queue, who has which, and what was decided."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.reviewing.routing import Priority
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor, keys_of, moment_of, page_of
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.reviewing import queue, reviews, routing
from ebook_pipeline.services.reviewing.queue import QueueCounts, QueueFilter, QueuePosition
from ebook_pipeline.services.reviewing.reviews import Review, TaskState
from ebook_pipeline.services.reviewing.routing import AssignmentChange, HistoryEntry

router = APIRouter(prefix="/reviews", tags=["reviews"])
ReviewId = Annotated[str, Path(max_length=20, examples=["17"])]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]
MINE, NOBODY = "me", ""
LONGEST_NOTE = 5000


class Assignment(BaseModel):
    """What should change; what is left out stays. An empty assignee frees the review."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"assignee": "eva@example.org", "priority": "high"}]}
    )
    assignee: str | None = Field(default=None, max_length=200)
    priority: Priority | None = None
    days: float | None = Field(default=None, ge=0, le=366, description="Due so many days from now.")


class Decision(BaseModel):
    """The edition is released, or it is not; the author of a rejected one reads the note."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"approved": False, "note": "The last chapter is missing."}]
        }
    )
    approved: bool
    note: str = Field(default="", max_length=LONGEST_NOTE)


class SendingBack(BaseModel):
    """The edition is not released; its author is told, one by one, what to mend."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reasons": ["Chapter 3 is missing.", "The cover is blurred."]}]
        }
    )
    reasons: list[Reason] = Field(min_length=1, max_length=50)
    note: str = Field(default="", max_length=LONGEST_NOTE)


@router.get("", summary="List reviews")
def list_them(
    access: Annotated[Access, Depends(allow("review", "read"))],
    state: TaskState = "open",
    assignee: Annotated[
        str | None, Query(max_length=200, description="`me`, a name or address; empty: nobody.")
    ] = None,
    priority: Priority | None = None,
    overdue: bool = False,
    owner: Annotated[str | None, Query(max_length=63, description="An account.")] = None,
    book: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    after: After = "",
) -> Page[Review]:
    """Reviews of the books that you may review, the most pressing first."""
    wanted = QueueFilter(
        state=state,
        assignees=_assignees(access, assignee),
        priority=priority,
        overdue=overdue,
        account=owner,
        book=book,
    )
    return page_of_reviews(access, wanted, after, limit)


def page_of_reviews(access: Access, wanted: QueueFilter, after: str, limit: int) -> Page[Review]:
    """The reviews that are wanted and may be seen, behind the cursor `after`."""
    database, place = access.context.database, _place(after)
    rows = queue.list_reviews(
        database, wanted, visible=access.books(), after=place, limit=limit + 1
    )
    return page_of(rows, limit, _cursor)


@router.get("/counts", summary="Count open reviews")
def count(access: Annotated[Access, Depends(allow("review", "read"))]) -> QueueCounts:
    """How many of the reviews that you may see are open, overdue, nobody's, and how pressing."""
    return queue.count_reviews(access.context.database, visible=access.books())


@router.get("/{review}", summary="Read a review")
def read(
    review: ReviewId,
    response: Response,
    access: Annotated[Access, Depends(allow("review", "read"))],
) -> Review:
    """What is asked of which edition, the evidence, and what was decided."""
    return etags.tagged(response, reviews.review(access.context.database, int(review)))


@router.get("/{review}/history", summary="Read what happened to a book's reviews")
def read_history(
    review: ReviewId, access: Annotated[Access, Depends(allow("review", "read"))]
) -> list[HistoryEntry]:
    """Everything that happened to the reviews of this book, the oldest first."""
    database = access.context.database
    return list(routing.history(database, reviews.task_of(database, int(review)).book))


@router.patch("/{review}/assignment", summary="Assign a review", dependencies=[etags.NAMED])
def assign(
    review: ReviewId,
    wanted: Assignment,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("review", "assign"))],
) -> Review:
    """Give an open review to somebody, or another priority or date."""
    database = access.context.database
    routing.assign(
        database,
        reviews.task_of(database, int(review)).book,
        AssignmentChange(**wanted.model_dump()),
        actor=access.actor.name,
        precondition=_seen(request, int(review)),
    )
    return etags.tagged(response, reviews.review(database, int(review)))


@router.post("/{review}/decision", summary="Decide a review", dependencies=[etags.NAMED])
def decide(
    review: ReviewId,
    wanted: Decision,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("review", "decide"))],
) -> Review:
    """Approve or reject the edition. `If-Match` names what you saw: two never overwrite another."""
    return _decided(access, int(review), request, response, wanted, [])


@router.post(
    "/{review}/sending-back",
    summary="Send an edition back with reasons",
    dependencies=[etags.NAMED],
)
def send_back(
    review: ReviewId,
    wanted: SendingBack,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("review", "decide"))],
) -> Review:
    """Reject the edition and say what is to be mended; the next edition is asked about anew."""
    note = reviews.note_with(wanted.note, wanted.reasons)
    decision = Decision(approved=False, note=note[:LONGEST_NOTE])
    return _decided(access, int(review), request, response, decision, wanted.reasons)


def _decided(
    access: Access,
    number: int,
    request: Request,
    response: Response,
    wanted: Decision,
    reasons: list[str],
) -> Review:
    database = access.context.database
    reviews.decide(
        database,
        reviews.task_of(database, number).book,
        approved=wanted.approved,
        note=wanted.note,
        actor=access.actor.name,
        reasons=reasons,
        precondition=_seen(request, number),
    )
    return etags.tagged(response, reviews.review(database, number))


def _seen(request: Request, number: int) -> Precondition[Review]:
    """That the book's review is this one still, and as the asker has seen it."""

    def check(now: Review) -> None:
        if now.task.id != number:
            detail = "Another review of this book is open: this one is over."
            raise Problem(HTTPStatus.CONFLICT, "review-over", detail)
        etags.require_match(request, etags.etag_of(now))

    return check


def _assignees(access: Access, asked: str | None) -> frozenset[str] | None:
    if asked is None:
        return None
    return access.actor.names if asked == MINE else frozenset({asked.strip().lower()})


def _cursor(review: Review) -> str:
    place = QueuePosition.of(review)
    return cursor(place.rank, place.due.isoformat(), place.task)


def _place(after: str) -> QueuePosition | None:
    keys = keys_of(after, int, str, int)
    if keys is None:
        return None
    return QueuePosition(keys[0], moment_of(keys[1]), keys[2])
