"""Submitting books: the page that describes and sends several files, and checks as one types.

What it sends goes to the API's own routes, jobs and uploads, from the browser (`static/submit.js`).
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from ebook_pipeline.books.describing.claim_checks import wrong_claims
from ebook_pipeline.books.describing.sidecar import claims_of
from ebook_pipeline.books.notifying.finding_words import finding_words
from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.ingestion import Working
from ebook_pipeline.desk.routes.pages.metadata_form import parted
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.services.intake import cancelling
from ebook_pipeline.services.intake.job_rights import job_condition
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.owning.book_rights import book_resource
from ebook_pipeline.services.reporting import job_list
from ebook_pipeline.services.reporting.book_list import BookSummary, summary_of
from ebook_pipeline.services.reporting.job_states import JobState

_WITHOUT_FILE = (JobState.WAITING_FOR_FILE, JobState.UPLOADING)
"""What can still be given up: later it is a book."""
SHOWN = 10
"""Submissions that the page looks back on."""
FIELDS = ("title", "authors", "language", "isbn", "publisher", "description")
Creating = Annotated[Access, Depends(allow("job", "create"))]
_LONGEST = 10_000

router = APIRouter(prefix="/submit", include_in_schema=False)


class ClaimsForm(BaseModel):
    """What the page's fields hold; `authors` are separated by semicolons or lines."""

    model_config = ConfigDict(extra="ignore")
    title: str = ""
    authors: str = ""
    language: str = ""
    isbn: str = ""
    publisher: str = ""
    description: str = ""

    def metadata(self) -> dict[str, Any]:
        """The fields that hold something, as a sidecar has them."""
        given: dict[str, Any] = {name: getattr(self, name).strip()[:_LONGEST] for name in FIELDS}
        given["authors"] = parted(given["authors"])
        return {name: value for name, value in given.items() if value}


@router.get("")
def show_submit(
    request: Request, access: Creating, book: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Choose files, say what they are, send them; and what became of the last ones."""
    context = access.context
    recent = job_list.newest_jobs(context.database, job_condition(access.actor), SHOWN)
    values = {
        "accounts": (owners := _accounts(access)),
        "account_options": [(name, name) for name in owners],
        "book": _edition_of(access, book) if book else None,
        "recent": recent,
        "largest": context.settings.max_book_bytes,
        "fields": FIELDS,
        "without_file": _WITHOUT_FILE,
        "job_words": {state.value: rendering.say(request, f"job.{state}") for state in JobState},
    }
    return rendering.render(request, "submit", values)


@router.post("/jobs/{job}/cancellation")
def give_up(
    job: str, access: Annotated[Access, Depends(allow("job", "delete"))], ingestion: Working
) -> Response:
    """Wait no longer for the file of a submission; once it has come, 409."""
    database = access.context.database
    cancelling.cancel(database, ingestion.store, job, actor=access.actor.name)
    return rendering.see_other("/submit#recent")


@router.post("/check")
def check(request: Request, _: Creating, typed: Annotated[ClaimsForm, Form()]) -> dict[str, Any]:
    """What of this can't be so, by field; nothing is made."""
    claims = claims_of(typed.metadata(), "metadata")
    wrong = (*claims.defects, *wrong_claims(claims))
    language = rendering.page_language(request)
    return {"metadata": typed.metadata(), "errors": [_wrong_field(one, language) for one in wrong]}


def _wrong_field(finding: Finding, language: str) -> dict[str, str]:
    message, remedy = finding_words(finding, language) or (finding.message, finding.remedy)
    return {"field": finding.place, "message": message, "remedy": remedy}


def _accounts(access: Access) -> list[str]:
    own = accounts_of(access.actor, "create", "job")
    return sorted(accounts.ids(access.context.database) if own is None else own)


def _edition_of(access: Access, book: str) -> BookSummary:
    """The book that gets a new edition. Raises `Problem` where it takes none of theirs."""
    context = access.context
    with context.database.begin() as connection:
        resource = book_resource(connection, book, "book")
    replace(access, kind="book", action="submit").require(resource)
    return summary_of(context.database, book)
