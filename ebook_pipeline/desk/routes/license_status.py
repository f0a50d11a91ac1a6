"""The server that reading systems ask by themselves: Readium License Status Document 1.0.

Whoever knows a licence's id, which is random, may ask (§2.1): no sign-in. Errors have the types and
titles of §3.3 to §3.5. https://readium.org/lcp-specs/releases/lsd/latest
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from ebook_pipeline.books.protecting.lcp import license as lcp
from ebook_pipeline.books.protecting.lcp.status import (
    Device,
    LicenseFailure,
    LicenseRefused,
    status_document,
)
from ebook_pipeline.desk import licensing
from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.context import Context
from ebook_pipeline.desk.problems import Problem, answer
from ebook_pipeline.services.protecting.licenses import Licenses

_DEVICE = "device"
"""In whose name a reading system does what it does."""
_FAILURES = {
    "register": LicenseFailure.REGISTRATION,
    "return": LicenseFailure.RETURN,
    "renew": LicenseFailure.RENEWAL,
}


class _Interaction(APIRoute):
    """A route whose failures are told as the standard wants."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        failure = _FAILURES.get(self.path_format.rpartition("/")[2])

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except LicenseRefused as error:
                return _failed(request, error.failure, str(error))
            except RequestValidationError as error:
                if failure is None:
                    raise
                wrong = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
                return _failed(request, failure, wrong[:500], HTTPStatus.BAD_REQUEST)

        return told


router = APIRouter(
    tags=["licence status"],
    route_class=_Interaction,
    dependencies=[Depends(everybody("who knows a licence's id may ask: LSD §2.1"))],
)
Id = Annotated[str, Path(max_length=100)]
_TEXT = {"min_length": 1, "max_length": 255}
DeviceId = Annotated[str, Query(alias="id", **_TEXT, description="The device's own id.")]
DeviceName = Annotated[str, Query(alias="name", **_TEXT, description="What people call it.")]
_STATUS: dict[int | str, dict[str, Any]] = {200: {"content": {lcp.STATUS_MEDIA_TYPE: {}}}}


@router.get("/{license_id}/status", response_class=Response, responses=_STATUS)
def read_status(license_id: Id, context: Context) -> Response:
    """The Status Document: how the licence stands, and what may be asked for it (§3.2)."""
    return _status(licensing.licenses_of(context), license_id)


@router.get(
    "/{license_id}/license.lcpl",
    response_class=Response,
    responses={200: {"content": {lcp.MEDIA_TYPE: {}}}},
)
def read_license(license_id: Id, context: Context) -> Response:
    """The Licence Document as it is now."""
    document = licensing.licenses_of(context).document(license_id)
    return Response(document, media_type=lcp.MEDIA_TYPE)


@router.post("/{license_id}/register", response_class=Response, responses=_STATUS)
def register(
    license_id: Id, device_id: DeviceId, device_name: DeviceName, context: Context
) -> Response:
    """Note the device (§3.3); the same one again is no second one."""
    licenses = licensing.licenses_of(context)
    licenses.register(license_id, Device(id=device_id, name=device_name), actor=_DEVICE)
    return _status(licenses, license_id)


@router.put("/{license_id}/return", response_class=Response, responses=_STATUS)
def give_back(
    license_id: Id,
    context: Context,
    device_id: DeviceId = "unknown",
    device_name: DeviceName = "unknown",
) -> Response:
    """Give the publication back (§3.4): its licence ends now."""
    licenses = licensing.licenses_of(context)
    device = Device(id=device_id, name=device_name)
    licenses.return_(license_id, actor=_DEVICE, device=device)
    return _status(licenses, license_id)


@router.put("/{license_id}/renew", response_class=Response, responses=_STATUS)
def renew(
    license_id: Id,
    context: Context,
    device_id: DeviceId = "unknown",
    device_name: DeviceName = "unknown",
    end: Annotated[datetime | None, Query(description="By the policy's days, if unset.")] = None,
) -> Response:
    """Let the licence end later (§3.5), as far as the shop allows."""
    licenses = licensing.licenses_of(context)
    device = Device(id=device_id, name=device_name)
    licenses.renew(license_id, _in_seconds(end), actor=_DEVICE, device=device)
    return _status(licenses, license_id)


def _status(licenses: Licenses, license_id: str) -> Response:
    document = status_document(licenses.status(license_id))
    return Response(document, media_type=lcp.STATUS_MEDIA_TYPE)


def _in_seconds(end: datetime | None) -> datetime | None:
    """Documents tell whole seconds, of UTC where no zone is named."""
    if end is None:
        return None
    zoned = end if end.tzinfo else end.replace(tzinfo=UTC)
    try:
        return zoned.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise LicenseRefused(LicenseFailure.RENEWAL_DATE, "no such day") from error


def _failed(
    request: Request, failure: LicenseFailure, detail: str, status: HTTPStatus | None = None
) -> Response:
    known = status or HTTPStatus(failure.http_status)
    problem = Problem(known, "license-refused", detail, type=failure.value, title=failure.title)
    return answer(request, problem)
