"""Which saves of a chapter say nothing that a later one does not: what typing leaves behind.

An editor that saves by itself makes a version every few seconds. One goes only where every line of
it stands in the next that is kept, in its order, so that no word that was ever saved is lost.
"""

from collections.abc import Sequence
from datetime import datetime

from ebook_pipeline.foundation.record import Record


class SavedVersion(Record):
    """A version. `pinned`: something refers to it, a round or a comment."""

    number: int
    heading: str
    text: str
    at: datetime
    pinned: bool = False


def superfluous(versions: Sequence[SavedVersion]) -> frozenset[int]:
    """The numbers of those that may go, of versions in their order.

    The first and the last stay, the last of each hour, what is pinned, and what has words that
    the next one kept has not. Linear in the length of the texts but for what is moved in them.
    """
    gone = set()
    following: SavedVersion | None = None
    for place in range(len(versions) - 1, -1, -1):
        version = versions[place]
        if following is None or place == 0 or not _may_go(version, following):
            following = version
        else:
            gone.add(version.number)
    return frozenset(gone)


def _may_go(version: SavedVersion, following: SavedVersion) -> bool:
    if version.pinned or _hour(version) != _hour(following):
        return False
    return version.heading == following.heading and stands_in(version.text, following.text)


def stands_in(before: str, after: str) -> bool:
    """Whether every line of one text is in the other, in the same order; none twice by one."""
    place = 0
    for line in before.splitlines():
        words = line.strip()
        if not words:
            continue
        found = after.find(words, place)
        if found < 0:
            return False
        place = found + len(words)
    return True


def _hour(version: SavedVersion) -> tuple[int, int]:
    return version.at.toordinal(), version.at.hour
