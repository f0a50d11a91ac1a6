"""One contract for both object stores."""

import hashlib
import io
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import Damaged, NotFound
from ebook_pipeline.resources.object_keys import checked_key
from ebook_pipeline.resources.object_store import LocalObjectStore, ObjectStore, S3ObjectStore
from tests.support.object_stores import BODY, UNKNOWN, LocalCase, S3Case

ESCAPES = ["", "/etc/passwd", "../up", "a/../b", "a/..", "a//b", "a/", "./a", ".hidden", "a/.b"]


ESCAPES += ["a\\b", "a b", "a\n", "a\0", "é", "~a", "%2e/a", "a" * 1000, "a/" * 500 + "a"]


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
