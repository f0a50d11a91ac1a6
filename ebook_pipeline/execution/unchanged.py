"""Items that nothing has happened to since a run took them through every stage.

Stage by stage that costs some forty questions for each item. A run writes down what an item was
made of, and the next one compares many at once.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ebook_pipeline.foundation.record import BlobRef

Blobs = tuple[BlobRef, ...]


class Fingerprints(Protocol):
    """What items are made of: all that any stage or gate asks of the world, as one digest.

    Every method may raise ServiceErrors.
    """

    def unchanged(self, keys: Sequence[str]) -> Mapping[str, Blobs]:
        """Those of `keys` that are made of what they were made of when they were kept and told.

        With the blobs of their records, which may have gone since.
        """
        ...

    def begin(self, key: str) -> str:
        """Forget the item, whose lock is held: a run may change it. What it is made of now, or ""
        where that may change at any moment, and nothing is kept."""
        ...

    def now(self, key: str) -> str:
        """What it is made of now, or ""."""
        ...

    def keep(self, key: str, fingerprint: str, blobs: Blobs) -> None:
        """Write down that a run has taken the item through every stage; its lock is held."""
        ...

    def told(self, keys: Sequence[str]) -> None:
        """All that this run did with these items is known by whom it concerns."""
        ...


class NoFingerprints:
    """For chains whose items are looked at stage by stage."""

    def __init__(self, code: str) -> None:
        """`code` is the chain's version."""

    def unchanged(self, keys: Sequence[str]) -> Mapping[str, Blobs]:  # noqa: ARG002
        return {}

    def begin(self, key: str) -> str:  # noqa: ARG002
        return ""

    def now(self, key: str) -> str:  # noqa: ARG002
        return ""

    def keep(self, key: str, fingerprint: str, blobs: Blobs) -> None:
        """Nobody asks."""

    def told(self, keys: Sequence[str]) -> None:
        """Nobody asks."""
