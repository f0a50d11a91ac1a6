"""The embedded edge as a client sees it: a process of its own on a free port."""

import base64
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.edge.origin import OriginFolder, UrlSigner, safe_path, signer

BOOK = bytes(range(256)) * 1000
PAGE = b"<html><script>alert(1)</script></html>"


class Running:
    """An edge, its origin, and requests to it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.origin = OriginFolder(folder / "edge")
        self.urls = signer(folder / "secret")
        self.client = httpx.Client(base_url=url, trust_env=False)
        self.folder = folder

    def put(self, path: str, body: bytes, media_type: str) -> str:
        source = self.folder / "source"
        source.write_bytes(body)
        self.origin.put(path, source, media_type)
        return self.signed(path)

    def signed(self, path: str, seconds: int = 60) -> str:
        return f"/{path}?{self.urls.query(path, seconds)}"


def arguments(folder: Path, port: int = 0) -> list[str]:
    options = ["--origin", str(folder / "edge"), "--secret", str(folder / "secret")]
    return [
        sys.executable, "-m", "ebook_pipeline.resources.edge.server", *options, "--port", str(port)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("edge")
    with subprocess.Popen(arguments(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        running = Running(folder, process.stdout.readline().removeprefix("edge at ").strip())
        yield running
        running.client.close()
        process.terminate()
        assert process.wait() in (0, -15)


@pytest.fixture(scope="module")
def book(edge: Running) -> str:
    return edge.put("books/emma/1/emma.epub", BOOK, "application/epub+zip")


def test_a_signed_url_gives_the_bytes_as_they_were_published(edge: Running, book: str) -> None:
    answer = edge.client.get(book)
    assert (answer.status_code, answer.content) == (200, BOOK)
    assert answer.headers["content-type"] == "application/epub+zip"
    assert answer.headers["content-length"] == str(len(BOOK))
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "server" not in answer.headers


def test_head_has_the_headers_and_no_body(edge: Running, book: str) -> None:
    answer = edge.client.head(book)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(BOOK))


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-15", 0, 16), ("bytes=300-", 300, len(BOOK)), ("bytes=-7", len(BOOK) - 7, len(BOOK))],
)
def test_a_range_is_that_part(edge: Running, book: str, asked: str, start: int, stop: int) -> None:
    answer = edge.client.get(book, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, BOOK[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(BOOK)}"


def test_a_range_behind_the_end_is_416(edge: Running, book: str) -> None:
    answer = edge.client.get(book, headers={"Range": f"bytes={len(BOOK)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(BOOK)}"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_if_range_of_another_version_gives_the_whole(edge: Running, book: str) -> None:
    answer = edge.client.get(book, headers={"Range": "bytes=0-15", "If-Range": '"old"'})
    assert answer.status_code == 200


@pytest.mark.parametrize("known", ["{tag}", 'W/{tag}, "x"', "*"])
def test_what_the_client_has_is_not_sent_again(edge: Running, book: str, known: str) -> None:
    tag = edge.client.head(book).headers["etag"]
    answer = edge.client.get(book, headers={"If-None-Match": known.format(tag=tag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


def test_no_signature_opens_nothing(edge: Running, book: str) -> None:
    assert edge.client.get("/books/emma/1/emma.epub").status_code == 403
    assert edge.client.get("/books/nobody/1/none.epub").status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url: url.replace("Expires=", "Expires=9"),
        lambda url: url.replace("Expires=", "Expires=-"),
        lambda url: url.replace("emma.epub", "other.epub"),
        lambda url: url.replace("Signature=", "Signature=%C3%A9"),
    ],
)
def test_a_changed_url_is_refused(edge: Running, book: str, spoil: Callable[[str], str]) -> None:
    assert edge.client.get(spoil(book)).status_code == 403


def test_an_expired_url_is_refused(edge: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("ebook_pipeline.resources.edge.origin.time.time", lambda: now - 120)
    url = edge.signed("books/emma/1/emma.epub", 60)
    monkeypatch.undo()
    assert edge.client.get(url).status_code == 403


def test_another_machines_secret_opens_nothing(edge: Running, book: str) -> None:
    path = "books/emma/1/emma.epub"
    forged = UrlSigner(Secret.random()).query(path, 60)
    assert edge.client.get(f"/{path}?{forged}").status_code == 403


def test_what_is_public_needs_no_signature(edge: Running) -> None:
    edge.put("public/covers/emma.jpg", b"\xff\xd8", "image/jpeg")
    answer = edge.client.get("/public/covers/emma.jpg")
    assert answer.content == b"\xff\xd8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert edge.client.get("/public/covers/none.jpg").status_code == 404


def test_a_signed_path_without_an_object_is_404(edge: Running) -> None:
    assert edge.client.get(edge.signed("books/none.epub")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "public/../../secret",
        "public/%2e%2e/%2e%2e/secret",
        "public/..%2f..%2fsecret",
        "public//etc/passwd",
        "public/covers",
        "public/covers/",
        "public/covers/emma.jpg/@entry.json",
        "public/%00",
        "public/" + "a" * 2000,
    ],
)
def test_no_path_leads_out_of_the_origin_or_lists_it(edge: Running, path: str) -> None:
    host, port = edge.client.base_url.host, edge.client.base_url.port
    with socket.create_connection((host, port)) as raw:
        raw.sendall(f"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        status = raw.makefile("rb").readline().split()[1]
    assert status in (b"403", b"404")


def test_an_escape_is_refused_even_when_it_is_signed(edge: Running) -> None:
    path = "books/../../secret"
    query = edge.urls.query(path, 60)
    url = f"/books/%2e%2e/%2e%2e/secret?{query}"
    assert edge.client.get(url).status_code in (403, 404)


def test_a_pointer_is_what_it_was_last_set_to(edge: Running) -> None:
    for body in (b'{"edition":1}', b'{"edition":2}', b'{"edition":1}'):
        edge.origin.point("public/emma/current.json", body, "application/json")
        answer = edge.client.get("/public/emma/current.json")
        assert answer.content == body
        assert answer.headers["cache-control"] == "public, max-age=60"


def test_a_pointer_that_only_a_signature_opens_is_kept_by_no_shared_cache(edge: Running) -> None:
    edge.origin.point("books/emma/current.json", b"{}", "application/json")
    answer = edge.client.get(edge.signed("books/emma/current.json"))
    assert answer.headers["cache-control"] == "private, max-age=60"


def test_active_content_is_sandboxed_and_nothing_is_sniffed(edge: Running) -> None:
    answer = edge.client.get(edge.put("books/emma/1/page.html", PAGE, "text/html"))
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    for each in (answer, edge.client.get("/nothing"), edge.client.get("/healthz")):
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["referrer-policy"] == "no-referrer"


def test_only_reading_is_allowed(edge: Running, book: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert edge.client.request(method, book).status_code == 405


def test_it_says_that_it_is_well(edge: Running) -> None:
    assert edge.client.get("/healthz").text == "ok\n"


def test_a_taken_port_names_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = subprocess.run(
            arguments(tmp_path, taken.getsockname()[1]), capture_output=True, text=True, check=False
        )
    assert ended.returncode == 2
    assert "EBOOK_EDGE_PORT" in ended.stderr


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret = tmp_path / "vault" / "edge.key"
    query = signer(secret).query("a", 60)
    expires, signature = (part.partition("=")[2] for part in query.split("&"))
    assert signer(secret).allows("a", expires, signature)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(base64.urlsafe_b64decode(signature + "=")) == 32
    secret.chmod(0o644)
    with pytest.raises(Denied, match="chmod 600"):
        signer(secret)


@pytest.mark.parametrize("path", ["", "/", "a//b", "../a", "a/..", ".hidden", "a b", "a@b", "é"])
def test_odd_paths_are_refused_before_anything_is_written(path: str) -> None:
    with pytest.raises(ValueError, match="no path of the edge"):
        safe_path(path)
