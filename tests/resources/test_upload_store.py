"""One contract for uploads into the landing folder and into the landing bucket."""

import errno
import hashlib
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import Damaged, NotFound, ServiceError, StoreFull
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.landing import LandingBucket, LandingFolder, LandingStore
from ebook_pipeline.resources.upload_parts import UploadRef
from ebook_pipeline.resources.upload_store import UploadBucket, UploadFolder, UploadStore

PART = 5 << 20
KEY = "press/uploads/aaaaaaaaaaaaaaaaaaaaaaaaaa/emma.epub"
BODY = random.Random(7).randbytes(2 * PART + 12_345)


class Case:
    """A store for uploads beside its landing store."""

    def __init__(self, store: UploadStore, landing: LandingStore) -> None:
        self.store, self.landing = store, landing

    def begun(self, body: bytes = BODY, upload: str = "one") -> UploadRef:
        place = self.store.begin(upload, len(body))
        return UploadRef(id=upload, length=len(body), place=place)

    def sent(self, ref: UploadRef, body: bytes, until: int | None = None) -> UploadRef:
        """As the desk does it: no chunk crosses a block, each is persisted."""
        end = len(body) if until is None else until
        with self.store.writer(ref) as writer:
            offset = ref.received
            while offset < end:
                step = min(writer.block - offset % writer.block, end - offset)
                writer.write(memoryview(body)[offset : offset + step])
                writer.persist()
                offset += step
        return ref.model_copy(update={"received": end})

    def whole(self, body: bytes = BODY, upload: str = "one") -> UploadRef:
        ref = self.sent(self.begun(body, upload), body)
        self.store.complete(ref)
        return ref

    def left(self) -> set[str]:
        return {ref.id for ref in self.store.leftovers(datetime.now(UTC) + timedelta(hours=1))}

    def landed(self, tmp_path: Path) -> bytes:
        return self.landing.fetch(self.landing.arrival(KEY), tmp_path / "fetched").read_bytes()


