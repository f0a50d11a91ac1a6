"""An edge's access log in the W3C extended format, of which nothing is kept but counts by file.

https://www.w3.org/TR/WD-logfile.html, with CloudFront's fields:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, NamedTuple

from ebook_pipeline.books.measuring.downloads import DownloadCount, DownloadTally
from ebook_pipeline.books.records import Record

FIELDS = (
    "date",
    "time",
    "cs-method",
    "cs-uri-stem",
    "sc-status",
    "sc-bytes",
    "sc-range-start",
    "cs(User-Agent)",
)
"""What must be logged. Addresses and query strings, which hold signatures, need not be."""
_LONGEST = 1 << 16
"""Bytes of a line: CloudFront writes 20 KB of a request's headers and 8 KB of its address at most,
as %xx three times as long."""
_LONGEST_LENGTH = 15
"""Digits of `sc-bytes`: a petabyte."""
_FETCHED = frozenset({"200", "206"})
_BEGUN = frozenset({"-", "0"})


class AccessLogCounts(Record):
    """What was fetched; of how many `lines`, and how many of them could not be read."""

    counts: tuple[DownloadCount, ...]
    lines: int
    skipped: int


def bounded_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Its lines. What is longer than any line of a log comes cut, so that it is skipped."""
    while line := stream.readline(_LONGEST):
        yield line
        while len(line) == _LONGEST and not line.endswith(b"\n"):
            line = stream.readline(_LONGEST)


def count_downloads(lines: Iterable[bytes], ours: str) -> AccessLogCounts:
    """Count what readers fetched, as our own edge does; `ours` is the name of our own programs.

    ``#Fields`` says what the columns are. Lines before it, of other columns or values, are skipped.
    """
    tally, columns, seen, skipped = DownloadTally(), _Columns({}, 0), 0, 0
    for line in lines:
        if line.startswith(b"#"):
            columns = _named_columns(line) or columns
            continue
        seen += 1
        if not _counted(tally, columns.values(line), ours):
            skipped += 1
    return AccessLogCounts(counts=tally.take(), lines=seen, skipped=skipped)


class _Columns(NamedTuple):
    """At which of how many places each field stands."""

    places: Mapping[str, int]
    number: int

    def values(self, line: bytes) -> dict[str, str]:
        """A line's values by their fields; none where it does not have these columns."""
        values = line.decode("ascii", "replace").split()
        if len(line) >= _LONGEST or len(values) != self.number:
            return {}
        return {field: values[place] for field, place in self.places.items()}


def _named_columns(line: bytes) -> _Columns | None:
    """What ``#Fields`` says; None of another line, and where a field is missing."""
    name, *fields = line.decode("ascii", "replace").split()
    if name != "#Fields:" or not set(FIELDS) <= set(fields):
        return None
    return _Columns({field: fields.index(field) for field in FIELDS}, len(fields))


def _counted(tally: DownloadTally, values: Mapping[str, str], ours: str) -> bool:
    """Count a line if it is a download; whether it could be read."""
    length = values.get("sc-bytes", "")
    if not (length.isascii() and length.isdigit() and len(length) <= _LONGEST_LENGTH):
        return False
    try:
        at = datetime.fromisoformat(f"{values['date']}T{values['time']}+00:00")
    except ValueError:
        return False
    fetched = values["cs-method"] == "GET" and values["sc-status"] in _FETCHED
    if fetched and int(length) and values["cs(User-Agent)"] != ours:
        begun = values["sc-range-start"] in _BEGUN
        tally.add(values["cs-uri-stem"].removeprefix("/"), at, int(length), begun=begun)
    return True
