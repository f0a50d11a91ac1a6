"""A child of the sandbox that stays: for work whose models take longer to load than to ask.

Here: many calls of one child, each within limits. A single call is `sandbox.call`; what answers
may be is in `answers`.
"""

import os
import pickle
import resource
import selectors
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from ebook_pipeline.foundation.errors import LimitExceeded, Unavailable
from ebook_pipeline.tools import answers, sandbox
from ebook_pipeline.tools.fork_server import STATUS, ForkRequest
from ebook_pipeline.tools.landlock import FileRules
from ebook_pipeline.tools.limits import BUSY, Limits, still_waiting

T = TypeVar("T")

LIMITS = Limits(seconds=120, megabytes=4000)
"""Of one call; the memory is that of everything that the child has loaded."""
_LIFETIME = 1_000_000
"""Seconds of processor time that all calls of a child may use: none notices."""
_SIZE = struct.Struct("!I")
_NAME = 8
"""Bytes of a call's name, which its answer begins with: no call hears the answer to another."""
_FRESH, _WORN = b"f", b"w"
"""What a child says of itself behind the name."""
_WORN_SHARE = 0.5
"""Share of the memory that a call may use, 0 to 1, from which a child that holds it between calls
is replaced: libraries remember what they were asked, and an honest text would meet the limit.
Harper's holds 252 MB of 1,500 after 30 texts of 15,000 letters, those of models 200 of 4,000."""
_LARGEST_ANSWER = 64 << 20
_STDIN, _ANSWERS = 0, 3


class Worker:
    """Thread-safe, one call at a time. The child starts with the first call, anew when it died.

    `reads` are files and folders besides our own code that its calls read.
    """

    def __init__(self, limits: Limits = LIMITS, reads: tuple[Path, ...] = ()) -> None:
        self._limits, self._reads = limits, reads
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._owner = os.getpid()

    def call(self, function: Callable[..., T], /, *args: object) -> T:
        """`function` (importable by name, its return type declared) in the child.

        Raises as `sandbox.call` does; a child that reached a limit is ended.
        """
        name = os.urandom(_NAME)
        request = pickle.dumps((name, function, args, int(self._limits.seconds)))
        with self._lock:
            child = self._living()
            try:
                answer = child.ask(name, request, self._limits.seconds)
            except BaseException:
                self._let_go()
                raise
            if answer[:1] != _FRESH or answer[1:] == answers.NO_MEMORY:
                self._let_go()
        return sandbox.result(function, answer[1:])

    def close(self) -> None:
        """End the child; the next call starts another."""
        with self._lock:
            self._let_go()

    def _living(self) -> "_Child":
        if self._owner != os.getpid():  # we were forked: the child is our parent's
            self._owner, self._child = os.getpid(), None
        if self._child is not None and self._child.has_ended():
            self._let_go()
        if self._child is None:
            self._child = _Child(replace(self._limits, seconds=_LIFETIME), self._reads)
        return self._child

    def _let_go(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    """The running child: what it is asked goes through a pipe, its answers come through another."""

    def __init__(self, limits: Limits, reads: tuple[Path, ...]) -> None:
        given, self._asked = os.pipe()
        path = tuple(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100
        files = FileRules(read=tuple(path.absolute() for path in reads))
        with os.fdopen(given, "rb") as stdin:
            request = ForkRequest(
                limits, call=_SERVING, path=path, imports=(__name__,), files=files
            )
            self._running = sandbox.start(request, stdin)
        os.set_blocking(self._asked, False)
        self._said_more = False

    def has_ended(self) -> bool:
        """Whether it says something that nobody asked for: that it ends, or the next answer."""
        if self._said_more:
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._running.out, selectors.EVENT_READ)
            selector.register(self._running.status, selectors.EVENT_READ)
            return bool(selector.select(0))

    def ask(self, name: bytes, request: bytes, seconds: float) -> bytes:
        """The answer to the `request` called `name`.

        Raises BookError where the child dies, Cancelled, Unavailable.
        """
        unsent = memoryview(_SIZE.pack(len(request)) + request)
        answer, until = bytearray(), time.monotonic() + seconds * BUSY
        with selectors.DefaultSelector() as selector:
            selector.register(self._asked, selectors.EVENT_WRITE)
            selector.register(self._running.out, selectors.EVENT_READ)
            selector.register(self._running.err, selectors.EVENT_READ)
            while not _is_whole(answer, name):
                for key, _ in selector.select(still_waiting(until, seconds)):
                    if key.fd == self._asked:
                        unsent = self._send(unsent, selector)
                    elif key.fd == self._running.err:
                        self._drop(selector)
                    elif piece := os.read(key.fd, 1 << 20):
                        answer += piece
                    else:
                        raise self._death()
        end = _SIZE.size + _size(answer)
        self._said_more = len(answer) > end
        return bytes(answer[_SIZE.size + _NAME : end])

    def close(self) -> None:
        sandbox.end(self._running)
        os.close(self._asked)
        self._running.close()

    def _send(self, unsent: memoryview, selector: selectors.BaseSelector) -> memoryview:
        with suppress(BrokenPipeError):  # it is dead, which its answers tell
            unsent = unsent[os.write(self._asked, unsent) :]
            if unsent:
                return unsent
        selector.unregister(self._asked)
        return unsent

    def _drop(self, selector: selectors.BaseSelector) -> None:
        """What it prints is nobody's."""
        if not os.read(self._running.err, 1 << 16):
            selector.unregister(self._running.err)

    def _death(self) -> Exception:
        """What its end means, once the server has told it."""
        status = os.read(self._running.status, STATUS.size)
        if self._running.cancelled:
            return sandbox.Cancelled("the call was cancelled")
        if len(status) != STATUS.size:
            return Unavailable("the sandbox's own process died")
        code, too_much = STATUS.unpack(status)
        return sandbox.death(code, too_much=too_much)


def _is_whole(answer: bytearray, name: bytes) -> bool:
    """Whether the answer called `name` is there; others before it are dropped."""
    while len(answer) > _SIZE.size:
        size = _size(answer)
        if size > _LARGEST_ANSWER:
            raise LimitExceeded("sandbox.output", "The work on this file gave too much output.")
        if len(answer) < _SIZE.size + size:
            return False
        if answer[_SIZE.size :][:_NAME] == name:
            return True
        del answer[: _SIZE.size + size]
    return False


def _size(answer: bytearray) -> int:
    size: int = _SIZE.unpack(answer[: _SIZE.size])[0]
    return size


def serve() -> None:
    """Answer calls until there are none; runs in the child."""
    while head := _read(_SIZE.size):
        (size,) = _SIZE.unpack(head)
        name, function, args, seconds = pickle.loads(_read(size))  # noqa: S301 - our parent's
        _allow(seconds)
        answer = answers.answer_of(partial(function, *args))
        told = name + (_WORN if _is_worn() else _FRESH) + answer
        _write(_SIZE.pack(len(told)) + told)


def _is_worn() -> bool:
    """Whether this process holds so much memory that another one should take over."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return most > 0 and pages * resource.getpagesize() > most * _WORN_SHARE


def _allow(seconds: int) -> None:
    """So much processor time from now on, on every core."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds * (os.cpu_count() or 1), most))


def _read(size: int) -> bytes:
    """So many bytes of what is asked; fewer at the end."""
    read = bytearray()
    while len(read) < size and (piece := os.read(_STDIN, size - len(read))):
        read += piece
    return bytes(read)


def _write(answer: bytes) -> None:
    view = memoryview(answer)
    while view:
        view = view[os.write(_ANSWERS, view) :]


_SERVING = pickle.dumps((serve, [], {}))
