"""Editing rounds for people: the chapters paragraph by paragraph, with what is said of them."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ebook_pipeline.books.editing.paragraphs import Paragraph, paragraphs
from ebook_pipeline.books.editing.passages import LONGEST_QUOTE
from ebook_pipeline.books.records import Record
from ebook_pipeline.desk import etags, paging, rendering
from ebook_pipeline.desk.access import Access
from ebook_pipeline.desk.ingestion import Working
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.editing import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    Answering,
    Assigning,
    CommentId,
    Editing,
    Step,
    step_with_manuscript,
    steps_of,
)
from ebook_pipeline.desk.routes.manuscripts import (
    ManuscriptId,
    Reading,
    cursor_of,
)
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.services.editing import comments, rounds
from ebook_pipeline.services.editing.comments import CommentWish, PassageComment, ReadChapter
from ebook_pipeline.services.writing import manuscripts

AT_ONCE = 50
router = APIRouter(prefix="/editing", include_in_schema=False)
Short = Annotated[str, Form(max_length=100)]
Said = Annotated[str, Form(max_length=LONGEST_COMMENT)]


class ShownParagraph(Record):
    """A paragraph with the comments whose passages begin in it."""

    paragraph: Paragraph
    comments: tuple[PassageComment, ...] = ()


class ShownChapter(Record):
    """A chapter as it is read; `lost`: comments on words that it has no more."""

    chapter: ReadChapter
    paragraphs: tuple[ShownParagraph, ...]
    lost: tuple[PassageComment, ...]


@router.get("")
def show_manuscripts(request: Request, access: Editing, after: paging.After = "") -> Response:
    """What waits for its editors, those of the asker alone unless all are theirs."""
    condition = manuscripts.manuscript_condition(access.actor, "edit")
    place = paging.place_in(after)
    rows = manuscripts.lines(access.context.database, condition, AT_ONCE + 1, place)
    page = paging.page_of(rows, AT_ONCE, cursor_of)
    return rendering.render(request, "editing_list", {"page": page})


@router.get("/{manuscript}")
def show(
    manuscript: ManuscriptId,
    request: Request,
    access: Reading,
    round: int | None = None,
) -> Response:
    """A round, or the manuscript as it stands; what changed, and what was said."""
    return _page(request, access, manuscript, round)


@router.post("/{manuscript}/comments")
def comment(
    manuscript: ManuscriptId,
    request: Request,
    access: Editing,
    chapter: Short,
    quote: Annotated[str, Form(max_length=2 * LONGEST_QUOTE)],
    text: Said,
    near: Annotated[int, Form(ge=0, le=10**9)] = 0,
) -> Response:
    """On words of a paragraph: all of it, or what the form was cut down to."""
    wish = CommentWish(chapter=chapter, quote=quote[:LONGEST_QUOTE], text=text, near=near)
    if not text.strip():
        return _page(request, access, manuscript, None, rendering.say(request, "editing.empty"))
    try:
        made = comments.comment(access.context.database, manuscript, wish, actor=access.actor.name)
    except (Problem, ServiceError) as error:
        return _page(request, access, manuscript, None, words_of(error))
    return _to(manuscript, f"#comment-{made.id}")


@router.post("/{manuscript}/comments/{comment}/answers")
def answer(manuscript: ManuscriptId, comment: CommentId, access: Answering, text: Said) -> Response:
    """To a comment."""
    if text.strip():
        database, actor = access.context.database, access.actor.name
        comments.answer(database, manuscript, comment, text, actor=actor)
    return _to(manuscript, f"#comment-{comment}")


@router.post("/{manuscript}/comments/{comment}/settled")
def settle(
    manuscript: ManuscriptId, comment: CommentId, access: Answering, settled: bool = Form(False)
) -> Response:
    """Done, or not."""
    comments.settle(
        access.context.database, manuscript, comment, settled=settled, actor=access.actor.name
    )
    return _to(manuscript, f"#comment-{comment}")


@router.post("/{manuscript}/editors")
def change_editors(
    manuscript: ManuscriptId, request: Request, access: Assigning, editor: Short, gone: Short = ""
) -> Response:
    """Let somebody edit it, or no more."""
    change = rounds.dismiss if gone else rounds.assign
    try:
        change(access.context.database, manuscript, editor, actor=access.actor.name)
    except NotFound as error:
        return _page(request, access, manuscript, None, str(error))
    return _to(manuscript)


@router.post("/{manuscript}/step")
def take_step(
    manuscript: ManuscriptId,
    request: Request,
    access: Reading,
    ingestion: Working,
    step: Short,
    reason: Annotated[str, Form(max_length=LONGEST_REASON)] = "",
    tag: Short = "",
) -> Response:
    """A step of its life, as the page showed it."""
    wanted = Step(step=step, reason=reason)
    try:
        step_with_manuscript(access, ingestion, manuscript, wanted, etags.seen_in_form(tag))
    except (Problem, ServiceError) as error:
        return _page(request, access, manuscript, None, words_of(error))
    return _to(manuscript)


def _to(manuscript: str, place: str = "") -> Response:
    return rendering.see_other(f"/editing/{manuscript}{place}")


def _page(
    request: Request, access: Access, manuscript: str, number: int | None, wrong: str = ""
) -> Response:
    database = access.context.database
    now = manuscripts.read(database, manuscript)
    read = comments.read(database, manuscript, number)
    is_open = bool(read.rounds) and read.rounds[-1].decision is None
    may_assign = access.may("manuscript", "assign")
    values = {
        "manuscript": now,
        "read": read,
        "chapters": [_shown(chapter) for chapter in read.chapters],
        "wrong": wrong,
        "tag": etags.etag_of(now),
        "steps": steps_of(access, "manuscript"),
        "may_comment": access.may("manuscript", "edit") and is_open and read.number is not None,
        "may_answer": access.may("manuscript", "answer"),
        "may_assign": may_assign,
        "may_write": access.may("manuscript", "create"),
        "to_choose": rounds.editors_to_choose(database, now.account) if may_assign else (),
        "longest": LONGEST_COMMENT,
        "longest_reason": LONGEST_REASON,
    }
    status = HTTPStatus.CONFLICT if wrong else HTTPStatus.OK
    return rendering.render(request, "editing", values, status)


def _shown(chapter: ReadChapter) -> ShownChapter:
    """Each comment below the paragraph in which its passage begins."""
    found = list(paragraphs(chapter.text))
    by_place: dict[int, list[PassageComment]] = {}
    for one in chapter.comments:
        if one.start is not None:
            place = next((i for i, part in enumerate(found) if one.start < part.end), None)
            by_place.setdefault(len(found) - 1 if place is None else place, []).append(one)
    shown = (
        ShownParagraph(paragraph=part, comments=tuple(by_place.get(place, ())))
        for place, part in enumerate(found)
    )
    lost = tuple(one for one in chapter.comments if one.start is None)
    return ShownChapter(chapter=chapter, paragraphs=tuple(shown), lost=lost)
