"""What readers say of books: written once for each work, voted on, reported, moderated.

`/reviews` are reviews of quality before a book is sold; readers' own stand at their book.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.books.rating.holding import ReportReason
from ebook_pipeline.books.rating.opinion_text import OpinionText
from ebook_pipeline.books.summarizing.summary import OpinionSummary
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor, keys_of, moment_of, page_of
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.rating import moderating, opinions
from ebook_pipeline.services.rating.opinion_rows import Opinion, Rating
from ebook_pipeline.services.rating.opinions import Order, WrittenBefore
from ebook_pipeline.services.summarizing.summaries import summary_of

router = APIRouter(tags=["opinions"], route_class=RevalidatedRoute)
OpinionId = Annotated[str, Path(max_length=20, examples=["17"])]
Reading = Annotated[Access, Depends(allow("opinion", "read"))]
Moderating = Annotated[Access, Depends(allow("opinion", "moderate"))]


class OpinionIn(OpinionText):
    """What a reader thinks of a book: plain text, or HTML of which only plain markup is kept."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"stars": 5, "text": "I did not want it to end.", "signed": "Rita"}]
        },
    )


class Vote(BaseModel):
    """Whether it helped."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"helpful": True}]})
    helpful: bool


class Report(BaseModel):
    """Why it should not stand here."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "spoiler"}]})
    reason: ReportReason
    note: str = Field(default="", max_length=1000)


class Moderation(BaseModel):
    """Everybody sees it, or nobody; whoever wrote it reads the note."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"shown": False, "note": "It names a neighbour."}]}
    )
    shown: bool
    note: str = Field(default="", max_length=1000)


class Appeal(BaseModel):
    """Why it should be seen after all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "It quotes the book."}]})
    why: str = Field(min_length=1, max_length=2000)


@router.get("/books/{book}/reviews", summary="List readers' opinions of a book")
def list_them(
    book: BookId, access: Reading, order: Order = "helpful", limit: Limit = 20, after: After = ""
) -> Page[Opinion]:
    """The visible ones of every book of the same work, the most helpful or the newest first."""
    kinds = (int, int) if order == "helpful" else (int,)
    place = keys_of(after, *kinds)
    if place is not None and any(abs(key) >= 2**31 for key in place):
        raise Problem(HTTPStatus.BAD_REQUEST, "cursor", "`after` is no cursor of this list.")
    rows = opinions.list_opinions(
        access.context.database, book, order, after=place, limit=limit + 1
    )
    shown = [_public(row) for row in rows]
    keys = (lambda row: (row.helpful, row.id)) if order == "helpful" else (lambda row: (row.id,))
    return page_of(shown, limit, lambda row: cursor(*keys(row)))


@router.get("/books/{book}/rating", summary="Read a book's stars")
def read_rating(book: BookId, access: Reading) -> Rating:
    """How many opinions there are, how many give how many stars, and their average."""
    return opinions.rating(access.context.database, book)


@router.get("/books/{book}/reviews/summary", summary="Read a summary of readers' opinions")
def read_summary(book: BookId, access: Reading) -> OpinionSummary:
    """What is praised and blamed, counted, with quotations. A machine made it, of the visible ones.

    404 where too few have said anything.
    """
    found = summary_of(access.context.database, book)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no-summary", "Too few have said anything yet.")
    return found


@router.post("/books/{book}/reviews", summary="Write an opinion", status_code=HTTPStatus.CREATED)
def write(
    book: BookId,
    wanted: OpinionIn,
    response: Response,
    access: Annotated[Access, Depends(allow("opinion", "create"))],
) -> Opinion:
    """One for a reader and a work: 409 where you have written before. It may be held at first."""
    try:
        made = opinions.write(
            access.context.database,
            book,
            access.actor.login,
            wanted,
            actor=access.actor.name,
            accounts=made_for(access),
        )
    except WrittenBefore as error:
        raise Problem(HTTPStatus.CONFLICT, "written-before", str(error)) from error
    return _own(response, made)


@router.get("/me/opinions", summary="List your opinions")
def list_own(access: Annotated[Access, Depends(allow("opinion", "change"))]) -> list[Opinion]:
    """Everything that you have written, with what became of it."""
    found = opinions.of_person(access.context.database, access.actor.login)
    return [_of_author(one) for one in found]


@router.get("/opinions", summary="List opinions that wait for a moderator")
def list_waiting(access: Moderating, limit: Limit = 50, after: After = "") -> Page[Opinion]:
    """What is held, reported or appealed, the longest waiting first."""
    return page_of_waiting(access, limit, after)


def page_of_waiting(access: Access, limit: int, after: str) -> Page[Opinion]:
    """Those behind the cursor `after`."""
    keys = keys_of(after, str, int)
    place = None if keys is None else (moment_of(keys[0]), _number(keys[1]))
    rows = moderating.waiting(access.context.database, after=place, limit=limit + 1)
    return page_of(rows, limit, lambda row: cursor(_waits(row).isoformat(), row.id))


