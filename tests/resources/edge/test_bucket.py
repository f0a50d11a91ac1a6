"""What our own edge answers of a bucket: as of a folder, ranges and conditions included."""

import asyncio
from pathlib import Path

import httpx
import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.bucket_answer import asked_part
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application

PATH = "public/emma.epub"
BOOK = bytes(range(256)) * 4000
FIELDS = ("etag", "content-type", "content-length", "content-range", "cache-control")


@pytest.fixture
def origins(s3: S3Client, bucket: str, tmp_path: Path) -> list[OriginFolder | OriginBucket]:
    """The same book and pointer, in a folder and in a bucket."""
    source = tmp_path / "emma.epub"
    source.write_bytes(BOOK)
    both: list[OriginFolder | OriginBucket] = [OriginFolder(tmp_path), OriginBucket(s3, bucket)]
    for origin in both:
        origin.put(PATH, source, "application/epub+zip")
        origin.point("public/current.json", b"{}", "application/json")
    return both


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", PATH, {}),
        ("HEAD", PATH, {}),
        ("GET", PATH, {"Range": "bytes=5-9"}),
        ("GET", PATH, {"Range": "bytes=1023990-"}),
        ("GET", PATH, {"Range": "bytes=-10"}),
        ("GET", PATH, {"Range": "bytes=1024000-"}),
        ("GET", PATH, {"Range": "bytes=0-3", "If-Range": '"another"'}),
        ("GET", PATH, {"If-None-Match": "*"}),
        ("GET", "public/current.json", {}),
        ("GET", "public/nothing.json", {}),
        ("GET", "books/unsigned.epub", {}),
        ("GET", "public/../secret", {}),
    ],
)
def test_a_bucket_answers_as_a_folder(
    origins: list[OriginFolder | OriginBucket],
    tmp_path: Path,
    method: str,
    path: str,
    headers: dict[str, str],
) -> None:
    seen = []
    for origin in origins:
        answer = asyncio.run(asked(origin, tmp_path, method, path, headers))
        told = [answer.headers.get(name) for name in FIELDS] if answer.is_success else []
        seen.append((answer.status_code, answer.content if answer.is_success else b"", told))
    assert seen[0] == seen[1]


async def asked(
    origin: OriginFolder | OriginBucket,
    folder: Path,
    method: str,
    path: str,
    headers: dict[str, str],
) -> httpx.Response:
    app = application(origin, signer(folder / "secret"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        return await client.request(method, f"/{path}", headers=headers)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=0-3,5-9", None),
        ("lines=1-2", None),
        ("bytes=9-5", None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-500", (0, 100)),
        ("bytes=7-9", (7, 10)),
        ("bytes=-500", (0, 100)),
        ("bytes=-0", (100, 0)),
        ("bytes=100-", (100, 100)),
        ("bytes=" + "9" * 19 + "-", None),
    ],
)
def test_a_range_names_one_part_or_is_not_heard(header: str, part: tuple[int, int] | None) -> None:
    assert asked_part(header, 100) == part
