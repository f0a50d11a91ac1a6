"""Editing rounds and the steps of a book's life: who edits, what is said of which words, what next.

The steps are those of `books/editing/life.py`; who may take one, the matrix of rights says.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ebook_pipeline.books.editing.life import Guard, Thing, Transition, open_to, transition
from ebook_pipeline.books.editing.passages import LONGEST_QUOTE
from ebook_pipeline.desk import etags, licensing
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.ingestion import Ingestion, Working
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookDetail, BookId, detail_of
from ebook_pipeline.desk.routes.manuscripts import ManuscriptId, Reading, submitter_of
from ebook_pipeline.desk.routes.uploads import told
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.concurrency import Precondition
from ebook_pipeline.services.editing import comments, life, rounds
from ebook_pipeline.services.editing.comments import CommentWish, EditedManuscript, PassageComment
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.releases import BookRelease
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.reviews import Review, ReviewTask
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

LONGEST_REASON = 4000
LONGEST_COMMENT = 10_000
router = APIRouter(tags=["editing"])
Assigning = Annotated[Access, Depends(allow("manuscript", "assign"))]
Answering = Annotated[Access, Depends(allow("manuscript", "answer"))]
Editing = Annotated[Access, Depends(allow("manuscript", "edit"))]
Login = Annotated[str, Path(max_length=63, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
CommentId = Annotated[int, Path(ge=1, lt=2**63)]


class Step(BaseModel):
    """Which step, and why; some are taken with a reason alone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"step": "unpublish", "reason": "An error on page 3."}]}
    )
    step: str = Field(max_length=40)
    reason: str = Field("", max_length=LONGEST_REASON)


class StepOut(BaseModel):
    """A step that you may take now, where it leads, and what it needs."""

    step: str
    to: str
    guard: str
    needs_reason: bool


class CommentIn(BaseModel):
    """What you say of which words of a chapter, as they stand there; `near` tells the character
    where they begin, about, of words that stand there more than once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chapter": "x", "quote": "It rained.", "text": "All night?"}]
        }
    )
    chapter: str = Field(max_length=26)
    quote: str = Field(min_length=1, max_length=LONGEST_QUOTE)
    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)
    near: int = Field(0, ge=0, le=10**9)


class AnswerIn(BaseModel):
    """What you say to a comment."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT, examples=["It is mended."])


class SettledIn(BaseModel):
    """Whether what a comment asks for is done."""

    settled: bool = Field(True, examples=[True])


@router.get("/manuscripts/{manuscript}/transitions", summary="List a manuscript's next steps")
def list_manuscript_steps(
    manuscript: ManuscriptId,  # noqa: ARG001 - the rule finds it
    access: Reading,
) -> list[StepOut]:
    """Those that you may take, by the table of a book's life."""
    return [_step(one) for one in steps_of(access, "manuscript")]


@router.post(
    "/manuscripts/{manuscript}/transition", summary="Take a step with a manuscript",
    dependencies=[etags.NAMED],
)  # fmt: skip
def take_manuscript_step(
    manuscript: ManuscriptId,
    wanted: Step,
    request: Request,
    response: Response,
    access: Reading,
    ingestion: Working,
) -> Manuscript:
    """Submit it to its editors, ask for changes, accept it, publish it …"""
    etags.seen_by(request)(manuscripts.read(access.context.database, manuscript))
    after = step_with_manuscript(access, ingestion, manuscript, wanted, etags.seen_by(request))
    return etags.tagged(response, after)


@router.get("/books/{book}/transitions", summary="List a book's next steps")
def list_book_steps(
    book: BookId,  # noqa: ARG001 - the rule finds it
    access: Annotated[Access, Depends(allow("book", "read"))],
) -> list[StepOut]:
    """Those that you may take, by the table of a book's life."""
    return [_step(one) for one in steps_of(access, "book")]


@router.post(
    "/books/{book}/transition", summary="Take a step with a book", dependencies=[etags.NAMED]
)
def take_book_step(
    book: BookId,
    wanted: Step,
    request: Request,
    access: Annotated[Access, Depends(allow("book", "read"))],
) -> BookDetail:
    """Approve it, send it back, take it off sale or put it back. `If-Match` names the book that
    you saw; what it is afterwards, its own address says, as its states are derived."""
    step_with_book(access, book, wanted, etags.seen_by(request))
    return detail_of(access, book)


@router.put("/manuscripts/{manuscript}/editors/{editor}", summary="Let somebody edit")
def assign(manuscript: ManuscriptId, editor: Login, access: Assigning) -> Manuscript:
    """They read it from now on, comment on it while it is submitted, and decide."""
    return rounds.assign(access.context.database, manuscript, editor, actor=access.actor.name)


@router.delete("/manuscripts/{manuscript}/editors/{editor}", summary="Let somebody edit no more")
def dismiss(manuscript: ManuscriptId, editor: Login, access: Assigning) -> Manuscript:
    """What they said stays."""
    return rounds.dismiss(access.context.database, manuscript, editor, actor=access.actor.name)