@router.get("/opinions/{opinion}", summary="Read an opinion")
def read(opinion: OpinionId, response: Response, access: Reading) -> Opinion:
    """One's own with what became of it; others' while they are seen."""
    found = opinions.find(access.context.database, int(opinion))
    response.headers["ETag"] = tag_of(found)
    response.headers["Cache-Control"] = "no-store"  # votes change it, and not the version
    if access.may("opinion", "moderate"):
        return found
    return _of_author(found) if found.person == access.actor.login else _public(found)


@router.put("/opinions/{opinion}", summary="Change an opinion", dependencies=[etags.NAMED])
def change(
    opinion: OpinionId,
    wanted: OpinionIn,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("opinion", "change"))],
) -> Opinion:
    """Other stars and words. What was hidden or reported waits for a moderator again."""
    changed = opinions.change(
        access.context.database,
        int(opinion),
        wanted,
        actor=access.actor.name,
        precondition=_seen(request),
    )
    return _own(response, changed)


@router.delete(
    "/opinions/{opinion}",
    summary="Delete an opinion",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[etags.NAMED],
)
def delete(
    opinion: OpinionId,
    request: Request,
    access: Annotated[Access, Depends(allow("opinion", "delete"))],
) -> None:
    """It goes with its votes and reports."""
    opinions.remove(
        access.context.database,
        int(opinion),
        actor=access.actor.name,
        precondition=_seen(request),
    )


@router.put("/opinions/{opinion}/vote", summary="Vote on an opinion")
def vote(
    opinion: OpinionId,
    wanted: Vote,
    access: Annotated[Access, Depends(allow("opinion", "vote"))],
) -> Opinion:
    """Say whether it helped; the last word counts."""
    return _vote(access, opinion, wanted.helpful)


@router.delete("/opinions/{opinion}/vote", summary="Take a vote back")
def take_back(
    opinion: OpinionId, access: Annotated[Access, Depends(allow("opinion", "vote"))]
) -> Opinion:
    """As if you had not voted."""
    return _vote(access, opinion, None)


@router.put("/opinions/{opinion}/report", summary="Report an opinion")
def report(
    opinion: OpinionId,
    wanted: Report,
    access: Annotated[Access, Depends(allow("opinion", "report"))],
) -> Opinion:
    """Say, once, why it should not stand here; a moderator looks."""
    reported = moderating.report(
        access.context.database,
        int(opinion),
        access.actor.login,
        wanted.reason,
        wanted.note,
        actor=access.actor.name,
    )
    return _public(reported)


@router.post(
    "/opinions/{opinion}/decision", summary="Moderate an opinion", dependencies=[etags.NAMED]
)
def decide(
    opinion: OpinionId, wanted: Moderation, request: Request, response: Response, access: Moderating
) -> Opinion:
    """Show it or hide it."""
    decided = moderating.decide(
        access.context.database,
        int(opinion),
        shown=wanted.shown,
        note=wanted.note,
        actor=access.actor.name,
        precondition=_seen(request),
    )
    response.headers["ETag"] = tag_of(decided)
    return decided


@router.post(
    "/opinions/{opinion}/appeal",
    summary="Appeal against a moderator",
    dependencies=[etags.NAMED],
)
def appeal(
    opinion: OpinionId,
    wanted: Appeal,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("opinion", "appeal"))],
) -> Opinion:
    """Ask for another look at what was hidden."""
    appealed = moderating.appeal(
        access.context.database,
        int(opinion),
        wanted.why,
        actor=access.actor.name,
        precondition=_seen(request),
    )
    return _own(response, appealed)


def tag_of(opinion: Opinion) -> str:
    """The version of what was written and decided: votes of others make no new one."""
    return etags.etag(opinion.id, opinion.changed_at.isoformat(), opinion.state)


def seen_opinion(tag: str) -> Precondition[Opinion]:
    """That it is as the page was that a form stood on. Raises `ChangedMeanwhile`."""

    def check(now: Opinion) -> None:
        if tag_of(now) != tag:
            raise etags.ChangedMeanwhile

    return check


def made_for(access: Access) -> frozenset[str]:
    """The accounts for which the actor makes books."""
    memberships = access.actor.memberships
    return frozenset(one.account for one in memberships if one.role is not Role.READER)


def _vote(access: Access, opinion: str, helpful: bool | None) -> Opinion:
    voted = moderating.vote(
        access.context.database,
        int(opinion),
        access.actor.login,
        helpful=helpful,
        actor=access.actor.name,
    )
    return _public(voted)


def _own(response: Response, opinion: Opinion) -> Opinion:
    response.headers["ETag"] = tag_of(opinion)
    return _of_author(opinion)


def _public(opinion: Opinion) -> Opinion:
    """Without who wrote it, and without what only they and moderators know."""
    hidden = {"person": "", "reasons": (), "note": "", "appeal": "", "reports": 0}
    return opinion.model_copy(update=hidden | {"waits_since": None})


def _of_author(opinion: Opinion) -> Opinion:
    return opinion.model_copy(update={"reports": 0})


def _seen(request: Request) -> Precondition[Opinion]:
    return lambda now: etags.require_match(request, tag_of(now))


def _waits(opinion: Opinion) -> datetime:
    assert opinion.waits_since is not None
    return opinion.waits_since


def _number(key: int) -> int:
    if not 0 <= key < 2**63:
        raise Problem(HTTPStatus.BAD_REQUEST, "cursor", "`after` is no cursor of this list.")
    return key
