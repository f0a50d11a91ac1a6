"""The sandbox's children as this process sees them: one server that forks, its orders, its answers.

Thread-safe. The server starts with the first call and anew when it died; when this process ends, by
whatever signal, its socket closes and it kills every child. What it does is in `fork_server`.
"""

import json
import logging
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import IO

from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.tools import prctl
from ebook_pipeline.tools.fork_server import HEADER, KILL, KILL_ALL, MARK, RUN, ForkRequest
from ebook_pipeline.tools.isolation import Isolation, Layers
from ebook_pipeline.tools.shared_files import all_shared

__all__ = ["MARK", "ForkClient", "RunningCall", "environment"]

_log = logging.getLogger(__name__)
_START = (
    "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv.pop()); "
    "from ebook_pipeline.tools import fork_server; fork_server.main()"
)
_INHERITED = ("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_INHERITED_FAMILIES = ("LC_", "PYTHON", "XDG_", "FONTCONFIG_", "COV_")


class RunningCall:
    """One child seen from here: where its result, what it prints and its end are read.

    The first two are what the child writes; how it ended, the fork server says.
    """

    def __init__(self, number: int, ends: Sequence[int], server: int) -> None:
        self.number, self.server = number, server
        self.out, self.err, self.status = ends
        self.cancelled = False

    def close(self) -> None:
        """Stop listening."""
        for end in (self.out, self.err, self.status):
            os.close(end)


class ForkClient:
    """The fork server of this process: started with the first call, anew when it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._last = 0
        self._running: dict[int, RunningCall] = {}
        self._layers = Layers()

    def layers(self) -> Layers:
        """What holds the children here; starts the server, which finds out."""
        with self._lock:
            self._live()
            return self._layers

    def start(self, request: ForkRequest, stdin: bytes | IO[bytes] | None) -> RunningCall:
        request = replace(request, shared=all_shared())
        with _file_of(pickle.dumps(request)) as order, _file_of(stdin) as given:
            pipes = [os.pipe() for _ in range(3)]
            ours, theirs = [ours for ours, _ in pipes], [theirs for _, theirs in pipes]
            try:
                with self._lock:
                    return self._send_run([order.fileno(), given.fileno(), *theirs], ours)
            except BaseException:
                for end in ours:
                    os.close(end)
                raise
            finally:
                for end in theirs:
                    os.close(end)

    def _send_run(self, files: list[int], ends: list[int]) -> RunningCall:
        self._last = (self._last + 1) % (1 << 32)
        header = HEADER.pack(RUN, self._last)
        try:
            socket.send_fds(self._live(), [header], files)
        except OSError:
            self.forget()
            socket.send_fds(self._live(), [header], files)
        assert self._server is not None
        running = RunningCall(self._last, ends, self._server.pid)
        self._running[running.number] = running
        return running

    def _live(self) -> socket.socket:
        if self._server is not None and self._server.poll() is not None:
            self.forget()
        if self._control is None:
            ours, theirs = socket.socketpair()
            prctl.close_memory()
            with theirs:
                self._server = _start_server(theirs)
            self._control = ours
            self._layers = _greeting(ours)
        return self._control

    def end(self, running: RunningCall) -> None:
        with self._lock:
            self._running.pop(running.number, None)

    def kill(self, running: RunningCall) -> None:
        with self._lock:
            self._order(KILL, running.number)

    def kill_all(self) -> None:
        with self._lock:
            for running in self._running.values():
                running.cancelled = True
            self._order(KILL_ALL, 0)

    def _order(self, kind: bytes, number: int) -> None:
        if self._control is not None:
            try:
                self._control.sendall(HEADER.pack(kind, number))
            except OSError:
                self.forget()

    def forget(self) -> None:
        """Let go of a server that died, or that belongs to the process we were forked from."""
        if self._control is not None:
            self._control.close()
        self._control = self._server = None

    def close(self) -> None:
        """End the server with this process; it sees its socket close and kills what is left."""
        server = self._server
        self.forget()
        if server is not None:
            try:
                server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                server.kill()


def _greeting(control: socket.socket) -> Layers:
    """What the server says first; where the network is open, the log says so once."""
    said = control.recv(4096)
    if not said:
        raise Unavailable("the sandbox's own process does not start")
    layers: Layers = pickle.loads(said)  # noqa: S301 - it has no child yet
    if layers.network is Isolation.NONE:
        _log.warning("this system lets no process be cut off: converters could reach the network")
    return layers


def _start_server(control: socket.socket) -> subprocess.Popen[bytes]:
    number = control.fileno()
    argv = [sys.executable, "-c", _START, str(number), json.dumps(sys.path)]
    return subprocess.Popen(
        argv,
        pass_fds=[number],
        stdin=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )


def environment() -> dict[str, str]:
    """What a child may know: where programs and fonts lie, no setting and no secret.

    NumPy's library starts a thread for each core when it is loaded, which a child may not.
    """
    return {"OPENBLAS_NUM_THREADS": "1"} | {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith(_INHERITED_FAMILIES)
    }


def _file_of(content: bytes | IO[bytes] | None) -> IO[bytes]:
    if content is None:
        return open(os.devnull, "rb")  # noqa: PTH123
    if not isinstance(content, bytes):
        return content
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.flush()
    file.seek(0)
    return file
