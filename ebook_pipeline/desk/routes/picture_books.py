"""Picture books made from briefs: ordered, watched, cancelled, a page drawn again, files taken.

An order is a task: a run of the chain `briefs` takes it up, its state says how far it is. What is
made is submitted as a book of its account, and a person approves it before it is sold.
"""

import contextlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic import Field as ModelField
from starlette.responses import Response

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.brief_check import new_key, refusals
from ebook_pipeline.books.picture_books.contact_sheet import pages_png
from ebook_pipeline.books.picture_books.finished_book import Page as BookPage
from ebook_pipeline.books.picture_books.preview import first_spread
from ebook_pipeline.books.picture_books.stage_records import MadeFiles
from ebook_pipeline.desk import etags, file_answers, paging, pictures
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import Page
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.jobs import account_of
from ebook_pipeline.desk.routes.picture_book_status import FileName, OrderStatus, shown
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.picture_books import briefs, order_list, progress
from ebook_pipeline.services.picture_books.briefs import OrdersUsedUp, PictureBookOrder
from ebook_pipeline.services.picture_books.order_list import OrderVersion

PREFIX = "/generate"
_EXAMPLE: dict[str, JsonValue] = {"language": "en", "age_group": "3-5", "seed": 3, "pages": 24}
OrderKey = Annotated[str, Path(max_length=80)]
PageNumber = Annotated[int, Path(ge=3, le=63)]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The newest, if unset.")]

router = APIRouter(prefix=PREFIX, tags=["picture books"])
Creating = Annotated[Access, Depends(allow("picture_book", "create"))]
Reading = Annotated[Access, Depends(allow("picture_book", "read"))]
Changing = Annotated[Access, Depends(allow("picture_book", "change"))]
_PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A picture.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class OrderIn(BaseModel):
    """A book that is to be made, and for which account where you have several."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"brief": _EXAMPLE}]})
    account: str | None = ModelField(None, max_length=63)
    brief: Brief


class BriefIn(BaseModel):
    """A brief."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"brief": _EXAMPLE}]})
    brief: Brief


@router.get("/brief.schema.json", summary="Read the JSON Schema of a brief")
def read_schema(_: Creating) -> dict[str, Any]:
    """For forms and editors."""
    return Brief.model_json_schema()


@router.post(
    "/preview",
    summary="See the first spread of a book",
    response_class=Response,
    responses=_PNG,
)
def preview(wanted: BriefIn, _: Creating) -> Response:
    """Pages 4 and 5 as a PNG; nothing is kept. A brief that can't be made says why: 422."""
    require_makeable(wanted.brief)
    return Response(first_spread(wanted.brief).png, media_type="image/png")


@router.post("/books", status_code=HTTPStatus.ACCEPTED, summary="Order a picture book")
def order(wanted: OrderIn, response: Response, access: Creating) -> OrderStatus:
    """It is made by the next run. A brief that can't be made says why: 422."""
    made = place_order(wanted.account, wanted.brief, access)
    response.headers["Location"] = f"/api/v1{PREFIX}/books/{made.key}"
    return shown(access, made, response)


@router.get("/books", summary="List picture books")
def list_orders(
    access: Reading, limit: paging.Limit = 50, after: paging.After = ""
) -> Page[PictureBookOrder]:
    """Those of your accounts, the one that changed last first."""
    condition = briefs.order_condition(access.actor)
    rows = order_list.lines(access.context.database, condition, limit + 1, paging.place_in(after))
    return paging.page_of(rows, limit, cursor_of)


@router.get("/books/{picture_book}", summary="Read how far a picture book is")
def read(picture_book: OrderKey, response: Response, access: Reading) -> OrderStatus:
    """State, stages, costs, findings, files."""
    return shown(access, briefs.read(access.context.database, picture_book), response)


@router.put(
    "/books/{picture_book}", summary="Order it by another brief", dependencies=[etags.NAMED]
)
def change(
    picture_book: OrderKey, wanted: BriefIn, request: Request, response: Response, access: Changing
) -> OrderStatus:
    """Its next version; the files of those before are kept."""
    require_makeable(wanted.brief)
    with quota_told():
        changed = briefs.change(
            access.context.database, picture_book, wanted.brief, actor=access.actor.name,
            precondition=etags.seen_by(request), most_per_day=most_per_day(access),
        )  # fmt: skip
    return shown(access, changed, response)


@router.post(
    "/books/{picture_book}/pages/{page}/again",
    summary="Draw a page again",
    dependencies=[etags.NAMED],
)
def draw_again(
    picture_book: OrderKey,
    page: PageNumber,
    request: Request,
    response: Response,
    access: Changing,
) -> OrderStatus:
    """Another composition of the same scene; all other pages keep their bytes."""
    with quota_told():
        changed = briefs.draw_again(
            access.context.database, picture_book, page, actor=access.actor.name,
            precondition=etags.seen_by(request), most_per_day=most_per_day(access),
        )  # fmt: skip
    return shown(access, changed, response)


