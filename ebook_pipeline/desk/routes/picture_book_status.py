"""How far a picture book is, as API and pages tell it."""

from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel
from pydantic import Field as ModelField
from starlette.responses import Response

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.stage_records import MadeFiles
from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import Access
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.services.picture_books import progress
from ebook_pipeline.services.picture_books.briefs import OrderState, PictureBookOrder
from ebook_pipeline.services.picture_books.progress import OrderStage

FileName = Literal[
    "package", "interior", "cover", "colouring-book", "workbook", "fixed-layout", "reflowable",
    "reading-pdf", "contact-sheet", "line-art-sheet", "book",
]  # fmt: skip
FILES: tuple[str, ...] = get_args(FileName)


class StageProgress(BaseModel):
    """A stage of a book that is being made."""

    stage: str
    outcome: str
    seconds: float
    at: datetime


class OrderCosts(BaseModel):
    """What the newest version has cost: seconds of work, and tokens of a model, if one wrote."""

    seconds: float
    tokens: int


class OrderStatus(BaseModel):
    """How far a picture book is, why it goes no further, and what came of it."""

    key: str
    account: str
    state: OrderState
    version: int
    brief: Brief
    drawn_again: dict[int, int]
    art: list[int]
    progress: float = ModelField(ge=0, le=1)
    stages: list[StageProgress]
    costs: OrderCosts
    reason: str
    findings: list[Finding]
    files: list[str]
    pages: list[int]
    book: str | None
    created_by: str
    created_at: datetime


def status_of(access: Access, made: PictureBookOrder, files: MadeFiles | None) -> OrderStatus:
    """The order with its stages, and the `files` that came of it last."""
    stages = progress.stages_of(access.context.database, made.key)
    told = [found for one in stages for found in one.detail.get("findings", ())]
    return OrderStatus(
        key=made.key,
        account=made.account,
        state=made.state,
        version=made.version,
        brief=made.brief,
        drawn_again=made.attempts.attempts,
        art=sorted(made.attempts.art),
        progress=round(sum(one.is_finished for one in stages) / len(progress.STAGES), 3),
        stages=[
            StageProgress(stage=one.stage, outcome=one.outcome, seconds=one.seconds, at=one.at)
            for one in stages
        ],
        costs=OrderCosts(
            seconds=round(sum(one.seconds for one in stages), 3),
            tokens=sum(one.tokens for one in stages),
        ),
        reason=_reason(made, stages),
        findings=[Finding.model_validate(found) for found in told],
        files=[name for name in FILES if files and name in files.files],
        pages=sorted(files.pages) if files else [],
        book=made.book,
        created_by=made.actor,
        created_at=made.at,
    )


def _reason(made: PictureBookOrder, stages: list[OrderStage]) -> str:
    """Why it goes no further, as its last stage says; empty where it does."""
    if made.state not in (OrderState.REFUSED, OrderState.FAILED) or not stages:
        return ""
    against = [text for one in stages for text in one.detail.get("against", ())]
    return "; ".join(filter(None, [str(stages[-1].detail.get("reason", "")), *against]))


def shown(access: Access, made: PictureBookOrder, response: Response) -> OrderStatus:
    """The order's status, with its ETag in the answer."""
    response.headers["ETag"] = etags.etag_of(made)
    return status_of(access, made, progress.files_of(access.context.database, made.key))
