"""One contract for the landing folder and the landing bucket."""

import json
import os
from pathlib import Path

import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.landing import ArrivalChanged, LandingBucket, LandingFolder
from tests.support.landing import BucketCase, FolderCase, keys, only, refusals
from tests.support.servers.fixed_answer import Answering


@pytest.fixture(params=["folder", "bucket"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> FolderCase | BucketCase:
    if request.param == "folder":
        return FolderCase(tmp_path / "landing")
    return BucketCase(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


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
