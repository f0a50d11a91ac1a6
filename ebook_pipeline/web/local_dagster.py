"""Dagster on one machine: the code server, the daemon, and the guarded web UI in this process.

As `dagster dev` starts them, but for the guard, and for the code server's socket, which lies in a
folder that nobody else may enter.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import DagsterInstance
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.load_target import ModuleTarget
from dagster._utils.log import configure_loggers

from ebook_pipeline.settings import Settings
from ebook_pipeline.web import webserver

DEFINITIONS = "ebook_pipeline.definitions"
_PATIENCE = 5


def main() -> None:
    """Run all three until this process is asked to end, or one of them has ended."""
    webserver.end_in_order()
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
    target = ModuleTarget(DEFINITIONS, None, None, None)
    with (
        DagsterInstance.get() as instance,
        ProxyServerManager(instance, target, "warning") as manager,
    ):
        workspace = folder / "workspace.yaml"
        workspace.write_text(json.dumps({"load_from": list(manager.get_code_server_specs())}))
        yield workspace


@contextmanager
def daemon(workspace: Path) -> Iterator[None]:
    """The process of sensors, schedules and queued runs; its end ends this one."""
    argv = [sys.executable, "-m", "ebook_pipeline.web.daemon", "run", "-w", str(workspace)]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    ending = threading.Event()
    threading.Thread(target=_follow, args=(process, ending), daemon=True).start()
    try:
        yield
    finally:
        ending.set()
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _follow(process: "subprocess.Popen[bytes]", ending: threading.Event) -> None:
    process.wait()
    if not ending.is_set():
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
