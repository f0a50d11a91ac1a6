"""The browser prints what lies in one folder, and nothing gets out of it."""

import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.foundation.errors import LimitExceeded, Unavailable
from ebook_pipeline.tools import chromium, devtools, sandbox
from ebook_pipeline.tools.browser import Browser, NoBrowser
from ebook_pipeline.tools.isolation import Isolation
from tests.support import sandbox_functions

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
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
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


def test_a_document_becomes_a_tagged_pdf_with_an_outline(tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", "<h1>Hello</h1><p>World</p>"), target)
    assert "World" in text(target)
    data = target.read_bytes()
    assert b"/StructTreeRoot" in data
    assert b"/Outlines" in data


def test_a_long_path_to_temporary_files_hinders_nothing(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    document, target = write(tmp_path / "in", "<p>World</p>"), tmp_path / "out.pdf"
    program = (
        "import sys; from pathlib import Path; from ebook_pipeline.tools.browser import Browser;"
        "Browser().print_pdf(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    argv = [sys.executable, "-c", program, str(document), str(target)]
    subprocess.run(argv, env={**os.environ, "TMPDIR": str(deep)}, check=True)
    assert "World" in text(target)
    assert list(deep.iterdir()) == []


def test_nothing_is_fetched_and_no_script_runs(
    tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
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


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/", "other.xhtml", "document.xhtml"])
def test_a_document_that_leads_elsewhere_at_once_is_printed_all_the_same(
    tmp_path: Path, elsewhere: str
) -> None:
    folder, target = tmp_path / "in", tmp_path / "out.pdf"
    document = write(
        folder, "<p>shown</p>", f'<meta http-equiv="refresh" content="0;url={elsewhere}"/>'
    )
    (folder / "other.xhtml").write_text(document.read_text().replace("shown", "other"))
    Browser().print_pdf(document, target)
    assert "shown" in text(target)


def test_files_outside_the_folder_are_not_shown(tmp_path: Path) -> None:
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


def test_no_file_of_the_machine_is_read(tmp_path: Path) -> None:
    asking = (
        '<iframe src="{0}"/><object data="{0}"/><embed src="{0}"/><img src="{0}" alt=""/>'
        '<p style="background: url({0})">shown</p><video src="{0}" poster="{0}"/>'
        '<svg xmlns="http://www.w3.org/2000/svg"><use href="{0}#x"/><image href="{0}"/></svg>'
    )
    secrets = (
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "view-source:file:///etc/passwd",
    )
    body = "".join(asking.format(secret) for secret in secrets)
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", body), target)
    assert "shown" in text(target)
    assert "root:" not in text(target)


def test_style_sheets_get_no_file_of_the_machine_either(tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("p::after { content: 'the secret' }")
    head = (
        f"<style>@import 'file://{tmp_path}/secret.css'; @import '../secret.css';"
        f"@font-face {{ font-family: x; src: url(file://{tmp_path}/secret.css) }}"
        "p { font-family: x }</style>"
        f'<link rel="stylesheet" href="file://{tmp_path}/secret.css"/>'
    )
    target = tmp_path / "out.pdf"
    Browser().print_pdf(write(tmp_path / "in", "<p>shown</p>", head), target)
    assert "shown" in text(target)
    assert "secret" not in text(target)


@pytest.mark.skipif(
    sandbox.isolation() is not Isolation.NAMESPACE, reason="no network namespaces on this machine"
)
def test_a_browser_whose_own_guards_have_gone_still_reaches_nothing(
    tmp_path: Path, listener: tuple[str, list[str]]
) -> None:
    address, asked = listener
    body = f'<p>shown</p><img src="{address}/a"/><iframe src="{address}/b"/>'
    job = devtools.BrowserJob(
        executable=str(Browser().executable),
        root=str(tmp_path / "in"),
        document=write(tmp_path / "in", body).name,
        target=str(tmp_path / "out.pdf"),
        shuts_itself_in=os.geteuid() != 0,
    )
    files = sandbox.FileRules(read=(tmp_path, Path("/proc")), write=(tmp_path,))
    limits = sandbox.Limits(60, 0, 4096, processes=1000, gains_privileges=True)
    sandbox.call(sandbox_functions.browse_without_guards, job, limits=limits, files=files)
    assert "shown" in text(tmp_path / "out.pdf")
    assert asked == []


def test_what_is_wider_than_the_paper_shrinks_alone(tmp_path: Path) -> None:
    cells = "".join(f"<td>number{count}</td>" for count in range(12))
    style = "<style>@page { size: 400px 600px; margin: 50px } body { margin: 0 }</style>"
    body = (
        f"<p>plain</p><table><tr>{cells}</tr></table>"
        '<div style="overflow: auto; height: 30px"><p>seen</p><p>below</p></div>'
    )
    target = tmp_path / "out.pdf"
    shown = Browser().print_pdf(write(tmp_path / "in", body, style), target, column=(300, 500))
    assert (shown.narrowed, shown.cut) == (1, False)
    _, bottom, right, top = _box(target, "number11")
    assert right <= 270
    _, plain_bottom, _, plain_top = _box(target, "plain")
    assert plain_top - plain_bottom > 1.5 * (top - bottom)
    assert "below" in text(target)


def test_the_time_limit_ends_the_browser_with_all_its_processes(tmp_path: Path) -> None:
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    with pytest.raises(Unavailable):
        Browser(seconds=0.05).print_pdf(document, tmp_path / "out.pdf")
    assert not _left_within(60)


@pytest.mark.prove
def test_a_book_that_fills_the_memory_is_stopped(tmp_path: Path) -> None:
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    with pytest.raises(LimitExceeded) as caught:
        Browser(seconds=60, megabytes=400).print_pdf(document, tmp_path / "out.pdf")
    assert caught.value.finding.rule == "sandbox.memory"
    assert not _left_within(5)


def test_a_browser_that_a_script_has_started_ends_when_it_holds_too_much() -> None:
    """Debian starts the headless shell by a script that stays: killed alone, it left the rest."""
    held = "import time; kept = bytearray(60 << 20); time.sleep(600)"
    script = subprocess.Popen(["/bin/sh", "-c", f"{sys.executable} -c '{held}'; true"])
    with pytest.raises(LimitExceeded), chromium.memory_guard(psutil.Process(script.pid), 40):
        _until_it_ends(script)
    assert not [process for process in psutil.process_iter() if held in _command(process)]


def _until_it_ends(script: subprocess.Popen[bytes]) -> None:
    script.wait()
    raise Unavailable("its pipe is closed")


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


@pytest.mark.prove
def test_cancelling_ends_the_browser(tmp_path: Path) -> None:
    document = write(tmp_path / "in", "<p>word</p>" * 400_000)
    threading.Timer(1.5, sandbox.kill_all).start()
    with pytest.raises(sandbox.Cancelled):
        Browser(seconds=60).print_pdf(document, tmp_path / "out.pdf")
    assert not _left_within(5)


_DIES = """#!/bin/sh
# writes to the one file that it may write to how often it was started
[ "$(wc -l < {target})" -ge {deaths} ] && exec {browser} "$@"
echo started >> {target}
echo "no display" >&2
kill -ILL $$
"""


def _dying(folder: Path, target: Path, deaths: int) -> Browser:
    """A browser whose own process dies so many times before it works."""
    folder.mkdir()
    program = folder / "chromium"
    program.write_text(_DIES.format(target=target, deaths=deaths, browser=Browser().executable))
    program.chmod(0o755)
    return Browser(program)


def test_a_browser_that_died_is_started_once_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = tmp_path / "out.pdf"
    _dying(tmp_path / "bin", target, 1).print_pdf(write(tmp_path / "in", "<p>shown</p>"), target)
    assert "shown" in text(target)
    assert "signal 4, no display; it is started once more" in caplog.text


def test_one_that_dies_twice_is_a_fault_of_a_service_and_says_how(tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    with pytest.raises(Unavailable, match=r"its work was done: signal 4, no display$"):
        _dying(tmp_path / "bin", target, 9).print_pdf(write(tmp_path / "in", "<p>a</p>"), target)
    assert target.read_text() == "started\n" * 2


def test_the_version_names_the_browser() -> None:
    assert Browser().version.startswith("chromium ")


def test_a_browser_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    browser = Browser(tmp_path / "nothing")
    assert not browser.available
    with pytest.raises(NoBrowser, match="EBOOK_CHROMIUM"):
        browser.print_pdf(write(tmp_path / "in", ""), tmp_path / "out.pdf")


def _box(pdf: Path, word: str) -> tuple[float, float, float, float]:
    """Where `word` stands on the first page, in points."""
    document = pdfium.PdfDocument(pdf)
    page = document[0].get_textpage()
    start = page.get_text_range().index(word)
    boxes = [page.get_charbox(number) for number in range(start, start + len(word))]
    document.close()
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


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


def test_a_headless_shell_composes_pages_in_a_process_of_its_own() -> None:
    """Else it pictures none: Debian's 156 waited for ever."""
    assert "--in-process-gpu" not in chromium.flags_of("/usr/bin/chromium-headless-shell")
    assert "--in-process-gpu" in chromium.flags_of("/usr/bin/chromium")
