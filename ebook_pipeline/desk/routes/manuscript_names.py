"""Named versions of a manuscript: its state is given a name, and any two are compared."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ebook_pipeline.desk.revalidation import RevalidatedRoute
from ebook_pipeline.desk.routes.manuscripts import PREFIX, Changing, ManuscriptId, Reading
from ebook_pipeline.services.writing import naming
from ebook_pipeline.services.writing.naming import LONGEST_NAME, ChapterChanges, NamedVersion

router = APIRouter(prefix=PREFIX, tags=["manuscripts"], route_class=RevalidatedRoute)
VersionName = Annotated[
    str, Query(max_length=LONGEST_NAME, description="A name; nothing is what stands now.")
]


class NameIn(BaseModel):
    """What the manuscript as it stands is called."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, examples=["first draft"])


@router.get("/{manuscript}/names", summary="List named versions")
def list_names(manuscript: ManuscriptId, access: Reading) -> list[NamedVersion]:
    """The newest first, with the version of each chapter that each means."""
    return list(naming.names(access.context.database, manuscript))


@router.post(
    "/{manuscript}/names", status_code=HTTPStatus.CREATED, summary="Name the version that stands"
)
def add_name(manuscript: ManuscriptId, wanted: NameIn, access: Changing) -> NamedVersion:
    """What it means stays as it is, whatever is written later."""
    return naming.name(access.context.database, manuscript, wanted.name, actor=access.actor.name)


@router.delete(
    "/{manuscript}/names", status_code=HTTPStatus.NO_CONTENT, summary="Forget a version's name"
)
def forget_name(
    manuscript: ManuscriptId,
    access: Changing,
    name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)],
) -> None:
    """The versions that it means stay."""
    naming.forget(access.context.database, manuscript, name, actor=access.actor.name)


@router.get("/{manuscript}/changes", summary="Compare two named versions")
def compare(
    manuscript: ManuscriptId, access: Reading, before: VersionName = "", after: VersionName = ""
) -> list[ChapterChanges]:
    """Chapter by chapter and paragraph by paragraph, where they differ."""
    return list(naming.changes(access.context.database, manuscript, before, after))
