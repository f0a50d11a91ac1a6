"""What a batch works with, whatever its items are: records, a journal, a way into an item."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.pools import Pools
from ebook_pipeline.execution.progress import Event
from ebook_pipeline.execution.unchanged import Fingerprints, NoFingerprints
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.record_store import RecordStore

log = logging.getLogger(__name__)
C = TypeVar("C", bound=ItemContext)
Opened = TypeVar("Opened", bound=ItemContext, covariant=True)


class Journal(Protocol):
    """Where every outcome is written down before the event log hears of it.

    `detail` has ``data_version`` where a record is current, else ``reason``, with ``finding``
    where the item is at fault; ``inputs`` holds the data versions of the upstream records, and
    ``made_with`` what the stage is made with, whatever the item.
    """

    def started(self, item: ItemContext, stage: str) -> None:
        """Work begins; what is found current is not begun."""
        ...

    def record(
        self,
        item: ItemContext,
        stage: str,
        outcome: Outcome,
        seconds: float,
        detail: Mapping[str, Any],
    ) -> None: ...


class NoJournal:
    """For chains whose history nobody asks for."""

    def started(self, item: ItemContext, stage: str) -> None:
        log.debug("%s %s begins", item.key, stage)

    def record(
        self,
        item: ItemContext,
        stage: str,
        outcome: Outcome,
        seconds: float,
        detail: Mapping[str, Any],
    ) -> None:
        log.debug("%s %s: %s %.2f s %s", item.key, stage, outcome, seconds, detail)


class OpenItem(Protocol[Opened]):
    """Enter an item: hold it against other runs, and say which edition of it is meant."""

    def __call__(self, key: str, stop: threading.Event) -> AbstractContextManager[Opened]: ...


@dataclass(frozen=True)
class BatchContext(Generic[C]):
    """Everything that a batch needs of the world; what stages ask for is in the item's context."""

    records: RecordStore
    open: OpenItem[C]
    journal: Journal = field(default_factory=NoJournal)
    fingerprints: Callable[[str], Fingerprints] = NoFingerprints
    """Made for a chain's version: what its code and tools are counts as well."""
    cause: str = ""
    """The run: events that stages emit name it as what caused them."""
    in_flight: int = 2
    pools: Pools = field(default_factory=Pools)
    keep_trying_seconds: float = 30.0
    observe: Callable[[Event], object] = lambda _: None
    """Hears every event, in order, in the thread that iterates: a progress bar, say."""
    kill_tools: Callable[[], object] = lambda: None
    """Ends every child process that a stage may wait for, so that a cancelled batch ends soon."""
