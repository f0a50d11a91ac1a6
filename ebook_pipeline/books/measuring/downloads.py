"""What was fetched from the edge, counted by file and hour: of nobody it is known that they did."""

import re
import threading
from collections import Counter
from datetime import datetime
from typing import Literal

from ebook_pipeline.books.records import Record

What = Literal["book", "excerpt", "preview"]
_PLACES: tuple[tuple[re.Pattern[str], What], ...] = (
    (re.compile(r"books/([^/]+)/[0-9a-f]{64}\.([a-z0-9]{1,8})"), "book"),
    (re.compile(r"public/books/([^/]+)/[0-9a-f]{64}\.(epub)"), "excerpt"),
    (re.compile(r"previews/([^/]+)/[0-9a-f]{64}\.(html)"), "preview"),
)
"""As `books.releasing.distribution` names them; covers and pointers are no downloads."""
_MOST = 100_000
"""Files and hours that are counted before they are taken: an edge's memory is bounded."""


class DownloadCount(Record):
    """How often a file was fetched from its beginning within the `hour` (UTC), and bytes sent.

    `what` it was: the book itself, its excerpt, or its page of previews; `form` is the suffix of
    the file. A file of which only parts were fetched has bytes, and may have no `times`.
    """

    hour: datetime
    book: str
    what: What
    form: str
    times: int
    bytes: int


_Place = tuple[datetime, str, What, str]


class DownloadTally:
    """Counts since they were last taken; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: Counter[_Place] = Counter()
        self._bytes: Counter[_Place] = Counter()

    def add(self, path: str, at: datetime, length: int, *, begun: bool) -> bool:
        """Count an answer of `length` bytes, `begun` at the file's first; whether it is counted."""
        named = _named(path)
        if named is None:
            return False
        place = (at.replace(minute=0, second=0, microsecond=0), *named)
        with self._lock:
            if place not in self._bytes and len(self._bytes) >= _MOST:
                return False
            self._bytes[place] += length
            self._times[place] += begun
        return True

    def take(self) -> tuple[DownloadCount, ...]:
        """Everything that was counted by now, in order; it is counted no more."""
        with self._lock:
            times, self._times = self._times, Counter()
            sent, self._bytes = self._bytes, Counter()
        return tuple(
            DownloadCount(
                hour=hour, book=book, what=what, form=form, times=times[place], bytes=length
            )
            for place, length in sorted(sent.items())
            for hour, book, what, form in [place]
        )


def _named(path: str) -> tuple[str, What, str] | None:
    for pattern, what in _PLACES:
        if found := pattern.fullmatch(path):
            return found[1], what, found[2]
    return None
