"""Dagster's daemon, which ends when the process that started it does: two must never run at once.

python -m ebook_pipeline.web.daemon run -w workspace.yaml
"""

import ctypes
import os
import signal
import sys

from dagster._daemon.cli import main

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel end this process in order when its parent dies, however that dies.

    Linux only: elsewhere a daemon outlives a parent that was killed.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was asked
        sys.exit(1)


if __name__ == "__main__":
    end_with_parent()
    main()
