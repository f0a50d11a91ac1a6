"""One contract for both object stores."""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.object_keys import checked_key
from ebook_pipeline.resources.object_store import (
    LocalObjectStore,
    ObjectStore,
    S3ObjectStore,
)
from tests.support.servers.fixed_answer import Answering

BODY = b"It is a truth universally acknowledged" * 1000
ESCAPES = ["", "/etc/passwd", "../up", "a/../b", "a/..", "a//b", "a/", "./a", ".hidden", "a/.b"]
ESCAPES += ["a\\b", "a b", "a\n", "a\0", "é", "~a", "%2e/a", "a" * 1000, "a/" * 500 + "a"]
_KILLED = """
import os, pathlib, sys
from ebook_pipeline.resources.object_store import LocalObjectStore
root, kill_at = pathlib.Path(sys.argv[1]), int(sys.argv[2])
calls, replace = [], pathlib.Path.replace
def dying(self, target):
    calls.append(target)
    if len(calls) == kill_at:
        os._exit(9)
    return replace(self, target)
pathlib.Path.replace = dying
if kill_at < 3:
    LocalObjectStore(root).put(b"never seen", "text/plain")
calls[:] = [1, 2]
LocalObjectStore(root).write("never-seen.json", b"1")
"""
UNKNOWN = BlobRef(sha256="0" * 64, length=3, media_type="text/plain")


class LocalCase:
    """The local store, and a hand that reaches behind it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = LocalObjectStore(root)

    def blob(self, ref: BlobRef) -> Path:
        return self.root / "blobs" / ref.sha256[:2] / ref.sha256

    def overwrite(self, ref: BlobRef, body: bytes) -> None:
        self.blob(ref).chmod(0o644)
        self.blob(ref).write_bytes(body)

    def names(self) -> list[str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.root)) for path in found)


class S3Case:
    """The S3 store, and a hand that reaches behind it."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.store = S3ObjectStore(s3, bucket)

    def overwrite(self, ref: BlobRef, body: bytes) -> None:
        self.s3.put_object(
            Bucket=self.bucket, Key=f"blobs/{ref.sha256[:2]}/{ref.sha256}", Body=body
        )

    def names(self) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(item["Key"] for item in found)


