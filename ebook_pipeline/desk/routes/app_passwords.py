"""Passwords of reading apps: made, listed and ended by their person."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.services.signing_in import app_passwords
from ebook_pipeline.services.signing_in.app_passwords import AppPassword, NewAppPassword

router = APIRouter(prefix="/app-passwords", tags=["people"])


class AppPasswordWish(BaseModel):
    """What you call the app, so that you know its password again in the list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Thorium on my laptop"}]})
    name: str = Field(min_length=1, max_length=100)


@router.post("", status_code=HTTPStatus.CREATED, summary="Make a reading app's password")
def make(
    wanted: AppPasswordWish, access: Annotated[Access, Depends(allow("session", "create"))]
) -> NewAppPassword:
    """It is told this once; the app sends it with your login. It reads your shelf, and no more."""
    actor = access.actor
    return app_passwords.add(access.context.database, actor.login, wanted.name, actor=actor.name)


@router.get("", summary="List your reading apps' passwords")
def list_them(
    access: Annotated[Access, Depends(allow("session", "read"))],
) -> list[AppPassword]:
    """Your apps, and when each was used last."""
    return list(app_passwords.list_passwords(access.context.database, access.actor.login))


@router.delete(
    "/{password}", status_code=HTTPStatus.NO_CONTENT, summary="End a reading app's password"
)
def end(
    password: Annotated[str, Path(max_length=100)],
    access: Annotated[Access, Depends(allow("session", "delete"))],
) -> None:
    """The app is signed out."""
    actor = access.actor
    app_passwords.end(access.context.database, actor.login, password, actor=actor.name)
