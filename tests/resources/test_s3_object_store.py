"""What only an object store of S3 has: its answers, its parts, nobody who listens."""

from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.object_store import S3ObjectStore
from tests.support.object_stores import BODY, UNKNOWN, S3Case
from tests.support.servers.fixed_answer import Answering


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (500, "InternalError", Unavailable),
        (503, "SlowDown", Unavailable),
        (429, "TooManyRequests", Unavailable),
        (403, "AccessDenied", Denied),
        (404, "NoSuchKey", NotFound),
        (404, "NoSuchBucket", ServiceError),
        (400, "InvalidArgument", ServiceError),
    ],
)
def test_what_s3_answers_is_one_of_our_errors(
    faulty: Answering, status: int, code: str, expected: type[ServiceError]
) -> None:
    body = f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    with faulty(status, body) as (url, received):
        store = S3ObjectStore(Aws("eu-central-1", url, attempts=1).s3(), "bucket")
        for ask in (
            lambda: store.open(UNKNOWN),
            lambda: store.read("a.json"),
            lambda: store.write("a.json", b"1"),
            lambda: list(store.keys("")),
        ):
            with pytest.raises(ServiceError) as caught:
                ask()
            assert type(caught.value) is expected
        assert len(received) == 4


def test_a_slow_down_while_uploading_parts_is_unavailable(
    faulty: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "large"
    source.write_bytes(bytes(17 << 20))
    with faulty(503, b"<Error><Code>SlowDown</Code></Error>") as (url, _):
        store = S3ObjectStore(Aws("eu-central-1", url, attempts=1).s3(), "bucket")
        monkeypatch.setattr(store, "_holds", lambda ref: False)
        for body in (source, source.read_bytes()):
            with pytest.raises(Unavailable):
                store.put(body, "application/pdf")


def test_nobody_listening_is_unavailable() -> None:
    aws = Aws("eu-central-1", "http://127.0.0.1:9", attempts=1, connect_seconds=0.2)
    with pytest.raises(Unavailable):
        S3ObjectStore(aws.s3(), "bucket").read("a.json")


def test_a_source_that_changes_under_way_is_not_kept(
    s3: S3Client, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "growing"
    source.write_bytes(BODY)
    case = S3Case(s3, bucket)
    upload = case.store._upload

    def grow_and_upload(*args: Any) -> None:
        upload(*args)
        source.write_bytes(BODY + b"more")

    monkeypatch.setattr(case.store, "_upload", grow_and_upload)
    with pytest.raises(Damaged):
        case.store.put(source, "text/plain")
    assert case.names() == []
