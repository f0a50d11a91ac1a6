"""createIngestionJob: what is to be submitted is described, and judged, before there is a file."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select, tuple_
from starlette.responses import Response

from ebook_pipeline.books.describing.claim_checks import wrong_claims
from ebook_pipeline.books.describing.sidecar import claims_of, sidecar_schema
from ebook_pipeline.books.owning.rights import Resource, accounts_of, may
from ebook_pipeline.books.records import Claims
from ebook_pipeline.desk import paging
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.etags import NAMED, etag, is_known, not_modified, require_match
from ebook_pipeline.desk.ingestion import Working
from ebook_pipeline.desk.paging import Page
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.progress.messages import JobStanding
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.services.intake import cancelling, jobs
from ebook_pipeline.services.intake.job_rights import job_condition
from ebook_pipeline.services.owning.book_rights import book_resource
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.reporting.job_states import JobState, JobStatus

router = APIRouter(tags=["jobs"])
_JOB = upload_tables.job.c
_MOST_LOOKED_AT = 2000
"""Jobs that one request for a list looks at; the cursor goes on from there."""


_METADATA: dict[str, Any] = {
    "title": "Don Quixote",
    "subtitle": "A New Translation",
    "authors": ["Miguel de Cervantes"],
    "contributors": [{"name": "Edith Grossman", "roles": ["trl"]}],
    "language": "en-GB",
}


class JobIn(BaseModel):
    """A book that is to be submitted: for which account, and what its submitter says of it.

    `metadata` has the fields of a sidecar: docs/formats.md.
    """

    account: str | None = Field(None, max_length=63)
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        json_schema_extra={"properties": sidecar_schema()},
        examples=[_METADATA],
    )


class EditionIn(BaseModel):
    """What is said of a corrected edition, as a sidecar says it; nothing need be."""

    metadata: dict[str, Any] = Field(default_factory=dict, examples=[{"title": "Emma"}])


class JobOut(JobStanding):
    """A job: what was said of its book, and how far it is."""

    metadata: dict[str, Any]

    @classmethod
    def of(cls, status: JobStatus, **more: Any) -> Self:
        """The status as the API has it."""
        claims = status.claims.model_dump(mode="json", exclude_defaults=True)
        return super().of(status, metadata=claims, **more)


@router.post("/jobs", status_code=HTTPStatus.CREATED, operation_id="createIngestionJob")
def create_job(
    wanted: JobIn,
    response: Response,
    access: Annotated[Access, Depends(allow("job", "create"))],
) -> JobOut:
    """Describe a book that you want to submit; its file follows by an upload.

    What can't be taken for what it says, such as another account's imprint, is refused here.
    """
    account = account_of(wanted.account, access)
    access.require(Resource(kind="job", account=account))
    claims = claims_or_problem(wanted.metadata)
    database = access.context.database
    _require_may_submit(database, claims, access)
    made = jobs.create(database, account, claims, actor=access.actor.name)
    response.headers["Location"] = f"/api/v1/jobs/{made.id}"
    return _shown(_status(database, made.id), response)


@router.post(
    "/books/{book}/editions",
    status_code=HTTPStatus.CREATED,
    tags=["books"],
    summary="Begin a new edition of a book",
)
def create_edition(
    book: Annotated[str, Path(max_length=200, examples=["jane-eyre"])],
    wanted: EditionIn,
    response: Response,
    access: Annotated[Access, Depends(allow("book", "submit"))],
) -> JobOut:
    """A job for the book's next file, which follows by an upload; what is on sale stays so."""
    account = access.resource.account if access.resource else None
    job = JobIn(account=account, metadata=wanted.metadata | {"book": book})
    return create_job(job, response, replace(access, kind="job", action="create"))


@router.get("/jobs")
def list_jobs(
    access: Annotated[Access, Depends(allow("job", "read"))],
    limit: paging.Limit = 50,
    after: paging.After = "",
    account: Annotated[str | None, Query(max_length=63)] = None,
    state: Annotated[list[JobState] | None, Query()] = None,
) -> Page[JobOut]:
    """Your accounts' jobs, the newest first; of one account, or in some states, if you say so."""
    condition = job_condition(access.actor)
    if account is not None:
        condition &= _JOB.account == account
    rows = _rows(access.context.database, condition, paging.place_in(after))
    found = _in_states(access.context.database, rows, set(state or JobState), limit)
    shown = [JobOut.of(status) for status in found[:limit]]
    more = len(found) > limit or len(rows) > _MOST_LOOKED_AT
    last = shown[-1] if len(found) > limit else None
    if not more:
        return Page(items=shown)
    at, job = (last.created_at, last.id) if last else (rows[-1][1], rows[-1][0])
    return Page(items=shown, next=paging.cursor_at(at, job))


