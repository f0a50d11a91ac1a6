"""One contract, three edges: what is published stays, pointers move, faults have one name.

Delivery is judged at the embedded edge, a real server, over a folder and over a bucket; moto's S3
stands in for the bucket behind CloudFront and checks no signature.
"""

import base64
import hashlib
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import Cdn, CloudFrontCdn, Conflict, LocalEdge
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application
from tests.support.servers.fixed_answer import Answering

PATH = "books/emma/1/emma.epub"
EPUB = "application/epub+zip"


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def edge_url(home: Path) -> Iterator[str]:
    with served(OriginFolder(home / "edge"), home) as url:
        yield url


@contextmanager
def served(origin: OriginFolder | OriginBucket, home: Path) -> Iterator[str]:
    """The address of an edge that delivers from `origin`."""
    app = application(origin, signer(home / "secret"))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def local(home: Path, edge_url: str) -> Iterator[LocalEdge]:
    edge = LocalEdge(home / "edge", home / "secret", edge_url)
    yield edge
    edge.close()


@pytest.fixture
def servers(home: Path, s3: S3Client, bucket: str) -> Iterator[LocalEdge]:
    """The edge of one's own machines: it delivers from a bucket."""
    origin = OriginBucket(s3, bucket)
    with served(origin, home) as url:
        edge = LocalEdge(origin, home / "secret", url)
        yield edge
        edge.close()


