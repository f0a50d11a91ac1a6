"""Delivery through the distribution of the template: signatures, the open part, caches."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import CloudFrontCdn
from tests.support.aws.cloudfront import Edge
from tests.support.aws.home import SENDER, edge_of, key_pair
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import Stack

BOOK, OTHER, COVER = "books/emma/1.epub", "books/persuasion/1.epub", "public/emma/cover.jpg"
POINTER = "public/books/emma/current.json"
EPUB = "application/epub+zip"


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    return key_pair()


@pytest.fixture(scope="module")
def stack(moto_url: str, keys: tuple[str, str]) -> Stack:
    stack = Stack("books.yaml", REGION, moto_url, {"EdgePublicKey": keys[1], "MailFrom": SENDER})
    stack.create()
    return stack


@pytest.fixture(scope="module")
def edge(stack: Stack) -> Iterator[Edge]:
    with edge_of(stack).running() as edge:
        yield edge


def cdn_of(stack: Stack, edge: Edge, moto_url: str, private_key: str) -> CloudFrontCdn:
    aws, outputs = Aws(REGION, moto_url), stack.outputs
    return CloudFrontCdn(
        s3=aws.s3(),
        cloudfront=aws.cloudfront(),
        bucket=outputs["ReleaseBucket"],
        distribution_id=outputs["CloudfrontDistributionId"],
        domain=outputs["CloudfrontDomain"],
        key_pair_id=outputs["CloudfrontKeyPairId"],
        private_key=Secret(private_key.encode()),
        base_url=edge.url,
    )


@pytest.fixture(scope="module")
def cdn(
    stack: Stack,
    edge: Edge,
    moto_url: str,
    keys: tuple[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[CloudFrontCdn]:
    """Two books and a cover are published."""
    cdn = cdn_of(stack, edge, moto_url, keys[0])
    file: Path = tmp_path_factory.mktemp("edge") / "file"
    for path in (BOOK, OTHER, COVER):
        file.write_bytes(path.encode())
        cdn.publish(path, file, EPUB)
    yield cdn
    cdn.close()


def status(url: str) -> int:
    return httpx.get(url).status_code


def changed(url: str, **query: str) -> str:
    address = urlsplit(url)
    return address._replace(query=urlencode(dict(parse_qsl(address.query)) | query)).geturl()


def test_a_signed_url_opens_its_book_and_says_that_it_never_changes(cdn: CloudFrontCdn) -> None:
    answer = httpx.get(cdn.url(BOOK))
    assert answer.content == BOOK.encode()
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


def test_without_a_signature_only_what_is_public_is_delivered(
    cdn: CloudFrontCdn, edge: Edge
) -> None:
    cover = httpx.get(f"{edge.url}/{COVER}")
    assert cover.status_code == 200
    assert cover.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert status(f"{edge.url}/{BOOK}") == 403
    assert status(f"{edge.url}/books/nobody/1.epub") == 403


def test_a_signature_opens_no_other_book_and_no_longer_than_it_says(
    cdn: CloudFrontCdn, edge: Edge
) -> None:
    url = cdn.url(BOOK)
    other = urlsplit(url)._replace(path=f"/{OTHER}").geturl()
    later = changed(url, Expires=str(int(time.time()) + 99_999))
    assert [status(one) for one in (url, other, later)] == [200, 403, 403]


def test_an_expired_url_is_refused(cdn: CloudFrontCdn) -> None:
    an_hour_ago = time.time() - 3600
    assert status(cdn.url(BOOK, 7200, now=an_hour_ago)) == 200
    assert status(cdn.url(BOOK, 60, now=an_hour_ago)) == 403


def test_forged_signatures_and_keys_of_others_are_refused(
    cdn: CloudFrontCdn, edge: Edge, stack: Stack, moto_url: str
) -> None:
    forger = cdn_of(stack, edge, moto_url, key_pair()[0])
    signature = dict(parse_qsl(urlsplit(cdn.url(BOOK)).query))["Signature"]
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    forged = [
        forger.url(BOOK),
        changed(cdn.url(BOOK), Signature=flipped),
        changed(cdn.url(BOOK), Signature=""),
        changed(cdn.url(BOOK), Signature="no base64 at all"),
        changed(cdn.url(BOOK), **{"Key-Pair-Id": "KUNKNOWN"}),
    ]
    forger.close()
    assert [status(url) for url in forged] == [403] * 5


def test_a_missing_book_is_not_there_for_who_may_ask(cdn: CloudFrontCdn) -> None:
    assert status(cdn.url("books/emma/2.epub")) == 404


def test_a_replaced_pointer_is_seen_at_once_though_the_edge_had_kept_it(
    cdn: CloudFrontCdn, edge: Edge
) -> None:
    for body in (b"1", b"2", b"3"):
        cdn.point(POINTER, body, "application/json")
        assert httpx.get(cdn.url(POINTER)).content == body
    assert httpx.get(cdn.url(POINTER)).headers["x-cache"].startswith("Hit")
    assert edge.invalidations() == [f"/{POINTER}"] * 3