@router.get("/jobs/{job}")
def read_job(
    job: str,
    request: Request,
    response: Response,
    access: Annotated[Access, Depends(allow("job", "read"))],
) -> Any:
    """A job: its state, why, and what to do next."""
    status = _status(access.context.database, job)
    current = _etag(status)
    if is_known(request, current):
        return not_modified(current)
    return _shown(status, response)


@router.delete("/jobs/{job}", status_code=HTTPStatus.NO_CONTENT, dependencies=[NAMED])
def cancel_job(
    job: str,
    request: Request,
    access: Annotated[Access, Depends(allow("job", "delete"))],
    ingestion: Working,
) -> None:
    """Give a job up before its file was taken; a book that it made is withdrawn as any other."""
    database = access.context.database
    require_match(request, _etag(_status(database, job)))
    cancelling.cancel(database, ingestion.store, job, actor=access.actor.name)


def claims_or_problem(metadata: dict[str, Any]) -> Claims:
    """What the metadata say. Raises BookError for what is none, `Problem` for what can't be."""
    claims = claims_of(metadata, "metadata")
    if wrong := wrong_claims(claims):
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "metadata",
            "What is said of the book can't be so.",
            errors=[
                {"detail": f"{one.message} {one.remedy}", "pointer": f"/metadata/{one.place}"}
                for one in wrong
            ],
            findings=[one.model_dump(mode="json") for one in wrong],
        )
    return claims


def account_of(named: str | None, access: Access) -> str:
    """The account that is meant: the only one there is, where none is named.

    Raises `Problem` where there are several.
    """
    if named is not None:
        return named
    own = accounts_of(access.actor, "create", "job")
    if own is None:
        own = frozenset(one.account for one in access.actor.memberships)
    if len(own) != 1:
        detail = f"Say for which account: {', '.join(sorted(own))}."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "account-missing", detail)
    return next(iter(own))


def _require_may_submit(database: Database, claims: Claims, access: Access) -> None:
    """A new edition of a book is taken of those who may submit it, as it stands now."""
    if claims.book is None:
        return
    try:
        with database.begin() as connection:
            book = book_resource(connection, claims.book, "book")
    except NotFound:
        return
    if not may(access.actor, "read", book):
        return  # said by the finding that names what is another account's
    if not may(access.actor, "submit", book):
        detail = "This book takes no new edition of yours now."
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", detail)


def _rows(
    database: Database, condition: Any, after: tuple[datetime, str] | None
) -> list[tuple[str, datetime]]:
    query = select(_JOB.id, _JOB.at).where(condition)
    if after is not None:
        query = query.where(tuple_(_JOB.at, _JOB.id) < tuple_(*after))
    query = query.order_by(_JOB.at.desc(), _JOB.id.desc()).limit(_MOST_LOOKED_AT + 1)
    with database.begin() as connection:
        return [(row.id, row.at) for row in connection.execute(query)]


def _in_states(
    database: Database, rows: list[tuple[str, datetime]], wanted: set[JobState], limit: int
) -> list[JobStatus]:
    """The first jobs in the `wanted` states, one more than `limit`, to see whether more follow."""
    found: list[JobStatus] = []
    for some in slices(rows[:_MOST_LOOKED_AT], limit + 1):
        part = [job for job, _ in some]
        states = job_states.statuses(database, part)
        found += [states[job] for job in part if job in states and states[job].state in wanted]
        if len(found) > limit:
            break
    return found[: limit + 1]


def _status(database: Database, job: str) -> JobStatus:
    status = job_states.statuses(database, [job]).get(job)
    if status is None:
        raise NotFound("there is no such job")
    return status


def _etag(status: JobStatus) -> str:
    return etag(status.model_dump(mode="json"))


def _shown(status: JobStatus, response: Response) -> JobOut:
    response.headers["ETag"] = _etag(status)
    return JobOut.of(status)
