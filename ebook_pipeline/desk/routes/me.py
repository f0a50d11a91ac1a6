"""Who asks, as the desk sees them."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.services.erasing.export import archive

router = APIRouter(tags=["people"])
_BLOCK = 1 << 16


class MembershipOut(BaseModel):
    """What somebody is in an account."""

    account: str
    role: Role


class Me(BaseModel):
    """The person who asks, with what they are in which account."""

    login: str
    memberships: list[MembershipOut]


@router.get("/me")
def read_me(access: Annotated[Access, Depends(allow("person", "read"))]) -> Me:
    """Who you are: your login, and your roles."""
    actor = access.actor
    return Me(
        login=actor.login,
        memberships=[
            MembershipOut(account=one.account, role=one.role) for one in actor.memberships
        ],
    )


@router.get(
    "/me/export",
    summary="Take along what is known of you",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The archive."}},
)
def export(access: Annotated[Access, Depends(allow("person", "change"))]) -> StreamingResponse:
    """A ZIP with a file of JSON lines for each kind of thing; what opens anything is left out."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the answer
    try:
        archive(access.context.database, access.actor.login, spooled, actor=access.actor.name)
    except BaseException:
        spooled.close()
        raise
    name = f"{access.actor.login}-{datetime.now(UTC):%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(spooled.tell()),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_blocks(spooled), media_type="application/zip", headers=headers)


def _blocks(spooled: IO[bytes]) -> Iterator[bytes]:
    """From the file's begin: a reader who is slow holds no connection of the database."""
    with spooled:
        spooled.seek(0)
        while block := spooled.read(_BLOCK):
            yield block
