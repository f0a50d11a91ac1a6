"""Four stages, from an apple on the tree to a labelled crate, and what a batch of them needs."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ebook_pipeline.execution import BatchContext, Chain, ItemContext, stage
from ebook_pipeline.foundation.errors import BookError, Unavailable
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore


class Apple(Record):
    key: str
    colour: str = "green"


class Inspection(Record):
    sound: bool


class Crate(Record):
    apples: int = 1


class GateAnswer(Record):
    outcome: Literal["open", "wait", "closed"]
    reason: str = ""


@dataclass
class FlakyService:
    """A service that every stage calls, with the faults that a test wants of it."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    outages: Counter[str] = field(default_factory=Counter)
    """How often the call of a key's stage meets an outage before it succeeds."""
    actions: dict[str, Callable[[], object]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, stage: str, key: str) -> None:
        with self.lock:
            self.calls[stage, key] += 1
            down = self.outages[f"{stage} {key}"] > 0
            self.outages[f"{stage} {key}"] -= 1
        if down:
            raise Unavailable("down")
        self.actions.get(f"{stage} {key}", lambda: None)()


@dataclass(frozen=True)
class AppleContext(ItemContext):
    """One apple while it is worked on."""

    demo: "Demo"

    @property
    def service(self) -> FlakyService:
        return self.demo.service

    @property
    def apple(self) -> Apple:
        return Apple(key=self.key, colour=self.demo.colours.get(self.key, "green"))

    @property
    def approved(self) -> GateAnswer:
        return self.demo.approvals.get(self.key, GateAnswer(outcome="open"))


@stage(group="picking", version="1")
def picked_apple(apple: Apple, service: FlakyService) -> Apple:
    """An apple from the tree."""
    service.call("picked_apple", apple.key)
    return apple


def sound(inspection: Inspection) -> bool:
    """No worm."""
    return inspection.sound


@stage(group="picking", version="1", checks=(sound,), kinds=frozenset({"python"}))
def inspection(picked_apple: Apple, service: FlakyService) -> Inspection:
    """The apple looked at."""
    service.call("inspection", picked_apple.key)
    if "stone" in picked_apple.key:
        raise BookError("demo.stone", "this is a stone", remedy="Bring an apple.")
    return Inspection(sound="worm" not in picked_apple.key)


def approval(inspection: Inspection, approved: GateAnswer) -> GateAnswer:
    return approved


def holds_one(crate: Crate) -> bool:
    """The crate holds one apple."""
    return crate.apples == 1


@stage(group="selling", version="1", proofs=(holds_one,), gate=approval)
def crate(picked_apple: Apple, service: FlakyService) -> Crate:
    """The apple, packed."""
    service.call("crate", picked_apple.key)
    return Crate(apples=2 if "double" in picked_apple.key else 1)


def colour(label: Apple) -> dict[str, str]:
    return {"colour": label.colour}


@stage(group="selling", version="1", show=colour)
def label(crate: Crate, picked_apple: Apple, service: FlakyService) -> Apple:
    """What the customer reads."""
    service.call("label", picked_apple.key)
    return picked_apple


class ListJournal:
    """A journal that a test reads."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def started(self, item: ItemContext, stage: str) -> None:
        """Nobody watches."""

    def record(
        self,
        item: ItemContext,
        stage: str,
        outcome: Outcome,
        seconds: float,
        detail: Mapping[str, Any],
    ) -> None:
        self.lines.append((item.key, stage, str(outcome)))


class Demo:
    """Everything that a batch of the demo chain needs, on disk in `folder`."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.service = FlakyService()
        self.colours: dict[str, str] = {}
        self.approvals: dict[str, GateAnswer] = {}
        self.journal = ListJournal()
        self.held: set[str] = set()
        self.context = BatchContext(
            records=RecordStore(LocalObjectStore(folder)),
            open=self._open,
            journal=self.journal,
            **({"keep_trying_seconds": 5.0} | options),
        )

    @contextmanager
    def _open(self, key: str, stop: threading.Event) -> Iterator[AppleContext]:
        assert key not in self.held, "one batch holds an item once"
        self.held.add(key)
        try:
            yield AppleContext(key, 1, self)
        finally:
            self.held.discard(key)


DEMO_CHAIN = Chain("demo", AppleContext, [picked_apple, inspection, crate, label])
