"""ETag and If-Match: who changes something has seen what it is now.

RFC 9110 §8.8.3 and §13.1; 428 is RFC 6585 §3.
"""

import hashlib
import re
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.foundation.record import canonical_json
from ebook_pipeline.services.concurrency import Precondition

T = TypeVar("T", bound=BaseModel)
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_LONGEST = 4096


def etag(*facts: object) -> str:
    """The strong ETag of what these facts (JSON) describe."""
    return f'"{hashlib.sha256(canonical_json(facts)).hexdigest()[:32]}"'


def etag_of(thing: BaseModel) -> str:
    """The strong ETag of a record."""
    return etag(thing.model_dump(mode="json"))


def tagged(response: Response, thing: T) -> T:
    """`thing`, which is to be answered, once its ETag stands in the answer."""
    response.headers["ETag"] = etag_of(thing)
    return thing


def seen_by(request: Request) -> Precondition[BaseModel]:
    """That a record is as `If-Match` says; raises what `require_match` does."""
    return lambda now: require_match(request, etag_of(now))


def seen_in_form(tag: str) -> Precondition[BaseModel]:
    """That a record is as the page was that a form stood on. Raises `ChangedMeanwhile`."""

    def check(now: BaseModel) -> None:
        if etag_of(now) != tag:
            raise ChangedMeanwhile

    return check


class ChangedMeanwhile(Problem):
    """Somebody changed the thing after the page was opened; nothing was overwritten."""

    def __init__(self) -> None:
        detail = "It was changed meanwhile: look at it again."
        super().__init__(HTTPStatus.PRECONDITION_FAILED, "etag-stale", detail)


async def _described(
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            description="The `ETag` of what you have seen: without it 428, with an old one 412.",
        ),
    ] = "",
) -> None:
    """The header is read where the version is known: `require_match`."""


NAMED = Depends(_described)
"""Of a route that changes what has an ETag: its description asks for `If-Match`."""


def require_match(request: Request, current: str) -> None:
    """Raise 428 where the request names no version, 412 where it names another than `current`."""
    given = request.headers.get("if-match")
    if given is None:
        detail = "Send the ETag of what you have seen in If-Match."
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, "etag-missing", detail)
    if given.strip() != "*" and current not in _tags(given):
        detail = "It was changed meanwhile: read it again."
        raise Problem(HTTPStatus.PRECONDITION_FAILED, "etag-stale", detail, {"ETag": current})


def is_known(request: Request, current: str) -> bool:
    """Whether the asker has this version already (If-None-Match): answer `not_modified`."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or current in {tag.removeprefix("W/") for tag in _tags(given)}


def not_modified(current: str) -> Response:
    """304, with the version that is current."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": current})


def _tags(header: str) -> list[str]:
    return _ETAG.findall(header[:_LONGEST])
