"""The browser prints what lies in one folder, and nothing gets out of it."""

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.errors import LimitExceeded
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser, NoBrowser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome on this machine"),
]
PAGE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title>{}</head>'
    "<body>{}</body></html>"
)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def write(folder: Path, body: str, head: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    document = folder / "document.xhtml"
    document.write_text(PAGE.format(head, body))
    return document


def text(pdf: Path) -> str:
    document = pdfium.PdfDocument(pdf)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return words


def test_a_document_becomes_a_tagged_pdf_with_an_outline(tmp_path):
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", "<h1>Hello</h1><p>World</p>"), target)
    assert "World" in text(target)
    data = target.read_bytes()
    assert b"/StructTreeRoot" in data
    assert b"/Outlines" in data


def test_nothing_is_fetched_and_no_script_runs(tmp_path, listener):
    address, asked = listener
    head = (
        f'<link rel="stylesheet" href="{address}/a.css"/><link rel="preload" as="image" '
        f'href="{address}/b.png"/><link rel="preconnect" href="{address}"/>'
        f'<meta http-equiv="refresh" content="0;url={address}/c"/>'
        f"<style>@import '{address}/d.css'; body {{ background: url({address}/e.png) }}</style>"
    )
    body = (
        f'<p id="p">untouched</p><img src="{address}/f.png"/><iframe src="{address}/g"/>'
        f'<object data="{address}/h"/><video src="{address}/i"/><audio src="{address}/j"/>'
        f'<script>document.getElementById("p").textContent = "scripted";'
        f'fetch("{address}/k"); new WebSocket("ws" + "{address}".slice(4))</script>'
    )
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", body, head), target)
    assert "untouched" in text(target)
    assert asked == []


def test_files_outside_the_folder_are_not_shown(tmp_path):
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
    body = (
        f'<p>shown</p><iframe src="file://{tmp_path}/secret.txt"/><iframe src="../secret.txt"/>'
        '<iframe src="%2e%2e/secret.txt"/><iframe src="link.txt"/>'
    )
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", body), target)
    assert "shown" in text(target)
    assert "secret" not in text(target)


def test_the_time_limit_ends_the_browser_with_all_its_processes(tmp_path):
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    started = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        Browser(seconds=1.5).print_pdf(document, tmp_path / "out.pdf")
    assert caught.value.finding.rule == "sandbox.time"
    assert time.monotonic() - started < 10
    assert not _left_within(5)


def test_a_book_that_fills_the_memory_is_stopped(tmp_path):
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    with pytest.raises(LimitExceeded) as caught:
        Browser(seconds=60, megabytes=400).print_pdf(document, tmp_path / "out.pdf")
    assert caught.value.finding.rule == "sandbox.memory"
    assert not _left_within(5)


def test_cancelling_ends_the_browser(tmp_path):
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    threading.Timer(1.5, sandbox.kill_all).start()
    with pytest.raises(sandbox.Cancelled):
        Browser(seconds=60).print_pdf(document, tmp_path / "out.pdf")
    assert not _left_within(5)


def test_the_version_names_the_browser():
    assert Browser().version.startswith("chromium ")


def test_a_browser_that_is_not_there_is_said_to_be_missing(tmp_path):
    browser = Browser(tmp_path / "nothing")
    assert not browser.available
    with pytest.raises(NoBrowser, match="EBOOK_CHROMIUM"):
        browser.print_pdf(write(tmp_path / "in", ""), tmp_path / "out.pdf")


def _left_within(seconds: float) -> list[psutil.Process]:
    """Browser processes below this one that are still there after `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := _browsers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _browsers() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "--user-data-dir" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found
