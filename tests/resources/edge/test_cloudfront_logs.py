"""CloudFront's logs in a bucket of moto's: each told once, taken away, and nobody named."""

import gzip
import json
import logging

import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.resources.edge import cloudfront_logs
from ebook_pipeline.resources.edge.cloudfront_logs import CloudFrontLogs
from tests.support.access_logs import HEADER, line, packed

SHA = "ab" * 32
BOOK = f"books/emma/{SHA}.epub"
FOLDER = "AWSLogs/123456789012/CloudFront"
EARLY, LATE = f"{FOLDER}/E1.2026-11-28-23.aa.gz", f"{FOLDER}/E1.2026-11-29-23.bb.gz"


@pytest.fixture
def logs(s3: S3Client, bucket: str) -> CloudFrontLogs:
    return CloudFrontLogs(s3, bucket)


def leave(s3: S3Client, bucket: str, name: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=name, Body=body)


def test_files_are_counted_once_whenever_they_come(
    s3: S3Client, bucket: str, logs: CloudFrontLogs, caplog: pytest.LogCaptureFixture
) -> None:
    assert logs.names() == []
    leave(s3, bucket, LATE, packed([line(BOOK), "nonsense\n", line(BOOK)]))
    leave(s3, bucket, "AWSLogs/aws-logs-write-test", b"")
    assert logs.names() == [LATE]
    with caplog.at_level(logging.WARNING):
        [count] = logs.read(LATE)
    assert (count.book, count.what, count.times, count.bytes) == ("emma", "book", 2, 200)
    assert "1 of 3 lines skipped" in caplog.text
    assert BOOK not in caplog.text
    logs.remove(LATE)
    logs.remove(LATE)
    leave(s3, bucket, EARLY, packed([line(BOOK)]) + packed([line(BOOK)]))
    assert logs.names() == [EARLY]
    assert [one.times for one in logs.read(EARLY)] == [2]
    with pytest.raises(NotFound):
        logs.read(LATE)


def test_signatures_of_a_log_that_has_them_are_kept_nowhere(
    s3: S3Client, bucket: str, logs: CloudFrontLogs
) -> None:
    header = HEADER.replace("\n#Fields: ", "\n#Fields: c-ip cs-uri-query ")
    asked = f"192.0.2.1\tExpires=1&Signature=s3cr3t\t{line(BOOK)}"
    leave(s3, bucket, LATE, packed([asked], header))
    told = json.dumps([one.model_dump(mode="json") for one in logs.read(LATE)])
    assert "emma" in told
    assert not [word for word in ("s3cr3t", "192.0.2.1", "Thorium", SHA) if word in told]


@pytest.mark.parametrize(
    "body",
    [b"", b"no gzip", packed([line(BOOK)])[:-12], packed([line(BOOK)]) + b"and more"],
    ids=["empty", "plain", "cut", "trailing"],
)
def test_a_file_that_is_no_whole_log_is_damaged(
    s3: S3Client, bucket: str, logs: CloudFrontLogs, body: bytes
) -> None:
    leave(s3, bucket, LATE, body)
    if not body:
        assert logs.read(LATE) == ()
        return
    with pytest.raises(Damaged, match="access log"):
        logs.read(LATE)


def test_a_bomb_is_read_to_a_bound(
    s3: S3Client, bucket: str, logs: CloudFrontLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudfront_logs, "_MOST_BYTES", 1 << 20)
    leave(s3, bucket, LATE, gzip.compress(b"\n" * (1 << 21)))
    with pytest.raises(Damaged, match="longer than any"):
        logs.read(LATE)