@pytest.fixture(params=["local", "s3"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> LocalCase | S3Case:
    if request.param == "local":
        return LocalCase(tmp_path / "objects")
    return S3Case(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def store(case: LocalCase | S3Case) -> ObjectStore:
    return case.store


def test_bytes_come_back_as_they_were_put(store: ObjectStore) -> None:
    ref = store.put(BODY, "text/plain")
    assert ref == BlobRef(
        sha256=hashlib.sha256(BODY).hexdigest(), length=len(BODY), media_type="text/plain"
    )
    with store.open(ref) as stream:
        assert stream.read() == BODY


def test_a_file_is_put_and_fetched(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "book.epub"
    source.write_bytes(BODY)
    ref = store.put(source, "application/epub+zip")
    target = store.fetch(ref, tmp_path / "new" / "folder" / "copy.epub")
    assert target.read_bytes() == BODY
    assert [path.name for path in target.parent.iterdir()] == ["copy.epub"]


def test_a_file_of_several_parts_comes_back_whole(store: ObjectStore, tmp_path: Path) -> None:
    source = tmp_path / "large.pdf"
    source.write_bytes(os.urandom(1 << 20) * 17)
    ref = store.put(source, "application/pdf")
    assert store.fetch(ref, tmp_path / "copy.pdf").read_bytes() == source.read_bytes()
    assert store.put(source.read_bytes(), "application/pdf") == ref


def test_many_bytes_in_memory_are_put_in_parts(store: ObjectStore) -> None:
    body = os.urandom(1 << 20) * 17
    ref = store.put(body, "application/pdf")
    assert store.exists(ref)
    with store.open(ref) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == ref.sha256


def test_the_empty_blob_is_a_blob(store: ObjectStore, tmp_path: Path) -> None:
    ref = store.put(b"", "text/plain")
    assert store.fetch(ref, tmp_path / "empty").read_bytes() == b""


def test_putting_twice_changes_nothing(case: LocalCase | S3Case) -> None:
    first = case.store.put(BODY, "text/plain")
    names = case.names()
    assert case.store.put(BODY, "text/plain") == first
    assert case.names() == names


def test_eight_threads_put_the_same_blob(case: LocalCase | S3Case, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(lambda _: case.store.put(BODY, "text/plain"), range(16)))
    assert len(set(refs)) == 1
    assert case.store.fetch(refs[0], tmp_path / "copy").read_bytes() == BODY
    assert len([name for name in case.names() if not name.endswith(".json")]) == 1


def test_eight_threads_put_different_blobs(store: ObjectStore) -> None:
    bodies = [f"book {number}".encode() for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(lambda body: store.put(body, "text/plain"), bodies))
    assert [store.open(ref).read() for ref in refs] == bodies


def test_a_missing_blob_is_not_found(store: ObjectStore, tmp_path: Path) -> None:
    assert not store.exists(UNKNOWN)
    with pytest.raises(NotFound):
        store.open(UNKNOWN)
    with pytest.raises(NotFound):
        store.fetch(UNKNOWN, tmp_path / "copy")
    assert list(tmp_path.glob("copy*")) == []


def test_a_missing_source_is_the_callers_mistake(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put(tmp_path / "nowhere", "text/plain")


@pytest.mark.parametrize("wrong", [BODY[:-1] + b"!", BODY[:-1], BODY + b"!", b""])
def test_wrong_bytes_are_damaged(case: LocalCase | S3Case, tmp_path: Path, wrong: bytes) -> None:
    ref = case.store.put(BODY, "text/plain")
    case.overwrite(ref, wrong)
    with pytest.raises(Damaged):
        case.store.open(ref).read()
    with pytest.raises(Damaged):
        case.store.fetch(ref, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert list(tmp_path.glob(".*")) == []


def test_a_damaged_blob_is_never_read_to_its_last_byte(case: LocalCase | S3Case) -> None:
    ref = case.store.put(BODY, "text/plain")
    case.overwrite(ref, b"!" + BODY[1:])
    copy = io.BytesIO()
    with case.store.open(ref) as source, pytest.raises(Damaged):
        shutil.copyfileobj(source, copy, 100)
    assert len(copy.getvalue()) < len(BODY)


def test_putting_the_good_bytes_again_heals_a_damaged_blob(case: LocalCase | S3Case) -> None:
    ref = case.store.put(BODY, "text/plain")
    case.overwrite(ref, BODY[:-1] + b"!")
    case.store.put(BODY, "text/plain")
    assert case.store.open(ref).read() == BODY


def test_a_reference_with_another_length_does_not_exist(store: ObjectStore) -> None:
    ref = store.put(BODY, "text/plain")
    assert not store.exists(ref.model_copy(update={"length": 3}))


def test_a_document_is_replaced_as_a_whole(store: ObjectStore) -> None:
    store.write("records/raw_file/a-book/1/current.json", b"one")
    store.write("records/raw_file/a-book/1/current.json", b"two")
    assert store.read("records/raw_file/a-book/1/current.json") == b"two"


def test_a_missing_document_is_not_found(store: ObjectStore) -> None:
    store.write("records/a.json", b"1")
    for key in ("records/b.json", "records", "records/a.json/c"):
        with pytest.raises(NotFound):
            store.read(key)


def test_readers_never_see_part_of_a_document(tmp_path: Path) -> None:
    store = LocalObjectStore(tmp_path)
    bodies = [bytes([number]) * 50_000 for number in range(8)]
    store.write("current.json", bodies[0])

    def write_and_read(body: bytes) -> bytes:
        store.write("current.json", body)
        return store.read("current.json")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write_and_read, bodies * 4)) <= set(bodies)


def test_a_document_in_s3_is_written_by_one_request_and_so_seen_whole_or_not_at_all(
    s3: S3Client, bucket: str
) -> None:
    """S3 itself keeps that promise, of one PutObject; the stand-in for it does not.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
    """
    requests: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: requests.append(model.name))
    store = S3ObjectStore(s3, bucket)
    for body in (bytes(50_000), bytes(9 << 20)):
        store.write("current.json", body)
        assert requests == ["PutObject"]
        requests.clear()
        assert store.read("current.json") == body
        requests.clear()


def test_keys_are_sorted_and_begin_with_the_prefix(store: ObjectStore) -> None:
    store.put(BODY, "text/plain")
    keys = ["a/b.json", "a-b/c.json", "a.json", "a/b/c.json", "ab/c.json", "b.json", "a/B.json"]
    for key in keys:
        store.write(key, b"1")
    assert list(store.keys("")) == sorted(keys)
    for prefix in ("a", "a/", "a/b", "a/b/", "a-", "ab/c.json", "c", "a/b/c.json"):
        assert list(store.keys(prefix)) == sorted(key for key in keys if key.startswith(prefix))


def test_keys_beyond_the_first_page_are_listed(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    for number in range(35):
        store.write(f"many/{number}.json", b"")
    assert len(list(store.keys("many/"))) == 35


@pytest.mark.parametrize("key", ESCAPES)
def test_a_key_that_could_escape_is_refused(store: ObjectStore, key: str) -> None:
    for ask in (store.read, lambda key: store.write(key, b"")):
        with pytest.raises(ValueError):
            ask(key)


def test_a_prefix_that_could_escape_is_refused(store: ObjectStore) -> None:
    for prefix in ("../", "/", "a/../"):
        with pytest.raises(ValueError):
            list(store.keys(prefix))


@given(st.text(alphabet=st.sampled_from("ab./\\~ \n\0é%"), max_size=12))
def test_no_key_that_passes_leaves_its_folder(key: str) -> None:
    try:
        checked_key(key)
    except ValueError:
        return
    assert os.path.normpath(f"/top/{key}") == f"/top/{key}"


@settings(max_examples=25)
@given(body=st.binary(max_size=3000), size=st.integers(1, 700))
def test_any_bytes_come_back_by_any_steps(store: ObjectStore, body: bytes, size: int) -> None:
    ref = store.put(body, "application/octet-stream")
    with store.open(ref) as stream:
        chunks = iter(lambda: stream.read(size), b"")
        assert b"".join(chunks) == body


class TestOnDisk:
    """What only files have: leftovers, rights, sidecars."""

    def test_a_blob_is_read_only_and_has_a_sidecar(self, tmp_path: Path) -> None:
        case = LocalCase(tmp_path)
        ref = case.store.put(BODY, "text/plain")
        assert case.blob(ref).stat().st_mode & 0o777 == 0o400
        sidecar = case.blob(ref).with_name(f"{ref.sha256}.json")
        assert BlobRef.model_validate_json(sidecar.read_bytes()) == ref

    def test_what_a_killed_writer_leaves_is_no_object(self, tmp_path: Path) -> None:
        case = LocalCase(tmp_path)
        for kill_at in (1, 2, 3):
            killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), str(kill_at)])
            assert killed.returncode == 9
        assert all(name.startswith(("tmp/", "blobs/")) for name in case.names())
        assert [name for name in case.names() if name.startswith("tmp/")] != []
        fresh = LocalObjectStore(tmp_path)
        assert list(fresh.keys("")) == []
        assert fresh.open(fresh.put(b"never seen", "text/plain")).read() == b"never seen"

    def test_leftovers_of_yesterday_are_swept(self, tmp_path: Path) -> None:
        (tmp_path / "tmp").mkdir()
        for name, age in (("old.tmp", 2 * 86400), ("new.tmp", 60)):
            (tmp_path / "tmp" / name).touch()
            os.utime(tmp_path / "tmp" / name, (time.time() - age,) * 2)
        LocalObjectStore(tmp_path).put(BODY, "text/plain")
        assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["new.tmp"]

    def test_nothing_stays_in_the_scratch_folder(self, tmp_path: Path) -> None:
        store = LocalObjectStore(tmp_path)
        store.put(BODY, "text/plain")
        store.put(BODY, "text/plain")
        store.write("a.json", b"1")
        assert list((tmp_path / "tmp").iterdir()) == []

    def test_a_key_over_other_keys_is_refused(self, tmp_path: Path) -> None:
        store = LocalObjectStore(tmp_path)
        store.write("a/b.json", b"1")
        with pytest.raises(ServiceError, match="other documents"):
            store.write("a", b"1")

    def test_a_full_disk_is_worth_a_retry(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fsync", _no_space)
        with pytest.raises(Unavailable):
            LocalObjectStore(tmp_path).put(BODY, "text/plain")


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


def _no_space(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_part_of_a_blob_is_its_bytes_from_there_on(store: ObjectStore) -> None:
    ref = store.put(BODY, "text/plain")
    for first, length in ((0, 1), (5, 100), (0, len(BODY)), (len(BODY) - 1, 1)):
        with store.open_part(ref, first, length) as stream:
            assert stream.read() == BODY[first : first + length]


@pytest.mark.parametrize(("first", "length"), [(-1, 2), (0, 0), (0, len(BODY) + 1), (len(BODY), 1)])
def test_what_a_blob_has_not_is_no_part(store: ObjectStore, first: int, length: int) -> None:
    ref = store.put(BODY, "text/plain")
    with pytest.raises(ValueError, match="has no"):
        store.open_part(ref, first, length)


def test_a_part_of_an_unknown_blob_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.open_part(UNKNOWN, 0, 1)
