"""One document loaded in a headless browser and printed, or pictured, over the DevTools pipe.

Runs in a sandbox's child process; `browser` is the door. The browser sees one folder under an
invented origin: every request is answered here from that folder's files, or refused. Behind that
stand a content policy, a resolver without hosts and a proxy that nobody answers. Scripts are
off. The browser ends when its pipe closes, hence with this process.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import fcntl
import json
import mimetypes
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

from ebook_pipeline.books.errors import BookError, LimitExceeded, ServiceError

Message = dict[str, Any]

_GLANCE = 0.2
_ORIGIN = "https://book.invalid"
_POLICY = (
    "default-src 'self' data: blob:; style-src 'self' data: 'unsafe-inline'; script-src 'none'; "
    "connect-src 'none'; form-action 'none'; base-uri 'none'"
)
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-webgl",
    "--disable-site-isolation-trials",
    "--disable-features=DialMediaRouteProvider,OptimizationHints,Translate,MediaRouter",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=socks5://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
)
_TYPES = {
    ".xhtml": "application/xhtml+xml",
    ".svg": "image/svg+xml",
    ".css": "text/css; charset=utf-8",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Job:
    """What to load: `document` below `root`, the one folder that the browser sees.

    Printed to the PDF `target`; where `size` is given, pictured instead (PNG, CSS pixels).
    `profile` is an empty folder for the browser's own files; `megabytes` bounds the memory of all
    its processes, pages that they share counted once.
    """

    executable: str
    profile: str
    root: str
    document: str
    target: str
    size: tuple[int, int] | None = None
    megabytes: int = 3000


def run(job: Job) -> list[str]:
    """Do `job`; the outside URLs that the document asked for in vain, sorted.

    Raises BookError (``browser.crash``) when the page dies, LimitExceeded (``sandbox.memory``),
    ServiceError when no browser starts.
    """
    with _browser(job) as (pipe, process), _guarded(process, job.megabytes):
        page = _Page(pipe, Path(job.root))
        page.open(job.document, job.size)
        if job.size is None:
            page.print_to(Path(job.target))
        else:
            page.picture_to(Path(job.target), job.size)
        return sorted(page.refused)


class _Pipe:
    """Messages to and from the browser: JSON documents, each ended by a zero byte."""

    def __init__(self, reading: int, writing: int) -> None:
        self._in = os.fdopen(reading, "rb", buffering=0)
        self._out = os.fdopen(writing, "wb", buffering=0)
        self._buffer = bytearray()
        self._last = 0

    def send(self, method: str, session: str | None, **params: object) -> int:
        self._last += 1
        message: Message = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        left = memoryview(json.dumps(message).encode() + b"\0")
        try:
            while left:
                left = left[self._out.write(left) :]
        except BrokenPipeError as error:
            raise ServiceError("the browser ended before its work was done") from error
        return self._last

    def receive(self) -> Message:
        """The next message; ServiceError when the browser has gone."""
        start = 0
        while (end := self._buffer.find(b"\0", start)) < 0:
            start = len(self._buffer)
            data = self._in.read(1 << 20)
            if not data:
                raise ServiceError("the browser ended before its work was done")
            self._buffer += data
        message: Message = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        return message

    def close(self) -> None:
        self._out.close()
        self._in.close()


class _Page:
    """One tab: requests answered from `root`, everything else refused."""

    def __init__(self, pipe: _Pipe, root: Path) -> None:
        self._pipe = pipe
        self._root = root.resolve()
        self._session: str | None = None
        self._events: list[Message] = []
        self.refused: set[str] = set()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]

    def open(self, document: str, size: tuple[int, int] | None) -> None:
        """Load `document` and all that it shows."""
        self.ask("Emulation.setScriptExecutionDisabled", value=True)
        self.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.ask("Page.enable")
        if size is None:
            self.ask("Emulation.setEmulatedMedia", media="print")
        else:
            width, height = size
            self.ask(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=False,
            )
        answer = self.ask("Page.navigate", url=f"{_ORIGIN}/{document}")
        if "errorText" in answer:
            raise ServiceError(f"the browser did not load {document}: {answer['errorText']}")
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._next()

    def print_to(self, target: Path) -> None:
        """The page as tagged PDF with an outline of its headings; CSS says the page's size."""
        answer = self.ask(
            "Page.printToPDF",
            preferCSSPageSize=True,
            printBackground=True,
            generateTaggedPDF=True,
            generateDocumentOutline=True,
            transferMode="ReturnAsStream",
        )
        with target.open("wb") as file:
            while True:
                part = self.ask("IO.read", handle=answer["stream"], size=1 << 20)
                data = part["data"]
                file.write(base64.b64decode(data) if part.get("base64Encoded") else data.encode())
                if part["eof"]:
                    return

    def picture_to(self, target: Path, size: tuple[int, int]) -> None:
        """The page's first `size` pixels as PNG."""
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        answer = self.ask("Page.captureScreenshot", format="png", clip=clip)
        target.write_bytes(base64.b64decode(answer["data"]))

    def ask(self, method: str, **params: object) -> Message:
        """The browser's answer to `method`; requests that come meanwhile are answered."""
        number = self._pipe.send(method, self._session, **params)
        while True:
            message = self._next()
            if message.get("id") == number:
                if "error" in message:
                    raise ServiceError(f"the browser refused {method}: {message['error']}")
                result: Message = message["result"]
                return result

    def _next(self) -> Message:
        message = self._pipe.receive()
        match message.get("method"):
            case "Fetch.requestPaused":
                self._answer(message["params"])
            case "Inspector.targetCrashed" | "Target.targetCrashed":
                raise BookError("browser.crash", "The browser's page died of this book.")
            case "Page.loadEventFired":
                self._events.append(message)
        return message

    def _answer(self, paused: Message) -> None:
        url = paused["request"]["url"]
        file = self._file(url)
        if file is None:
            if not url.startswith(_ORIGIN):
                self.refused.add(url[:500])
            self._pipe.send(
                "Fetch.failRequest",
                self._session,
                requestId=paused["requestId"],
                errorReason="BlockedByClient",
            )
            return
        headers = {"Content-Type": _type(file), "Content-Security-Policy": _POLICY}
        self._pipe.send(
            "Fetch.fulfillRequest",
            self._session,
            requestId=paused["requestId"],
            responseCode=200,
            responseHeaders=[{"name": name, "value": value} for name, value in headers.items()],
            body=base64.b64encode(file.read_bytes()).decode(),
        )

    def _file(self, url: str) -> Path | None:
        """The file below `root` that `url` names, or None."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != _ORIGIN:
            return None
        file = (self._root / unquote(parts.path).lstrip("/")).resolve()
        return file if file.is_relative_to(self._root) and file.is_file() else None


def _type(file: Path) -> str:
    suffix = file.suffix.lower()
    return _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"


@contextmanager
def _browser(job: Job) -> Iterator[tuple[_Pipe, psutil.Process]]:
    """The browser's pipe and process; both are gone afterwards."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    process = _start(job, theirs_in, theirs_out)
    pipe = _Pipe(ours_in, ours_out)
    try:
        yield pipe, psutil.Process(process.pid)
    finally:
        pipe.close()
        _end(process)


