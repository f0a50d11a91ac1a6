"""One connection that listens, for all who watch in this process.

A thread hears of new events and of jobs that move, reads them once, and hands them to the queues of
those whom they concern. A watcher that takes too little is cut, and resumes by its last id.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ebook_pipeline.desk.progress.messages import JobStanding
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering import job_events
from ebook_pipeline.services.delivering.job_events import JobEvent, Watched
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.reporting.job_states import JobState, JobStatus

_LOG = logging.getLogger(__name__)
_WAITING = 256
"""Messages that wait for a watcher, before it is cut."""
_AT_ONCE = 500
_LOOK_SECONDS = 5.0
"""How long a notification may be lost before its event is seen all the same."""
_AGAIN_SECONDS = 1.0
_MOVING = "job"
_NOWHERE = -1


@dataclass(frozen=True)
class Message:
    """What a watcher is told. `id`: the event's place; none for what a look at the job repeats."""

    name: str
    data: str
    id: int | None = None


CUT = Message("cut", "{}")
"""The last message of a watcher that took too little."""


class TooManyWatchers(ServiceError):
    """This person watches as much as one may."""

    retryable = True


@dataclass(eq=False)
class Watcher:
    """Somebody's queue; used in its own event loop alone, but for what the hub hands over."""

    watched: Watched
    person: str
    loop: asyncio.AbstractEventLoop
    messages: "asyncio.Queue[Message]" = field(default_factory=lambda: asyncio.Queue(_WAITING + 1))
    states: dict[str, JobState] = field(default_factory=dict)
    is_cut: bool = False

    def offer(self, messages: Iterable[Message]) -> None:
        """Queue what concerns this watcher; what is too much ends it."""
        for message in messages:
            if self.is_cut:
                return
            if self.messages.qsize() >= _WAITING:
                self.is_cut = True
                message = CUT
            self.messages.put_nowait(message)


class ProgressHub:
    """Who watches, and the thread that hears; it begins where the first watcher does."""

    def __init__(self, database: Database, most_of_person: int) -> None:
        self._database, self._most = database, most_of_person
        self._watchers: set[Watcher] = set()
        self._persons: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._place = _NOWHERE
        self._wake = os.pipe()

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return len(self._watchers)

    @contextlib.contextmanager
    def watch(self, watched: Watched, person: str) -> Iterator[Watcher]:
        """Be told of what is `watched`, once the hub has begun. Raises `TooManyWatchers`."""
        watcher = Watcher(watched, person, asyncio.get_running_loop())
        with self._lock:
            if self._persons[person] >= self._most:
                raise TooManyWatchers(f"nobody watches more than {self._most} streams at a time")
            self._persons[person] += 1
            self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)
                self._persons[person] -= 1

    def close(self) -> None:
        """End the thread; the next watcher begins another."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            os.write(self._wake[1], b"x")
            thread.join()

    def begin(self, place: int) -> None:
        """Hear of what comes after `place`, unless the hub hears already.

        It is whoever watches that says it: what comes between a look of theirs and one of the
        thread's own would be told to nobody.
        """
        with self._lock:
            if self._place == _NOWHERE:
                self._place = place
            if self._thread is None:
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stop,), name="progress", daemon=True
                )
                self._thread.start()

    def _run(self, stop: threading.Event) -> None:
        """Listen until the hub is closed; after a fault begin anew, where it was."""
        while not stop.is_set():
            try:
                with self._database.listen("outbox", _MOVING) as listener:
                    self._tell_news()
                    while not stop.is_set():
                        heard = listener.wait(_LOOK_SECONDS, self._wake[0])
                        self._hear(heard)
            except Exception as error:  # noqa: BLE001 - those who watch wait for the next try
                if not stop.is_set():
                    _LOG.warning("progress: %s", error)
                stop.wait(_AGAIN_SECONDS)
        with contextlib.suppress(OSError):
            os.read(self._wake[0], 64)

    def _hear(self, heard: Sequence[tuple[str, str]]) -> None:
        moved = {payload for channel, payload in heard if channel == _MOVING}
        if not heard or len(moved) < len(heard):
            self._tell_news()
        if moved:
            self._tell_states(moved)

    def _tell_news(self) -> None:
        while True:
            told, place = job_events.events_after(self._database, self._place, _AT_ONCE)
            if place == self._place:
                return
            self._place = place
            self._hand_over((one.job, one.account, message_of(one)) for one in told)
            if told:
                self._tell_queue({one.job for one in told})

    def _tell_states(self, jobs: Iterable[str]) -> None:
        """How far these jobs are, to those who watch them."""
        wanted = self._watched_jobs()
        asked = [job for job in jobs if wanted is None or job in wanted]
        if asked:
            states = job_states.statuses(self._database, asked)
            self._hand_over((job, one.account, state_message(one)) for job, one in states.items())

    def _tell_queue(self, jobs: set[str]) -> None:
        """Whoever waits for a turn, when others have moved."""
        waiting = self._waiting_jobs()
        if waiting:
            self._tell_states(waiting | jobs)

    def _watched_jobs(self) -> set[str] | None:
        """Which jobs somebody watches; None where somebody watches many."""
        watched = [watcher.watched for watcher in self._all()]
        if any(one.job is None for one in watched):
            return None
        return {one.job for one in watched if one.job is not None}

    def _waiting_jobs(self) -> set[str]:
        return {
            job
            for watcher in self._all()
            for job, state in list(watcher.states.items())
            if state is JobState.RECEIVED
        }

    def _all(self) -> list[Watcher]:
        with self._lock:
            return list(self._watchers)

    def _hand_over(self, told: Iterable[tuple[str, str, Message]]) -> None:
        """Each message to the watchers whom it concerns, with one call into each loop."""
        messages = list(told)
        if not messages:
            return
        loops: dict[asyncio.AbstractEventLoop, list[tuple[Watcher, list[Message]]]]
        loops = defaultdict(list)
        by_job: dict[str, list[Watcher]] = defaultdict(list)
        many: list[Watcher] = []
        for watcher in self._all():
            (many if watcher.watched.job is None else by_job[watcher.watched.job]).append(watcher)
        offers: dict[Watcher, list[Message]] = defaultdict(list)
        for job, account, message in messages:
            whole = (one for one in many if one.watched.has(job, account))
            for watcher in itertools.chain(by_job.get(job, ()), whole):
                offers[watcher].append(message)
        for watcher, own in offers.items():
            loops[watcher.loop].append((watcher, own))
        for loop, given in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(_offer, given)


def message_of(told: JobEvent) -> Message:
    """An event, with the job that it is told of and the stage's number where it is of one."""
    document = told.event.as_cloudevent() | {"job": told.job}
    stage = told.event.data.get("stage")
    if stage in job_states.STAGES:
        number = job_states.STAGES.index(stage) + 1
        ended = told.event.type == "stage.finished"
        percent = 100 * (number if ended else number - 1) // len(job_states.STAGES)
        progress = {"stage": stage, "number": number, "of": len(job_states.STAGES)}
        document |= {"progress": progress | {"percent": percent}}
    return Message(told.event.type, json.dumps(document), told.place)


def state_message(status: JobStatus, place: int | None = None) -> Message:
    """How far a job is, as the API has it, but for what was said of its book."""
    return Message("job", JobStanding.of(status).model_dump_json(), place)


def _offer(given: Sequence[tuple[Watcher, Sequence[Message]]]) -> None:
    for watcher, messages in given:
        watcher.offer(messages)
