"""One watcher's stream: what it missed, how its jobs stand, and what follows, in order, once each.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from anyio import to_thread

from ebook_pipeline.desk.progress.hub import (
    CUT,
    Message,
    ProgressHub,
    Watcher,
    message_of,
    state_message,
)
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering import job_events
from ebook_pipeline.services.delivering.job_events import Watched
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.reporting.job_states import JobState

HEARTBEAT_SECONDS = 15.0
_AT_ONCE = 500
_SHOWN_AT_FIRST = 100
"""Jobs whose standing a watcher of many is told at first, the newest."""
BEAT = Message("beat", "{}")
ENDED = Message("end", '{"reason": "You may not watch this any more: sign in again."}')


@dataclass(frozen=True)
class Stream:
    """What to watch, since when; `still_may` is asked at every heartbeat."""

    database: Database
    hub: ProgressHub
    watched: Watched
    person: str
    first: Callable[[], Sequence[str]]
    still_may: Callable[[], bool]
    after: int | None = None
    heartbeat: float = HEARTBEAT_SECONDS

    async def messages(self, watcher: Watcher) -> AsyncIterator[Message]:
        """Everything, until the watcher leaves, is cut, or may not watch any more."""
        last = await to_thread.run_sync(lambda: job_events.last_place(self.database))
        await to_thread.run_sync(self.hub.begin, last)
        begin = last if self.after is None or self.after > last else self.after
        while begin < last:
            told, begin = await to_thread.run_sync(self._missed, begin, last)
            for message in told:
                yield message
        for message in await to_thread.run_sync(self._standing, watcher, last):
            yield message
        async for message in self._following(watcher, last):
            yield message

    def _missed(self, after: int, until: int) -> tuple[list[Message], int]:
        told, end = job_events.missed(self.database, self.watched, after, until, _AT_ONCE)
        return [message_of(one) for one in told], end

    def _standing(self, watcher: Watcher, place: int) -> list[Message]:
        """How each job stands; the last one carries the place that a new watcher resumes from."""
        found = list(job_states.statuses(self.database, self.first()[:_SHOWN_AT_FIRST]).values())
        watcher.states.update({one.id: one.state for one in found})
        return [
            state_message(one, place if number == len(found) else None)
            for number, one in enumerate(found, 1)
        ]

    async def _following(self, watcher: Watcher, last: int) -> AsyncIterator[Message]:
        loop = asyncio.get_running_loop()
        due = loop.time() + self.heartbeat
        while True:
            try:
                async with asyncio.timeout_at(due):
                    message = await watcher.messages.get()
            except TimeoutError:
                due = loop.time() + self.heartbeat
                if not await to_thread.run_sync(self.still_may):
                    yield ENDED
                    return
                yield BEAT
                continue
            if message.id is None or message.id > last:
                last = message.id or last
                yield message
            if message is CUT:
                return
            if message.name == "job":
                _note_state(watcher, message)


def _note_state(watcher: Watcher, message: Message) -> None:
    """Who waits for a turn is told when others have moved."""
    status = json.loads(message.data)
    watcher.states[status["id"]] = JobState(status["state"])


def as_sse(message: Message) -> bytes:
    """The message as a block of an event stream."""
    if message is BEAT:
        return b": beat\n\n"
    identity = "" if message.id is None else f"id: {message.id}\n"
    return f"{identity}event: {message.name}\ndata: {message.data}\n\n".encode()


def as_json(message: Message) -> str:
    """The message as a WebSocket has it."""
    document = {"name": message.name, "id": message.id, "data": json.loads(message.data)}
    return json.dumps(document)
