"""Hostile or heavy work in a child process with limits of time, memory and files.

Here: starting a child, waiting for it, killing it. What runs in the child is the caller's; how
children are forked and limited is `nursery`'s. Everything is thread-safe. When this process ends,
by whatever signal, the nursery's socket closes and every child is killed.
"""

import atexit
import json
import logging
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import psutil

from ebook_pipeline.books.errors import (
    BookError,
    LimitExceeded,
    PipelineError,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.tools.nursery import HEADER, KILL, KILL_ALL, RUN, STATUS, Request

T = TypeVar("T")

_log = logging.getLogger(__name__)
_LARGEST_ANSWER = 512 << 20
_KEPT_STDERR = 8192
_GLANCE = 0.25
_START = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "runpy.run_module('ebook_pipeline.tools.nursery', run_name='__main__')"
)
_INHERITED = ("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_INHERITED_FAMILIES = ("LC_", "PYTHON", "XDG_", "FONTCONFIG_", "COV_")


@dataclass(frozen=True)
class Limits:
    """What one call may use: wall seconds, MiB, open files.

    `megabytes` bounds the address space; 0 sets no bound. With `resident` it bounds, for programs
    that reserve far more than they use (browsers, JVMs), the resident memory of the program and
    its children, looked at four times a second.
    """

    seconds: float = 120
    megabytes: int = 1500
    open_files: int = 256
    resident: bool = False


class ToolFailed(BookError):
    """An outside program could not do its work; the message ends with its own words."""


class Cancelled(ServiceError):
    """`kill_all` ended the call: neither the book's fault nor a service's."""


def call(
    function: Callable[..., T], /, *args: object, limits: Limits = Limits(), **kwargs: object
) -> T:
    """`function` (importable by name) run in a child process; its result.

    Raises what the function raised where that is one of our errors; LimitExceeded
    (``sandbox.time``, ``sandbox.memory``, ``sandbox.output``); BookError (``sandbox.crash``) where
    the function raised anything else or its process died; Cancelled after `kill_all`.
    """
    payload = pickle.dumps((function, args, kwargs))
    request = _request(limits, call=payload, path=tuple(sys.path))
    outcome = _wait(_nursery.start(request, None), limits)
    if outcome.code != 0:
        raise _death(outcome)
    result: T = _result(pickle.loads(outcome.out))  # noqa: S301
    return result


def run_tool(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    limits: Limits = Limits(),
    stdin: bytes | None = None,
) -> bytes:
    """What the program `argv` printed; it and its children are gone afterwards.

    Its environment holds no setting or secret of ours. Raises ToolFailed (``tool.<name>``) when it
    does not end with 0, LimitExceeded as `call` does, Cancelled after `kill_all`.
    """
    request = _request(limits, argv=tuple(str(part) for part in argv), cwd=str(cwd))
    outcome = _wait(_nursery.start(request, stdin), limits)
    if outcome.code == 127 and not Path(argv[0]).exists():
        raise ServiceError(outcome.err.decode(errors="replace") or f"{argv[0]} is not installed")
    if outcome.code != 0:
        raise _tool_failure(Path(argv[0]).name, outcome)
    return outcome.out


def kill_all() -> None:
    """End every child of this process now; their callers get `Cancelled`."""
    _nursery.kill_all()


@dataclass(frozen=True)
class _Outcome:
    code: int
    out: bytes
    err: bytes
    cancelled: bool


class _Running:
    """One child seen from here: the read ends of its result and of what it prints."""

    def __init__(self, number: int, out: int, err: int, server: int) -> None:
        self.number, self.out, self.err, self.server = number, out, err, server
        self.cancelled = False


class _Nursery:
    """The forking process of this process: started with the first call, anew when it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._last = 0
        self._running: dict[int, _Running] = {}

    def start(self, request: Request, stdin: bytes | None) -> _Running:
        with _file_of(pickle.dumps(request)) as order, _file_of(stdin) as given:
            out, out_end = os.pipe()
            err, err_end = os.pipe()
            try:
                with self._lock:
                    files = [order.fileno(), given.fileno(), out_end, err_end]
                    return self._send_run(files, out, err)
            except BaseException:
                os.close(out)
                os.close(err)
                raise
            finally:
                os.close(out_end)
                os.close(err_end)

    def _send_run(self, files: list[int], out: int, err: int) -> _Running:
        self._last = (self._last + 1) % (1 << 32)
        header = HEADER.pack(RUN, self._last)
        try:
            socket.send_fds(self._live(), [header], files)
        except OSError:
            self.forget()
            socket.send_fds(self._live(), [header], files)
        assert self._server is not None
        running = _Running(self._last, out, err, self._server.pid)
        self._running[running.number] = running
        return running

    def _live(self) -> socket.socket:
        if self._server is not None and self._server.poll() is not None:
            self.forget()
        if self._control is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._server = _start_server(theirs)
            self._control = ours
        return self._control

    def end(self, running: _Running) -> None:
        with self._lock:
            self._running.pop(running.number, None)

    def kill(self, running: _Running) -> None:
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
        """End the forker with this process; it sees its socket close and kills what is left."""
        server = self._server
        self.forget()
        if server is not None:
            try:
                server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                server.kill()


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
    """What a child may know: where programs and fonts lie, no setting and no secret."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith(_INHERITED_FAMILIES)
    }


