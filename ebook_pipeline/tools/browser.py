"""Chromium, found on the machine, that prints documents to PDF without network or scripts."""

import dataclasses
import functools
import logging
import os
import re
import shutil
import tempfile
from pathlib import Path

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.tools import chromium, devtools, sandbox
from ebook_pipeline.tools.chromium import BrowserEnded
from ebook_pipeline.tools.devtools import BrowserResult, Drawing
from ebook_pipeline.tools.grants import joined, program_rules_of
from ebook_pipeline.tools.landlock import FileRules

_log = logging.getLogger(__name__)

# A headless shell is the same engine without windows and without a process that composes pages: a
# third less for a novel, half for a small book.
NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_PROCESSES = 1000
"""And threads: a page with its browser has a hundred."""
_MAC = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


class NoBrowser(ServiceError):
    """No Chromium or Chrome was found, or it does not start."""


class Browser:
    """A headless browser per call: own empty profile, own session, no network, no scripts.

    `executable` wins over what PATH has. `seconds` bounds a call, `megabytes` the resident memory
    of the browser with all its processes.
    """

    def __init__(
        self, executable: Path | None = None, seconds: float = 120, megabytes: int = 3000
    ) -> None:
        self._given = executable
        self._megabytes = megabytes
        # A browser reserves far more address space than it uses: devtools counts what it holds.
        self._limits = sandbox.Limits(
            seconds, 0, open_files=4096, processes=_PROCESSES, gains_privileges=True
        )

    @functools.cached_property
    def executable(self) -> Path | None:
        """The program, or None where there is none."""
        if self._given is not None:
            return self._given if os.access(self._given, os.X_OK) else None
        found = (shutil.which(name) for name in NAMES)
        on_path = next((Path(path) for path in found if path), None)
        return on_path or next((path for path in _MAC if path.exists()), None)

    @property
    def available(self) -> bool:
        """Whether documents can be printed here."""
        return self.executable is not None

    @functools.cached_property
    def version(self) -> str:
        """``chromium 156.0.8078.79``, or ``no browser``; NoBrowser where it does not start."""
        if not self.available:
            return "no browser"
        answer = sandbox.run_tool(
            [self._executable(), "--version"],
            cwd=Path(tempfile.gettempdir()),
            limits=sandbox.Limits(30, 0, 4096, processes=_PROCESSES),
        )
        number = re.search(rb"(?<!\d)\d+(\.\d+)+", answer)
        if number is None:
            raise NoBrowser(f"{self._executable()} does not say its version")
        return f"chromium {number[0].decode()}"

    @property
    def kind(self) -> str:
        """``headless shell``, or what has windows and what would print for less."""
        if chromium.is_shell(self._executable()):
            return "headless shell"
        return f"with windows: {NAMES[0]} would print for two thirds of the work"

    def print_pdf(
        self,
        document: Path,
        target: Path,
        *,
        root: Path | None = None,
        column: tuple[int, int] | None = None,
        outline: bool = True,
        drawing: Drawing | None = None,
    ) -> BrowserResult:
        """Print `document` to the tagged PDF `target`; what was refused and what had to shrink.

        `drawing` is pictured besides.

        The document sees the files below `root` (its own folder if None) by relative and by
        absolute paths, and nothing else. `column`: see `devtools.BrowserJob`. Raises NoBrowser,
        LimitExceeded (``sandbox.memory``), BookError, Unavailable where it hangs or ends twice.
        """
        job = self._job(document, target, root)
        return self._run(dataclasses.replace(job, column=column, outline=outline, drawing=drawing))

    def _job(self, document: Path, target: Path, root: Path | None) -> devtools.BrowserJob:
        root = (root or document.parent).resolve()
        return devtools.BrowserJob(
            executable=str(self._executable()),
            root=str(root),
            document=document.resolve().relative_to(root).as_posix(),
            target=str(target.absolute()),
            megabytes=self._megabytes,
            shuts_itself_in=os.geteuid() != 0,  # it refuses to as root
        )

    def _run(self, job: devtools.BrowserJob) -> BrowserResult:
        """Chromium itself dies now and then of a fault of its own: it gets a second start."""
        try:
            return self._run_once(job)
        except BrowserEnded as error:
            _log.warning("%s; it is started once more", error)
            return self._run_once(job)

    def _run_once(self, job: devtools.BrowserJob) -> BrowserResult:
        written, read = [Path(job.target)], [Path(job.root)]
        if job.drawing is not None:
            written.append(job.drawing.target)
            read.append(job.drawing.root)
        for target in written:
            target.touch()  # it may write these files, and no other beside them
        executable = program_rules_of(job.executable)
        processes = Path("/proc")  # its own, whose users it maps where it shuts itself in
        own = (processes,) if job.shuts_itself_in else ()
        files = FileRules(read=(*read, processes), write=(*written, *own))
        return sandbox.call(
            devtools.run_job, job, limits=self._limits, files=joined(files, executable)
        )

    def _executable(self) -> Path:
        if self.executable is None:
            raise NoBrowser("no Chromium or Chrome was found: set EBOOK_CHROMIUM to one")
        return self.executable
