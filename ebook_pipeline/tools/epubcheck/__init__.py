"""W3C's EPUBCheck in one warm JVM per process: checks are serial, a stuck one is killed.

The JVM ends with this process, however that ends: it reads our end of a pipe until that closes. It
listens to us on a local port and connects to none: what a book names elsewhere is never fetched.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from ebook_pipeline.foundation.errors import (
    BookError,
    LimitExceeded,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.installed_versions import installed_version
from ebook_pipeline.tools.epubcheck.jvm import OUT_OF_MEMORY, CheckerJvm, JvmDied, bundled_java
from ebook_pipeline.tools.epubcheck.profiles import PROFILES
from ebook_pipeline.tools.epubcheck.report import findings_in
from ebook_pipeline.tools.sandbox import Cancelled

_ATTEMPTS = 2  # the system may have killed the JVM for another process's hunger
_QUICK_SECONDS = 15.0
"""CPU seconds after which a check goes on in a JVM with its optimising compiler.

Without it small books cost half; a document with 12,000 ids takes 48 CPU s without, 22 with it.
"""
_MOST_WAIT = 20
"""Times its CPU limit that a check may take on the clock: then nothing moves any more."""
_LONGEST_HANG = 60.0
"""Seconds on the clock that even the shortest limit allows."""
_LOOK_EVERY = 0.1
"""Seconds between two looks at the JVM's CPU time."""
_log = logging.getLogger(__name__)


class EpubCheck:
    """The checker; thread-safe. `java` is a Java 11 or newer, the bundled runtime if None.

    `seconds` bounds one check's CPU time, `megabytes` the JVM's heap. Call `close` when done.
    """

    def __init__(
        self, java: Path | None = None, seconds: float = 120, megabytes: int = 1024
    ) -> None:
        self._java, self._seconds, self._megabytes = java, seconds, megabytes
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._machine: CheckerJvm | None = None

    @property
    def version(self) -> str:
        """Name and version of the checker, known without starting it: ``epubcheck 5.3.0``."""
        return f"epubcheck {installed_version('epubcheck')}"

    def runtime(self) -> str:
        """What the Java that would run says of itself; raises ServiceError where there is none."""
        java = self._java or bundled_java()
        try:
            said = subprocess.run([str(java), "-version"], capture_output=True, timeout=30)
        except OSError as error:
            raise ServiceError(f"no Java runs at {java}: {error}") from error
        return said.stderr.decode(errors="replace").partition("\n")[0]

    def check(self, path: Path, profile: str = "default") -> tuple[Finding, ...]:
        """What EPUBCheck says of the EPUB at `path`, worst first, whatever the file is called.

        At most 25 places per rule and severity, then one finding that counts the rest. Raises
        LimitExceeded (``epubcheck.time``, ``epubcheck.memory``), BookError (``epubcheck.crash``)
        where it gave up without a word or died twice, ServiceError where no JVM starts,
        Unavailable where one hangs, Cancelled after `close`.
        """
        if profile not in PROFILES:
            raise ServiceError(f"EPUBCheck has no profile {profile!r}")
        with self._lock:
            if self._closing.is_set():
                raise Cancelled("EPUBCheck is being closed")
            code, findings = self._run(path, profile)
        if code != 0 and not any(finding.severity >= Severity.WARNING for finding in findings):
            raise BookError("epubcheck.crash", "EPUBCheck gave up on the book without saying why.")
        return findings

    def close(self) -> None:
        """End the JVM and the running check (`Cancelled`); the next check starts another one."""
        self._closing.set()
        machine = self._machine
        if machine is not None:
            machine.kill()
        with self._lock:
            self._stop()
            self._closing.clear()

    def _run(self, path: Path, profile: str) -> tuple[int, tuple[Finding, ...]]:
        options = ["-u", "-q", "--locale", "en", "--profile", profile]
        for _ in range(_ATTEMPTS):
            try:
                return self._within_limit(path, options)
            except JvmDied as error:
                _log.warning("EPUBCheck died: %s", error)
        raise BookError("epubcheck.crash", "EPUBCheck died while it read the book.")

    def _within_limit(self, path: Path, options: Sequence[str]) -> tuple[int, tuple[Finding, ...]]:
        """Exit code and findings of the quick JVM or, for long work, of one that compiles fully."""
        if self._seconds > _QUICK_SECONDS:
            try:
                return self._try(self._live(quick=True), path, options, _QUICK_SECONDS)
            except LimitExceeded as error:
                if error.finding.rule != _TOO_LONG:
                    raise
        return self._try(self._live(quick=False), path, options, self._seconds)

    def _try(
        self, machine: "CheckerJvm", path: Path, options: Sequence[str], seconds: float
    ) -> tuple[int, tuple[Finding, ...]]:
        watch = _Watch(machine, seconds)
        try:
            with watch:
                code, report = machine.check(path, options)
            return code, findings_in(report, machine.folder)
        except JvmDied:
            self._stop()
            self._explain(machine, watch)
            raise

    def _explain(self, machine: "CheckerJvm", watch: "_Watch") -> None:
        """Raise the reason for the JVM's end where it is known."""
        if self._closing.is_set():
            raise Cancelled("the check was cancelled")
        if watch.filling:
            raise LimitExceeded("epubcheck.disk", "EPUBCheck filled too much of the disk.")
        if watch.hung:
            raise Unavailable("EPUBCheck hangs: it uses no time and does not end")
        if watch.late:
            text = f"EPUBCheck did not end within {self._seconds:g} seconds of computing time."
            remedy = "Split very long chapters into several files."
            raise LimitExceeded(_TOO_LONG, text, remedy=remedy)
        if machine.exit_code == OUT_OF_MEMORY:
            text = f"EPUBCheck needed more than {self._megabytes} MiB of memory."
            raise LimitExceeded("epubcheck.memory", text)

    def _live(self, *, quick: bool) -> "CheckerJvm":
        machine = self._machine
        if machine is not None and not (machine.alive and machine.quick is quick):
            self._stop()
        if self._machine is None:
            java = self._java or bundled_java()
            self._machine = CheckerJvm(java, self._megabytes, quick=quick)
        return self._machine

    def _stop(self) -> None:
        if self._machine is not None:
            self._machine.kill()
        self._machine = None


_TOO_LONG = "epubcheck.time"


class _Watch:
    """Kills a JVM that has used `seconds` of CPU time, or that no clock sees the end of."""

    def __init__(self, machine: "CheckerJvm", seconds: float) -> None:
        self.late = self.hung = self.filling = False
        self._machine, self._seconds = machine, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="epubcheck watch", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        began, used = time.monotonic(), self._machine.cpu_seconds()
        while not self._over.wait(min(_LOOK_EVERY, self._seconds)):
            self.late = self._machine.cpu_seconds() - used > self._seconds
            self.hung = time.monotonic() - began > max(_LONGEST_HANG, _MOST_WAIT * self._seconds)
            self.filling = self._machine.fills_the_disk
            if self.late or self.hung or self.filling:
                self._machine.kill()
                return
