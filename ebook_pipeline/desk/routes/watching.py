"""monitorIngestionProgress: jobs watched over Server-Sent Events, and the same over WebSockets."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.authentication import authenticated
from ebook_pipeline.desk.ingestion import Ingestion, Working
from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.desk.progress.hub import CUT, TooManyWatchers, Watcher
from ebook_pipeline.desk.progress.messages import WatchMessage
from ebook_pipeline.desk.progress.streams import ENDED, HEARTBEAT_SECONDS, Stream, as_json, as_sse
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources.database import upload_tables
from ebook_pipeline.services.delivering.job_events import Watched
from ebook_pipeline.services.intake.job_rights import job_condition

router = APIRouter(tags=["jobs"])
_MAY_READ = Depends(allow("job", "read"))
MayRead = Annotated[Access, _MAY_READ]
After = Annotated[
    int | None,
    Query(ge=0, lt=1 << 62, description="As Last-Event-ID, for those who can't set headers."),
]
LastEventId = Annotated[str | None, Header(max_length=20)]
_JOB = upload_tables.job.c
_FIRST = 100
_MESSAGE = {"$ref": f"#/components/schemas/{WatchMessage.__name__}"}
_SSE: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {
        "description": "Events: `job` says how a job stands; all others are named as in "
        "docs/event_types.md. Their ids are places in the order of all events.",
        "content": {"text/event-stream": {"schema": {"type": "string", "contentSchema": _MESSAGE}}},
    }
}
_SOCKET: dict[str, Any] = {
    "status_code": HTTPStatus.UPGRADE_REQUIRED,
    "response_class": Response,
    "response_description": "It was asked for without a WebSocket.",
    "responses": {
        HTTPStatus.SWITCHING_PROTOCOLS.value: {
            "description": "A WebSocket, on which each message is one of these. It ends with 4408 "
            "where too little was taken (come again), 4401 where one may not watch any more, 4429 "
            "where one watches too much already.",
            "content": {"application/json": {"schema": _MESSAGE}},
        }
    },
}
_GONE, _TOO_MANY, _TOO_SLOW = 4401, 4429, 4408


@router.get(
    "/jobs/{job}/events",
    operation_id="monitorIngestionProgress",
    response_class=StreamingResponse,
    responses=_SSE,
)
async def watch_job(
    job: str,
    request: Request,
    access: MayRead,
    ingestion: Working,
    last_event_id: LastEventId = None,
    after: After = None,
) -> StreamingResponse:
    """Watch a job: stages, findings and decisions as they come; resume by `Last-Event-ID`."""
    stream = _stream(request, access, ingestion, job, _after(last_event_id, after))
    return await _answer(stream, ingestion)


@router.get("/events", response_class=StreamingResponse, responses=_SSE)
async def watch_jobs(
    request: Request,
    access: MayRead,
    ingestion: Working,
    last_event_id: LastEventId = None,
    after: After = None,
) -> StreamingResponse:
    """Watch all jobs of your accounts at once."""
    stream = _stream(request, access, ingestion, None, _after(last_event_id, after))
    return await _answer(stream, ingestion)


@router.get("/jobs/{job}/ws", dependencies=[_MAY_READ], **_SOCKET)
def follow_job_by_upgrade(job: str, after: After = None) -> Response:  # noqa: ARG001 - described
    """Watch a job over a WebSocket."""
    raise _upgrade_required()


@router.websocket("/jobs/{job}/ws")
async def follow_job(
    websocket: WebSocket, job: str, access: MayRead, ingestion: Working, after: After = None
) -> None:
    """The same as JSON messages: `name`, `id`, `data`."""
    await _follow(websocket, _stream(websocket, access, ingestion, job, after), ingestion)


@router.get("/events/ws", dependencies=[_MAY_READ], **_SOCKET)
def follow_jobs_by_upgrade(after: After = None) -> Response:  # noqa: ARG001 - described
    """Watch all jobs of your accounts over a WebSocket."""
    raise _upgrade_required()


@router.websocket("/events/ws")
async def follow_jobs(
    websocket: WebSocket, access: MayRead, ingestion: Working, after: After = None
) -> None:
    """All jobs of your accounts as JSON messages."""
    await _follow(websocket, _stream(websocket, access, ingestion, None, after), ingestion)


def _upgrade_required() -> Problem:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    detail = "This is a WebSocket's address."
    return Problem(HTTPStatus.UPGRADE_REQUIRED, "upgrade-required", detail, headers)


def _stream(
    connection: HTTPConnection,
    access: Access,
    ingestion: Ingestion,
    job: str | None,
    after: int | None,
) -> Stream:
    watched = Watched(job, frozenset() if job else accounts_of(access.actor, "read", "job"))
    return Stream(
        database=ingestion.context.database,
        hub=ingestion.hub,
        watched=watched,
        person=access.actor.login or access.actor.name,
        first=lambda: [job] if job else _newest(access),
        still_may=lambda: _still_may(connection, access, watched),
        after=after,
        heartbeat=HEARTBEAT_SECONDS,
    )


def _still_may(connection: HTTPConnection, access: Access, watched: Watched) -> bool:
    """Whether the session still stands, and with it the right to see the same."""
    try:
        actor = authenticated(connection, access.context)
    except HTTPException:
        return False
    if watched.job is None:
        return actor.is_somebody and accounts_of(actor, "read", "job") == watched.accounts
    assert access.resource is not None
    try:
        Access(actor, access.kind, access.action, access.context).require(access.resource)
    except (HTTPException, PipelineError):
        return False
    return True


def _newest(access: Access) -> Sequence[str]:
    query = select(_JOB.id).where(job_condition(access.actor))
    with access.context.database.begin() as connection:
        newest = query.order_by(_JOB.at.desc(), _JOB.id.desc()).limit(_FIRST)
        return connection.execute(newest).scalars().all()


def _after(header: str | None, query: int | None) -> int | None:
    """What was heard last. 400 for what is no id of ours."""
    if header is None or header.strip() == "":
        return query
    text = header.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Problem(HTTPStatus.BAD_REQUEST, "last-event-id", "Last-Event-ID is none of ours.")
    return int(text)


async def _answer(stream: Stream, ingestion: Ingestion) -> StreamingResponse:
    stack = contextlib.ExitStack()
    try:
        watcher = stack.enter_context(ingestion.hub.watch(stream.watched, stream.person))
    except TooManyWatchers as error:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS, "too-many-watchers", str(error), {"Retry-After": "30"}
        ) from error
    return _Watching(_sse(stream, watcher), stack)


class _Watching(StreamingResponse):
    """An event stream, whose watcher leaves with it, even before its first byte."""

    def __init__(self, body: AsyncIterator[bytes], stack: contextlib.ExitStack) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(body, headers=headers, media_type="text/event-stream")
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._stack:
            await super().__call__(scope, receive, send)


async def _sse(stream: Stream, watcher: Watcher) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    async for message in stream.messages(watcher):
        yield as_sse(message)


async def _follow(websocket: WebSocket, stream: Stream, ingestion: Ingestion) -> None:
    await websocket.accept()
    try:
        with ingestion.hub.watch(stream.watched, stream.person) as watcher:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_until_gone, websocket, tasks.cancel_scope)
                await _tell(websocket, stream, watcher)
                tasks.cancel_scope.cancel()
    except TooManyWatchers as error:
        await websocket.close(_TOO_MANY, str(error))


async def _tell(websocket: WebSocket, stream: Stream, watcher: Watcher) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # they have gone
        async for message in stream.messages(watcher):
            await websocket.send_text(as_json(message))
            if message in (CUT, ENDED):
                await websocket.close(_TOO_SLOW if message is CUT else _GONE)
                return


async def _until_gone(websocket: WebSocket, scope: anyio.CancelScope) -> None:
    """Nothing that they say matters, but that they leave."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    scope.cancel()
