"""The operator's pages of reprocessings: what is offered, what goes on, and how each ended."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.services.reporting.book_files import STAGES
from ebook_pipeline.services.reporting.conditions import BadCondition
from ebook_pipeline.services.reprocessing import reprocessings, summary, versions
from ebook_pipeline.services.reprocessing.plan import ReprocessPlan
from ebook_pipeline.services.reprocessing.reprocessings import ReprocessingRequest

_SHOWN = 30
_MOVES = {
    "pause": reprocessings.pause,
    "resume": reprocessings.resume,
    "cancel": reprocessings.cancel,
    "retry": reprocessings.try_failed_again,
}
_LONGEST_CONDITION = 1000
Operating = Annotated[Access, Depends(allow("dagster", "use"))]
Stage = Annotated[str, Form(pattern=f"^({'|'.join(STAGES)})$")]
Condition = Annotated[str, Form(max_length=_LONGEST_CONDITION)]

router = APIRouter(prefix="/operate/reprocessings", include_in_schema=False)


@router.get("")
def show_reprocessings(request: Request, access: Operating) -> Response:
    """What is offered, the newest ones, and a form for another."""
    return _page(request, access)


@router.post("")
def begin(
    request: Request,
    access: Operating,
    stage: Stage,
    condition: Condition = "",
    books: Annotated[int | None, Form(ge=0)] = None,
) -> Response:
    """Say how many books and hours it takes; once that was seen (`books`), begin."""
    database = access.context.database
    asked = ReprocessingRequest(stage=stage, condition=condition.strip())
    try:
        planned = reprocessings.plan(database, asked)
    except BadCondition as error:
        return _page(request, access, asked, wrong=str(error))
    if books is None or books != len(planned.books) or not planned.books:
        return _page(request, access, asked, planned)
    begun = reprocessings.begin(database, asked, planned, actor=access.actor.name)
    return _shown(begun.id)


@router.post("/offers")
def answer_offer(
    access: Operating, stage: Stage, answer: Annotated[Literal["accept", "dismiss"], Form()]
) -> Response:
    """Do a stage again that is made with something new, or leave its books as they are."""
    database, actor = access.context.database, access.actor.name
    if answer == "accept":
        return _shown(versions.accept(database, stage, actor=actor).id)
    versions.dismiss(database, stage, actor=actor)
    return rendering.see_other(router.prefix)


@router.get("/{number}")
def show_reprocessing(request: Request, access: Operating, number: int) -> Response:
    """One of them: its books by outcome, and why."""
    database = access.context.database
    one = reprocessings.find(database, number)
    seen = summary.progress(database, one)
    values = {
        "one": one,
        "seen": seen,
        "left": summary.duration(seen.seconds_left),
        "reasons": summary.reasons(database, number),
    }
    return rendering.render(request, "reprocessing", values)


@router.post("/{number}/{move}")
def move(
    access: Operating, number: int, move: Literal["pause", "resume", "cancel", "retry"]
) -> Response:
    """Pause it, go on, leave what is left, or try again what failed."""
    moved = _MOVES[move](access.context.database, number, actor=access.actor.name)
    return _shown(moved.id)


def _shown(number: int) -> Response:
    return rendering.see_other(f"{router.prefix}/{number}")


def _page(
    request: Request,
    access: Access,
    asked: ReprocessingRequest | None = None,
    planned: ReprocessPlan | None = None,
    *,
    wrong: str = "",
) -> Response:
    database = access.context.database
    found = reprocessings.list_newest(database, _SHOWN)
    seen = summary.progress_of(database, found)
    values = {
        "found": [(one, seen[one.id]) for one in found],
        "offers": versions.offers(database),
        "stages": list(STAGES),
        "asked": asked,
        "planned": planned,
        "wrong": wrong,
        "duration": summary.duration,
    }
    return rendering.render(request, "reprocessings", values)
