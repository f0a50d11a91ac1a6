"""How a step of the work ended for one item."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a stage ended for one item. Values are stored: they never change."""

    DONE = "done"
    """The stage ran and its record is written."""
    REUSED = "reused"
    """A record of the same inputs was there already."""
    REJECTED = "rejected"
    """The item is at fault: a check or a BookError says why."""
    WAITING = "waiting"
    """A person has to decide."""
    FAILED = "failed"
    """We or a service are at fault."""
    CANCELLED = "cancelled"
    """The run ended before the stage did."""
