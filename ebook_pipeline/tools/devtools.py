"""One document loaded in a headless browser and printed, or pictured, over the DevTools pipe.

Runs in a sandbox's child process; `browser` is the door. The browser sees one folder under an
invented origin: every request is answered here from that folder's files, or refused. Behind that
stand a content policy, a resolver without hosts and a proxy that nobody answers. Scripts are
off; the one that runs is our own, which makes smaller what is too wide for the paper.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ebook_pipeline.foundation.errors import BookError, ServiceError
from ebook_pipeline.foundation.file_types import media_type_of
from ebook_pipeline.tools import chromium, fitting
from ebook_pipeline.tools.chromium import BrowserEnded

Message = dict[str, Any]

_ORIGIN = "https://book.invalid"
_POLICY = (
    "default-src 'self' data: blob:; style-src 'self' data: 'unsafe-inline'; script-src 'none'; "
    "connect-src 'none'; form-action 'none'; base-uri 'none'"
)
_LONGEST_FITTING = 20_000


@dataclass(frozen=True)
class Drawing:
    """What is pictured: `document` below `root`, `size` CSS pixels of it, as the PNG `target`."""

    document: Path
    root: Path
    target: Path
    size: tuple[int, int]


@dataclass(frozen=True)
class BrowserJob:
    """What to load: `document` below `root`, the one folder that its page sees.

    Printed to the PDF `target`. `drawing` is pictured after it by the same browser, in a page that
    shares nothing with the first: a start costs as much as a short novel. `column` is the paper's
    width and height that text fills, in CSS pixels: what does not fit is made smaller (`fitting`).
    `outline` asks for bookmarks of the document's headings. `megabytes` bounds the memory of all
    its processes, pages that they share counted once. `shuts_itself_in`: the browser's own sandbox
    is on.
    """

    executable: str
    root: str
    document: str
    target: str
    drawing: Drawing | None = None
    column: tuple[int, int] | None = None
    outline: bool = True
    megabytes: int = 3000
    shuts_itself_in: bool = True


@dataclass(frozen=True)
class BrowserResult:
    """What became of a job: the outside URLs that the document asked for in vain, sorted.

    `narrowed` counts the things that were made smaller to fit; `cut`: something still does not.
    """

    refused: tuple[str, ...]
    narrowed: int = 0
    cut: bool = False


def run_job(job: BrowserJob) -> BrowserResult:
    """Do `job`; the browser's own files lie in a folder of the working directory.

    Raises BookError (``browser.crash``) when the page dies, LimitExceeded (``sandbox.memory``),
    BrowserEnded when the browser does, ServiceError when none starts.
    """
    profile = Path("profile").absolute()
    profile.mkdir()
    browser = chromium.running_browser(job.executable, profile, sandbox=job.shuts_itself_in)
    with browser as (reading, writing, process):
        pipe = _Pipe(reading, writing)
        try:
            with chromium.memory_guard(process, job.megabytes):
                shown = _printed(_Page(pipe, Path(job.root)), job)
                if job.drawing is not None:
                    _picture(_Page(pipe, job.drawing.root), job.drawing)
                return shown
        finally:
            pipe.close()


def _printed(page: "_Page", job: BrowserJob) -> BrowserResult:
    page.open(job.document, job.column, printing=True)
    narrowed, cut = page.fit(job.column) if job.column is not None else (0, False)
    page.print_to(Path(job.target), outline=job.outline)
    page.close()
    return BrowserResult(tuple(sorted(page.refused)), narrowed, cut)


def _picture(page: "_Page", drawing: Drawing) -> None:
    page.open(drawing.document.relative_to(drawing.root).as_posix(), drawing.size, printing=False)
    page.screenshot_to(drawing.target, drawing.size)


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
            raise BrowserEnded("the browser ended before its work was done") from error
        return self._last

    def receive(self) -> Message:
        """The next message; BrowserEnded when the browser has gone."""
        start = 0
        while (end := self._buffer.find(b"\0", start)) < 0:
            start = len(self._buffer)
            data = self._in.read(1 << 20)
            if not data:
                raise BrowserEnded("the browser ended before its work was done")
            self._buffer += data
        message: Message = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        return message

    def close(self) -> None:
        self._out.close()
        self._in.close()


class _Page:
    """One tab with storage of its own: requests answered from `root`, everything else refused."""

    def __init__(self, pipe: _Pipe, root: Path) -> None:
        self._pipe = pipe
        self._root = root.resolve()
        self._session: str | None = None
        self._events: list[Message] = []
        self._shown: str | None = None
        """The frame of the document, once that is there: nothing may take its place."""
        self.refused: set[str] = set()
        own = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=own)
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._context, self._session = own, attached["sessionId"]

    def open(self, document: str, size: tuple[int, int] | None, *, printing: bool) -> None:
        """Load `document` and all that it shows, in a window of `size`."""
        self.ask("Emulation.setScriptExecutionDisabled", value=True)
        self.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.ask("Page.enable")
        if printing:
            self.ask("Emulation.setEmulatedMedia", media="print")
        if size is not None:
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
        self._shown = answer["frameId"]
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._next()

    def fit(self, column: tuple[int, int]) -> tuple[int, bool]:
        """Make smaller what `column` does not hold: how many things; whether not enough."""
        answer = self.ask(
            "Runtime.evaluate",
            expression=f"({fitting.SCRIPT.strip()})({column[0]}, {column[1]})",
            returnByValue=True,
            timeout=_LONGEST_FITTING,
        )
        if "exceptionDetails" in answer:
            raise ServiceError(f"the page was not measured: {answer['exceptionDetails']}"[:1000])
        narrowed, cut = answer["result"]["value"]
        return int(narrowed), bool(cut)

    def print_to(self, target: Path, *, outline: bool) -> None:
        """The page as tagged PDF; CSS says the page's size."""
        answer = self.ask(
            "Page.printToPDF",
            preferCSSPageSize=True,
            printBackground=True,
            generateTaggedPDF=True,
            generateDocumentOutline=outline,
            transferMode="ReturnAsStream",
        )
        with target.open("wb") as file:
            while True:
                part = self.ask("IO.read", handle=answer["stream"], size=1 << 20)
                data = part["data"]
                file.write(base64.b64decode(data) if part.get("base64Encoded") else data.encode())
                if part["eof"]:
                    return

    def screenshot_to(self, target: Path, size: tuple[int, int]) -> None:
        """The page's first `size` pixels as PNG: of half more bytes in a fifth of the time."""
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        answer = self.ask("Page.captureScreenshot", format="png", clip=clip, optimizeForSpeed=True)
        target.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """Give up what the page holds."""
        self._session = None
        self.ask("Target.disposeBrowserContext", browserContextId=self._context)

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
        if message.get("sessionId") not in (None, self._session):  # a page's that was closed
            return {}
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
        leaves = paused["resourceType"] == "Document" and paused["frameId"] == self._shown
        if file is None or leaves:
            if not url.startswith(_ORIGIN):
                self.refused.add(url[:500])
            self._pipe.send(
                "Fetch.failRequest",
                self._session,
                requestId=paused["requestId"],
                # A page that is refused is shown as an error in the document's place; a page that
                # was given up leaves the document where it is.
                errorReason="Aborted" if leaves else "BlockedByClient",
            )
            return
        headers = {"Content-Type": _content_type(file), "Content-Security-Policy": _POLICY}
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


def _content_type(file: Path) -> str:
    kind = media_type_of(file.suffix)
    return f"{kind}; charset=utf-8" if kind == "text/css" else kind
