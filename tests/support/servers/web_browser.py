"""A whole headless Chromium, with scripts and network, driven over the DevTools pipe.

The pipeline's own browser (`ebook_pipeline.tools`) has neither: it prints books. Names that end in
`.test` are this machine.

https://chromedevtools.github.io/devtools-protocol/
"""

import contextlib
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Message = dict[str, Any]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)


class Tab:
    """One page; what it sends and receives is written down in `events`."""

    def __init__(self, browser: "WebBrowser") -> None:
        self._browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session: str = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: object) -> Message:
        return self._browser.ask(method, self.session, **params)

    def open(self, url: str) -> None:
        """Go there as a person does who puts the address into the bar."""
        self.ask("Page.navigate", url=url, transitionType="typed")
        self.wait_for('document.readyState == "complete"')

    def run(self, script: str) -> Any:
        """What a script in the page evaluates to, a promise's outcome included."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str, seconds: float = 120) -> None:
        """Until a script is true; raises `AssertionError` with the page's text."""
        deadline = time.monotonic() + seconds
        while not self.run(condition):
            assert time.monotonic() < deadline, (condition, self.text)
            time.sleep(0.1)

    @property
    def text(self) -> str:
        return str(self.run("document.body.innerText"))

    @property
    def address(self) -> str:
        return str(self.run("location.href"))

    def events(self, method: str) -> list[Message]:
        """The parameters of all events of one kind so far, the oldest first."""
        self.run("0")  # reads what has come
        return [
            event["params"]
            for event in self._browser.events
            if event["method"] == method and event.get("sessionId") == self.session
        ]


class WebBrowser:
    """A browser process, its profile and its tabs."""

    def __init__(self, reading: int, writing: int) -> None:
        self._in = os.fdopen(reading, "rb", buffering=0)
        self._out = os.fdopen(writing, "wb", buffering=0)
        self._buffer = b""
        self._last = 0
        self.events: list[Message] = []

    def ask(self, method: str, session: str | None = None, **params: object) -> Message:
        self._last += 1
        message: Message = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if "id" not in answer:
                self.events.append(answer)
            elif answer["id"] == self._last:
                assert "error" not in answer, (method, answer["error"])
                result: Message = answer["result"]
                return result

    def _receive(self) -> Message:
        while b"\0" not in self._buffer:
            part = self._in.read(1 << 20)
            assert part, "the browser has gone"
            self._buffer += part
        first, _, self._buffer = self._buffer.partition(b"\0")
        message: Message = json.loads(first)
        return message

    def close(self) -> None:
        self._in.close()
        self._out.close()


@contextmanager
def web_browser() -> Iterator[WebBrowser]:
    """A browser with an empty profile; it and its files are gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        process = _started(profile, theirs_in, theirs_out)
        browser = WebBrowser(ours_in, ours_out)
        try:
            yield browser
        finally:
            with contextlib.suppress(AssertionError):  # it goes before it has answered
                browser.ask("Browser.close")
            browser.close()
            process.wait(30)


def _started(profile: str, reading: int, writing: int) -> "subprocess.Popen[bytes]":
    """The browser reads from its descriptor 3 and writes to 4."""
    own_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    argv = [CHROMIUM, *_FLAGS, *own_sandbox, f"--user-data-dir={profile}"]
    shell = f'exec "$@" 3</dev/fd/{reading} 4>/dev/fd/{writing}'
    try:
        return subprocess.Popen(
            ["/bin/sh", "-c", shell, "sh", *argv],
            pass_fds=(reading, writing),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": profile},
        )
    finally:
        os.close(reading)
        os.close(writing)


@contextmanager
def foreign_page(text: str) -> Iterator[int]:
    """A server of somebody else's, with one page; its port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