def _file_of(content: bytes | None) -> IO[bytes]:
    if content is None:
        return open(os.devnull, "rb")  # noqa: PTH123
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def _request(
    limits: Limits,
    *,
    call: bytes = b"",
    argv: tuple[str, ...] = (),
    path: tuple[str, ...] = (),
    cwd: str = "",
) -> Request:
    megabytes = 0 if limits.resident else limits.megabytes
    return Request(
        cwd or str(Path.cwd()), limits.seconds, megabytes, limits.open_files, call, argv, path
    )


def _wait(running: _Running, limits: Limits) -> _Outcome:
    """Read until the child has ended; kill it at its limit and say which."""
    try:
        out, err = _listen(running, limits)
    except BaseException:
        _nursery.kill(running)
        raise
    finally:
        _nursery.end(running)
        os.close(running.out)
        os.close(running.err)
    if running.cancelled:
        raise Cancelled("the call was cancelled")
    if len(out) < STATUS.size:
        raise Unavailable("the sandbox's own process died")
    (code,) = STATUS.unpack(out[-STATUS.size :])
    return _Outcome(code, bytes(out[: -STATUS.size]), bytes(err), running.cancelled)


def _listen(running: _Running, limits: Limits) -> tuple[bytearray, bytearray]:
    out, err = bytearray(), bytearray()
    deadline = time.monotonic() + limits.seconds
    with selectors.DefaultSelector() as selector:
        selector.register(running.out, selectors.EVENT_READ, out)
        selector.register(running.err, selectors.EVENT_READ, err)
        while selector.get_map():
            for key, _ in selector.select(_pause(deadline, limits)):
                _read(key, selector)
            if len(out) > _LARGEST_ANSWER:
                raise LimitExceeded("sandbox.output", "The work on this file gave too much output.")
            del err[:-_KEPT_STDERR]
            if limits.resident:
                _check_resident(running, limits)
    return out, err


def _pause(deadline: float, limits: Limits) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise LimitExceeded(
            "sandbox.time", f"The work on this file did not end within {limits.seconds:g} seconds."
        )
    return min(left, _GLANCE) if limits.resident else left


def _read(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    data = os.read(key.fd, 1 << 20)
    if data:
        key.data.extend(data)
    else:
        selector.unregister(key.fd)


def _check_resident(running: _Running, limits: Limits) -> None:
    if _resident(running) > limits.megabytes << 20:
        raise _memory(limits.megabytes)


def _resident(running: _Running) -> int:
    """Bytes of resident memory of the tool's session, shared pages counted once per process."""
    total = 0
    try:
        for process in psutil.Process(running.server).children(recursive=True):
            if process.environ().get("EBOOK_SANDBOX_CALL") == str(running.number):
                total += process.memory_info().rss
    except psutil.Error:
        return total
    return total


def _memory(megabytes: int) -> LimitExceeded:
    text = f"The work on this file needed more than {megabytes} MiB of memory."
    return LimitExceeded("sandbox.memory", text)


def _result(answer: tuple[Any, ...]) -> Any:
    kind = answer[0]
    if kind == "ok":
        return answer[1]
    if kind == "memory":
        raise LimitExceeded("sandbox.memory", "The work on this file needed too much memory.")
    if kind == "raise" and isinstance(answer[1], PipelineError):
        raise answer[1]
    _log.warning("a sandboxed call failed: %s", answer[-1])
    raise BookError("sandbox.crash", str(answer[1]))


def _death(outcome: _Outcome) -> BookError:
    if outcome.code == -signal.SIGKILL:
        return LimitExceeded("sandbox.memory", "The work on this file was killed by the system.")
    if outcome.code == -signal.SIGXCPU:
        return LimitExceeded("sandbox.time", "The work on this file used too much processor time.")
    return BookError("sandbox.crash", f"The work on this file {_how(outcome)}.")


def _tool_failure(name: str, outcome: _Outcome) -> BookError:
    if outcome.code in (-signal.SIGKILL, -signal.SIGXCPU):
        return _death(outcome)
    return ToolFailed(f"tool.{name}", f"{name} {_how(outcome)}")


def _how(outcome: _Outcome) -> str:
    if outcome.code < 0:
        end = f"died of {signal.Signals(-outcome.code).name}"
    else:
        end = f"ended with {outcome.code}"
    words = outcome.err.decode(errors="replace").strip()[-1000:]
    return f"{end}: {words}" if words else end


_nursery = _Nursery()


def _forked() -> None:
    """A fork of this process has a nursery of its own."""
    _nursery.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_forked)
atexit.register(_nursery.close)
