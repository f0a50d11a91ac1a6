"""Picture books: a form for a brief with a live preview, what was ordered, and each book's page."""

import base64
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.books.picture_books.choice_names import name_of
from ebook_pipeline.books.picture_books.preview import Preview, first_spread
from ebook_pipeline.books.picture_books.sequels import sequel
from ebook_pipeline.books.picture_books.stage_records import MadeFiles
from ebook_pipeline.books.picture_books.templates import templates
from ebook_pipeline.desk import etags, paging, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.pages.brief_form import BriefForm
from ebook_pipeline.desk.routes.picture_book_status import status_of
from ebook_pipeline.desk.routes.picture_books import (
    Changing,
    Creating,
    OrderKey,
    Reading,
    cursor_of,
    most_per_day,
    place_order,
    quota_told,
    require_makeable,
)
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.picture_books import briefs, order_list, progress
from ebook_pipeline.services.picture_books.briefs import UNDER_WAY, PictureBookOrder
from ebook_pipeline.services.reviewing import queue
from ebook_pipeline.services.reviewing.queue import QueueFilter

AT_ONCE = 30
Tag = Annotated[str, Form(max_length=100)]
Typed = Annotated[BriefForm, Form()]

router = APIRouter(prefix="/picture-books", include_in_schema=False)


@router.get("")
def show_list(
    request: Request, access: Reading, after: paging.After = "", gone: bool = False
) -> Response:
    """What was ordered, the one that changed last first."""
    condition = briefs.order_condition(access.actor)
    place = paging.place_in(after)
    rows = order_list.lines(access.context.database, condition, AT_ONCE + 1, place)
    page = paging.page_of(rows, AT_ONCE, cursor_of)
    theirs = accounts_of(access.actor, "create", "picture_book")
    may_begin = theirs is None or len(theirs) > 0
    values = {"page": page, "gone": gone, "may_begin": may_begin}
    return rendering.render(request, "picture_books", values)


@router.get("/new")
def show_form(request: Request, access: Creating) -> Response:
    """The form of a new brief."""
    return _form_page(request, access, BriefForm())


@router.post("/new")
def order(request: Request, access: Creating, typed: Typed) -> Response:
    """Order it; or show its first spread, where the form asks for that, or what is wrong."""
    try:
        brief = typed.brief()
        if typed.action == "preview":
            require_makeable(brief)
            return _form_page(request, access, typed, shown=first_spread(brief))
        made = place_order(typed.account or None, brief, access)
    except (Problem, ValidationError, ServiceError) as error:
        return _form_page(request, access, typed, wrong=_reasons(error))
    return rendering.see_other(f"/picture-books/{made.key}")


@router.post("/preview")
def preview(_: Creating, typed: Typed) -> dict[str, Any]:
    """The first spread as a data URL, or what is wrong with the brief."""
    try:
        brief = typed.brief()
        require_makeable(brief)
        shown = first_spread(brief)
    except (Problem, ValidationError) as error:
        return {"wrong": _reasons(error)}
    return {"wrong": [], "title": shown.title, "alt": " ".join(shown.alts), "src": _data(shown)}


@router.get("/{picture_book}")
def show_order(picture_book: OrderKey, request: Request, access: Reading) -> Response:
    """How far it is, its spreads, its files, its versions."""
    return _order_page(request, access, briefs.read(access.context.database, picture_book))


@router.get("/{picture_book}/standing")
def show_standing(picture_book: OrderKey, request: Request, access: Reading) -> Response:
    """The part of the page that moves."""
    made = briefs.read(access.context.database, picture_book)
    files = progress.files_of(access.context.database, picture_book)
    return rendering.render(request, "picture_book_standing", _standing(access, made, files))


@router.get("/{picture_book}/brief")
def show_brief(picture_book: OrderKey, request: Request, access: Changing) -> Response:
    """The form with the brief that stands."""
    made = briefs.read(access.context.database, picture_book)
    typed = BriefForm.of(made.brief, made.account)
    return _form_page(request, access, typed, changed=made)


@router.get("/{picture_book}/sequel")
def show_sequel(picture_book: OrderKey, request: Request, access: Changing) -> Response:
    """The form of another book with the same characters."""
    made = briefs.read(access.context.database, picture_book)
    typed = BriefForm.of(sequel(made.brief), made.account)
    return _form_page(request, access, typed, after=picture_book)


