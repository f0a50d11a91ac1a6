"""What a batch says while it works: one event per finished stage, per stop and per item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ebook_pipeline.execution.stage import Stage
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.record_store import Stored


@dataclass(frozen=True)
class Done:
    """A stage's record is current, made now or found unchanged (`reused`)."""

    key: str
    edition: int
    stage: Stage
    stored: Stored
    inputs: Mapping[str, str]
    """Data version of each upstream record, by stage name."""
    reused: bool
    seconds: float
    checks: Mapping[str, bool]
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What people look at: the metadata that the stage's `show` made."""


@dataclass(frozen=True)
class Stopped:
    """An item goes no further in this batch; edition 0 says that none could be opened."""

    key: str
    edition: int
    stage: str
    outcome: Outcome
    reason: str
    finding: Finding | None = None


@dataclass(frozen=True)
class Ended:
    """The last event of an item; `outcome` is DONE where it passed every selected stage.

    Of one that is `unchanged` since an earlier run, it is the only event.
    """

    key: str
    outcome: Outcome
    unchanged: bool = False


Event = Done | Stopped | Ended