@contextmanager
def _guarded(browser: psutil.Process, megabytes: int) -> Iterator[None]:
    """End the browser when it holds more than `megabytes`; what fails then fails for that."""
    done, excess = threading.Event(), threading.Event()

    def watch() -> None:
        while not done.wait(_GLANCE):
            if _private_bytes(browser) > megabytes << 20:
                excess.set()
                browser.kill()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except (ServiceError, BookError) as error:
        if excess.is_set():
            text = f"Printing this book needed more than {megabytes} MiB of memory."
            raise LimitExceeded("sandbox.memory", text) from error
        raise
    finally:
        done.set()
        watcher.join()


def _private_bytes(browser: psutil.Process) -> int:
    """Memory of the browser and its children that each of them has for itself."""
    total = 0
    for process in (browser, *_children(browser)):
        try:
            held = process.memory_info()
        except psutil.Error:  # it has just ended
            continue
        total += held.rss - getattr(held, "shared", 0)
    return total


def _children(browser: psutil.Process) -> list[psutil.Process]:
    try:
        return browser.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _start(job: Job, reading: int, writing: int) -> subprocess.Popen[bytes]:
    """The browser reads commands from its descriptor 3 and writes to 4, as the flag asks."""
    fds = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (reading, writing)]
    argv = [job.executable, *_FLAGS, *_privileges(), f"--user-data-dir={job.profile}"]
    shell = f'exec "$@" 3</dev/fd/{fds[0]} 4>/dev/fd/{fds[1]}'
    log = Path(job.profile).with_suffix(".log")
    try:
        with log.open("wb") as stderr:
            return subprocess.Popen(
                ["/bin/sh", "-c", shell, "sh", *argv, "about:blank"],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env={**os.environ, "HOME": job.profile, "XDG_CONFIG_HOME": job.profile},
            )
    finally:
        for fd in (*fds, reading, writing):
            os.close(fd)


def _privileges() -> tuple[str, ...]:
    """The browser's own sandbox refuses to run as root: only then is it off."""
    return ("--no-sandbox",) if os.geteuid() == 0 else ()


def _end(process: subprocess.Popen[bytes]) -> None:
    """The closed pipe ends the browser; one that lingers is killed."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
