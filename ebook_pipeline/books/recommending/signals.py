"""What readers did with works, as signals of taste: which kinds there are and what each says."""

from enum import StrEnum

from ebook_pipeline.foundation.record import Record


class SignalKind(StrEnum):
    """From the one that says most to the one that says least: of several the first holds."""

    RATED_HIGH = "rated_high"
    RATED_LOW = "rated_low"
    FINISHED = "finished"
    READING = "reading"
    BOUGHT = "bought"
    WANTED = "wanted"


LIKED = frozenset(set(SignalKind) - {SignalKind.RATED_LOW})
"""Kinds that may be a reason to recommend something, and are told as one."""
HIGH_FROM = 3
"""Stars from which an opinion counts as liking: who dislikes a book seldom finishes it."""


class Signal(Record):
    """A reader did something with a work."""

    reader: str
    work: int
    kind: SignalKind
