"""A chain about apples, not books: what the heart does must not depend on what its items are."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ebook_pipeline.books.records import Record
from ebook_pipeline.execution import Chain, Scope, Workshop, stage
from ebook_pipeline.foundation.errors import BookError, Unavailable
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore


class Apple(Record):
    key: str
    colour: str = "green"


class Inspection(Record):
    sound: bool


class Crate(Record):
    apples: int = 1


class Answer(Record):
    outcome: Literal["open", "wait", "closed"]
    reason: str = ""


@dataclass
class Weather:
    """A service that the stages call, and the faults that a test wants of it."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    outages: Counter[str] = field(default_factory=Counter)
    """How often the call of a key's stage meets an outage before it succeeds."""
    actions: dict[str, Callable[[], None]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def visit(self, place: str, key: str) -> None:
        with self.lock:
            self.calls[place, key] += 1
            out = self.outages[f"{place} {key}"] > 0
            self.outages[f"{place} {key}"] -= 1
        if out:
            raise Unavailable("hail")
        self.actions.get(f"{place} {key}", lambda: None)()


@stage(group="orchard", version="1")
def picked_apple(apple: Apple, weather: Weather) -> Apple:
    """An apple from the tree."""
    weather.visit("picked_apple", apple.key)
    return apple


def sound(inspection: Inspection) -> bool:
    """No worm."""
    return inspection.sound


@stage(group="orchard", version="1", checks=(sound,), kinds=frozenset({"python"}))
def inspection(picked_apple: Apple, weather: Weather) -> Inspection:
    """The apple looked at."""
    weather.visit("inspection", picked_apple.key)
    if "stone" in picked_apple.key:
        raise BookError("orchard.stone", "this is a stone", remedy="Bring an apple.")
    return Inspection(sound="worm" not in picked_apple.key)


def market(inspection: Inspection, approved: Answer) -> Answer:
    return approved


def holds_one(crate: Crate) -> bool:
    """The crate holds one apple."""
    return crate.apples == 1


@stage(group="market", version="1", proofs=(holds_one,), gate=market)
def crate(picked_apple: Apple, weather: Weather) -> Crate:
    """The apple, packed."""
    weather.visit("crate", picked_apple.key)
    return Crate(apples=2 if "double" in picked_apple.key else 1)


def colour(label: Apple) -> dict[str, str]:
    return {"colour": label.colour}


@stage(group="market", version="1", show=colour)
def label(crate: Crate, picked_apple: Apple, weather: Weather) -> Apple:
    """What the customer reads."""
    weather.visit("label", picked_apple.key)
    return picked_apple


ORCHARD = Chain("orchard", [picked_apple, inspection, crate, label])


class Notebook:
    """A journal that a test reads."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def record(
        self, scope: Scope, stage: str, outcome: str, seconds: float, detail: dict[str, Any]
    ) -> None:
        self.lines.append((scope.key, stage, str(outcome)))


class Orchard:
    """Everything a batch of apples needs, on disk in `folder`."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.weather = Weather()
        self.colours: dict[str, str] = {}
        self.approvals: dict[str, Answer] = {}
        self.notebook = Notebook()
        self.held: set[str] = set()
        self.workshop = Workshop(
            records=RecordStore(LocalObjectStore(folder)),
            resources={"weather": self.weather},
            open=self._open,
            journal=self.notebook,
            **({"keep_trying_seconds": 5.0} | options),
        )

    @contextmanager
    def _open(self, key: str, stop: threading.Event) -> Iterator[Scope]:
        assert key not in self.held, "one batch holds an item once"
        self.held.add(key)
        facts = {
            "apple": lambda: Apple(key=key, colour=self.colours.get(key, "green")),
            "approved": lambda: self.approvals.get(key, Answer(outcome="open")),
        }
        try:
            yield Scope(key, 1, facts)
        finally:
            self.held.discard(key)
