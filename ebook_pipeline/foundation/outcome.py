"""How a step of the work ended for one item."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a stage ended for one item."""

    DONE = "done"
    REUSED = "reused"
    REJECTED = "rejected"  # the item is at fault: a check or a BookError says why
    WAITING = "waiting"  # a person has to decide
    FAILED = "failed"  # we or a service are at fault
    CANCELLED = "cancelled"
