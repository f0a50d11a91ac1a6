"""A batch: many items driven through the selected stages, several at a time, each on its own.

One item's fault is never another's. Tools and models are shared by the whole batch, a stage's
record is kept before anybody hears of it, and what is current already is not done again.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import Any, Generic, Self, TypeVar

import tenacity

from ebook_pipeline.execution.batch_context import BatchContext
from ebook_pipeline.execution.chain import Chain
from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.item_run import ItemRun, StopItem
from ebook_pipeline.execution.progress import Ended, Event, Stopped
from ebook_pipeline.execution.settled import finds_all
from ebook_pipeline.execution.stage import Stage
from ebook_pipeline.foundation import tracing
from ebook_pipeline.foundation.errors import BookError, PipelineError, ServiceError
from ebook_pipeline.foundation.events import caused_by
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.log_context import working_on
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.slices import slices

log = logging.getLogger(__name__)
C = TypeVar("C", bound=ItemContext)
T = TypeVar("T")
NOTHING: Mapping[str, str] = MappingProxyType({})
_COMPARED_AT_A_TIME = 500
_TOLD_AT_A_TIME = 50


class Batch(Generic[C]):
    """Drives `keys` through the `selected` stages of a chain; iterate to make it run, once.

    Closing the iterator early (a cancelled run) starts nothing new, ends the tools and returns.
    `goes_on` is asked before each stage: once it is false, items end where they are.
    """

    def __init__(
        self,
        chain: Chain[C],
        context: BatchContext[C],
        keys: Sequence[str],
        *,
        selected: Iterable[str] | None = None,
        force: bool = False,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> None:
        wanted = set(chain.names if selected is None else selected)
        self.chain, self.context, self.force = chain, context, force
        self._goes_on = goes_on
        self.keys = tuple(dict.fromkeys(keys))
        self.stages = tuple(stage for stage in chain if stage.name in wanted)
        self._passes_over = False
        self._stop = threading.Event()
        self._threads: set[int] = set()
        self._fingerprints = context.fingerprints(chain.version)
        self._untold: list[str] = []
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def passing_over(self) -> Self:
        """The same, but of items that are unchanged since an earlier run only their end is told."""
        self._passes_over = self._is_whole and not self.force
        return self

    def __iter__(self) -> Generator[Event, None, None]:
        pool = ThreadPoolExecutor(self.context.in_flight, thread_name_prefix="item")
        work: list[Future[None]] = []
        try:
            changed = yield from self._pass_over(pool)
            work += [pool.submit(self._drive, key) for key in changed]
            left = len(work)
            while left:
                event = self._events.get()
                left -= isinstance(event, Ended)
                self.context.observe(event)
                yield event
                self._note_told(event, last=not left)
        except BaseException:
            self._abandon(work)
            raise
        finally:
            pool.shutdown(wait=not self._is_ours())

    @property
    def _is_whole(self) -> bool:
        return self.stages == self.chain.stages

    def _pass_over(self, pool: Executor) -> Generator[Event, None, list[str]]:
        """Tell of every item that is unchanged that it ends; the others."""
        if not self._passes_over:
            return list(self.keys)
        changed: list[str] = []
        for part in slices(self.keys, _COMPARED_AT_A_TIME):
            unchanged = self._unchanged(part, pool)
            changed += (key for key in part if key not in unchanged)
            for key in unchanged:
                event = Ended(key, Outcome.DONE, unchanged=True)
                self.context.observe(event)
                yield event
        return changed

    def _unchanged(self, keys: Sequence[str], pool: Executor) -> list[str]:
        try:
            found = self._trying(lambda: self._fingerprints.unchanged(keys))
            return self.context.records.whole(found, pool)
        except PipelineError as error:
            log.warning("items are looked at stage by stage: %s", error)
            return []

    def _note_told(self, event: Event, *, last: bool) -> None:
        """Called once whoever hears of events has asked for the next one."""
        if isinstance(event, Ended) and event.outcome is Outcome.DONE:
            self._untold.append(event.key)
        if self._untold and (last or len(self._untold) >= _TOLD_AT_A_TIME):
            with _only_warning("what was told"):
                self._fingerprints.told(self._untold)
            self._untold.clear()

    def _abandon(self, work: list[Future[None]]) -> None:
        """Start nothing new and end every tool, again and again until no item is under way."""
        self._stop.set()
        for future in work:
            future.cancel()
        self.context.kill_tools()
        while not self._is_ours() and wait(work, timeout=0.1).not_done:
            self.context.kill_tools()

    def _is_ours(self) -> bool:
        """Whether one of our own threads is here: it cannot wait for itself.

        An iterator that nobody closed is closed by the garbage collector, in any thread.
        """
        return threading.get_ident() in self._threads

    def _drive(self, key: str) -> None:
        """Take one item through all selected stages; never raises: the pool would swallow it."""
        self._threads.add(threading.get_ident())
        try:
            with (
                caused_by(self.context.cause),
                working_on(key),
                tracing.span(f"{self.chain.name} item", item=key, run=self.context.cause),
            ):
                outcome = self._run_item(key)
        except Exception as error:  # noqa: BLE001 - one item's fault is never another's
            outcome = self._stopped(ItemContext(key, 0), self.stages[0].name, error)
        self._events.put(Ended(key, outcome))

    def _run_item(self, key: str) -> Outcome:
        with ExitStack() as stack:
            opening = self.context.open
            item = self._trying(lambda: stack.enter_context(opening(key, self._stop)))
            begun = self._trying(lambda: self._fingerprints.begin(key))
            run = ItemRun(self.chain, self.context, item, force=self.force, stop=self._stop)
            for stage in self.stages:
                try:
                    self._advance(run, stage)
                except Exception as error:  # noqa: BLE001 - becomes the item's outcome
                    return self._stopped(item, stage.name, error, run.inputs(stage))
            if begun and self._is_whole:
                with _only_warning(key):
                    self._keep(run, begun)
        return Outcome.DONE

    def _keep(self, run: ItemRun[C], begun: str) -> None:
        """Write down what the item was made of, for the next run to compare.

        Where stages were made, the world may have changed after they had read it: what it says now
        is kept only if they are found current by it.
        """
        made_of = begun
        if run.has_worked:
            made_of = self._fingerprints.now(run.item.key)
            if not made_of or not finds_all(ItemRun(self.chain, self.context, run.item)):
                return
        self._fingerprints.keep(run.item.key, made_of, run.blobs())

    def _advance(self, run: ItemRun[C], stage: Stage) -> None:
        if self._stop.is_set():
            raise StopItem(Outcome.CANCELLED, "the run was cancelled")
        if not self._goes_on():
            raise StopItem(Outcome.CANCELLED, "its reprocessing was paused or cancelled")
        with tracing.span(f"stage {stage.name}", stage=stage.name, item=run.item.key):
            self._events.put(self._trying(lambda: run.advance(stage)))
        run.judge(stage)

    def _trying(self, work: Callable[[], T]) -> T:
        """Repeat `work` while a service says that a retry may help and there is time."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, ServiceError) and error.retryable
            ),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
            stop=tenacity.stop_any(
                _Patience(self.context.keep_trying_seconds),
                tenacity.stop_when_event_set(self._stop),
            ),
            sleep=tenacity.sleep_using_event(self._stop),
            reraise=True,
        )
        return retrying(work)

    def _stopped(
        self, item: ItemContext, stage: str, error: Exception, inputs: Mapping[str, str] = NOTHING
    ) -> Outcome:
        """Say why an item goes no further, in the journal first."""
        outcome, reason, finding = self._meaning(error)
        if outcome is not Outcome.CANCELLED:
            self._write_down(item, stage, outcome, _detail(reason, finding, inputs))
        self._events.put(Stopped(item.key, item.edition_number, stage, outcome, reason, finding))
        return outcome

    def _meaning(self, error: Exception) -> tuple[Outcome, str, Finding | None]:
        """A bad book is data, a broken service is an error, and a cancelled run is neither."""
        if self._stop.is_set():
            return Outcome.CANCELLED, "the run was cancelled", None
        if isinstance(error, StopItem):
            return error.outcome, error.reason, None
        if isinstance(error, BookError):
            return Outcome.REJECTED, str(error), error.finding
        if not isinstance(error, PipelineError):
            log.error("a defect of the pipeline", exc_info=error)
        return Outcome.FAILED, f"{type(error).__name__}: {error}", None

    def _write_down(
        self, item: ItemContext, stage: str, outcome: Outcome, detail: dict[str, Any]
    ) -> None:
        """The item is told as stopped even where the journal is what has failed."""
        try:
            self._trying(lambda: self.context.journal.record(item, stage, outcome, 0.0, detail))
        except Exception:
            log.exception("%s: the journal could not take how %s ended", item.key, stage)


@contextmanager
def _only_warning(what: str) -> Iterator[None]:
    """The work is done and told: without its fingerprint the next run looks at every stage."""
    try:
        yield
    except (PipelineError, StopItem) as error:
        log.warning("fingerprint of %s: %s", what, error)


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
