"""The process that forks the sandbox's children: single-threaded, warm, and dead when we are.

It is started by `fork_client`, never by hand. A request comes over a Unix socket
with the files that the child talks through. Because this process, not one of our threads, is the
children's parent, their death signal cannot fire early, and no thread's lock is copied by the fork.
"""

import contextlib
import gc
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
from dataclasses import dataclass, field, replace
from pathlib import Path

from ebook_pipeline.tools import (
    answers,
    identity,
    isolation,
    pid_namespace,
    prctl,
    shared_files,
    system_calls,
)
from ebook_pipeline.tools.confinement import Confinement, work_of
from ebook_pipeline.tools.grants import ITSELF, joined, program_rules
from ebook_pipeline.tools.identity import Identity
from ebook_pipeline.tools.isolation import Layers
from ebook_pipeline.tools.landlock import FileRules, OpenedRules, ProcessFolder
from ebook_pipeline.tools.limits import Limits, address_space
from ebook_pipeline.tools.system_calls import Work
from ebook_pipeline.tools.work_folders import WorkFolders, disk_use

HEADER = struct.Struct("!cI")
STATUS = struct.Struct("!i?")
"""Exit code as `waitstatus_to_exitcode` gives it; whether it had filled too much of the disk."""
RUN, KILL, KILL_ALL = b"r", b"k", b"K"
MARK = "EBOOK_SANDBOX_CALL"
_OURS = "ebook_pipeline."
_LOOK_EVERY = 1.0
"""Seconds between two looks at what a call has written."""
_COLLECT_AFTER = (20_000, 10, 10)
"""Objects before a child looks for cycles: as Python has it, 7 % of a long book, for nothing."""


@dataclass(frozen=True)
class ForkRequest:
    """What a child shall do: the pickled call, or a program's argument list.

    Without `cwd` it works in the folder that it gets. `imports` are modules that the call will
    need: this process has them before it forks, so that a call costs a fork and no import. `held`
    is a pickled call of a function that keeps its result: it is done here once, for all children.
    `files` may be opened besides what every program needs, and so may what is `shared`, by its
    name.
    """

    limits: Limits = field(default_factory=Limits)
    call: bytes = b""
    argv: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    cwd: str = ""
    imports: tuple[str, ...] = ()
    held: bytes = b""
    files: FileRules = field(default_factory=FileRules)
    shared: dict[str, Path] = field(default_factory=dict)


def serve(control: socket.socket) -> None:
    """Say what isolates the children; fork, reap and kill as asked, until `control` is closed."""
    layers = isolation.isolate_process()
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more: it ends at once
        control.sendall(pickle.dumps(layers))
    prctl.adopt_orphans()
    _prepare(layers)
    with WorkFolders() as work_folders:
        server = _ForkServer(control, work_folders, layers)
        if layers.processes:
            server.number_apart()
        server.run()


def _prepare(layers: Layers) -> None:
    """Do once what else each child would."""
    if layers.identity is Identity.USER:
        identity.bound()
    for work in Work if layers.filter else ():
        system_calls.program_for(work)
    if layers.filter and layers.for_all:
        system_calls.restrict(Work.FORKING)


@dataclass
class _Call:
    """A child that runs: its call's number, where its end is told, where it may write and how much.

    `looked` is when it was looked at last how much it has written, seconds of the clock that only
    goes on. `itself` is held until it ends.
    """

    number: int
    status: int
    folders: tuple[Path, ...]
    disk: int
    itself: ProcessFolder
    looked: float = field(default_factory=time.monotonic)
    too_much: bool = False

    def look(self) -> bool:
        """Whether it is found, once a second, to have filled more of the disk than it may."""
        now = time.monotonic()
        if now - self.looked < _LOOK_EVERY:
            return False
        self.looked = now
        self.too_much = disk_use(self.folders, self.disk) > self.disk
        return self.too_much


