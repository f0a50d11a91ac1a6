"""What the edge counts of what it delivers, and where it leaves the counts."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from mypy_boto3_s3 import S3Client
from starlette.testclient import TestClient

from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.edge.client import OUR_NAME
from ebook_pipeline.resources.edge.downloads import CountsDownloads, OwnDownloadLog, download_log
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application

SHA = "ab" * 32
BODY = b"a book" * 1000
BOOK, EXCERPT = f"books/emma/{SHA}.epub", f"public/books/emma/{SHA}.epub"
PREVIEW, COVER = f"previews/emma/{SHA}.html", f"public/books/emma/{SHA}.jpg"


@pytest.fixture(params=["folder", "bucket"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> OwnDownloadLog:
    if request.param == "folder":
        return download_log(OriginFolder(tmp_path / "edge"))
    client: S3Client = request.getfixturevalue("s3")
    return download_log(OriginBucket(client, request.getfixturevalue("bucket")))


def counted(
    tmp_path: Path, log: OwnDownloadLog, asked: list[tuple[str, str, dict[str, str]]]
) -> None:
    origin, urls = OriginFolder(tmp_path / "edge"), signer(tmp_path / "secret")
    (tmp_path / "source").write_bytes(BODY)
    for path in (BOOK, EXCERPT, PREVIEW, COVER):
        origin.put(path, tmp_path / "source", "application/epub+zip")
    edge = CountsDownloads(application(origin, urls), log)
    client = TestClient(edge)
    for method, path, headers in asked:
        signed = path if path.startswith("public/") else f"{path}?{urls.query(path, 60)}"
        client.request(method, f"/{signed}", headers=headers)
    client.get(f"/{BOOK}")  # without a signature
    edge.flush()
    edge.flush()  # nothing more is there to leave


def test_what_is_fetched_is_counted_by_file_without_anybody_in_it(
    tmp_path: Path, log: OwnDownloadLog
) -> None:
    part: dict[str, Any] = {"Range": "bytes=10-19"}
    asked: list[tuple[str, str, dict[str, str]]] = [
        *[("GET", path, {"User-Agent": "Thorium"}) for path in (BOOK, BOOK, EXCERPT, PREVIEW)],
        ("GET", BOOK, {"Range": "bytes=0-9"}),
        *[("GET", BOOK, part)] * 3,
        ("HEAD", BOOK, {}),
        ("GET", BOOK, {"If-None-Match": "*"}),
        ("GET", BOOK, {"User-Agent": OUR_NAME}),
        ("GET", COVER, {}),
        ("GET", f"public/books/nothing/{SHA}.epub", {}),
    ]
    counted(tmp_path, log, asked)
    [name] = log.names()
    found = [(one.book, one.what, one.form, one.times, one.bytes) for one in log.read(name)]
    assert found == [
        ("emma", "book", "epub", 3, 2 * len(BODY) + 40),
        ("emma", "excerpt", "epub", 1, len(BODY)),
        ("emma", "preview", "html", 1, len(BODY)),
    ]
    log.remove(name)
    log.remove(name)
    assert log.names() == []


def test_a_file_that_holds_no_counts_is_damaged(tmp_path: Path) -> None:
    log = download_log(OriginFolder(tmp_path))
    log.add(())
    [name] = log.names()
    (tmp_path / "downloads" / name).write_text('[{"hour": "now"}]')
    with pytest.raises(Damaged, match="counts of downloads"):
        log.read(name)


@pytest.mark.prove
def test_an_edge_that_is_asked_to_end_leaves_what_it_has_counted(tmp_path: Path) -> None:
    origin = OriginFolder(tmp_path)
    (tmp_path / "source").write_bytes(BODY)
    origin.put(EXCERPT, tmp_path / "source", "application/epub+zip")
    places = ["--origin", str(tmp_path), "--secret", str(tmp_path / "secret"), "--port", "0"]
    argv = [sys.executable, "-m", "ebook_pipeline.resources.edge.server", *places]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as edge:
        assert edge.stdout is not None
        address = edge.stdout.readline().split()[-1]
        assert httpx.get(f"{address}/{EXCERPT}").content == BODY
        edge.terminate()
    log = download_log(origin)
    assert [one.times for name in log.names() for one in log.read(name)] == [1]