@router.post("/{picture_book}/brief")
def change(picture_book: OrderKey, request: Request, access: Changing, typed: Typed) -> Response:
    """Order the next version by what was typed."""
    database = access.context.database
    seen = briefs.read(database, picture_book)
    try:
        brief = typed.brief()
        require_makeable(brief)
        if typed.action == "preview":
            return _form_page(request, access, typed, shown=first_spread(brief), changed=seen)
        with quota_told():
            briefs.change(
                database, picture_book, brief, actor=access.actor.name,
                precondition=etags.seen_in_form(typed.tag), most_per_day=most_per_day(access),
            )  # fmt: skip
    except (Problem, ValidationError, ServiceError) as error:
        return _form_page(request, access, typed, wrong=_reasons(error), changed=seen)
    return rendering.see_other(f"/picture-books/{picture_book}")


@router.post("/{picture_book}/change")
def act(
    picture_book: OrderKey,
    request: Request,
    access: Changing,
    action: Annotated[Literal["draw", "again", "cancel"], Form()],
    page: Annotated[int, Form(ge=0, le=63)] = 0,
    tag: Tag = "",
) -> Response:
    """Draw a page again, make it again, or cancel."""
    database, actor = access.context.database, access.actor.name
    seen = etags.seen_in_form(tag)
    try:
        with quota_told():
            if action == "draw":
                most = most_per_day(access)
                briefs.draw_again(
                    database, picture_book, page, actor=actor, precondition=seen, most_per_day=most
                )
            elif action == "again":
                briefs.make_again(database, picture_book, actor=actor, precondition=seen)
            else:
                briefs.cancel(database, picture_book, actor=actor, precondition=seen)
    except (Problem, ServiceError) as error:
        now = briefs.read(database, picture_book)
        return _order_page(request, access, now, _reasons(error))
    return rendering.see_other(f"/picture-books/{picture_book}")


@router.post("/{picture_book}/discard")
def discard(
    picture_book: OrderKey, access: Annotated[Access, Depends(allow("picture_book", "delete"))]
) -> Response:
    """With every version; the book that was submitted of it stays."""
    briefs.discard(access.context.database, picture_book, actor=access.actor.name)
    return rendering.see_other("/picture-books?gone=true")


def _reasons(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]]
    return error.reasons if isinstance(error, Problem) else [str(error)]


def _data(shown: Preview) -> str:
    return f"data:image/png;base64,{base64.b64encode(shown.png).decode()}"


def _form_page(
    request: Request,
    access: Access,
    typed: BriefForm,
    *,
    wrong: list[str] | None = None,
    shown: Preview | None = None,
    changed: PictureBookOrder | None = None,
    after: str = "",
) -> Response:
    language = rendering.page_language(request)
    own = accounts_of(access.actor, "create", "picture_book")
    known = accounts.ids(access.context.database)
    values = {
        "typed": typed,
        "choices": templates(),
        "named": lambda kind, value: name_of(kind, value, "de" if language == "de" else "en"),
        "accounts": sorted(known if own is None else own),
        "wrong": wrong or [],
        "shown": shown,
        "shown_src": _data(shown) if shown else "",
        "changed": changed,
        "after": after,
        "tag": etags.etag_of(changed) if changed else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return rendering.render(request, "picture_book_form", values, status)


def _standing(access: Access, made: PictureBookOrder, files: MadeFiles | None) -> dict[str, Any]:
    asked = None
    if made.book:
        found = queue.list_reviews(access.context.database, QueueFilter(book=made.book), limit=1)
        asked = found[0] if found else None
    return {
        "order": made,
        "status": status_of(access, made, files),
        "stages": progress.STAGES,
        "moves": made.state in UNDER_WAY,
        "asked": asked,
    }


def _order_page(
    request: Request, access: Access, made: PictureBookOrder, wrong: list[str] | None = None
) -> Response:
    database = access.context.database
    files = progress.files_of(database, made.key)
    values = _standing(access, made, files) | {
        "wrong": wrong or [],
        "title": files.title if files else made.brief.title,
        "spreads": sorted({number // 2 * 2 for number in files.pages}) if files else [],
        "versions": order_list.versions(database, made.key),
        "tag": etags.etag_of(made),
        "may_change": access.may("picture_book", "change"),
    }
    status = HTTPStatus.CONFLICT if wrong else HTTPStatus.OK
    return rendering.render(request, "picture_book", values, status)