class _ForkServer:
    def __init__(self, control: socket.socket, work_folders: WorkFolders, layers: Layers) -> None:
        self._control = control
        self._work_folders = work_folders
        self._layers = layers
        self._programs = OpenedRules(program_rules()) if layers.landlock else OpenedRules()
        self._parent = os.getppid()
        self._calls: dict[int, _Call] = {}  # by process id
        self._held: set[bytes] = set()
        self._at_start = address_space()
        self._first = 0  # of the children's PID namespace
        self._beside: tuple[int, socket.socket] | None = None
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

    def number_apart(self) -> None:
        """Have children in a PID namespace, but for browsers: these another server forks."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._control.close()
            self._work_folders.unlock()
            _serve_beside(theirs, self._work_folders, self._layers)
        theirs.close()
        self._beside = pid, ours
        self._first = pid_namespace.enter()

    def run(self) -> None:
        alive = True
        while alive and os.getppid() == self._parent:
            for key, _ in self._selector.select(timeout=1.0):
                if key.fileobj is self._control:
                    alive = self._obey()
                else:
                    self._woken.recv(4096)
            self._reap()
            for pid, call in self._calls.items():
                if call.look():
                    _kill_group(pid)
        self._calls.clear()
        self._first, self._beside = 0, None
        while pid_namespace.children_of(os.getpid()):
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
            return True
        if kind == KILL:
            self._kill(call)
        else:
            self._kill_all()
        if self._beside:
            self._beside[1].sendall(message)
        return True

    def _fork(self, call: int, files: list[int]) -> None:
        order, stdin, out, err, status = files
        with os.fdopen(os.dup(order), "rb") as file:
            file.seek(0)
            request: ForkRequest = pickle.load(file)  # noqa: S301 - its `call` stays pickled
        if self._beside and request.limits.gains_privileges:
            socket.send_fds(self._beside[1], [HEADER.pack(RUN, call)], files)
            for given in files:
                os.close(given)
            return
        os.close(order)
        shared_files.take(request.shared)
        for name in request.imports:
            _import(name)
        self._hold(request.held)
        folder = self._work_folders.make(call)
        besides = FileRules(read=tuple(request.shared.values()), own=(folder,))
        rules = joined(ITSELF, request.files, besides)
        confined = Confinement(call, self._limits(request), rules, self._programs, self._layers)
        child = _Child(folder, confined)
        gc.freeze()  # a child that collects garbage does not touch, and so copy, all that is here
        pid = os.fork()
        if pid == 0:
            _become_child(child, request, (stdin, out, err))
        for given in (stdin, out, err):
            os.close(given)
        folders = (folder, *request.files.write, *request.files.own)
        disk = request.limits.disk << 20
        self._calls[pid] = _Call(call, status, folders, disk, ProcessFolder(pid))

    def _limits(self, request: ForkRequest) -> Limits:
        """What earlier calls left in this process, for its children to share, is no call's own."""
        limits = request.limits
        if request.argv or not limits.megabytes:
            return limits
        left = address_space() - self._at_start
        return replace(limits, megabytes=limits.megabytes + left)

    def _hold(self, held: bytes) -> None:
        """Where it fails, it fails in the child again, which says so."""
        if held and held not in self._held:
            self._held.add(held)
            with contextlib.suppress(Exception):
                function, arguments = pickle.loads(held)  # noqa: S301 - our parent's
                function(*arguments)

    def _kill(self, number: int) -> None:
        for pid, call in self._calls.items():
            if call.number == number:
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
        call = self._calls.pop(pid)
        self._reap_orphans()
        self._work_folders.remove(call.number)
        with contextlib.suppress(BrokenPipeError):  # the caller stopped listening at its deadline
            os.write(call.status, STATUS.pack(os.waitstatus_to_exitcode(ended), call.too_much))
        os.close(call.status)
        call.itself.close()

    def _reap_orphans(self) -> None:
        """Kill what ended calls left behind in sessions of its own."""
        running = {call.number for call in self._calls.values()}
        for pid in self._orphans():
            if _call_of(pid) not in running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for pid in self._orphans():
            with contextlib.suppress(ChildProcessError):  # that of the namespace's first process
                os.waitpid(pid, os.WNOHANG)

    def _orphans(self) -> list[int]:
        """Children of this process, and of the namespace's first one, that no call is."""
        kept = {*self._calls, self._first, self._beside[0] if self._beside else 0}
        parents = (os.getpid(), self._first) if self._first else (os.getpid(),)
        children = (pid for parent in parents for pid in pid_namespace.children_of(parent))
        return [pid for pid in children if pid not in kept]


def _serve_beside(control: socket.socket, work_folders: WorkFolders, layers: Layers) -> None:
    """Be another server, in a process that the first one has forked: never returns."""
    try:
        prctl.signal_at_parents_death(signal.SIGKILL)
        prctl.adopt_orphans()
        _ForkServer(control, work_folders, layers).run()
    finally:
        os._exit(0)


@dataclass(frozen=True)
class _Child:
    """What the server gives a child: an empty folder and what confines it."""

    folder: Path
    confinement: Confinement


def _become_child(child: _Child, request: ForkRequest, standard: tuple[int, int, int]) -> None:
    """Become the call: never returns."""
    code = 1
    try:
        gc.set_threshold(*_COLLECT_AFTER)
        gc.enable()
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
    os.environ[MARK] = str(child.confinement.call)
    os.environ["TMPDIR"] = tempfile.tempdir = str(child.folder)
    os.dup2(stdin, 0)
    os.dup2(err, 2)
    work = work_of(request.limits, program=bool(request.argv))
    if request.argv:
        os.dup2(out, 1)
        child.confinement.apply(work, first_file=3)
        return _become(request.argv)
    os.dup2(err, 1)
    os.dup2(out, 3)
    sys.path[:] = request.path
    _send(answers.answer_of(lambda: _called(request.call, child.confinement, work)))
    return 0


def _called(call: bytes, confinement: Confinement, work: Work) -> object:
    """The call's result; it is our own side's until the function gets to see its arguments."""
    function, arguments, keywords = pickle.loads(call)  # noqa: S301
    confinement.apply(work, first_file=4)
    return function(*arguments, **keywords)


def _become(argv: tuple[str, ...]) -> int:
    try:
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}".encode())
    return 127


def _send(answer: bytes) -> None:
    view = memoryview(answer)
    while view:
        view = view[os.write(3, view) :]


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):  # not yet in a session of its own
        os.kill(pid, signal.SIGKILL)


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
    """Import a module of ours; another's is the child's alone, for it could start threads here."""
    if name.startswith(_OURS):
        with contextlib.suppress(Exception):  # it fails in the child again, which says so
            importlib.import_module(name)


def main() -> None:
    """Serve over the socket that the first argument numbers."""
    gc.disable()  # imports leave no garbage, and all that is here is kept for children
    serve(socket.socket(fileno=int(sys.argv[1])))
