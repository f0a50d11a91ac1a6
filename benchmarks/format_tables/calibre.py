"""Calibre's `ebook-convert`, for comparison only: its outputs are kept, with what they cost.

Calibre's browser leaves processes behind that nobody waits for: here they are adopted and counted.
"""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_ADOPT = 36
_LONGEST = 1800
_PATIENCE = 20
_ENVIRONMENT = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
}


@dataclass(frozen=True)
class Made:
    """A file of Calibre's (`returncode` 0), or its failure; seconds of the whole process tree."""

    path: Path
    cpu_seconds: float
    seconds: float
    returncode: int


def available() -> bool:
    """Whether `ebook-convert` is installed."""
    return shutil.which("ebook-convert") is not None


def converted(source: Path, target: Path) -> Made:
    """`source` as Calibre converts it to `target`, from the last run where it is there."""
    facts = target.with_suffix(".json")
    if not facts.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"part-{os.getpid()}-{target.name}")
        taken = json.loads(subprocess.check_output(_measured(source, part), timeout=_LONGEST))
        if taken["returncode"] == 0:
            part.replace(target)
        written = facts.with_name(f"part-{os.getpid()}-{facts.name}")
        written.write_text(json.dumps(taken))
        written.replace(facts)
    return Made(target, **json.loads(facts.read_text()))


def _measured(source: Path, target: Path) -> list[str]:
    return [sys.executable, __file__, str(source), str(target)]


def main() -> None:
    """Adopt what the converter leaves behind, wait for all of it, print what it took."""
    ctypes.CDLL(None).prctl(_ADOPT, 1, 0, 0, 0)
    start = time.monotonic()
    done = subprocess.run(
        ["ebook-convert", *sys.argv[1:]],
        env={**os.environ, **_ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
        check=False,
    )
    seconds = time.monotonic() - start
    _wait_for_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    taken = {"cpu_seconds": round(cpu, 2), "seconds": round(seconds, 2)}
    print(json.dumps({**taken, "returncode": done.returncode}))


def _wait_for_the_rest() -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