@router.get("/manuscripts/{manuscript}/editing", summary="Read a manuscript as it is edited")
def read_editing(
    manuscript: ManuscriptId,
    access: Reading,
    number: Annotated[int | None, Query(alias="round", ge=1, lt=2**31)] = None,
) -> EditedManuscript:
    """Its rounds, the chapters of one of them (of the open one, else as they stand), what changed
    since the round before by paragraph, and every comment made until then, where its passage is.
    """
    return comments.read(access.context.database, manuscript, number)


@router.post(
    "/manuscripts/{manuscript}/comments", status_code=HTTPStatus.CREATED,
    summary="Comment on a passage",
)  # fmt: skip
def comment(manuscript: ManuscriptId, wanted: CommentIn, access: Editing) -> PassageComment:
    """In the open round."""
    wish = CommentWish(**wanted.model_dump())
    return comments.comment(access.context.database, manuscript, wish, actor=access.actor.name)


@router.post(
    "/manuscripts/{manuscript}/comments/{comment}/answers", status_code=HTTPStatus.CREATED,
    summary="Answer a comment",
)  # fmt: skip
def answer(
    manuscript: ManuscriptId, comment: CommentId, wanted: AnswerIn, access: Answering
) -> PassageComment:
    """At any time."""
    return comments.answer(
        access.context.database, manuscript, comment, wanted.text, actor=access.actor.name
    )


@router.put(
    "/manuscripts/{manuscript}/comments/{comment}/settled", summary="Say that a comment is done"
)
def settle(
    manuscript: ManuscriptId, comment: CommentId, wanted: SettledIn, access: Answering
) -> PassageComment:
    """Or that it is not."""
    return comments.settle(
        access.context.database, manuscript, comment, settled=wanted.settled,
        actor=access.actor.name,
    )  # fmt: skip


def steps_of(access: Access, of: Thing) -> tuple[Transition, ...]:
    """The steps that the asker may take with what the rule found."""
    assert access.resource is not None
    found = open_to(of, access.resource.states)
    return tuple(one for one in found if one.right and access.may(*one.right))


def step_with_manuscript(
    access: Access,
    ingestion: Ingestion,
    manuscript: str,
    wanted: Step,
    precondition: Precondition[BaseModel],
) -> Manuscript:
    """The manuscript after it. Raises `Problem` where the asker may not."""
    taken = _allowed(access, "manuscript", wanted.step)
    database, actor = access.context.database, access.actor
    if taken.guard is Guard.CHAIN:
        with told():
            submitter_of(ingestion).submit(
                manuscript, sender=actor.login or actor.name, actor=actor.name, accepted=True,
                precondition=precondition,
            )  # fmt: skip
        return manuscripts.read(database, manuscript)
    return life.take(
        database, manuscript, wanted.step, reason=wanted.reason, actor=actor.name,
        precondition=precondition,
    )  # fmt: skip


def step_with_book(
    access: Access, book: str, wanted: Step, precondition: Precondition[BaseModel]
) -> None:
    """By the service that each step is. `precondition` is of the book's detail, whose states are
    derived: what they hang on is read before it, and compared again under the step's own lock, so
    that of two who saw the same book one takes the step. Raises `Problem`, what services raise."""
    database, actor = access.context.database, access.actor
    before = releases.current(database, book)
    asked = _asked(database, book)
    precondition(detail_of(access, book))
    taken = _allowed(access, "book", wanted.step)
    life.require_reason(taken, wanted.reason)
    match taken.name:
        case "unpublish":
            manager = licensing.release_manager(access.context, actor)
            manager.withdraw(book, take_down=False, precondition=_unchanged(before))
        case "republish":
            repair = before is not None and before.taken_down
            manager = licensing.release_manager(access.context, actor, repair=repair)
            manager.release(book, None, precondition=_unchanged(before))
        case "approve" | "send-back":
            reviews.decide(
                database, book, approved=taken.name == "approve", note=wanted.reason,
                reasons=[wanted.reason] if taken.name == "send-back" else (), actor=actor.name,
                precondition=_is_asked(asked),
            )  # fmt: skip


def _asked(database: Database, book: str) -> ReviewTask | None:
    try:
        return reviews.task(database, book)
    except NotFound:
        return None


def _unchanged(before: BookRelease | None) -> Precondition[BookRelease]:
    """That nobody put the book on or off sale since."""

    def check(now: BookRelease) -> None:
        if now != before:
            raise etags.ChangedMeanwhile

    return check


def _is_asked(asked: ReviewTask | None) -> Precondition[Review]:
    """An answer that somebody else gave meanwhile is theirs: it is changed where reviews are."""

    def check(now: Review) -> None:
        if now.task.state != "open":
            raise Problem(HTTPStatus.CONFLICT, "review-over", "Its review is over.")
        if asked is None or now.task.id != asked.id:
            raise etags.ChangedMeanwhile

    return check


def _allowed(access: Access, of: Thing, step: str) -> Transition:
    assert access.resource is not None
    taken = transition(of, step, access.resource.states)
    if taken is None or taken.right is None:
        detail = "From where it stands, there is no such step."
        raise Problem(HTTPStatus.CONFLICT, "no-such-step", detail)
    if not access.may(*taken.right):
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", "You may not do this here.")
    return taken


def _step(one: Transition) -> StepOut:
    return StepOut(
        step=one.name, to=one.after.value, guard=one.guard, needs_reason=one.needs_reason
    )
