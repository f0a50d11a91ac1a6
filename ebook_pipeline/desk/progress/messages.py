"""What watchers are told, as the API describes it: over Server-Sent Events and over WebSockets.

An event stream has `name`, `id` and `data` as its fields ``event``, ``id`` and ``data``; a
WebSocket's message has them in one JSON object.
"""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, RootModel

from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.services.reporting.job_states import (
    JobFile,
    JobProgress,
    JobState,
    JobStatus,
)


class JobStanding(BaseModel):
    """How far a job is, with a reason and what to do next."""

    id: str
    account: str
    created_by: str
    created_at: datetime
    state: JobState
    reason: str
    next_action: str
    percent: int
    file: JobFile | None
    book: str | None
    edition: int | None
    progress: JobProgress | None
    queue_place: int | None
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, status: JobStatus, **more: Any) -> Self:
        """The status as the API has it."""
        facts = status.model_dump(exclude={"claims", "actor", "at", "is_repeated"})
        return cls(**facts, created_by=status.actor, created_at=status.at, **more)


class StageProgress(JobProgress):
    """The stage that an event is of: number `number` of `of`; `percent` of all that is done."""

    percent: int = Field(ge=0, le=100)


class JobEventData(BaseModel):
    """An event of a job's book as a CloudEvent 1.0: its `type`, and `data`, by event_types.md."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str = Field(description="The book.")
    time: datetime
    datacontenttype: Literal["application/json"]
    dataversion: int
    correlationid: str
    data: dict[str, Any]
    job: str
    progress: StageProgress | None = None


class JobMessage(BaseModel):
    """How a job stands: first of all, and again when it moves."""

    name: Literal["job"]
    id: int | None = None
    data: JobStanding


class EventMessage(BaseModel):
    """Something happened to a job's book; `name` is its type, `id` its place among all events."""

    name: str
    id: int
    data: JobEventData


class LastMessage(BaseModel):
    """The last one: too little was taken (`cut`: come again), or the right has ended (`end`)."""

    name: Literal["cut", "end"]
    id: None = None
    data: dict[str, str]


class BeatMessage(BaseModel):
    """Nothing happened for a while; an event stream has a comment in its place."""

    name: Literal["beat"]
    id: None = None
    data: dict[str, str]


class WatchMessage(RootModel[JobMessage | LastMessage | BeatMessage | EventMessage]):
    """One message of a watcher's stream."""
