"""Files in parts, on moto's S3 behind a proxy that is strict about checksums and has faults."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from ebook_pipeline.foundation.errors import NotFound, PipelineError, ServiceError, Unavailable
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws, aws_errors
from ebook_pipeline.resources.aws_failures import error_code
from ebook_pipeline.resources.cdn import CloudFrontCdn
from ebook_pipeline.resources.s3_upload import ObjectHeaders, Uploader, part_size
from tests.support.existing import existing
from tests.support.servers.faulty_proxy import (
    Call,
    Exchange,
    Fault,
    Proxy,
    is_call,
    refused,
    unheard,
    whenever,
)

pytestmark = pytest.mark.prove

MB = 1 << 20
KEY = "books/emma/emma.epub"
ABOUT: ObjectHeaders = {
    "ContentType": "application/epub+zip",
    "CacheControl": "public, max-age=31536000, immutable",
    "Metadata": {"sha256": "ab", "kind": "object"},
}


@pytest.fixture(scope="module")
def wire(moto_url: str) -> Iterator[Proxy]:
    with Proxy(moto_url).running() as wire:
        yield wire


@pytest.fixture
def uploader(wire: Proxy, bucket: str) -> Iterator[Uploader]:
    wire.calls.clear()
    with wire.failing(whenever(has_other_bytes, refused(400, "BadDigest"))):
        yield Uploader(Aws("eu-central-1", wire.url, attempts=2).s3(), bucket, part=5 * MB)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "emma.epub"
    path.write_bytes(b"a" * 5 * MB + b"b" * 5 * MB + b"the end")
    return path


def put(uploader: Uploader, source: Path) -> None:
    uploader.create(KEY, source, uploader.measure(source), ABOUT)


def stands(uploader: Uploader) -> bytes | None:
    try:
        with aws_errors(KEY):
            return uploader.s3.get_object(Bucket=uploader.bucket, Key=KEY)["Body"].read()
    except NotFound:
        return None


def unfinished(uploader: Uploader) -> list[str]:
    found = uploader.s3.list_multipart_uploads(Bucket=uploader.bucket)
    return [one["UploadId"] for one in found.get("Uploads", [])]


def has_other_bytes(call: Call) -> bool:
    """S3 refuses a body whose SHA-256 is not the one that its header says; moto does not."""
    said = call.headers.get("x-amz-checksum-sha256", "")
    return bool(said) and base64.b64decode(said) != hashlib.sha256(call.body).digest()


def is_part(call: Call, number: int) -> bool:
    return call.method == "PUT" and call.query.get("partNumber") == [str(number)]


def completes(call: Call) -> bool:
    return call.method == "POST" and "uploadId" in call.query


def test_a_file_is_measured_with_its_parts_in_one_reading(uploader: Uploader, book: Path) -> None:
    measured = uploader.measure(book)
    body = book.read_bytes()
    assert (measured.length, measured.sha256) == (len(body), hashlib.sha256(body).digest())
    assert list(measured.parts) == [
        hashlib.sha256(part).digest() for part in (b"a" * 5 * MB, b"b" * 5 * MB, b"the end")
    ]


def test_a_large_file_arrives_in_parts_with_all_that_is_said_of_it(
    uploader: Uploader, wire: Proxy, book: Path
) -> None:
    put(uploader, book)
    assert stands(uploader) == book.read_bytes()
    head = uploader.s3.head_object(Bucket=uploader.bucket, Key=KEY)
    assert (head["ContentType"], head["CacheControl"]) == tuple(ABOUT.values())[:2]
    assert head["Metadata"] == ABOUT["Metadata"]
    parts = [one for one in wire.calls if "partNumber" in one.query]
    assert len(parts) == 3
    assert all(one.headers["x-amz-checksum-sha256"] for one in parts)
    assert [one.headers["if-none-match"] for one in wire.calls if completes(one)] == ["*"]


def test_a_small_file_is_one_conditional_request(
    uploader: Uploader, wire: Proxy, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    for body in (b"", b"small"):
        small.write_bytes(body)
        with suppress(ServiceError):
            put(uploader, small)
    puts = [one for one in wire.calls if one.method == "PUT"]
    assert [one.headers["if-none-match"] for one in puts] == ["*", "*"]
    assert stands(uploader) == b""


def test_a_part_that_fails_for_good_leaves_nothing(
    uploader: Uploader, wire: Proxy, book: Path
) -> None:
    wire.plan = whenever(lambda call: is_part(call, 2), refused(503, "SlowDown"))
    with pytest.raises(Unavailable):
        put(uploader, book)
    assert stands(uploader) is None
    assert unfinished(uploader) == []


def test_a_part_that_fails_once_is_sent_again(uploader: Uploader, wire: Proxy, book: Path) -> None:
    def second(call: Call) -> bool:
        return is_part(call, 2) and sum(is_part(one, 2) for one in wire.calls) == 1

    wire.plan = whenever(second, unheard)
    put(uploader, book)
    assert wire.struck == 1
    assert stands(uploader) == book.read_bytes()


@pytest.mark.parametrize("completed", [unheard, refused(412, "PreconditionFailed")])
def test_a_completion_whose_answer_is_lost_is_published(
    uploader: Uploader, wire: Proxy, book: Path, completed: Fault
) -> None:
    """Asked again, S3 says that it is done; other servers say that something stands there."""

    def lost(exchange: Exchange) -> None:
        exchange.forward()
        completed(exchange)

    def first(call: Call) -> bool:
        return completes(call) and sum(map(completes, wire.calls)) == 1

    cdn = CloudFrontCdn(
        uploader.s3, Mock(), uploader.bucket, "E1", "x.example", "K1", Secret(b""),
        part_bytes=5 * MB,
    )  # fmt: skip
    wire.plan = whenever(first, lost)
    cdn.publish(KEY, book, "application/epub+zip")
    assert wire.struck == 1
    assert stands(uploader) == book.read_bytes()
    assert unfinished(uploader) == []


def test_a_file_that_changes_after_it_was_measured_is_refused_and_leaves_nothing(
    uploader: Uploader, book: Path
) -> None:
    measured = uploader.measure(book)
    body = bytearray(book.read_bytes())
    body[7 * MB] ^= 1
    book.write_bytes(body)
    with pytest.raises(PipelineError, match="BadDigest"):
        uploader.create(KEY, book, measured, ABOUT)
    assert stands(uploader) is None
    assert unfinished(uploader) == []


def test_who_comes_second_is_told_and_takes_its_parts_away(
    uploader: Uploader, wire: Proxy, book: Path
) -> None:
    def faster(exchange: Exchange) -> None:
        uploader.s3.put_object(Bucket=uploader.bucket, Key=KEY, Body=b"faster")
        exchange.send(exchange.forward())

    wire.plan = whenever(completes, faster)
    with pytest.raises(ServiceError) as caught:
        put(uploader, book)
    assert isinstance(caught.value.__cause__, ClientError)
    assert error_code(caught.value.__cause__) == "PreconditionFailed"
    assert stands(uploader) == b"faster"
    assert unfinished(uploader) == []


def test_an_abort_that_fails_too_is_told_with_the_first_error(
    uploader: Uploader, wire: Proxy, book: Path
) -> None:
    aborts = is_call("s3", "DELETE")
    wire.plan = whenever(lambda call: is_part(call, 1) or aborts(call), refused(503, "SlowDown"))
    with pytest.raises(Unavailable) as caught:
        put(uploader, book)
    assert "lifecycle" in str(existing(caught.value.__cause__).__notes__)
    assert stands(uploader) is None


def test_parts_left_by_a_killed_publisher_are_taken_away_by_the_next(
    uploader: Uploader, book: Path
) -> None:
    """Moto says of every upload that it began in 2010."""
    killed = uploader.s3.create_multipart_upload(Bucket=uploader.bucket, Key=KEY)["UploadId"]
    other = uploader.s3.create_multipart_upload(Bucket=uploader.bucket, Key=f"{KEY}.x")["UploadId"]
    assert sorted(unfinished(uploader)) == sorted([killed, other])
    put(uploader, book)
    assert unfinished(uploader) == [other]


def test_content_md5_goes_with_every_part_where_an_endpoint_asks_for_it(
    wire: Proxy, uploader: Uploader, book: Path
) -> None:
    put(Uploader(uploader.s3, uploader.bucket, 5 * MB, content_md5=True), book)
    said = {
        int(call.query["partNumber"][0]): call.headers["content-md5"]
        for call in wire.calls
        if "partNumber" in call.query
    }
    parts = (b"a" * 5 * MB, b"b" * 5 * MB, b"the end")
    digests = [base64.b64encode(hashlib.md5(part).digest()).decode() for part in parts]
    assert [said[number] for number in sorted(said)] == digests


def test_files_beyond_five_gigabytes_have_parts_that_s3_allows() -> None:
    assert part_size(6 << 30) == 8 * MB
    for length in (100 << 30, 5 << 40):
        part = part_size(length)
        assert -(-length // part) <= 10_000
        assert 5 * MB <= part <= 5 << 30
