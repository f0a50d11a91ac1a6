"""What the sandbox's tests let run: importable by name in the child."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ebook_pipeline.books.errors import BookError, LimitExceeded, Unavailable


def add(a: int, b: int = 0) -> int:
    return a + b


def big(size: int) -> bytes:
    return b"x" * size


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def note_pid_and_sleep(folder: Path) -> None:
    """Leaves the numbers of itself and of a child in a session of its own."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    apart = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    part = folder / f"{os.getpid()}.part"
    part.write_text(f"{os.getpid()} {child.pid} {apart.pid}")
    part.rename(part.with_suffix(""))
    time.sleep(60)


def leave_a_child(folder: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (folder / "pids").write_text(str(child.pid))


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
