"""Hostile or heavy work in a child process: limited, without network, in a folder of its own.

Here: what callers ask for and how a child's end reads to them. The child is forked by
`fork_server`, held by `limits`, cut off by `isolation`; `fork_client` speaks with the server.
Thread-safe. When this process ends, by whatever signal, every child is killed and its folder
removed.
"""

import atexit
import logging
import os
import pickle
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import psutil

from ebook_pipeline.foundation import tracing
from ebook_pipeline.foundation.errors import (
    BookError,
    LimitExceeded,
    ServiceError,
    Unavailable,
)
from ebook_pipeline.tools.answers import NoAnswer, read_answer
from ebook_pipeline.tools.fork_client import MARK, ForkClient, RunningCall, environment
from ebook_pipeline.tools.fork_server import STATUS, ForkRequest
from ebook_pipeline.tools.grants import (
    code_rules,
    joined,
    lies_in,
    paths_in,
    program_rules_of,
    rules_of,
)
from ebook_pipeline.tools.isolation import Isolation, Layers
from ebook_pipeline.tools.landlock import FileRules
from ebook_pipeline.tools.limits import BUSY, Limits, still_waiting
from ebook_pipeline.tools.process_family import family

__all__ = [
    "Cancelled",
    "FileRules",
    "Isolation",
    "Layers",
    "Limits",
    "ToolFailed",
    "call",
    "death",
    "end",
    "environment",
    "isolation",
    "kill_all",
    "layers",
    "result",
    "run_tool",
    "start",
]

T = TypeVar("T")

_log = logging.getLogger(__name__)
_LARGEST_ANSWER = 64 << 20
"""Bytes; the answer on a book of 100,000 words has a few hundred thousand."""
_KEPT_STDERR = 8192
_GLANCE = 0.25
_USUAL = Limits()
_called: set[str] = set()


class ToolFailed(BookError):
    """An outside program could not do its work; the message ends with its own words."""


class Cancelled(ServiceError):
    """`kill_all` ended the call: neither the book's fault nor a service's."""


