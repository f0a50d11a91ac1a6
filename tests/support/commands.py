"""The commands as people run them: a process of their own, no setting, an empty folder."""

import os
import subprocess
import sys
from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """Ours without the project's settings."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EBOOK_")}
    return plain | more


def ebooks(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """``ebooks …`` run to its end."""
    argv = [sys.executable, "-m", "ebook_pipeline.cli", *map(str, arguments)]
    return subprocess.run(
        argv, cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=200
    )
