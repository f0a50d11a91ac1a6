"""Dagster on one machine: the code server, the daemon, and the guarded web UI in this process.

As `dagster dev` starts them, but for the guard, and for the code server's socket, which lies in a
folder that nobody else may enter. There is no proxy before the code server either: it loads changed
code when the UI asks for it, and idle it cost as much as the server. Here a restart does that.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.server import wait_for_grpc_server
from dagster._utils.log import configure_loggers

from ebook_pipeline.resources import disk
from ebook_pipeline.settings import Settings
from ebook_pipeline.web import dagster_process, webserver

DEFINITIONS = "ebook_pipeline.definitions"
_PATIENCE = 5
_PAUSE = 1  # s before a process is started anew
_START_SECONDS = 90


def main() -> None:
    """Run all three until this process is asked to end, or one of them has ended."""
    disk.keep_private()
    webserver.end_in_order()
    dagster_process.watch_seldom()
    configure_loggers(log_level="INFO")
    with private_folder() as folder, code_server(folder) as workspace, daemon(workspace):
        webserver.serve(Settings(), workspace)


@contextmanager
def private_folder() -> Iterator[Path]:
    """An empty folder for this user alone, where sockets and other temporary files go."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="ebooks-") as folder:
        tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


@contextmanager
def code_server(folder: Path) -> Iterator[Path]:
    """The process that has our code, started anew when it ends; the workspace file that names it.

    The file is JSON, which YAML holds.
    It listens on a socket below `folder`: who reached that could launch runs.
    """
    socket = folder / "code"
    argv = ["code-server", "-s", str(socket), "-m", DEFINITIONS]
    argv += ["--lazy-load-user-code", "--log-level", "warning"]
    with _Child(argv) as child:
        client = DagsterGrpcClient(socket=str(socket))
        wait_for_grpc_server(child.process, client, argv, timeout=_START_SECONDS)
        child.when_it_ends(child.start)
        location = {"location_name": DEFINITIONS, "socket": str(socket)}
        workspace = folder / "workspace.yaml"
        workspace.write_text(json.dumps({"load_from": [{"grpc_server": location}]}))
        yield workspace


@contextmanager
def daemon(workspace: Path) -> Iterator[None]:
    """The process of sensors, schedules and queued runs; its end ends this one."""
    with _Child(["daemon", "run", "-w", str(workspace)]) as child:
        child.when_it_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
        yield


class _Child:
    """A process of `dagster_process`, asked to end with the block, and made to after a while."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = [sys.executable, "-m", dagster_process.__name__, *argv]
        self._ending = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        self.process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL)

    def when_it_ends(self, then: Callable[[], object]) -> None:
        """Call `then` whenever the process ends although nobody asked it to."""
        threading.Thread(target=self._follow, args=[then], daemon=True).start()

    def _follow(self, then: Callable[[], object]) -> None:
        while True:
            self.process.wait()
            if self._ending.wait(_PAUSE):
                return
            then()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.process.terminate()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


if __name__ == "__main__":
    main()
