"""What the sandbox's tests let run: importable by name in the child."""

import contextlib
import ctypes
import errno
import functools
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ebook_pipeline.foundation.errors import BookError, LimitExceeded, Unavailable
from ebook_pipeline.tools import chromium, devtools, system_calls
from ebook_pipeline.tools.shared_files import shared
from ebook_pipeline.tools.system_calls import Work


def add(a: int, b: int = 0) -> int:
    return a + b


def read_shared(name: str) -> str:
    path = shared(name)
    return "" if path is None else path.read_text()


def overwrite_shared(name: str) -> None:
    path = shared(name)
    assert path is not None
    path.write_text("taken over")


def big(size: int) -> bytes:
    return b"x" * size


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def read_about_itself(seconds: float) -> int:
    """How often this process could read what /proc has of it."""
    reads, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        Path("/proc/self/status").read_text()
        reads += 1
        time.sleep(0.02)
    return reads


def number_outside() -> int:
    """The number of this process that those outside of its PID namespace know it by."""
    return int(Path("/proc/self").readlink().name)


def numbers_inside() -> tuple[int, int]:
    """The numbers of this process and of its parent as it knows them."""
    return os.getpid(), os.getppid()


def _children() -> str:
    """The numbers of this process' children, outside."""
    own = number_outside()
    return Path(f"/proc/self/task/{own}/children").read_text()


def note_pid_and_sleep(folder: Path) -> None:
    """Leaves the numbers of itself, of a child, and of one in a session of its own."""
    for apart in (False, True):
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=apart
        )
    part = folder / f"{number_outside()}.part"
    part.write_text(f"{number_outside()} {_children()}")
    part.rename(part.with_suffix(""))
    time.sleep(60)


def leave_a_child(folder: Path) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (folder / "pids").write_text(_children())


@functools.cache
def keep(length: int) -> bytearray:
    """Held for all calls to come: room that was asked for and is never touched."""
    return bytearray(length)


def hog() -> int:
    return len(bytearray(4 << 30))


def die() -> None:
    os.abort()


def bad_book() -> None:
    raise BookError("container.bomb", "too big", place="x", remedy="y")


def limit() -> None:
    raise LimitExceeded("container.bomb", "too big")


def unavailable() -> None:
    raise Unavailable("later")


def value_error() -> None:
    raise ValueError("odd")


def noisy() -> str:
    print("to stdout")  # noqa: T201
    os.write(2, b"x" * 1_000_000)
    return "said"


def environment() -> list[str]:
    return list(os.environ)


def main_module() -> str:
    return str(getattr(sys.modules["__main__"], "__file__", ""))


def connect(port: int) -> str:
    """What comes of speaking to this machine's own port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"hello")
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "connected"


def escape(namespace: str) -> str:
    """What comes of entering the network that `namespace` names."""
    try:
        with Path(namespace).open() as file:
            answer = ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "entered" if answer == 0 else errno.errorcode[ctypes.get_errno()]


def interfaces() -> list[str]:
    lines = Path("/proc/net/dev").read_text().splitlines()[2:]
    return [line.partition(":")[0].strip() for line in lines]


def listeners() -> str:
    """The listening sockets that a process can see."""
    return Path("/proc/net/tcp").read_text()


def unix_pair() -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.send(b"x")
        return theirs.recv(1)


def filtered(function: str, *arguments: object) -> object:
    """`function` of this module where only the system-call filter isolates."""
    system_calls.restrict(Work.FORKING, Work.FUNCTION)
    return globals()[function](*arguments)


def filtered_grandchild(port: int) -> str:
    system_calls.restrict(Work.FORKING, Work.PROCESSES)
    code = f"from tests.support.sandbox_functions import connect; print(connect({port}))"
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    return said.stdout.decode().strip()


def litter() -> tuple[str, str, list[str]]:
    """Where the call works, where its temporary files go, and what it finds there; leaves more."""
    found = [path.name for path in Path().iterdir()]
    Path("left").mkdir()
    Path("left/behind.txt").write_text("x")
    with tempfile.NamedTemporaryFile(delete=False) as file:
        return str(Path.cwd()), file.name, found


def litter_and_sleep(folder: Path) -> None:
    (folder / "part").write_text(litter()[0])
    (folder / "part").rename(folder / "where")
    time.sleep(60)


def open_many() -> int:
    """How many files can be open at once."""
    with contextlib.ExitStack() as opened:
        for count in range(10_000):
            try:
                opened.enter_context(open(os.devnull))  # noqa: PTH123
            except OSError:
                return count
    return 10_000


def spin() -> None:
    while True:
        pass


def browse_without_guards(job: devtools.BrowserJob) -> devtools.BrowserResult:
    """A browser that may ask the network for what it wants, as if its flags had failed."""
    kept = ("--host-resolver-rules", "--proxy")
    flags = tuple(flag for flag in chromium._FLAGS if not flag.startswith(kept))
    chromium._FLAGS = flags  # type: ignore[assignment]  # a tuple of one length
    devtools._POLICY = "default-src *"
    answered = devtools._Page._answer

    def answer(page: devtools._Page, paused: devtools.Message) -> None:
        if paused["request"]["url"].startswith(devtools._ORIGIN):
            answered(page, paused)
        else:
            request = paused["requestId"]
            page._pipe.send("Fetch.continueRequest", page._session, requestId=request)

    devtools._Page._answer = answer  # type: ignore[method-assign, assignment]
    return devtools.run_job(job)


def answer_raw(answer: bytes, code: int = 0) -> int:
    """What a child that was taken over does: it says what it likes where answers go."""
    os.write(3, answer)
    os._exit(code)


def answer_for_ever() -> int:
    while True:
        os.write(3, b"v" * 100_000)
