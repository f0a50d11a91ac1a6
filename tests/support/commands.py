"""The commands in an empty folder, without any setting of the project's."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.support import in_process
from tests.support.in_process import CommandResult


def environment(**more: str) -> dict[str, str]:
    """Ours without the project's settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EBOOK_")}
    return plain | more


def ebooks(*words: object, cwd: Path | None = None, **more: str) -> CommandResult:
    """``ebooks …`` in this process, with the tools that it has."""
    with contextlib.chdir(cwd or Path.cwd()):
        return in_process.ebooks(words, environment(**more))


def shell(*words: object, cwd: Path, **more: str) -> CommandResult:
    """``ebooks …`` in a process of its own, as people start it."""
    done = subprocess.run(
        [sys.executable, "-m", "ebook_pipeline.cli", *map(str, words)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=200,
    )
    return CommandResult(done.returncode, done.stdout, done.stderr)