@pytest.fixture(params=["folder", "bucket"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    if request.param == "folder":
        folder = tmp_path / "landing"
        return Case(UploadFolder(folder), LandingFolder(folder, 0))
    s3: S3Client = request.getfixturevalue("s3")
    bucket: str = request.getfixturevalue("bucket")
    return Case(UploadBucket(s3, bucket, PART), LandingBucket(s3, bucket))


@pytest.fixture
def full_disk() -> Iterator[None]:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch("os.pwrite", side_effect=full):
        yield


def test_what_was_sent_lands_whole_with_its_sidecar(case: Case, tmp_path: Path) -> None:
    ref = case.whole()
    with case.store.open(ref) as stream:
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(BODY).digest()
    assert list(case.landing.arrivals()) == []
    case.store.land(ref, KEY, b'{"title": "Emma"}')
    (arrival,) = case.landing.arrivals()
    assert arrival == case.landing.arrival(KEY)
    assert case.landing.claims(arrival) == Claims(title="Emma")
    assert case.landed(tmp_path) == BODY
    assert case.left() == set()


@pytest.mark.parametrize("cut", [1, PART - 1, PART, PART + 1, len(BODY) - 1])
def test_it_goes_on_where_it_was_cut(case: Case, cut: int, tmp_path: Path) -> None:
    ref = case.sent(case.begun(), BODY, until=cut)
    ref = case.sent(ref, BODY)
    case.store.complete(ref)
    case.store.land(ref, KEY, b"{}")
    assert case.landed(tmp_path) == BODY


def test_bytes_that_were_never_acknowledged_are_written_over(case: Case, tmp_path: Path) -> None:
    begun = case.begun()
    acknowledged = case.sent(begun, BODY, until=PART + 7)
    wrong = bytes(len(BODY))
    with case.store.writer(acknowledged) as writer:
        step = writer.block - acknowledged.received % writer.block
        writer.write(memoryview(wrong)[:step])
        writer.persist()
    ref = case.sent(acknowledged, BODY)
    case.store.complete(ref)
    case.store.land(ref, KEY, b"{}")
    assert case.landed(tmp_path) == BODY


def test_landing_again_changes_nothing(case: Case, tmp_path: Path) -> None:
    ref = case.whole()
    case.store.land(ref, KEY, b'{"title": "Emma"}')
    before = case.landing.arrival(KEY)
    case.store.land(ref, KEY, b'{"title": "Another"}')
    assert case.landing.arrival(KEY) == before
    assert case.landed(tmp_path) == BODY


def test_what_lies_there_is_never_replaced(case: Case) -> None:
    case.store.land(case.whole(b"first", "one"), KEY, b"{}")
    before = case.landing.arrival(KEY)
    with pytest.raises(Damaged):
        case.store.land(case.whole(b"second!", "two"), KEY, b"{}")
    assert case.landing.arrival(KEY) == before


def test_an_upload_without_all_its_bytes_is_not_complete(case: Case) -> None:
    ref = case.sent(case.begun(), BODY, until=PART + 1)
    with pytest.raises(ServiceError):
        case.store.complete(ref.model_copy(update={"received": len(BODY)}))


def test_what_was_discarded_is_gone_and_stays_so(case: Case) -> None:
    ref = case.sent(case.begun(), BODY, until=PART + 1)
    assert case.left() == {"one"}
    for _ in range(2):
        case.store.discard(ref)
    assert case.left() == set()
    with pytest.raises((NotFound, ServiceError)):
        case.sent(ref, BODY)


def test_discarding_what_is_whole_takes_it_away(case: Case) -> None:
    ref = case.whole()
    case.store.discard(ref)
    assert case.left() == set()
    with pytest.raises(NotFound):
        case.store.land(ref, KEY, b"{}")


def test_only_old_leftovers_are_listed(case: Case) -> None:
    case.whole(b"book")  # moto says of every unfinished one that it was begun in 2010
    assert list(case.store.leftovers(datetime.now(UTC) - timedelta(hours=1))) == []
    assert case.left() == {"one"}


def test_a_folder_without_room_says_so_before_and_within(tmp_path: Path, full_disk: None) -> None:
    store = UploadFolder(tmp_path)
    with pytest.raises(StoreFull):
        store.begin("huge", 1 << 60)
    ref = UploadRef(id="one", length=9, place=store.begin("one", 9))
    with store.writer(ref) as writer, pytest.raises(StoreFull):
        writer.write(memoryview(b"123456789"))


def test_no_link_leads_a_landing_file_elsewhere(tmp_path: Path) -> None:
    landing, elsewhere = tmp_path / "landing", tmp_path / "elsewhere"
    elsewhere.mkdir()
    case = Case(UploadFolder(landing), LandingFolder(landing, 0))
    ref = case.whole(b"book")
    (landing / "press").symlink_to(elsewhere)
    with pytest.raises(NotFound):
        case.store.land(ref, KEY, b"{}")
    assert list(elsewhere.iterdir()) == []


def test_a_file_is_put_directly_into_the_bucket_by_a_link(
    s3: S3Client, bucket: str, tmp_path: Path
) -> None:
    case = Case(UploadBucket(s3, bucket, PART), LandingBucket(s3, bucket))
    ref = UploadRef(id="one", length=len(BODY))
    with pytest.raises(NotFound):
        case.store.complete(ref)
    url = case.store.direct_url("one", len(BODY), 60)
    assert url is not None
    assert "content-length" in url
    assert httpx.put(url, content=BODY).status_code == 200
    case.store.complete(ref)
    case.store.land(ref, KEY, b"{}")
    assert case.landed(tmp_path) == BODY


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
@pytest.mark.usefixtures("aws_credentials")
def test_a_link_binds_the_length_and_names_the_regions_own_host(region: str) -> None:
    url = urlsplit(UploadBucket(Aws(region).s3(), "books-landing").direct_url("one", 9, 60) or "")
    asked = parse_qs(url.query)
    own = "" if region == "us-east-1" else f".{region}"
    assert url.netloc == f"books-landing.s3{own}.amazonaws.com"
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-SignedHeaders"] == ["content-length;host"]


def test_a_folder_takes_nothing_directly(tmp_path: Path) -> None:
    assert UploadFolder(tmp_path).direct_url("one", 9, 60) is None
