"""The process that forks the sandbox's children: single-threaded, warm, and dead when we are.

It is started by `fork_client`, never by hand. A request comes over a Unix socket
with the files that the child talks through. Because this process, not one of our threads, is the
children's parent, their death signal cannot fire early, and no thread's lock is copied by the fork.
"""

import contextlib
import importlib
import os
import pickle
import selectors
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ebook_pipeline.tools import answers, isolation, prctl
from ebook_pipeline.tools.isolation import Isolation
from ebook_pipeline.tools.limits import Limits, apply_limits
from ebook_pipeline.tools.work_folders import WorkFolders

HEADER = struct.Struct("!cI")
STATUS = struct.Struct("!i")
RUN, KILL, KILL_ALL = b"r", b"k", b"K"
MARK = "EBOOK_SANDBOX_CALL"
_OURS = "ebook_pipeline."


@dataclass(frozen=True)
class ForkRequest:
    """What a child shall do: the pickled call, or a program's argument list.

    Without `cwd` it works in the folder that it gets. `imports` are modules that the call will
    need: this process has them before it forks, so that a call costs a fork and no import.
    """

    limits: Limits = field(default_factory=Limits)
    call: bytes = b""
    argv: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    cwd: str = ""
    imports: tuple[str, ...] = ()


def serve(control: socket.socket) -> None:
    """Say what isolates the children; fork, reap and kill as asked, until `control` is closed."""
    found = isolation.isolate_process()
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more: it ends at once
        control.sendall(bytes([list(Isolation).index(found)]))
    prctl.adopt_orphans()
    with WorkFolders() as work_folders:
        _ForkServer(control, work_folders, found).run()


class _ForkServer:
    def __init__(
        self, control: socket.socket, work_folders: WorkFolders, isolated_by: Isolation
    ) -> None:
        self._control = control
        self._work_folders = work_folders
        self._isolated_by = isolated_by
        self._parent = os.getppid()
        self._calls: dict[int, tuple[int, int]] = {}  # pid: call, where its end is told
        self._selector = selectors.DefaultSelector()
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def run(self) -> None:
        alive = True
        while alive and os.getppid() == self._parent:
            for key, _ in self._selector.select(timeout=1.0):
                if key.fileobj is self._control:
                    alive = self._obey()
                else:
                    self._woken.recv(4096)
            self._reap()
        self._calls.clear()
        while _child_pids():
            self._reap_orphans()
            time.sleep(0.01)

    def _obey(self) -> bool:
        try:
            message, files, _, _ = socket.recv_fds(self._control, HEADER.size, 5)
        except ConnectionError:
            return False
        if len(message) < HEADER.size:
            return False
        kind, call = HEADER.unpack(message)
        if kind == RUN:
            self._fork(call, files)
        elif kind == KILL:
            self._kill(call)
        else:
            self._kill_all()
        return True

    def _fork(self, call: int, files: list[int]) -> None:
        order, stdin, out, err, status = files
        with os.fdopen(order, "rb") as file:
            file.seek(0)
            request: ForkRequest = pickle.load(file)  # noqa: S301 - its `call` stays pickled
        for name in request.imports:
            _import(name)
        folder = self._work_folders.make(call)
        pid = os.fork()
        if pid == 0:
            shut = self._isolated_by is Isolation.FILTER
            _become_child(_Child(call, folder, shut), request, (stdin, out, err))
        for given in (stdin, out, err):
            os.close(given)
        self._calls[pid] = (call, status)

    def _kill(self, call: int) -> None:
        for pid, (running, _) in self._calls.items():
            if running == call:
                _kill_group(pid)

    def _kill_all(self) -> None:
        for pid in self._calls:
            _kill_group(pid)

    def _reap(self) -> None:
        """Report the children that ended; the group of a child dies before its number is free."""
        for pid in list(self._calls):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                self._end(pid)
        self._reap_orphans()

    def _end(self, pid: int) -> None:
        _kill_group(pid)
        _, ended = os.waitpid(pid, 0)
        call, status = self._calls.pop(pid)
        self._reap_orphans()
        self._work_folders.remove(call)
        with contextlib.suppress(BrokenPipeError):  # the caller stopped listening at its deadline
            os.write(status, STATUS.pack(os.waitstatus_to_exitcode(ended)))
        os.close(status)

    def _reap_orphans(self) -> None:
        """Kill what ended calls left behind in sessions of its own."""
        running = {call for call, _ in self._calls.values()}
        for pid in _child_pids():
            if pid not in self._calls and _call_of(pid) not in running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for pid in _child_pids():
            if pid not in self._calls:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


@dataclass(frozen=True)
class _Child:
    """What the server gives a child: the call's number, a folder, a filter or none."""

    call: int
    folder: Path
    shut: bool


def _become_child(child: _Child, request: ForkRequest, standard: tuple[int, int, int]) -> None:
    """Become the call: never returns."""
    code = 1
    try:
        prctl.signal_at_parents_death(signal.SIGKILL)
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        code = _run(request, child, standard)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(code)


def _run(request: ForkRequest, child: _Child, standard: tuple[int, int, int]) -> int:
    stdin, out, err = standard
    os.chdir(request.cwd or child.folder)
    os.environ[MARK] = str(child.call)
    os.environ["TMPDIR"] = tempfile.tempdir = str(child.folder)
    os.dup2(stdin, 0)
    os.dup2(err, 2)
    if request.argv:
        os.dup2(out, 1)
        _confine(request.limits, child.shut, first_file=3)
        return _become(request.argv)
    os.dup2(err, 1)
    os.dup2(out, 3)
    _confine(request.limits, child.shut, first_file=4)
    sys.path[:] = request.path
    _send(_answer(request.call))
    return 0


def _confine(limits: Limits, shut: bool, first_file: int) -> None:
    """Let go of the server's open files; take up the limits and, where it is due, the filter."""
    os.closerange(first_file, 1 << 16)
    apply_limits(limits)
    if shut and not limits.gains_privileges:
        isolation.deny_sockets()


def _become(argv: tuple[str, ...]) -> int:
    try:
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}".encode())
    return 127


def _answer(call: bytes) -> bytes:
    """What the call of `ForkRequest` gives; the request comes from our own side."""
    return answers.answer_of(lambda: _called(*pickle.loads(call)))  # noqa: S301


def _called(
    function: Callable[..., object], args: Sequence[object], keywords: Mapping[str, object]
) -> object:
    return function(*args, **keywords)


def _send(answer: bytes) -> None:
    view = memoryview(answer)
    while view:
        view = view[os.write(3, view) :]


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):  # not yet in a session of its own
        os.kill(pid, signal.SIGKILL)


def _child_pids() -> list[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def _call_of(pid: int) -> int | None:
    """The call that started `pid`, where its environment tells."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
    for pair in environment.split(b"\0"):
        name, _, value = pair.partition(b"=")
        if name == MARK.encode():
            return int(value)
    return None


def _import(name: str) -> None:
    """Import a module of ours; another's is the child's alone, for it could start threads here.

    Where that fails, it fails in the child again, which says so.
    """
    if name.startswith(_OURS):
        with contextlib.suppress(Exception):
            importlib.import_module(name)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
