"""The audit over the API: who did what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After, Limit, Page, cursor, keys_of, page_of
from ebook_pipeline.services.reporting import audit_log
from ebook_pipeline.services.reporting.audit_log import AuditFilter, AuditRow

router = APIRouter(tags=["audit"])
_LONGEST = 200


class AuditQuery(BaseModel):
    """What is asked for; what is unset does not matter."""

    model_config = ConfigDict(extra="forbid")

    book: str | None = Field(None, max_length=_LONGEST)
    person: str | None = Field(
        None, max_length=_LONGEST, description="A person or program, by whatever door."
    )
    action: str | None = Field(
        None, max_length=_LONGEST, description="One as `book.retry`, or all that begin `book.`."
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(None, description="This moment is not included.")
    limit: Limit = 50
    after: After = ""


@router.get("/audit")
def read_audit(
    asked: Annotated[AuditQuery, Query()],
    access: Annotated[Access, Depends(allow("audit", "read"))],
) -> Page[AuditRow]:
    """Who did what, the newest first; a publisher reads of the own accounts' books alone."""
    filters = asked.model_dump(exclude={"limit", "after"})
    accounts = accounts_of(access.actor, "read", "audit")
    wanted = AuditFilter.model_validate({**filters, "accounts": accounts})
    keys = keys_of(asked.after, int)
    found = audit_log.newest(
        access.context.database, wanted, most=asked.limit + 1, before=keys[0] if keys else None
    )
    return page_of(found, asked.limit, lambda row: cursor(row.id))
