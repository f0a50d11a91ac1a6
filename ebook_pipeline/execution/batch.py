"""A batch: many items driven through the selected stages, several at a time, each on its own.

One item's fault is never another's. Tools and models are shared by the whole batch, a stage's
record is kept before anybody hears of it, and what is current already is not done again.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from types import MappingProxyType
from typing import Any, TypeVar

import tenacity

from ebook_pipeline.execution.batch_context import Scope, Workshop
from ebook_pipeline.execution.item_run import Halt, Passage
from ebook_pipeline.execution.progress import Ended, Event, Stopped
from ebook_pipeline.execution.stage import Chain, Stage
from ebook_pipeline.foundation.errors import BookError, PipelineError, ServiceError
from ebook_pipeline.foundation.events import caused_by
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome

log = logging.getLogger(__name__)
T = TypeVar("T")
NOTHING: Mapping[str, str] = MappingProxyType({})


class Batch:
    """Drives `keys` through the `selected` stages of a chain; iterate to make it run, once.

    Closing the iterator early (a cancelled run) starts nothing new, ends the tools and returns.
    """

    def __init__(
        self,
        chain: Chain,
        workshop: Workshop,
        keys: Sequence[str],
        *,
        selected: Iterable[str] | None = None,
        force: bool = False,
    ) -> None:
        wanted = set(chain.names if selected is None else selected)
        self.chain, self.workshop, self.force = chain, workshop, force
        self.keys = tuple(dict.fromkeys(keys))
        self.stages = tuple(one for one in chain if one.name in wanted)
        self._stop = threading.Event()
        self._threads: set[int] = set()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Event]:
        pool = ThreadPoolExecutor(self.workshop.in_flight, thread_name_prefix="item")
        work = [pool.submit(self._drive, key) for key in self.keys]
        try:
            left = len(work)
            while left:
                event = self._events.get()
                left -= isinstance(event, Ended)
                self.workshop.observe(event)
                yield event
        except BaseException:
            self._abandon(work)
            raise
        finally:
            pool.shutdown(wait=not self._is_ours())

    def _abandon(self, work: list[Future[None]]) -> None:
        """Start nothing new and end every tool, again and again until no item is under way."""
        self._stop.set()
        for future in work:
            future.cancel()
        self.workshop.kill_tools()
        while not self._is_ours() and wait(work, timeout=0.1).not_done:
            self.workshop.kill_tools()

    def _is_ours(self) -> bool:
        """Whether one of our own threads is here: it cannot wait for itself.

        An iterator that nobody closed is closed by the garbage collector, in any thread.
        """
        return threading.get_ident() in self._threads

    def _drive(self, key: str) -> None:
        """Take one item through all selected stages; never raises: the pool would swallow it."""
        self._threads.add(threading.get_ident())
        try:
            with caused_by(self.workshop.cause):
                outcome = self._pass(key)
        except Exception as error:  # noqa: BLE001 - one item's fault is never another's
            outcome = self._stopped(Scope(key, 0), self.stages[0].name, error)
        self._events.put(Ended(key, outcome))

    def _pass(self, key: str) -> Outcome:
        with ExitStack() as stack:
            opening = self.workshop.open
            scope = self._trying(lambda: stack.enter_context(opening(key, self._stop)))
            passage = Passage(self.chain, self.workshop, scope, force=self.force)
            for one in self.stages:
                try:
                    self._advance(passage, one)
                except Exception as error:  # noqa: BLE001 - becomes the item's outcome
                    return self._stopped(scope, one.name, error, passage.inputs(one))
        return Outcome.DONE

    def _advance(self, passage: Passage, one: Stage) -> None:
        if self._stop.is_set():
            raise Halt(Outcome.CANCELLED, "the run was cancelled")
        self._events.put(self._trying(lambda: passage.advance(one)))
        passage.judge(one)

    def _trying(self, work: Callable[[], T]) -> T:
        """Repeat `work` while a service says that a retry may help and there is time."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, ServiceError) and error.retryable
            ),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
            stop=tenacity.stop_any(
                _Patience(self.workshop.keep_trying_seconds),
                tenacity.stop_when_event_set(self._stop),
            ),
            sleep=tenacity.sleep_using_event(self._stop),
            reraise=True,
        )
        return retrying(work)

    def _stopped(
        self, scope: Scope, stage: str, error: Exception, inputs: Mapping[str, str] = NOTHING
    ) -> Outcome:
        """Say why an item goes no further, in the journal first."""
        outcome, reason, finding = self._meaning(error)
        if outcome is not Outcome.CANCELLED:
            self._write_down(scope, stage, outcome, _detail(reason, finding, inputs))
        self._events.put(Stopped(scope.key, scope.edition, stage, outcome, reason, finding))
        return outcome

    def _meaning(self, error: Exception) -> tuple[Outcome, str, Finding | None]:
        """A bad book is data, a broken service is an error, and a cancelled run is neither."""
        if self._stop.is_set():
            return Outcome.CANCELLED, "the run was cancelled", None
        if isinstance(error, Halt):
            return error.outcome, error.reason, None
        if isinstance(error, BookError):
            return Outcome.REJECTED, str(error), error.finding
        if not isinstance(error, PipelineError):
            log.error("a defect of the pipeline", exc_info=error)
        return Outcome.FAILED, f"{type(error).__name__}: {error}", None

    def _write_down(
        self, scope: Scope, stage: str, outcome: Outcome, detail: dict[str, Any]
    ) -> None:
        """The item is told as stopped even where the journal is what has failed."""
        try:
            self._trying(lambda: self.workshop.journal.record(scope, stage, outcome, 0.0, detail))
        except Exception:
            log.exception("%s: the journal could not take how %s ended", scope.key, stage)


class _Patience(tenacity.stop.stop_base):
    """Ends when a fault has lasted `seconds`: the long work that came before it does not count."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        now = retry_state.outcome_timestamp or time.monotonic()
        self._since = self._since or now
        return now - self._since >= self._seconds


def _detail(reason: str, finding: Finding | None, inputs: Mapping[str, str]) -> dict[str, Any]:
    told = {"finding": finding.model_dump(mode="json")} if finding else {}
    return {"reason": reason, "inputs": dict(inputs), **told}
