"""CloudFront's access logs in their bucket: read once, counted, and taken away.

Files come hours late and in no order, so no name says how far one has read: what was taken is
removed, and the bucket keeps it for a while as a version that is not current. Addresses of readers
and query strings are not logged at all where deploy/aws/edge-logs.yaml said what is.
"""

import gzip
import logging
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, cast

from ebook_pipeline.books.measuring.access_log import (
    AccessLogCounts,
    bounded_lines,
    count_downloads,
)
from ebook_pipeline.books.measuring.downloads import DownloadCount
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.edge.client import OUR_NAME

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LOG = logging.getLogger(__name__)
_SUFFIX = ".gz"
_MOST_NAMES = 10_000
_MOST_BYTES = 4 << 30
"""Of one file, unpacked: some twenty million requests, a minute of one core."""


class CloudFrontLogs:
    """A `DownloadLog` of files that CloudFront has left in `bucket`."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def names(self) -> list[str]:
        """The files that wait, in order of name: ten thousand of them at most."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        keys = (one["Key"] for page in pages for one in page.get("Contents", ()))
        with aws_errors("access logs of the edge"):
            return list(islice((key for key in keys if key.endswith(_SUFFIX)), _MOST_NAMES))

    def read(self, name: str) -> tuple[DownloadCount, ...]:
        """What was fetched by the file's word; lines that can't be read are told and skipped."""
        with aws_errors("access logs of the edge"):
            answer = self._s3.get_object(Bucket=self._bucket, Key=name)
            with closing(answer["Body"]) as body:
                found = _counted(name, cast(BinaryIO, body))
        if found.skipped:
            _LOG.warning("%s: %d of %d lines skipped", name, found.skipped, found.lines)
        return found.counts

    def remove(self, name: str) -> None:
        with aws_errors("access logs of the edge"):
            self._s3.delete_object(Bucket=self._bucket, Key=name)


def _counted(name: str, packed: BinaryIO) -> AccessLogCounts:
    try:
        with gzip.GzipFile(fileobj=packed) as stream:
            lines = bounded_lines(cast(BinaryIO, stream))
            return count_downloads(_at_most(_MOST_BYTES, lines), OUR_NAME)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Damaged(f"access log {name}: {error}") from error


def _at_most(most: int, lines: Iterable[bytes]) -> Iterator[bytes]:
    """`lines` until they are `most` bytes long; Damaged after that."""
    for line in lines:
        most -= len(line)
        if most < 0:
            raise Damaged("an access log of the edge is longer than any that CloudFront writes")
        yield line