def call(
    function: Callable[..., T],
    /,
    *args: object,
    limits: Limits = _USUAL,
    files: FileRules | None = None,
    held: tuple[Callable[..., object], object] | None = None,
    **kwargs: object,
) -> T:
    """`function` (importable by name) run in a child process; its result, by its declared type.

    Paths among the arguments are made absolute: the child works in an empty folder of its own,
    which is also its TMPDIR and is removed with it. It may open `files`, or else what its arguments
    name: read a file that is there, write in a folder and where a file is yet to be.

    `held` is a function that keeps its result, and its argument: what it reads is ours, no
    stranger's, and is read once for all calls, in the process that children are forked from.

    Raises what the function raised where that is one of our errors; LimitExceeded
    (``sandbox.time``, ``sandbox.memory``, ``sandbox.output``); BookError (``sandbox.crash``) where
    the function raised anything else or its process died; Unavailable where the clock, not the
    processor, says that it takes too long; Cancelled after `kill_all`.
    """
    given = [_absolute(argument) for argument in args]
    named = {name: _absolute(argument) for name, argument in kwargs.items()}
    path = tuple(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100
    rules = files or rules_of((given, named))
    request = ForkRequest(
        limits,
        call=pickle.dumps((function, given, named)),
        path=path,
        imports=(function.__module__, *_shared_by_calls(function)),
        held=b"" if held is None else pickle.dumps((held[0], held[1:])),
        files=joined(rules, code_rules(function)),
    )
    with tracing.span(f"call {function.__module__}.{function.__qualname__}"):
        outcome = _wait(_fork_client.start(request, None), limits)
    if outcome.code != 0:
        raise death(outcome.code, outcome.err, too_much=outcome.too_much)
    return _within(rules, result(function, outcome.out))


def _within(rules: FileRules, value: T) -> T:
    """`value`, whose paths lie in `rules`. Raises BookError where one does not."""
    if not all(lies_in(path, rules) for path in paths_in(value)):
        text = "The work on this file answered with a place that it was not given."
        raise BookError("sandbox.crash", text)
    return value


def _shared_by_calls(function: Callable[..., object]) -> tuple[str, ...]:
    """What the fork server shall hold for a second call of `function`, and for all after it.

    Its module's `SHARED_BY_CALLS` names modules of ours that are slow to import. A process that
    calls once may not need them; what `SHARED_BY_STEPS` names is there for the first call, as the
    module's functions are called one after the other.
    """
    module, name = (
        sys.modules[function.__module__],
        f"{function.__module__}.{function.__qualname__}",
    )
    steps: tuple[str, ...] = getattr(module, "SHARED_BY_STEPS", ())
    if name not in _called:
        _called.add(name)
        return steps
    calls: tuple[str, ...] = getattr(module, "SHARED_BY_CALLS", ())
    return (*steps, *calls)


def run_tool(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    limits: Limits = _USUAL,
    stdin: bytes | None = None,
    files: FileRules | None = None,
) -> bytes:
    """What the program `argv` printed; it and its children are gone afterwards.

    It works in `cwd`, or in an empty folder of its own that is removed with it, and may open
    `files`, or else what its absolute arguments name, as a call may; and its folder.
    Its environment holds no setting or secret of ours. Raises ToolFailed (``tool.<name>``) when it
    does not end with 0, LimitExceeded as `call` does, Cancelled after `kill_all`.
    """
    working = "" if cwd is None else str(cwd.absolute())
    named = [Path(part) for part in argv[1:] if Path(part).is_absolute()]
    rules = joined(files or rules_of(named), rules_of([cwd]), program_rules_of(argv[0]))
    request = ForkRequest(limits, argv=tuple(map(str, argv)), cwd=working, files=rules)
    with tracing.span(f"tool {Path(argv[0]).name}"):
        outcome = _wait(_fork_client.start(request, stdin), limits)
    if outcome.code == 127 and not Path(argv[0]).exists():
        raise ServiceError(outcome.err.decode(errors="replace") or f"{argv[0]} is not installed")
    if outcome.code != 0:
        raise _tool_failure(Path(argv[0]).name, outcome)
    return outcome.out


def start(request: ForkRequest, stdin: IO[bytes]) -> RunningCall:
    """A child that its caller listens to and ends, such as a `worker`; `stdin` is closed here."""
    return _fork_client.start(request, stdin)


def end(running: RunningCall) -> None:
    """Kill a child that was started so; its pipes stay open."""
    _fork_client.kill(running)
    _fork_client.end(running)


def result(function: Callable[..., T], answer: bytes) -> T:
    """What a child's `answer` says of the call of `function`. Raises as `call` does."""
    try:
        value: T = read_answer(answer, function)
    except NoAnswer as error:
        _log.warning("a sandboxed call gave no answer: %s", error)
        text = "The work on this file ended without an answer that can be read."
        raise BookError("sandbox.crash", text) from error
    return value


def death(code: int, words: bytes = b"", *, too_much: bool = False) -> BookError:
    """What it means that a child ended with `code`, having printed `words`.

    `too_much`: it was ended for what it had written.
    """
    if too_much:
        return LimitExceeded("sandbox.disk", "The work on this file filled too much of the disk.")
    if code == -signal.SIGKILL:
        return LimitExceeded("sandbox.memory", "The work on this file was killed by the system.")
    if code == -signal.SIGXCPU:
        return LimitExceeded("sandbox.time", "The work on this file used too much processor time.")
    return BookError("sandbox.crash", f"The work on this file {_how(code, words)}.")


def kill_all() -> None:
    """End every child of this process now; their callers get `Cancelled`."""
    _fork_client.kill_all()


def layers() -> Layers:
    """What holds children on this machine; found out once, by trying."""
    return _fork_client.layers()


def isolation() -> Isolation:
    """What keeps children from the network on this machine."""
    return layers().network


@dataclass(frozen=True)
class _Outcome:
    code: int
    out: bytes
    err: bytes
    too_much: bool


def _absolute(argument: object) -> object:
    return argument.absolute() if isinstance(argument, Path) else argument


def _wait(running: RunningCall, limits: Limits) -> _Outcome:
    """Read until the child has ended; kill it at its limit and say which."""
    try:
        out, err, status = _listen(running, limits)
    except BaseException:
        _fork_client.kill(running)
        raise
    finally:
        _fork_client.end(running)
        running.close()
    if running.cancelled:
        raise Cancelled("the call was cancelled")
    if len(status) != STATUS.size:
        raise Unavailable("the sandbox's own process died")
    code, too_much = STATUS.unpack(status)
    return _Outcome(code, bytes(out), bytes(err), too_much)


def _listen(running: RunningCall, limits: Limits) -> tuple[bytearray, bytearray, bytearray]:
    """What comes out of the three pipes until each is closed."""
    out, err, status = bytearray(), bytearray(), bytearray()
    deadline = time.monotonic() + limits.seconds * BUSY
    with selectors.DefaultSelector() as selector:
        selector.register(running.out, selectors.EVENT_READ, out)
        selector.register(running.err, selectors.EVENT_READ, err)
        selector.register(running.status, selectors.EVENT_READ, status)
        while selector.get_map():
            for key, _ in selector.select(_pause(deadline, limits)):
                _read(key, selector)
            if len(out) > _LARGEST_ANSWER:
                raise LimitExceeded("sandbox.output", "The work on this file gave too much output.")
            del err[:-_KEPT_STDERR]
            if limits.resident:
                _check_resident(running, limits)
    return out, err, status


def _pause(deadline: float, limits: Limits) -> float:
    left = still_waiting(deadline, limits.seconds)
    return min(left, _GLANCE) if limits.resident else left


def _read(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    data = os.read(key.fd, 1 << 20)
    if data:
        key.data.extend(data)
    else:
        selector.unregister(key.fd)


def _check_resident(running: RunningCall, limits: Limits) -> None:
    if _resident(running) > limits.megabytes << 20:
        raise _memory(limits.megabytes)


def _resident(running: RunningCall) -> int:
    """Bytes of resident memory of the tool's session, shared pages counted once per process."""
    total = 0
    try:
        for process in family(psutil.Process(running.server))[1:]:
            if process.environ().get(MARK) == str(running.number):
                total += process.memory_info().rss
    except psutil.Error:
        return total
    return total


def _memory(megabytes: int) -> LimitExceeded:
    text = f"The work on this file needed more than {megabytes} MiB of memory."
    return LimitExceeded("sandbox.memory", text)


def _tool_failure(name: str, outcome: _Outcome) -> BookError:
    if outcome.too_much or outcome.code in (-signal.SIGKILL, -signal.SIGXCPU):
        return death(outcome.code, too_much=outcome.too_much)
    return ToolFailed(f"tool.{name}", f"{name} {_how(outcome.code, outcome.err)}")


def _how(code: int, words: bytes) -> str:
    end = f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    said = words.decode(errors="replace").strip()[-1000:]
    return f"{end}: {said}" if said else end


_fork_client = ForkClient()


def _forked() -> None:
    """A fork of this process has children of its own."""
    _fork_client.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_forked)
atexit.register(_fork_client.close)
