"""What a program leaves behind: files in its temporary folder, and processes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from ebook_pipeline.tools import prctl

_GRACE = 10.0
"""Seconds in which what was ended may die."""


def run_watched(argv: Sequence[str], grace: float = _GRACE) -> tuple[int, list[str]]:
    """The end of Python's `argv`, and the names of the files and processes that outlived it.

    This process becomes the parent of whatever the program abandons.
    """
    prctl.adopt_orphans()
    before = _children()
    with tempfile.TemporaryDirectory(prefix="watched-") as name:
        ended = subprocess.run(
            [sys.executable, *argv], env=os.environ | {"TMPDIR": name}, check=False
        )
        until = time.monotonic() + grace
        while (left := _left(Path(name), before)) and time.monotonic() < until:
            time.sleep(0.1)
    return ended.returncode, left


def _left(folder: Path, before: set[psutil.Process]) -> list[str]:
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*"))]
    alive = (child for child in _children() - before if child.status() != psutil.STATUS_ZOMBIE)
    return [*files, *(f"process {child.pid} {child.name()}" for child in alive)]


def _children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))