@router.post(
    "/books/{picture_book}/again", summary="Try to make it again", dependencies=[etags.NAMED]
)
def make_again(
    picture_book: OrderKey, request: Request, response: Response, access: Changing
) -> OrderStatus:
    """After a fault or a cancellation; what is made already is not made again."""
    changed = briefs.make_again(
        access.context.database, picture_book, actor=access.actor.name,
        precondition=etags.seen_by(request),
    )  # fmt: skip
    return shown(access, changed, response)


@router.post(
    "/books/{picture_book}/cancel", summary="Cancel the making", dependencies=[etags.NAMED]
)
def cancel(
    picture_book: OrderKey, request: Request, response: Response, access: Changing
) -> OrderStatus:
    """No stage begins any more."""
    changed = briefs.cancel(
        access.context.database, picture_book, actor=access.actor.name,
        precondition=etags.seen_by(request),
    )  # fmt: skip
    return shown(access, changed, response)


@router.delete(
    "/books/{picture_book}", status_code=HTTPStatus.NO_CONTENT, summary="Delete an order",
    dependencies=[etags.NAMED],
)  # fmt: skip
def discard(
    picture_book: OrderKey,
    request: Request,
    access: Annotated[Access, Depends(allow("picture_book", "delete"))],
) -> None:
    """With every version; the book that was submitted of it stays."""
    briefs.discard(
        access.context.database, picture_book, actor=access.actor.name,
        precondition=etags.seen_by(request),
    )  # fmt: skip


@router.get("/books/{picture_book}/versions", summary="List the versions of a picture book")
def list_versions(picture_book: OrderKey, access: Reading) -> list[OrderVersion]:
    """The newest first, the last 100."""
    return order_list.versions(access.context.database, picture_book)


@router.get(
    "/books/{picture_book}/spreads/{page}",
    summary="See a spread",
    response_class=Response,
    responses=_PNG | {304: {"description": "It is what the asker has."}},
)
def read_spread(
    picture_book: OrderKey,
    page: PageNumber,
    request: Request,
    access: Reading,
    version: Version = None,
    line_art: bool = False,
) -> Response:
    """The page and the one beside it as a PNG, in colour or as lines."""
    made = made_or_missing(access, picture_book, version)
    numbers = [number for number in (page // 2 * 2, page // 2 * 2 + 1) if number in made.pages]
    if not numbers:
        raise NotFound("there is no such page")
    tag = etags.etag([made.pages[number].sha256 for number in numbers], line_art)

    def drawn() -> bytes:
        pages = [_page(access.context.object_store, made, number) for number in numbers]
        trim = briefs.ordered(access.context.database, picture_book).trim
        return pages_png(pages, trim, line_art=line_art)

    return pictures.shown(request, tag, drawn, "image/png")


@router.head("/books/{picture_book}/files/{name}", include_in_schema=False)
@router.get(
    "/books/{picture_book}/files/{name}",
    summary="Take a file of a picture book",
    response_class=Response,
    responses=file_answers.DESCRIPTION,
)
def download(
    picture_book: OrderKey, name: FileName, request: Request, access: Reading,
    version: Version = None,
) -> Response:  # fmt: skip
    """The print package, interior, cover, EPUBs, workbook, all pages at a glance."""
    made = made_or_missing(access, picture_book, version)
    if name not in made.files:
        raise NotFound("the book has no such file")
    filename = f"{picture_book}-{name}"
    return file_answers.answer(request, access.context.object_store, made.files[name], filename)


def require_makeable(brief: Brief) -> None:
    """Raises `Problem` with every reason against the brief."""
    if found := refusals(brief):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "brief",
            "This book can't be made as it is ordered.",
            errors=[
                {"detail": f"{one.message} {one.remedy}", "pointer": "/brief"} for one in found
            ],
            findings=[one.model_dump(mode="json") for one in found],
        )


def place_order(named: str | None, brief: Brief, access: Access) -> PictureBookOrder:
    """Order the book for the account that is meant. Raises `Problem`."""
    account = account_of(named, access)
    access.require(briefs.of_account(account))
    require_makeable(brief)
    with quota_told():
        return briefs.order(
            access.context.database, new_key(brief), brief, account=account,
            actor=access.actor.name, most_per_day=most_per_day(access),
        )  # fmt: skip


@contextlib.contextmanager
def quota_told() -> Iterator[None]:
    """A quota that is used up as 429."""
    try:
        yield
    except OrdersUsedUp as error:
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "quota-used-up", str(error)) from error


def most_per_day(access: Access) -> int:
    """What one person may order in a day."""
    return access.context.settings.picture_books_per_day


def made_or_missing(access: Access, key: str, version: int | None) -> MadeFiles:
    """What came of a version. Raises `NotFound`."""
    made = progress.files_of(access.context.database, key, version)
    if made is None:
        raise NotFound("nothing is made of it yet")
    return made


def cursor_of(line: PictureBookOrder) -> str:
    """The cursor after this line."""
    return paging.cursor_at(line.changed_at, line.key)


def _page(store: ObjectStore, made: MadeFiles, number: int) -> BookPage:
    with store.open(made.pages[number]) as stream:
        return BookPage.model_validate_json(stream.read())
