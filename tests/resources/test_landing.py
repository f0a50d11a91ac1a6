"""One contract for the landing folder and the landing bucket."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.landing import (
    Arrival,
    ArrivalChanged,
    LandingBucket,
    LandingFolder,
)
from ebook_pipeline.resources.landing_names import LONGEST_KEY
from tests.support.servers.fixed_answer import Answering


class FolderCase:
    """A landing folder, and somebody who puts files there that rest already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.landing = LandingFolder(folder, quiet_seconds=3)

    def put(self, key: str, body: bytes = b"book", age: float = 60) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, (time.time() - age,) * 2)

    def remove(self, key: str) -> None:
        (self.folder / key).unlink()


class BucketCase:
    """A landing bucket, and somebody who puts objects there."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket
        self.landing = LandingBucket(s3, bucket)

    def put(self, key: str, body: bytes = b"book") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def remove(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=key)


@pytest.fixture(params=["folder", "bucket"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> FolderCase | BucketCase:
    if request.param == "folder":
        return FolderCase(tmp_path / "landing")
    return BucketCase(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


def keys(case: FolderCase | BucketCase) -> list[str]:
    return [arrival.key for arrival in case.landing.arrivals() if arrival.refusal is None]


def refusals(case: FolderCase | BucketCase) -> list[Finding]:
    found = (arrival.refusal for arrival in case.landing.arrivals())
    return [refusal for refusal in found if refusal is not None]


def as_nobody(look: Callable[[], list[Any]]) -> list[Any]:
    """What `look` gives to a user without rights: in a process of its own, as that one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, json.dumps(look()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return list(json.loads(told))


def only(case: FolderCase | BucketCase) -> Arrival:
    (arrival,) = case.landing.arrivals()
    return arrival


def test_nothing_has_arrived_yet(case: FolderCase | BucketCase) -> None:
    assert keys(case) == []


def test_files_arrive_sorted_at_any_depth(case: FolderCase | BucketCase) -> None:
    for key in ("b.epub", "austen/emma.epub", "austen-letters.pdf", "Zola.epub", "ä b.epub"):
        case.put(key)
    assert keys(case) == [
        "Zola.epub",
        "austen-letters.pdf",
        "austen/emma.epub",
        "b.epub",
        "ä b.epub",
    ]


def test_what_is_unfinished_hidden_or_litter_does_not_arrive(case: FolderCase | BucketCase) -> None:
    for name in (".hidden.epub", "a.epub.part", "b.epub.TMP", "c.epub.crdownload", "~$d.docx"):
        case.put(name)
    case.put(".git/e.epub")
    case.put("f.tmp/g.epub")
    case.put("Thumbs.db")
    assert keys(case) == []


def test_the_bytes_are_fetched_as_they_are(case: FolderCase | BucketCase, tmp_path: Path) -> None:
    body = os.urandom(3 << 20)
    case.put("sub/emma.epub", body)
    arrival = only(case)
    assert arrival.length == len(body)
    target = case.landing.fetch(arrival, tmp_path / "to" / "copy")
    assert target.read_bytes() == body
    assert [path.name for path in target.parent.iterdir()] == ["copy"]


def test_a_sidecar_is_no_arrival_but_part_of_one(case: FolderCase | BucketCase) -> None:
    case.put("emma.epub")
    case.put("emma.epub.json", b'{"title": "Emma", "price": "9.99 EUR"}')
    case.put("lone.json", b"{}")
    case.put("persuasion.json", b"{}")
    arrival = only(case)
    assert (arrival.key, arrival.sidecar) == ("emma.epub", "emma.epub.json")
    assert case.landing.claims(arrival).title == "Emma"


def test_no_sidecar_claims_nothing(case: FolderCase | BucketCase) -> None:
    case.put("emma.epub")
    assert case.landing.claims(only(case)) == Claims()


@pytest.mark.parametrize(
    "body", [b"no json", b'{"titel": "Emma"}', b'{"title": 1}', b" " * (2 << 20)]
)
def test_a_wrong_sidecar_is_the_books_fault(case: FolderCase | BucketCase, body: bytes) -> None:
    case.put("emma.epub")
    case.put("emma.epub.json", body)
    with pytest.raises(BookError) as caught:
        case.landing.claims(only(case))
    assert caught.value.finding.rule == "landing.sidecar"
    assert caught.value.finding.place == "emma.epub.json"


def test_a_version_stays_until_bytes_or_sidecar_change(case: FolderCase | BucketCase) -> None:
    case.put("emma.epub", b"one")
    first = only(case)
    assert only(case) == first
    case.put("emma.epub", b"three")
    second = only(case)
    case.put("emma.epub.json", b"{}")
    third = only(case)
    case.put("emma.epub.json", b'{"title": "Emma"}')
    assert len({arrival.version for arrival in (first, second, third, only(case))}) == 4


def test_what_was_replaced_is_changed(case: FolderCase | BucketCase, tmp_path: Path) -> None:
    case.put("emma.epub", b"one")
    arrival = only(case)
    case.put("emma.epub", b"three")
    with pytest.raises(ArrivalChanged) as caught:
        case.landing.fetch(arrival, tmp_path / "copy")
    assert caught.value.retryable
    assert not (tmp_path / "copy").exists()


def test_a_sidecar_that_came_went_or_changed_is_changed(
    case: FolderCase | BucketCase, tmp_path: Path
) -> None:
    case.put("emma.epub")
    bare = only(case)
    case.put("emma.epub.json", b"{}")
    with pytest.raises(ArrivalChanged):
        case.landing.fetch(bare, tmp_path / "copy")
    described = only(case)
    case.put("emma.epub.json", b'{"title": "Emma"}')
    with pytest.raises(ArrivalChanged):
        case.landing.claims(described)
    described = only(case)
    case.remove("emma.epub.json")
    with pytest.raises(ArrivalChanged):
        case.landing.claims(described)


def test_what_went_away_is_not_found(case: FolderCase | BucketCase, tmp_path: Path) -> None:
    case.put("emma.epub")
    arrival = only(case)
    case.remove("emma.epub")
    with pytest.raises(NotFound):
        case.landing.fetch(arrival, tmp_path / "copy")


def test_a_uri_says_where_the_file_is(case: FolderCase | BucketCase) -> None:
    uri = case.landing.uri("a b/emma.epub")
    assert uri.endswith("/a%20b/emma.epub")
    assert uri.startswith(("file:///", "s3://"))


def test_arrivals_beyond_the_first_page_are_listed(
    case: FolderCase | BucketCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "7")
    for number in range(15):
        case.put(f"{number}.epub")
        case.put(f"{number}.epub.json", json.dumps({"title": str(number)}).encode())
    arrivals = list(case.landing.arrivals())
    assert len(arrivals) == 15
    assert all(arrival.sidecar for arrival in arrivals)


def test_a_place_that_is_missing_is_an_error(s3: S3Client, tmp_path: Path) -> None:
    for landing in (LandingFolder(tmp_path / "no", 3), LandingBucket(s3, "no-such-bucket")):
        with pytest.raises(ServiceError):
            list(landing.arrivals())


def test_a_bucket_that_asks_to_slow_down_is_unavailable(faulty: Answering) -> None:
    with faulty(503, b"<Error><Code>SlowDown</Code></Error>") as (url, _):
        landing = LandingBucket(Aws("eu-central-1", url, attempts=1).s3(), "bucket")
        with pytest.raises(Unavailable):
            list(landing.arrivals())


class TestInAFolder:
    """What only files have: writers at work, links, pipes, odd names."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> FolderCase | BucketCase:
        return FolderCase(tmp_path / "landing")

    def test_a_file_that_was_just_written_to_has_not_arrived(self, case: FolderCase) -> None:
        case.put("emma.epub", age=0)
        case.put("old.epub", age=4)
        assert keys(case) == ["old.epub"]

    def test_a_book_waits_for_its_sidecar_to_rest(self, case: FolderCase) -> None:
        case.put("emma.epub")
        case.put("emma.epub.json", b"{", age=0)
        assert keys(case) == []

    def test_a_file_of_the_future_rests_since_it_was_changed_here(self, case: FolderCase) -> None:
        case.put("emma.epub", age=-86_400)
        assert keys(case) == []
        assert [a.key for a in LandingFolder(case.folder, 0).arrivals()] == ["emma.epub"]

    def test_links_and_pipes_are_passed_over(self, case: FolderCase, tmp_path: Path) -> None:
        (tmp_path / "secret.epub").write_bytes(b"secret")
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "a.epub").touch()
        (case.folder / "link.epub").symlink_to(tmp_path / "secret.epub")
        (case.folder / "folder").symlink_to(tmp_path / "secrets")
        (case.folder / "itself.epub").symlink_to("itself.epub")
        (case.folder / "loop").symlink_to(case.folder)
        os.mkfifo(case.folder / "pipe.epub")
        assert keys(case) == []

    def test_a_file_that_became_a_link_is_not_followed(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("emma.epub")
        case.put("sub/emma.epub")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "emma.epub").write_bytes(b"secret")
        whole, below = sorted(case.landing.arrivals(), key=lambda arrival: len(arrival.key))
        case.remove("emma.epub")
        (case.folder / "emma.epub").symlink_to(tmp_path / "out" / "emma.epub")
        case.remove("sub/emma.epub")
        (case.folder / "sub").rmdir()
        (case.folder / "sub").symlink_to(tmp_path / "out")
        for arrival in (whole, below):
            with pytest.raises(NotFound):
                case.landing.fetch(arrival, tmp_path / "copy")

    @pytest.mark.parametrize("key", ["../out.epub", "/etc/passwd", "a/../../out.epub", "a\0b"])
    def test_a_key_that_leads_out_is_not_found(
        self, case: FolderCase, tmp_path: Path, key: str
    ) -> None:
        (tmp_path / "out.epub").write_bytes(b"secret")
        case.put("emma.epub")
        arrival = only(case).model_copy(update={"key": key})
        with pytest.raises(NotFound):
            case.landing.fetch(arrival, tmp_path / "copy")

    def test_a_file_that_changes_while_it_is_copied_is_changed(
        self, case: FolderCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case.put("emma.epub", b"one")
        arrival = only(case)
        copy = case.landing._check

        def change_then_check(arrival: Arrival, book: os.stat_result | None) -> None:
            copy(arrival, book)
            case.put("emma.epub", b"three")

        monkeypatch.setattr(case.landing, "_check", change_then_check)
        with pytest.raises(ArrivalChanged):
            case.landing.fetch(arrival, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    def test_a_name_that_is_no_text_is_refused_and_shown_as_it_can_be(
        self, case: FolderCase
    ) -> None:
        (Path(os.fsdecode(os.fsencode(case.folder) + b"/\xff.epub"))).touch()
        case.put("emma.epub")
        assert keys(case) == ["emma.epub"]
        (refusal,) = refusals(case)
        assert (refusal.rule, refusal.place) == ("landing.name", "\\xff.epub")

    def test_a_path_is_as_long_as_a_key_may_be_and_a_longer_one_is_refused(
        self, case: FolderCase
    ) -> None:
        folders = "/".join("f" * 200 for _ in range(4))
        longest = f"{folders}/{'b' * (LONGEST_KEY - len(folders) - 6)}.epub"
        case.put(longest)
        case.put(f"{folders}/{'b' * 240}.epub")
        case.put("emma.epub")
        assert keys(case) == ["emma.epub", longest]
        assert [refusal.rule for refusal in refusals(case)] == ["landing.path-too-long"]

    def test_folders_nested_beyond_all_bounds_are_refused_once_and_hide_nothing_else(
        self, case: FolderCase
    ) -> None:
        handle = os.open(case.folder, os.O_RDONLY)
        for _ in range(1_100):  # deeper than a path can be named, or a recursion can follow
            os.mkdir("d" * 9, dir_fd=handle)
            inner = os.open("d" * 9, os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = inner
        os.close(os.open("lost.epub", os.O_CREAT, dir_fd=handle))
        os.close(handle)
        case.put("emma.epub")
        found = [keys(case), [refusal.rule for refusal in refusals(case)]]
        subprocess.run(["rm", "-rf", case.folder / ("d" * 9)], check=True)  # rmtree recurses
        assert found == [["emma.epub"], ["landing.path-too-deep"]]

    def test_what_may_not_be_read_is_refused_and_hides_nothing_else(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("emma.epub")
        case.put("shut/lost.epub")
        (case.folder / "shut").chmod(0)
        for folder in (tmp_path, *tmp_path.parents):
            folder.chmod(folder.stat().st_mode | 0o011)
        found = as_nobody(lambda: [list(keys(case)), [one.rule for one in refusals(case)]])
        (case.folder / "shut").chmod(0o755)
        assert found == [["emma.epub"], ["landing.unreadable"]]

    def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("austen/emma.epub", b"ours!")
        outside = tmp_path / "outside"
        outside.mkdir()
        arrival = only(case)
        (case.folder / "austen" / "emma.epub").rename(outside / "emma.epub")
        (case.folder / "austen").rmdir()
        (case.folder / "austen").symlink_to(outside)
        with pytest.raises(NotFound):
            case.landing.fetch(arrival, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    def test_a_thousand_files_are_listed_with_little_work(self, case: FolderCase) -> None:
        for number in range(1000):
            case.put(f"{number % 10}/{number}.epub")
        start = time.thread_time()
        assert len(keys(case)) == 1000
        assert time.thread_time() - start < 1


def test_an_unpacked_epub_or_a_project_is_refused_once_and_never_taken_apart(
    case: FolderCase | BucketCase,
) -> None:
    parts = ("mimetype", "META-INF/container.xml", "OPS/c1.html", "OPS/deep/c2.html")
    for folder in ("Emma.epub", "press/Novel.scriv"):
        for part in parts:
            case.put(f"{folder}/{part}")
    case.put("press/whole.epub")
    assert keys(case) == ["press/whole.epub"]
    told = {(one.rule, one.place) for one in refusals(case)}
    assert told == {("landing.unpacked", "Emma.epub"), ("landing.unpacked", "press/Novel.scriv")}
    assert {arrival.key for arrival in case.landing.arrivals() if arrival.refusal} == {
        "Emma.epub",
        "press/Novel.scriv",
    }


def test_a_folder_is_an_unpacked_epub_by_what_it_holds_too(tmp_path: Path) -> None:
    case = FolderCase(tmp_path / "landing")
    case.put("press/My novel/META-INF/container.xml")
    case.put("press/My novel/chapter.html")
    case.put("press/other/META-INF")
    case.put("press/other/book.epub")
    assert keys(case) == ["press/other/META-INF", "press/other/book.epub"]
    assert [one.place for one in refusals(case)] == ["press/My novel"]
