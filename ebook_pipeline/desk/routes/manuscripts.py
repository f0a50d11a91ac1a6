"""Manuscripts that are written at the desk: chapters of Markdown, each save of which is a version.

To submit one is to submit its chapters as a file: what follows is a job like any other.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ebook_pipeline.books.reviewing.edition_changes import EditionChanges
from ebook_pipeline.books.writing.manuscript_file import (
    LONGEST_HEADING,
    LONGEST_TEXT,
    MOST_CHAPTERS,
    NAME,
    WrittenChapter,
)
from ebook_pipeline.books.writing.parts import Part
from ebook_pipeline.desk import etags, paging
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.ingestion import Ingestion, Working
from ebook_pipeline.desk.paging import Page
from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.jobs import JobIn, account_of, claims_or_problem
from ebook_pipeline.desk.routes.uploads import told
from ebook_pipeline.services.writing import chapters, manuscripts
from ebook_pipeline.services.writing.chapters import Chapter
from ebook_pipeline.services.writing.manuscripts import Manuscript, ManuscriptLine
from ebook_pipeline.services.writing.submitting import ManuscriptSubmitter, file_of

PREFIX = "/manuscripts"
BODY_BYTES = 4 << 20
"""Of a request: a chapter of half a million words."""
MOST_VERSIONS = 200

router = APIRouter(prefix=PREFIX, tags=["manuscripts"], route_class=RevalidatedRoute)
new_books = APIRouter(tags=["books"])
Creating = Annotated[Access, Depends(allow("manuscript", "create"))]
Reading = Annotated[Access, Depends(allow("manuscript", "read"))]
Changing = Annotated[Access, Depends(allow("manuscript", "change"))]
ManuscriptId = Annotated[str, Path(max_length=26)]
ChapterId = Annotated[str, Path(max_length=26)]
Version = Annotated[int, Query(ge=1, description="A version's number.")]


class ChapterIn(BaseModel):
    """A chapter as it is to stand: Markdown under a heading."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"heading": "The River", "text": "It had rained."}]}
    )
    heading: str = Field("", max_length=LONGEST_HEADING)
    text: str = Field("", max_length=LONGEST_TEXT)

    def written(self) -> WrittenChapter:
        """What the service takes."""
        return WrittenChapter(heading=self.heading, text=self.text)


class NewChapter(ChapterIn):
    """The same of one that is to be added; `part`: it is a dedication, an epigraph …, which has
    its heading and its place by that."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"heading": "The River", "text": "It had rained."},
                {"part": "dedication", "text": "For Mia"},
            ]
        }
    )
    part: Part | None = None


class ChapterForm(ChapterIn):
    """The same from a page's form, with the `tag` of the version that it showed."""

    tag: str = Field("", max_length=100)


class ManuscriptClaims(BaseModel):
    """What is said of the book, as a sidecar says it."""

    metadata: dict[str, Any] = Field(default_factory=dict, examples=[{"title": "The River"}])


class ChapterOrder(BaseModel):
    """Every chapter's id, in the order wanted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"chapters": []}]})
    chapters: list[str] = Field(max_length=MOST_CHAPTERS)


class SubmittedJob(BaseModel):
    """The job by which a manuscript was submitted; how far it is, its own address says."""

    job: str
    at: datetime


@router.post("", status_code=HTTPStatus.CREATED, summary="Begin a manuscript")
def create(wanted: JobIn, response: Response, access: Creating) -> Manuscript:
    """For one of your accounts; what can't be taken for what it says is refused here."""
    account = account_of(wanted.account, access)
    access.require(manuscripts.of_account(account))
    claims = claims_or_problem(wanted.metadata)
    made = manuscripts.create(access.context.database, account, claims, actor=access.actor.name)
    response.headers["Location"] = f"/api/v1/manuscripts/{made.id}"
    return etags.tagged(response, made)


@new_books.post("/books", status_code=HTTPStatus.CREATED, summary="Begin a book")
def begin_book(wanted: JobIn, response: Response, access: Creating) -> Manuscript:
    """One that is to be written here: a manuscript in draft, as `POST /manuscripts` makes it.

    What was written elsewhere is submitted as a job, or brought in as chapters.
    """
    return create(wanted, response, access)


@router.get("", summary="List manuscripts")
def list_them(
    access: Reading, limit: paging.Limit = 50, after: paging.After = ""
) -> Page[ManuscriptLine]:
    """Those of your accounts, the one that was changed last first."""
    condition = manuscripts.manuscript_condition(access.actor)
    rows = manuscripts.lines(access.context.database, condition, limit + 1, paging.place_in(after))
    return paging.page_of(rows, limit, cursor_of)


@router.get("/{manuscript}", summary="Read a manuscript")
def read(manuscript: ManuscriptId, response: Response, access: Reading) -> Manuscript:
    """What is said of it, and its chapters without their texts."""
    return etags.tagged(response, manuscripts.read(access.context.database, manuscript))


@router.patch("/{manuscript}", summary="Say something else of it", dependencies=[etags.NAMED])
def describe(
    manuscript: ManuscriptId,
    wanted: ManuscriptClaims,
    request: Request,
    response: Response,
    access: Changing,
) -> Manuscript:
    """All that is said of the book; what is left out is said no more."""
    claims = claims_or_problem(wanted.metadata)
    changed = manuscripts.describe(
        access.context.database,
        manuscript,
        claims,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, changed)


