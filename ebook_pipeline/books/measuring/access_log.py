"""An edge's access log in the W3C extended format, of which nothing is kept but counts by file.

https://www.w3.org/TR/WD-logfile.html, with CloudFront's fields:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

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
    tally, places, seen, skipped = DownloadTally(), dict[str, int](), 0, 0
    for line in lines:
        if line.startswith(b"#"):
            places = _named_columns(line) or places
            continue
        seen += 1
        if not _counted(tally, _values(line, places), ours):
            skipped += 1
    return AccessLogCounts(counts=tally.take(), lines=seen, skipped=skipped)


def _named_columns(line: bytes) -> dict[str, int]:
    """The place of each field that is needed, and the number of all as ``""``."""
    name, *fields = line.decode("ascii", "replace").split()
    if name != "#Fields:":
        return {}
    if not set(FIELDS) <= set(fields):
        return {}
    return {field: fields.index(field) for field in FIELDS} | {"": len(fields)}


def _values(line: bytes, places: Mapping[str, int]) -> dict[str, str]:
    """A line's values by their fields; none where it does not have the columns."""
    values = line.decode("ascii", "replace").split()
    if len(line) >= _LONGEST or not places or len(values) != places[""]:
        return {}
    return {field: values[places[field]] for field in FIELDS}


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
