"""Files of books, also before their release, and all that is on record of an edition."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from ebook_pipeline.books.records import CatalogEntry
from ebook_pipeline.desk import etags, file_answers
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reporting import book_files
from ebook_pipeline.services.reporting.book_files import BookFiles
from ebook_pipeline.services.reporting.status import BookState, BookStatuses
from ebook_pipeline.services.reviewing import queue
from ebook_pipeline.services.reviewing.queue import QueueFilter
from ebook_pipeline.services.reviewing.reviews import Review

router = APIRouter(prefix="/books", tags=["books"])
Edition = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="The newest one's, if unset.")
]
FileName = Literal["original", "epub", "pdf", "text", "cover", "preview", "preview-page", "report"]
Reading = Annotated[Access, Depends(allow("file", "read"))]


class StageOut(BaseModel):
    """How a stage ended last for the newest edition."""

    stage: str
    outcome: str
    seconds: float
    at: datetime
    reason: str = ""


class BookReport(BaseModel):
    """Everything that is known of how a book goes: its stages, findings, reviews, releases."""

    book: str
    state: BookState
    reason: str
    edition: int
    editions: int
    findings: list[Finding]
    stages: list[StageOut]
    reviews: list[Review]
    releases: list[CatalogEntry]
    other_editions: list[str]


@router.get("/{book}/report", summary="Read how a book goes")
def read_report(book: BookId, response: Response, access: Reading) -> BookReport:
    """Stages, findings, reviews with their decisions, and releases."""
    context = access.context
    found = BookStatuses(context.database, context.records, context.resources.cdn).statuses([book])
    if not found:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing.")
    [status] = found
    every = QueueFilter(state=None, book=book)
    report = BookReport(
        book=book,
        state=status.state,
        reason=status.reason,
        edition=status.edition,
        editions=book_files.editions_of(context.database, book),
        findings=list(status.findings),
        stages=_stages(Journal(context.database), book),
        reviews=list(queue.list_reviews(context.database, every, limit=100)),
        releases=list(releases.history(context.database, book)),
        other_editions=list(status.other_editions),
    )
    return etags.tagged(response, report)


@router.get("/{book}/records/{stage}", summary="Read what a stage has on record")
def read_record(
    book: BookId,
    stage: Annotated[str, Path(max_length=40, examples=["qa_report"])],
    access: Reading,
    edition: Edition = None,
) -> dict[str, Any]:
    """The stage's record of an edition, as the chain keeps it."""
    context = access.context
    number = book_files.files_of(context.database, context.records, book, edition).edition
    return book_files.record_of(context.records, book, number, stage)


@router.get("/{book}/files", summary="List a book's files")
def list_files(book: BookId, access: Reading, edition: Edition = None) -> BookFiles:
    """What of an edition can be downloaded, also before its release."""
    context = access.context
    return book_files.files_of(context.database, context.records, book, edition)


@router.head("/{book}/files/{name}", include_in_schema=False)
@router.get(
    "/{book}/files/{name}",
    summary="Download a file",
    response_class=Response,
    responses=file_answers.DESCRIPTION,
)
def download(
    book: BookId, name: FileName, request: Request, access: Reading, edition: Edition = None
) -> Response:
    """The file, or the range of it that is asked for; never shown by the browser itself."""
    context = access.context
    found = book_files.files_of(context.database, context.records, book, edition)
    filename = f"{book}-{found.edition}-{name}"
    return file_answers.answer(request, context.object_store, found.blob(name), filename)


def _stages(journal: Journal, book: str) -> list[StageOut]:
    last = journal.last([book]).get(book)
    return [
        StageOut(
            stage=stage.stage,
            outcome=stage.outcome.value,
            seconds=stage.seconds,
            at=stage.at,
            reason=str(stage.detail.get("reason", "")),
        )
        for stage in (last.stages.values() if last else ())
    ]
