"""Every error as a problem document (RFC 9457): what went wrong, and whether to ask again.

https://www.rfc-editor.org/rfc/rfc9457
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ebook_pipeline.desk import error_pages
from ebook_pipeline.desk.request_ids import request_id
from ebook_pipeline.foundation.errors import (
    BookError,
    Busy,
    Damaged,
    Denied,
    Gone,
    NotFound,
    PipelineError,
    ServiceError,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 5
_LONGEST_ERRORS = 50
_STATUS: tuple[tuple[type[PipelineError], HTTPStatus], ...] = (
    (BookError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Gone, HTTPStatus.GONE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Denied, HTTPStatus.FORBIDDEN),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (Damaged, HTTPStatus.INTERNAL_SERVER_ERROR),
    (ServiceError, HTTPStatus.CONFLICT),
)


class InvalidField(BaseModel):
    """One thing wrong with what was sent; `pointer` is a JSON pointer (RFC 6901) to it."""

    detail: str
    pointer: str


class ProblemDocument(BaseModel):
    """RFC 9457, with members of ours: `code` for programs, the request's id, what is wrong."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""
    request_id: str = ""
    errors: list[InvalidField] = Field(default_factory=list)


class Problem(HTTPException):
    """An answer that is no success. `code` is for programs and never changes; headers go along."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code = code
        self.members = members

    @property
    def reasons(self) -> list[str]:
        """Each thing that was wrong; where none is named, what the problem says as a whole."""
        wrong = self.members.get("errors") or [{"detail": self.detail}]
        return [str(one["detail"]) for one in wrong]


def words_of(error: Exception) -> str:
    """What an error says as a whole, without a problem's status."""
    return error.detail if isinstance(error, Problem) else str(error)


def install(app: FastAPI) -> None:
    """Have `app` answer each kind of error with a problem document."""
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(PipelineError, _of_ours)


def of_unforeseen(request: Request, error: Exception) -> Response:
    """A fault of ours that nobody foresaw: logged whole, told as nothing but that it was."""
    _LOG.error("%s %s failed", request.method, _route(request), exc_info=error)
    detail = "This is a fault of ours. It is on record under the request's id."
    return answer(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail))


def answer(request: Request, problem: Problem) -> Response:
    """The document; a page for a browser that asked for one of the pages."""
    status = HTTPStatus(problem.status_code)
    headers = {"Cache-Control": "no-store", **(problem.headers or {})}
    if error_pages.wanted(request):
        detail = problem.detail.encode(errors="replace").decode()
        return error_pages.page(request, status, detail, headers)
    members = {"errors": problem.members.pop("errors", [])} if problem.members else {}
    document = ProblemDocument(
        title=status.phrase,
        status=status.value,
        detail=problem.detail,
        code=problem.code,
        request_id=request_id(request),
        **members,
    )
    body = document.model_dump(exclude_defaults=True) | {"type": document.type} | problem.members
    return _Document(body, status.value, headers, MEDIA_TYPE)


class _Document(JSONResponse):
    """JSON that may repeat what a stranger sent: half a surrogate pair has no form in UTF-8."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
            errors="replace"
        )


def _route(request: Request) -> str:
    """The route's pattern: paths hold tokens, and line breaks as soon as they are decoded."""
    return str(getattr(request.scope.get("route"), "path", "-"))


def of_http(request: Request, error: Exception) -> Response:
    """The answer to what a route, or Starlette before any, refuses."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return answer(request, error)
    status = HTTPStatus(error.status_code)
    detail = "" if error.detail == status.phrase else str(error.detail)
    code = status.phrase.lower().replace(" ", "-")
    return answer(request, Problem(status, code, detail, error.headers))


def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"detail": str(one["msg"])[:300], "pointer": _pointer(one["loc"])}
        for one in error.errors()[:_LONGEST_ERRORS]
    ]
    detail = "What was sent is not what this operation takes."
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return answer(request, Problem(status, "invalid", detail, errors=wrong))


def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PipelineError)
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    headers, members = {}, {}
    detail = str(error)
    code = status.phrase.lower().replace(" ", "-")
    if isinstance(error, Unavailable):
        _LOG.warning("%s %s: %s", request.method, _route(request), error)
        seconds = error.seconds if isinstance(error, Busy) else _RETRY_SECONDS
        headers = {"Retry-After": str(max(1, round(seconds)))}
        detail = "A service that is needed for this does not answer now. Ask again later."
    if isinstance(error, BookError):
        code, members = error.finding.rule, {"finding": error.finding.model_dump(mode="json")}
    return answer(request, Problem(status, code, detail, headers, **members))


def _pointer(place: tuple[Any, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')[:80]}" for part in place)
