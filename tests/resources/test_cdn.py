"""One contract, three edges: what is published stays, pointers move, faults have one name.

Delivery is judged at the embedded edge, a real server, over a folder and over a bucket; moto's S3
stands in for the bucket behind CloudFront and checks no signature.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from mypy_boto3_s3 import S3Client

from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.cdn import Cdn, CloudFrontCdn, Conflict, LocalEdge
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application
from tests.support.aws.cdn import EPUB, PATH, book, cloudfront, distribution, other, private_key
from tests.support.servers.fixed_answer import Answering

__all__ = ["book", "cloudfront", "distribution", "other", "private_key"]


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


@pytest.fixture(params=["local", "servers", "cloudfront"])
def cdn(request: pytest.FixtureRequest) -> Iterator[Cdn]:
    edge: Cdn = request.getfixturevalue(request.param)
    yield edge
    for path in (PATH, "books/emma/current.json", "public/cover.jpg"):
        edge.remove(path)


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