@pytest.fixture
def distribution(aws: Aws) -> str:
    origin = {
        "Id": "releases",
        "DomainName": "releases.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {"TargetOriginId": "releases", "ViewerProtocolPolicy": "https-only"}
    config: Any = {
        "CallerReference": str(uuid.uuid4()),
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
    made = aws.cloudfront().create_distribution(DistributionConfig=config)
    return made["Distribution"]["Id"]


@pytest.fixture
def cloudfront(
    aws: Aws,
    s3: S3Client,
    bucket: str,
    moto_url: str,
    distribution: str,
    private_key: rsa.RSAPrivateKey,
) -> Iterator[CloudFrontCdn]:
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    cdn = CloudFrontCdn(
        s3=s3,
        cloudfront=aws.cloudfront(),
        bucket=bucket,
        distribution_id=distribution,
        domain="books.example.org",
        key_pair_id="K123",
        private_key=Secret(pem),
        base_url=f"{moto_url}/{bucket}",
    )
    yield cdn
    cdn.close()


@pytest.fixture(params=["local", "servers", "cloudfront"])
def cdn(request: pytest.FixtureRequest) -> Iterator[Cdn]:
    edge: Cdn = request.getfixturevalue(request.param)
    yield edge
    for path in (PATH, "books/emma/current.json", "public/cover.jpg"):
        edge.remove(path)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "emma.epub"
    path.write_bytes(b"emma" * 100_000)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.epub"
    path.write_bytes(b"other")
    return path


def invalidations(cdn: CloudFrontCdn) -> list[str]:
    listed = cdn.cloudfront.list_invalidations(DistributionId=cdn.distribution_id)
    ids = [item["Id"] for item in listed["InvalidationList"].get("Items", [])]
    batches = [
        cdn.cloudfront.get_invalidation(DistributionId=cdn.distribution_id, Id=each) for each in ids
    ]
    return [
        path
        for batch in batches
        for path in batch["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    ]


def test_what_was_published_comes_back_through_the_edge(
    cdn: Cdn, book: Path, tmp_path: Path
) -> None:
    cdn.publish(PATH, book, EPUB)
    sha256 = cdn.fetch(PATH, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == book.read_bytes()
    assert sha256 == hashlib.sha256(book.read_bytes()).hexdigest()


def test_the_same_bytes_again_do_nothing(cdn: Cdn, book: Path) -> None:
    cdn.publish(PATH, book, EPUB)
    cdn.publish(PATH, book, EPUB)
    assert cdn.exists(PATH)


def test_other_bytes_under_the_same_path_are_a_conflict(
    cdn: Cdn, book: Path, other: Path, tmp_path: Path
) -> None:
    cdn.publish(PATH, book, EPUB)
    with pytest.raises(Conflict):
        cdn.publish(PATH, other, EPUB)
    assert cdn.fetch(PATH, tmp_path / "back") == hashlib.sha256(book.read_bytes()).hexdigest()


def test_a_pointer_moves_there_and_back(cdn: Cdn, tmp_path: Path) -> None:
    for body in (b"1", b"2", b"1"):
        cdn.point("books/emma/current.json", body, "application/json")
        cdn.fetch("books/emma/current.json", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == body


def test_objects_and_pointers_do_not_replace_one_another(cdn: Cdn, book: Path) -> None:
    cdn.publish(PATH, book, EPUB)
    with pytest.raises(Conflict):
        cdn.point(PATH, b"1", "application/json")
    cdn.point("books/emma/current.json", b"1", "application/json")
    with pytest.raises(Conflict):
        cdn.publish("books/emma/current.json", book, EPUB)


def test_nothing_there_is_not_found_and_leaves_no_file(cdn: Cdn, tmp_path: Path) -> None:
    assert not cdn.exists(PATH)
    with pytest.raises(NotFound):
        cdn.fetch(PATH, tmp_path / "back")
    assert list(tmp_path.iterdir()) == []


def test_what_was_removed_is_gone_and_removing_it_again_is_fine(
    cdn: Cdn, book: Path, tmp_path: Path
) -> None:
    cdn.publish(PATH, book, EPUB)
    cdn.remove(PATH)
    cdn.remove(PATH)
    assert not cdn.exists(PATH)
    with pytest.raises(NotFound):
        cdn.fetch(PATH, tmp_path / "back")


def test_what_was_removed_can_be_published_anew(
    cdn: Cdn, book: Path, other: Path, tmp_path: Path
) -> None:
    cdn.publish(PATH, book, EPUB)
    cdn.remove(PATH)
    cdn.publish(PATH, other, EPUB)
    cdn.fetch(PATH, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"other"


def test_many_publishers_at_once_agree(cdn: Cdn, book: Path, other: Path, tmp_path: Path) -> None:
    """Eight at once with two books: four succeed, four are told, and what stands is one book."""

    def publish(source: Path) -> str:
        try:
            cdn.publish(PATH, source, EPUB)
        except Conflict:
            return "conflict"
        return "published"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(publish, [book, other] * 4))
    first, second = told[0::2], told[1::2]
    assert sorted([set(first) == {"published"}, set(second) == {"published"}]) == [False, True]
    assert (
        cdn.fetch(PATH, tmp_path / "back")
        == hashlib.sha256((book if set(first) == {"published"} else other).read_bytes()).hexdigest()
    )


def test_public_paths_have_plain_urls_and_others_expire(cdn: Cdn) -> None:
    assert not urlsplit(cdn.url("public/cover.jpg")).query
    before = time.time()
    query = parse_qs(urlsplit(cdn.url(PATH, 100)).query)
    assert before - 1 < int(query["Expires"][0]) - 100 < time.time() + 1
    with pytest.raises(ValueError, match="a while"):
        cdn.url(PATH, 0)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "books//x", ""])
def test_odd_paths_are_our_mistake(cdn: Cdn, book: Path, path: str) -> None:
    for ask in (cdn.url, cdn.exists, cdn.remove, lambda p: cdn.publish(p, book, EPUB)):
        with pytest.raises(ValueError, match="no path of the edge"):
            ask(path)


def test_only_pointers_and_removals_are_invalidated(cloudfront: CloudFrontCdn, book: Path) -> None:
    cloudfront.publish("books/a/1/a.epub", book, EPUB)
    assert invalidations(cloudfront) == []
    cloudfront.point("books/a/current.json", b"1", "application/json")
    cloudfront.remove("books/a/1/a.epub")
    assert sorted(invalidations(cloudfront)) == ["/books/a/1/a.epub", "/books/a/current.json"]


def test_a_purge_leaves_no_version_and_no_delete_marker(
    cloudfront: CloudFrontCdn, book: Path
) -> None:
    """A removal only hides what a versioned bucket has; neighbours whose names go on stay."""
    s3, bucket = cloudfront.s3, cloudfront.bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    pointer = "books/gone/current.json"
    for body in (b"1", b"2"):
        cloudfront.point(pointer, body, "application/json")
    cloudfront.point(f"{pointer}.old", b"3", "application/json")
    cloudfront.remove(pointer)
    cloudfront.purge(pointer)
    cloudfront.purge(pointer)
    kept = s3.list_object_versions(Bucket=bucket, Prefix=pointer)
    assert [one["Key"] for one in kept.get("Versions", ())] == [f"{pointer}.old"]
    assert kept.get("DeleteMarkers", []) == []
    cloudfront.purge(f"{pointer}.old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def test_s3_keeps_type_caching_and_checksum(cloudfront: CloudFrontCdn, book: Path) -> None:
    cloudfront.publish(PATH, book, EPUB)
    head = cloudfront.s3.head_object(Bucket=cloudfront.bucket, Key=PATH, ChecksumMode="ENABLED")
    assert head["ContentType"] == EPUB
    assert head["CacheControl"] == "public, max-age=31536000, immutable"
    assert head["ChecksumSHA256"]


def test_cloudfronts_signature_is_by_the_key_over_the_canned_policy(
    cloudfront: CloudFrontCdn, private_key: rsa.RSAPrivateKey
) -> None:
    url = cloudfront.url(PATH)
    query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert query["Key-Pair-Id"] == "K123"
    policy = (
        f'{{"Statement":[{{"Resource":"{url.partition("?")[0]}","Condition":'
        f'{{"DateLessThan":{{"AWS:EpochTime":{query["Expires"]}}}}}}}]}}'
    )
    signature = query["Signature"].translate(str.maketrans("-_~", "+=/"))
    private_key.public_key().verify(
        base64.b64decode(signature), policy.encode(), PKCS1v15(), SHA1()
    )


def test_the_private_key_is_in_no_repr(cloudfront: CloudFrontCdn) -> None:
    assert "PRIVATE KEY" not in repr(cloudfront)
    assert "<secret>" in repr(cloudfront)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Denied), (404, NotFound), (429, Unavailable), (503, Unavailable), (302, ServiceError)],
)
def test_an_answer_of_the_edge_has_one_name_and_shows_no_signature(
    home: Path, tmp_path: Path, faulty: Answering, status: int, kind: type[ServiceError]
) -> None:
    with faulty(status, b"no") as (url, _):
        edge = LocalEdge(home / "edge", home / "secret", url)
        with pytest.raises(kind) as caught:
            edge.fetch(PATH, tmp_path / "back")
        edge.close()
    assert type(caught.value) is kind
    assert "Signature" not in str(caught.value)


def test_an_edge_that_is_down_is_unavailable(home: Path, tmp_path: Path) -> None:
    edge = LocalEdge(home / "edge", home / "secret", "http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        edge.fetch(PATH, tmp_path / "back")
    edge.close()


def test_a_killed_publisher_leaves_nothing_half(home: Path, local: LocalEdge, book: Path) -> None:
    """Bytes without an entry, as after a kill: nothing stands there, and publishing goes on."""
    sha256 = hashlib.sha256(book.read_bytes()).hexdigest()
    blob = OriginFolder(home / "edge").file("books/killed.epub", sha256)
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"half")
    assert not local.exists("books/killed.epub")
    local.publish("books/killed.epub", book, EPUB)
    assert local.fetch("books/killed.epub", book.with_name("back")) == sha256


def test_the_origin_says_which_bytes_stand_at_a_path(cdn: Cdn, book: Path) -> None:
    assert cdn.recorded(PATH) is None
    cdn.publish(PATH, book, EPUB)
    assert cdn.recorded(PATH) == hashlib.sha256(book.read_bytes()).hexdigest()


def test_bytes_that_were_damaged_at_the_origin_are_put_right_by_publishing_again(
    home: Path, local: LocalEdge, book: Path
) -> None:
    local.publish("books/bad.epub", book, EPUB)
    sha256 = hashlib.sha256(book.read_bytes()).hexdigest()
    blob = OriginFolder(home / "edge").file("books/bad.epub", sha256)
    blob.chmod(0o644)
    blob.write_bytes(b"x" * book.stat().st_size)
    local.publish("books/bad.epub", book, EPUB)
    assert local.fetch("books/bad.epub", book.with_name("back")) == sha256


def test_an_edge_that_runs_says_so_and_one_that_does_not_says_how_to_start_it(
    home: Path, local: LocalEdge
) -> None:
    assert local.health() == (True, True, "running")
    down = LocalEdge(home / "edge", home / "secret", "http://127.0.0.1:9")
    assert not down.health().serves
    assert "`ebooks up` starts it" in down.health().state
    down.close()


def test_a_distribution_says_whether_it_is_enabled_and_deployed(cloudfront: CloudFrontCdn) -> None:
    asked = {"Id": cloudfront.distribution_id}
    while not cloudfront.health().settled:  # moto deploys when it is asked
        time.sleep(0.01)
    assert cloudfront.health() == (True, True, "enabled, Deployed")
    answer = cloudfront.cloudfront.get_distribution_config(**asked)
    off = answer["DistributionConfig"] | {"Enabled": False}
    cloudfront.cloudfront.update_distribution(
        **asked, DistributionConfig=off, IfMatch=answer["ETag"]
    )
    assert not cloudfront.health().serves


def test_caches_are_told_to_forget_what_was_repaired(cloudfront: CloudFrontCdn) -> None:
    cloudfront.refresh("books/a/1/a.epub")
    assert invalidations(cloudfront) == ["/books/a/1/a.epub"]


def test_a_refusal_names_the_clock_that_is_wrong(
    home: Path, tmp_path: Path, faulty: Answering
) -> None:
    """`faulty` answers without a date: the edge's clock is then unknown, and not blamed."""
    with faulty(403, b"no") as (url, _):
        edge = LocalEdge(home / "edge", home / "secret", url)
        with pytest.raises(Denied) as caught:
            edge.fetch(PATH, tmp_path / "back")
        edge.close()
    assert "clock" not in str(caught.value)


def test_a_short_link_leads_to_a_signed_address_until_it_is_removed(
    cdn: Cdn, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("Once upon a time")
    cdn.publish("previews/emma/page.html", tmp_path / "page.html", "text/html")
    signed = cdn.url("previews/emma/page.html", 3600)
    assert "Signature=" in signed
    link = short_links.path("c0de_-c0de_-")
    cdn.point(link, short_links.page(signed), short_links.MEDIA_TYPE)
    if isinstance(cdn, CloudFrontCdn):  # moto shows nobody a plain address
        page = cdn.s3.get_object(Bucket=cdn.bucket, Key=link)["Body"].read()
    else:
        cdn.fetch(link, tmp_path / "link")
        page = (tmp_path / "link").read_bytes()
    assert short_links.target(page) == signed
    cdn.remove(link)
    assert not cdn.exists(link)