@router.delete(
    "/{manuscript}", status_code=HTTPStatus.NO_CONTENT, summary="Delete a manuscript",
    dependencies=[etags.NAMED],
)  # fmt: skip
def discard(
    manuscript: ManuscriptId,
    request: Request,
    access: Annotated[Access, Depends(allow("manuscript", "delete"))],
) -> None:
    """With every version, for good; what was submitted of it stays."""
    manuscripts.discard(
        access.context.database,
        manuscript,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )


@router.put("/{manuscript}/order", summary="Order the chapters", dependencies=[etags.NAMED])
def arrange(
    manuscript: ManuscriptId,
    wanted: ChapterOrder,
    request: Request,
    response: Response,
    access: Changing,
) -> Manuscript:
    """Name every chapter once."""
    changed = manuscripts.arrange(
        access.context.database,
        manuscript,
        wanted.chapters,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, changed)


@router.get("/{manuscript}/file", summary="Take the manuscript along")
def read_file(manuscript: ManuscriptId, access: Reading) -> Response:
    """Markdown with a metadata block: what would be submitted now."""
    headers = {"Content-Disposition": f'attachment; filename="{NAME}"'}
    content = file_of(access.context.database, manuscript)
    return Response(content, media_type="text/markdown; charset=utf-8", headers=headers)


@router.post(
    "/{manuscript}/submit", status_code=HTTPStatus.CREATED, summary="Submit a manuscript",
    dependencies=[etags.NAMED],
)  # fmt: skip
def submit(
    manuscript: ManuscriptId,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("manuscript", "submit"))],
    ingestion: Working,
) -> SubmittedJob:
    """As it stands. The first time it becomes a book, later the next edition of that book."""
    with told():
        job = submitter_of(ingestion).submit(
            manuscript,
            sender=access.actor.login or access.actor.name,
            actor=access.actor.name,
            precondition=etags.seen_by(request),
        )
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return SubmittedJob(job=job.id, at=job.at)


@router.post("/{manuscript}/chapters", status_code=HTTPStatus.CREATED, summary="Add a chapter")
def add_chapter(
    manuscript: ManuscriptId, wanted: NewChapter, response: Response, access: Changing
) -> Chapter:
    """Behind the others; a `part` where books have it, under its heading in the book's language."""
    made = added(access, manuscript, wanted)
    response.headers["Location"] = f"/api/v1/manuscripts/{manuscript}/chapters/{made.id}"
    return etags.tagged(response, made)


@router.get("/{manuscript}/chapters/{chapter}", summary="Read a chapter")
def read_chapter(
    manuscript: ManuscriptId,
    chapter: ChapterId,
    response: Response,
    access: Reading,
    version: Version | None = None,
) -> Chapter:
    """As it stands, or as it was saved as `version`."""
    found = chapters.read(access.context.database, manuscript, chapter, version)
    return etags.tagged(response, found)


@router.put(
    "/{manuscript}/chapters/{chapter}", summary="Save a chapter", dependencies=[etags.NAMED]
)
def save_chapter(
    manuscript: ManuscriptId,
    chapter: ChapterId,
    wanted: ChapterIn,
    request: Request,
    response: Response,
    access: Changing,
) -> Chapter:
    """Its next version; what another window has saved meanwhile is never overwritten (412)."""
    saved = chapters.save(
        access.context.database,
        manuscript,
        chapter,
        wanted.written(),
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )
    return etags.tagged(response, saved)


@router.delete(
    "/{manuscript}/chapters/{chapter}", status_code=HTTPStatus.NO_CONTENT,
    summary="Leave a chapter out", dependencies=[etags.NAMED],
)  # fmt: skip
def remove_chapter(
    manuscript: ManuscriptId, chapter: ChapterId, request: Request, access: Changing
) -> None:
    """Its versions are kept as long as the manuscript."""
    chapters.remove(
        access.context.database,
        manuscript,
        chapter,
        actor=access.actor.name,
        precondition=etags.seen_by(request),
    )


@router.get("/{manuscript}/chapters/{chapter}/versions", summary="List a chapter's versions")
def list_versions(manuscript: ManuscriptId, chapter: ChapterId, access: Reading) -> list[Chapter]:
    """The newest first, the last 200."""
    return list(chapters.history(access.context.database, manuscript, chapter, MOST_VERSIONS))


@router.get("/{manuscript}/chapters/{chapter}/changes", summary="Compare two versions")
def compare(
    manuscript: ManuscriptId, chapter: ChapterId, before: Version, after: Version, access: Reading
) -> EditionChanges:
    """Paragraph by paragraph, where they differ."""
    return chapters.changes(access.context.database, manuscript, chapter, before, after)


def added(access: Access, manuscript: str, wanted: NewChapter) -> Chapter:
    """The chapter, or the part, once it is there."""
    database, actor = access.context.database, access.actor.name
    if wanted.part is None:
        return chapters.add(database, manuscript, wanted.written(), actor=actor)
    return chapters.add_part(database, manuscript, wanted.part, wanted.text, actor=actor)


def cursor_of(line: ManuscriptLine) -> str:
    """The cursor after this line."""
    return paging.cursor_at(line.changed_at, line.id)


def submitter_of(ingestion: Ingestion) -> ManuscriptSubmitter:
    """What submits manuscripts at this desk."""
    context = ingestion.context
    return ManuscriptSubmitter(
        context.database, ingestion.store, ingestion.landing, ingestion.limits
    )
