"""Who asks, as the desk sees them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.desk.access import Access, allow

router = APIRouter(tags=["people"])


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
